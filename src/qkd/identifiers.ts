/**
 * SAE IDs and key_IDs as strings that came from elsewhere. ETSI GS QKD 014 leaves the first open and makes the second
 * a UUID, which deployed key managers do not all heed; so any short, printable, well-formed string is taken.
 */
import { toHex } from '../bytes.js'
import { TrefoilError } from '../errors.js'

/** In UTF-16 code units. */
export const MAX_IDENTIFIER_LENGTH = 256

/** True for 1 to 256 characters without control characters and lone surrogates (which UTF-8 cannot carry). */
export function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_IDENTIFIER_LENGTH && /^[^\p{Cc}\p{Cs}]+$/u.test(value)
}

/**
 * An SAE ID that can stand in a URL. The two dot segments cannot: every URL parser on the way removes them.
 * @throws TrefoilError ERR_INVALID_OPTION
 */
export function requireSaeId(saeId: unknown): string {
  if (isIdentifier(saeId) && saeId !== '.' && saeId !== '..') return saeId
  throw new TrefoilError('ERR_INVALID_OPTION', 'the SAE ID is not 1 to 256 printable characters')
}

/** A version 4 UUID (RFC 9562 5.4) out of 16 random octets. */
export function uuidFrom(random: Uint8Array): string {
  return formatUuid(uuidOctets(random))
}

/** The same before it is text. */
export function uuidOctets(random: Uint8Array): Uint8Array {
  const octets = Uint8Array.from(random.subarray(0, 16))
  octets[6] = ((octets[6] as number) & 0x0f) | 0x40
  octets[8] = ((octets[8] as number) & 0x3f) | 0x80
  return octets
}

/** `8-4-4-4-12` in lower case. */
export function formatUuid(octets: Uint8Array): string {
  return toHex(octets).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
