/** What a peer showed: a chain, or a raw public key with the names it stands for. */
import type { KeyAlgorithm } from '../../crypto/signatureSchemes.js'
import { keyFingerprint, parsePublicKey } from '../../pki/index.js'
import type { PeerShown } from '../protection.js'

/** Frozen. */
export interface RawPublicKey {
  readonly algorithm: KeyAlgorithm
  /** The DER SubjectPublicKeyInfo, a copy. */
  readonly publicKeyInfo: Buffer
  /** `sha256:` and 64 hex digits: SHA-256 of it. */
  readonly fingerprint: string
  /**
   * Whose key it is by the pins or the endorsements: on a client the server that was asked for, on a server the names of
   * the client. Empty for a key that is pinned without a name, or was let pass without being trusted.
   */
  readonly names: readonly string[]
}

export interface PeerDescription {
  /** DER certificates, leaf first; null without. */
  readonly chain: readonly Uint8Array[] | null
  readonly rawPublicKey: RawPublicKey | null
}

export function describePeer(
  { type, chain }: PeerShown,
  namesOf: (rawKey: Uint8Array) => readonly string[],
): PeerDescription {
  const [der] = chain ?? []
  if (type !== 'RawPublicKey' || der === undefined) return { chain, rawPublicKey: null }
  const key = parsePublicKey(der)
  const rawPublicKey = Object.freeze({
    // A key of another kind has not made a CertificateVerify.
    algorithm: key.algorithm as KeyAlgorithm,
    publicKeyInfo: Buffer.from(der),
    fingerprint: keyFingerprint(key),
    names: namesOf(der),
  })
  return { chain: null, rawPublicKey }
}
