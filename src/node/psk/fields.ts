/** Fields that sessions and tickets are made of, in TLS presentation language. */
import { EMPTY, fromUtf8, utf8 } from '../../bytes.js'
import type { Reader } from '../../tls/wire/reader.js'
import type { Writer } from '../../tls/wire/writer.js'

/** A string that is never empty, or null. */
export function writeText(writer: Writer, text: string | null): void {
  writer.opaque(2, text === null ? EMPTY : utf8(text))
}

export function readText(reader: Reader): string | null {
  const octets = reader.opaque(2)
  if (octets.length === 0) return null
  try {
    return fromUtf8(octets)
  } catch {
    return reader.fail('holds a string that is not UTF-8')
  }
}

/** A uint8 that is 0 or 1. */
export function readFlag(reader: Reader): boolean {
  const octet = reader.u8()
  if (octet > 1) return reader.fail('holds a flag that is neither 0 nor 1')
  return octet === 1
}

/** Milliseconds since the epoch as a uint64. */
export function writeTime(writer: Writer, milliseconds: number): void {
  const whole = Math.floor(milliseconds)
  writer.u32(Math.floor(whole / 2 ** 32)).u32(whole % 2 ** 32)
}

export function readTime(reader: Reader): number {
  return reader.u32() * 2 ** 32 + reader.u32()
}

/** A chain of DER certificates; an empty one stands for null. */
export function writeChain(writer: Writer, chain: readonly Uint8Array[] | null): void {
  writer.vector(3, () => {
    for (const certificate of chain ?? []) writer.opaque(3, certificate)
  })
}

export function readChain(reader: Reader): readonly Uint8Array[] | null {
  const chain = reader.list(3, 0, (inner) => new Uint8Array(inner.opaque(3, 1)))
  return chain.length === 0 ? null : chain
}
