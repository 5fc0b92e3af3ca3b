/** Randomness for endpoints whose ephemeral keys must be known: the same seed gives the same octets. */
import { createCipheriv, hkdfSync } from 'node:crypto'

/**
 * An endless stream of octets: the keystream of AES-256 in counter mode under HKDF-SHA-256(seed, label). Different
 * labels give independent streams.
 *
 * @param label who draws from it: `client`, `server`, …
 */
export function seededRandom(seed: Uint8Array, label: string): (length: number) => Uint8Array {
  const key = new Uint8Array(hkdfSync('sha256', seed, new Uint8Array(0), `trefoil rndl ${label}`, 32))
  const cipher = createCipheriv('aes-256-ctr', key, new Uint8Array(16))
  return (length) => new Uint8Array(cipher.update(new Uint8Array(length)))
}
