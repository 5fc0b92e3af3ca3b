/**
 * Octet-string helpers shared by every layer. Nothing here knows what the octets mean.
 */

export const EMPTY: Uint8Array = new Uint8Array(0)

/** Joins octet strings into one fresh array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return concatAll(parts)
}

/** The same of a list, which may be longer than what a call takes as arguments. */
export function concatAll(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** A copy that shares no memory with the original; `slice()` of a Buffer is none. */
export function copy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

/** Compares public octets; stops at the first difference. Use {@link constantTimeEqual} for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/**
 * Compares secrets (MACs, binders, Finished values): reads every octet whatever it finds.
 * Only the lengths, which are public, may end it early. JavaScript gives no firm timing promise: see SECURITY.md.
 */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

/** Overwrites secrets with zeros. Copies that the engine made elsewhere are out of reach: see SECURITY.md. */
export function wipe(...secrets: readonly (Uint8Array | null | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0)
}

const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))

/** Lower-case hex, two digits an octet. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const octet of bytes) text += HEX[octet] as string
  return text
}

/**
 * Reads hex in either case, without separators.
 * @throws SyntaxError on an odd length or another character
 */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >>> 1)
  // A table, since files of known answers are megabytes of it.
  let valid = text.length % 2 === 0
  for (let i = 0; i < bytes.length; i++) {
    const high = DIGITS[text.charCodeAt(2 * i)] ?? -1
    const low = DIGITS[text.charCodeAt(2 * i + 1)] ?? -1
    valid &&= high >= 0 && low >= 0
    bytes[i] = (high << 4) | low
  }
  if (!valid) throw new SyntaxError('not a string of hex octets')
  return bytes
}

/** What a character is worth in hex, by its code; -1 for any other. */
const DIGITS = Int8Array.from({ length: 128 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase()),
)

const utf8Encoder = new TextEncoder()
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function utf8(text: string): Uint8Array {
  return utf8Encoder.encode(text)
}

/** @throws TypeError when the octets are not UTF-8 */
export function fromUtf8(bytes: Uint8Array): string {
  return utf8Decoder.decode(bytes)
}
