/** Extensions whose body is a single value: versions, limits, modes, cookies, lifetimes. */
import { TrefoilError } from '../../errors.js'
import { decode } from '../wire/reader.js'
import { encode } from '../wire/writer.js'

/** supported_versions of a ServerHello or retry (RFC 9846 4.3.1). */
export function encodeSelectedVersion(version: number): Uint8Array {
  return encode((writer) => writer.u16(version))
}

export function decodeSelectedVersion(data: Uint8Array): number {
  return decode(data, 'supported_versions', (reader) => reader.u16())
}

/** psk_key_exchange_modes (RFC 9846 4.3.9). */
export function encodePskKeyExchangeModes(modes: readonly number[]): Uint8Array {
  return encode((writer) => writer.opaque(1, Uint8Array.from(modes)))
}

export function decodePskKeyExchangeModes(data: Uint8Array): number[] {
  return decode(data, 'psk_key_exchange_modes', (reader) => [...reader.opaque(1, 1)])
}

/** cookie (RFC 9846 4.3.2). */
export function encodeCookie(cookie: Uint8Array): Uint8Array {
  return encode((writer) => writer.opaque(2, cookie))
}

export function decodeCookie(data: Uint8Array): Uint8Array {
  return decode(data, 'cookie', (reader) => reader.opaque(2, 1))
}

export const SMALLEST_RECORD_SIZE_LIMIT = 64

/** record_size_limit (RFC 8449 section 4). */
export function encodeRecordSizeLimit(limit: number): Uint8Array {
  return encode((writer) => writer.u16(limit))
}

export function decodeRecordSizeLimit(data: Uint8Array): number {
  const limit = decode(data, 'record_size_limit', (reader) => reader.u16())
  if (limit < SMALLEST_RECORD_SIZE_LIMIT) {
    throw new TrefoilError(
      'ERR_ILLEGAL_PARAMETER',
      `peer asked for records of at most ${limit} octets; 64 is the least`,
    )
  }
  return limit
}

/** certificate_authorities (RFC 9846 4.3.4): DER-encoded distinguished names. */
export function encodeCertificateAuthorities(names: readonly Uint8Array[]): Uint8Array {
  return encode((writer) =>
    writer.vector(2, (list) => {
      for (const name of names) list.opaque(2, name)
    }),
  )
}

export function decodeCertificateAuthorities(data: Uint8Array): Uint8Array[] {
  return decode(data, 'certificate_authorities', (reader) => reader.list(2, 3, (item) => item.opaque(2, 1)))
}

/** An extension that only says that it is there. */
export function decodeEmpty(data: Uint8Array, subject: string): true {
  return decode(data, subject, () => true)
}
