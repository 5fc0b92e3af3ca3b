/**
 * What an unknown identity is made to look like, so that it is answered as a known one with a wrong binder: the same
 * HelloRetryRequest, the same work, the same alert (RFC 9846 appendix F.6).
 */
import type { HashAlgorithm } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'
import { decodeImportedIdentity, TARGET_KDF, TARGET_TLS13 } from '../../tls/psk/importedIdentity.js'
import type { PskProfile } from './profile.js'

export interface Disguise {
  readonly index: number
  readonly hash: HashAlgorithm
  readonly importer: boolean
}

/**
 * The candidate that would have been selected if all were known: by our order of hashes, then by the client's.
 * @throws TrefoilError ERR_UNKNOWN_PSK_IDENTITY when none is left
 */
export function disguise(
  candidates: readonly { readonly index: number; readonly identity: Uint8Array }[],
  hashes: readonly HashAlgorithm[],
  { psks }: PskProfile,
): Disguise {
  const [first] = candidates
  if (first === undefined) {
    throw new TrefoilError('ERR_UNKNOWN_PSK_IDENTITY', 'client offered no PSK identity that this server could use')
  }
  for (const hash of hashes) {
    const found = candidates.find(({ identity }) => isImportedFor(identity, hash))
    if (found !== undefined) return { index: found.index, hash, importer: true }
  }
  // A raw identity does not tell its hash: that of our own raw PSKs, or the default of RFC 9846 4.3.11.
  const usual = psks.find(({ importer }) => !importer)?.hash ?? 'SHA-256'
  return { index: first.index, hash: hashes.includes(usual) ? usual : (hashes[0] ?? usual), importer: false }
}

function isImportedFor(identity: Uint8Array, hash: HashAlgorithm): boolean {
  try {
    const { targetProtocol, targetKdf } = decodeImportedIdentity(identity)
    return targetProtocol === TARGET_TLS13 && targetKdf === TARGET_KDF[hash]
  } catch {
    return false
  }
}
