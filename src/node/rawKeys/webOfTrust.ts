/** The option `trust`: raw public keys are accepted on the word of k introducers. docs/web-of-trust.md says what it means. */
import type { CryptoProvider } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'
import {
  canonicalName,
  checkWeb,
  type EndorsementVerdict,
  isSameKey,
  keyFingerprint,
  loadEndorsements,
  type PublicKeyInfo,
  type VerifyEndorsementsOptions,
  verifyEndorsements,
} from '../../pki/index.js'
import { type PublicKeyInput, readKeyId, readPublicKey } from './publicKeys.js'
import type { RawKeyQuestion, RawKeyTrust } from './trust.js'

export interface WebOfTrust {
  /** Keys whose owners are trusted to endorse others: ML-DSA. */
  readonly introducers: readonly PublicKeyInput[]
  /** How many of them must vouch for a key, on paths that have no key in common. */
  readonly threshold: number
  /** PEM texts (each with one endorsement or several) or single endorsements in octets. */
  readonly endorsements: readonly (string | Uint8Array)[]
  /** How many introduced introducers may stand between a trusted one and the peer, 0 to 8; default 1. */
  readonly maxDepth?: number | undefined
  /** Keys or fingerprints that count no more, of peers and of introducers. */
  readonly revoked?: readonly PublicKeyInput[] | undefined
}

type Web = Omit<VerifyEndorsementsOptions, 'subject' | 'name' | 'purpose' | 'time'>

/** @throws TrefoilError ERR_INVALID_OPTION */
export function readWebOfTrust(options: WebOfTrust, crypto: CryptoProvider): RawKeyTrust {
  const { introducers, endorsements, revoked = [] } = options
  if (![introducers, endorsements, revoked].every(Array.isArray)) {
    invalid('trust needs introducers and endorsements, each an array, and a threshold')
  }
  const web: Web = {
    introducers: introducers.map(readIntroducer),
    threshold: options.threshold,
    endorsements: endorsements.flatMap(loadEndorsements),
    maxDepth: options.maxDepth,
    revoked: revoked.map((key) => readKeyId(key, 'trust.revoked').id),
    crypto,
  }
  checkWeb(web)
  return { identify: (key, question) => identify(web, key, question) }
}

function identify(web: Web, subject: PublicKeyInfo, { peer, name, time }: RawKeyQuestion): readonly string[] {
  const names = peer === 'client' ? namesOf(web, subject) : name === null ? [] : [canonicalName(name)]
  const verdicts = names.map((candidate) => ({
    name: candidate,
    verdict: verifyEndorsements({ ...web, subject, name: candidate, purpose: peer, time }),
  }))
  const accepted = verdicts.flatMap((each) => (each.verdict.accepted ? [each.name] : []))
  if (accepted.length > 0) return Object.freeze(accepted)
  const best = verdicts.reduce<EndorsementVerdict | null>(
    (most, { verdict }) => (most === null || verdict.paths.length > most.paths.length ? verdict : most),
    null,
  )
  const message = `${peer} showed the raw public key ${keyFingerprint(subject)}, ${shortfall(web, subject, best)}`
  throw new TrefoilError('ERR_UNTRUSTED_KEY', message)
}

/** A client does not say who it is: every name that somebody endorsed its key for is a candidate. */
function namesOf({ endorsements }: Web, subject: PublicKeyInfo): string[] {
  const about = endorsements.filter((endorsement) => endorsement.depth === 0 && isSameKey(endorsement.subject, subject))
  return [...new Set(about.map(({ name }) => name))].sort()
}

function shortfall({ threshold }: Web, subject: PublicKeyInfo, verdict: EndorsementVerdict | null): string {
  if (verdict === null) return 'which nobody has endorsed'
  if (verdict.revoked) return 'which is revoked'
  const counts = verdict.faults
    .filter(({ endorsement }) => endorsement.depth > 0 || isSameKey(endorsement.subject, subject))
    .map(({ fault }) => fault)
  const reasons = [...new Set(counts)].sort()
  const why = reasons.length === 0 ? '' : ` (others did not count: ${reasons.join(', ')})`
  return `for which ${verdict.paths.length} of the ${threshold} introducers that it needs have vouched${why}`
}

function readIntroducer(input: PublicKeyInput): PublicKeyInfo {
  const key = readPublicKey(input, 'trust.introducers')
  if (!/^mldsa/.test(key.algorithm ?? '')) invalid('trust.introducers holds a key that is not one of ML-DSA')
  return key
}

function invalid(message: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', message)
}
