/** The size of the keys a source is asked for. */
import { TrefoilError } from '../errors.js'

/** 256 bits: as strong as the strongest cipher suite can use. */
export const DEFAULT_KEY_SIZE = 256

/** RFC 9257 4.2: an external PSK has at least 128 bits of entropy. The upper bound keeps a reply small. */
const MIN_KEY_SIZE = 128
const MAX_KEY_SIZE = 65_536

/**
 * Turns a size in bits into octets.
 * @throws TrefoilError ERR_INVALID_OPTION unless it is a multiple of 8 from 128 to 65536
 */
export function keySizeInOctets(bits: number): number {
  if (Number.isInteger(bits) && bits % 8 === 0 && bits >= MIN_KEY_SIZE && bits <= MAX_KEY_SIZE) return bits / 8
  throw new TrefoilError('ERR_INVALID_OPTION', `a key size of ${bits} bits is not a multiple of 8 from 128 to 65536`)
}
