/**
 * The web of trust: a key is accepted for a name when at least k paths of endorsements lead to it, each from another
 * introducer whom the verifier trusts, and no key stands on two of them. So whoever wants a false key accepted needs k
 * keys of others, be they introducers or introduced, however they are entangled; and k honest paths do without them.
 *
 * A pure function of its options. Only signatures that a path could need are verified.
 */
import { fromHex, toHex } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'
import type { PublicKeyInfo } from '../publicKey.js'
import { formatFingerprint, keyId } from '../publicKeyFile.js'
import { disjointPaths } from './disjointPaths.js'
import { type Endorsement, isEndorsedBy, MAX_DEPTH } from './endorsement.js'
import { canonicalName } from './peerName.js'
import { reachIntroducers } from './reachIntroducers.js'

export interface VerifyEndorsementsOptions {
  readonly subject: PublicKeyInfo
  /** Whom the key is to be accepted as; see `canonicalName`. */
  readonly name: string
  readonly purpose: 'server' | 'client'
  /** Keys that the verifier trusts to endorse. The same key twice is one introducer. */
  readonly introducers: readonly PublicKeyInfo[]
  /** How many of them must vouch: k, from 1 to their number. */
  readonly threshold: number
  readonly endorsements: readonly Endorsement[]
  /** How many introduced introducers may stand on a path, 0 to 8; default 1. */
  readonly maxDepth?: number | undefined
  /** Key ids (`keyId`) that count no more, whoever endorsed them: of peers, of introducers, of introduced ones. */
  readonly revoked?: readonly Uint8Array[] | undefined
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly crypto: CryptoProvider
}

/** Why an endorsement did not count. */
export type EndorsementFault =
  | 'expired'
  | 'not-yet-valid'
  /** It, or its endorser, is on the verifier's list of revoked keys. */
  | 'revoked'
  /** By the key that it is to vouch for. */
  | 'self-endorsement'
  | 'other-key'
  | 'other-name'
  | 'other-purpose'
  /** Its endorser is neither trusted nor introduced. */
  | 'unknown-endorser'
  /** Its endorser is introduced, but further from the trusted ones than they or the verifier allow. */
  | 'depth-exceeded'
  | 'bad-signature'

export interface EndorsementVerdict {
  readonly accepted: boolean
  /** The key itself is on the list of revoked keys. */
  readonly revoked: boolean
  /** As many paths without a common key as there are: fingerprints, from a trusted introducer to the last endorser. */
  readonly paths: readonly (readonly string[])[]
  /** What did not count, in the order given. */
  readonly faults: readonly { readonly endorsement: Endorsement; readonly fault: EndorsementFault }[]
}

/** An endorsement with its keys by name. */
interface Link {
  readonly endorsement: Endorsement
  readonly from: string
  readonly to: string
}

/** More than any deployment needs; fewer than would keep a server busy. */
const MAX_ENDORSEMENTS = 1024

/** @throws TrefoilError ERR_INVALID_OPTION for options that could never accept a key, or would accept too much */
export function verifyEndorsements(options: VerifyEndorsementsOptions): EndorsementVerdict {
  checkWeb(options)
  const { subject, purpose, threshold, crypto, maxDepth = 1 } = options
  const name = canonicalName(options.name)
  const self = idOf(subject)
  const revoked = new Set((options.revoked ?? []).map(toHex))
  const faults = new Map<Endorsement, EndorsementFault>()
  const links = options.endorsements.map(toLink).filter((link) => {
    const fault = faultOf(link, { self, name, purpose, revoked, time: options.time })
    if (fault !== null) faults.set(link.endorsement, fault)
    return fault === null
  })
  const roots = new Map(options.introducers.map((key) => [idOf(key), key] as const))
  for (const id of [self, ...revoked]) roots.delete(id)
  const vouching = links.filter(({ endorsement }) => endorsement.depth === 0)
  const introducing = links.filter(({ endorsement }) => endorsement.depth > 0)
  const reached = reachIntroducers({ roots, introducing, goals: vouching.map(({ from }) => from), maxDepth, crypto })
  for (const [endorsement, fault] of reached.faults) faults.set(endorsement, fault)

  const goals = new Set<string>()
  for (const { endorsement, from } of vouching) {
    const endorser = reached.endorsers.get(from)
    if (endorser === undefined)
      faults.set(endorsement, reached.tooFar.has(from) ? 'depth-exceeded' : 'unknown-endorser')
    else if (isEndorsedBy(endorsement, endorser.key, crypto)) goals.add(from)
    else faults.set(endorsement, 'bad-signature')
  }
  const next = (id: string): readonly string[] => reached.endorsers.get(id)?.introduces ?? []
  const paths = disjointPaths({ sources: [...roots.keys()], goals, next })
  return Object.freeze({
    accepted: !revoked.has(self) && paths.length >= threshold,
    revoked: revoked.has(self),
    paths: paths.map((path) => path.map((id) => formatFingerprint(fromHex(id)))),
    faults: options.endorsements.flatMap((endorsement) => {
      const fault = faults.get(endorsement)
      return fault === undefined ? [] : [{ endorsement, fault }]
    }),
  })
}

/** @throws TrefoilError ERR_INVALID_OPTION */
export function checkWeb(
  options: Pick<VerifyEndorsementsOptions, 'introducers' | 'threshold' | 'endorsements' | 'maxDepth'>,
): void {
  const { introducers, threshold, endorsements, maxDepth = 1 } = options
  const count = new Set(introducers.map(idOf)).size
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > count) {
    invalid(`the threshold must be 1 to ${count}, the number of different introducers`)
  }
  if (!Number.isInteger(maxDepth) || maxDepth < 0 || maxDepth > MAX_DEPTH) invalid(`maxDepth must be 0 to ${MAX_DEPTH}`)
  if (endorsements.length > MAX_ENDORSEMENTS) invalid(`there are more than ${MAX_ENDORSEMENTS} endorsements`)
}

interface Question {
  readonly self: string
  readonly name: string
  readonly purpose: 'server' | 'client'
  readonly revoked: ReadonlySet<string>
  readonly time: number
}

/** What is wrong with the statement, whoever signed it. */
function faultOf({ endorsement, from, to }: Link, question: Question): EndorsementFault | null {
  const { self, name, purpose, revoked, time } = question
  const { notBefore, notAfter, purposes } = endorsement
  if (time < notBefore) return 'not-yet-valid'
  if (time > notAfter) return 'expired'
  if (revoked.has(from) || revoked.has(to)) return 'revoked'
  if (from === to || from === self) return 'self-endorsement'
  if (purposes.includes('introducer')) return to === self ? 'other-purpose' : null
  if (to !== self) return 'other-key'
  if (endorsement.name !== name) return 'other-name'
  return purposes.includes(purpose) ? null : 'other-purpose'
}

function toLink(endorsement: Endorsement): Link {
  return { endorsement, from: toHex(endorsement.endorserId), to: idOf(endorsement.subject) }
}

function idOf(key: PublicKeyInfo): string {
  return toHex(keyId(key))
}

function invalid(message: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', message)
}
