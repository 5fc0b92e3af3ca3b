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

/** What the PSKs of a server have in common, settled beforehand: a search now would take time that a known PSK does not. */
export interface Likeness {
  /** Under one identity, at most. */
  readonly keys: number
  /** Of raw PSKs, whose identities do not tell it; SHA-256 by default (RFC 9846 4.3.11). */
  readonly rawHash: HashAlgorithm
}

export function likenessOf({ psks }: PskProfile): Likeness {
  return {
    keys: psks.reduce((most, { keys }) => Math.max(most, keys.length), 1),
    rawHash: psks.find(({ importer }) => !importer)?.hash ?? 'SHA-256',
  }
}

/**
 * The candidate that would have been selected if all were known: by our order of hashes, then by the client's.
 * @throws TrefoilError ERR_UNKNOWN_PSK_IDENTITY when none is left
 */
export function disguise(
  candidates: readonly { readonly index: number; readonly identity: Uint8Array }[],
  hashes: readonly HashAlgorithm[],
  { rawHash }: Likeness,
): Disguise {
  const [first] = candidates
  if (first === undefined) {
    throw new TrefoilError('ERR_UNKNOWN_PSK_IDENTITY', 'client offered no PSK identity that this server could use')
  }
  for (const hash of hashes) {
    const found = candidates.find(({ identity }) => isImportedFor(identity, hash))
    if (found !== undefined) return { index: found.index, hash, importer: true }
  }
  return { index: first.index, hash: hashes.includes(rawHash) ? rawHash : (hashes[0] ?? rawHash), importer: false }
}

function isImportedFor(identity: Uint8Array, hash: HashAlgorithm): boolean {
  try {
    const { targetProtocol, targetKdf } = decodeImportedIdentity(identity)
    return targetProtocol === TARGET_TLS13 && targetKdf === TARGET_KDF[hash]
  } catch {
    return false
  }
}
