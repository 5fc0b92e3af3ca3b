/**
 * Extensions that are one list of 16-bit code points: supported_groups (RFC 9846 4.3.7), signature_algorithms and
 * signature_algorithms_cert (4.3.3), each `uint16 list<2..2^16-2>`; supported_versions of a ClientHello (4.3.1),
 * `uint16 versions<2..254>`.
 */
import { decode } from '../wire/reader.js'
import { encode } from '../wire/writer.js'

export function encodeCodePoints(prefix: 1 | 2, codePoints: readonly number[]): Uint8Array {
  return encode((writer) =>
    writer.vector(prefix, (list) => {
      for (const codePoint of codePoints) list.u16(codePoint)
    }),
  )
}

export function decodeCodePoints(prefix: 1 | 2, data: Uint8Array, subject: string): number[] {
  return decode(data, subject, (reader) => reader.list(prefix, 2, (item) => item.u16()))
}
