/** Writes DER by hand, so that tests can write what the ASN.1 library would not (X.690 clause 10). */
import { concat } from '../../src/bytes.js'

/** One element: tag, length, content. */
export function encodeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concat(...contents)
  return concat(Uint8Array.of(tag), encodeLength(content.length), content)
}

function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest & 0xff)
  return Uint8Array.of(0x80 | octets.length, ...octets)
}
