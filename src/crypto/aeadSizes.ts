/** Sizes shared by the three AEADs of TLS 1.3 (RFC 9846 section 5.3), and the checks both providers make. */
import type { AeadAlgorithm } from './cipherSuites.js'

/** Octets. Every AEAD of TLS 1.3 is used with exactly these (RFC 5116 5.1, RFC 8439 2.8). */
export const NONCE_LENGTH = 12
export const TAG_LENGTH = 16

export const AEAD_KEY_LENGTHS = {
  'AES-128-GCM': 16,
  'AES-256-GCM': 32,
  'CHACHA20-POLY1305': 32,
} as const satisfies Record<AeadAlgorithm, number>

/** @throws RangeError */
export function checkAeadKey(algorithm: AeadAlgorithm, key: Uint8Array): void {
  const wanted = AEAD_KEY_LENGTHS[algorithm]
  if (key.length !== wanted) throw new RangeError(`${algorithm} takes a key of ${wanted} octets, not ${key.length}`)
}

/** @throws RangeError */
export function checkNonce(nonce: Uint8Array): void {
  if (nonce.length !== NONCE_LENGTH) throw new RangeError(`a nonce has 12 octets, not ${nonce.length}`)
}

/** @throws RangeError when the nonce or the room for the result has a wrong size */
export function checkSeal(nonce: Uint8Array, plaintextLength: number, out: Uint8Array): void {
  checkNonce(nonce)
  if (out.length !== plaintextLength + TAG_LENGTH) {
    throw new RangeError(`sealing ${plaintextLength} octets takes an output of 16 more, not of ${out.length}`)
  }
}

/** Whether it is worth trying: a sealed text without room for its tag, or a wrong nonce, cannot open. */
export function canOpen(nonce: Uint8Array, sealed: Uint8Array): boolean {
  return nonce.length === NONCE_LENGTH && sealed.length >= TAG_LENGTH
}
