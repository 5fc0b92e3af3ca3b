/** key_share (RFC 9846 section 4.3.8): a list in ClientHello, one entry in ServerHello, a bare group in a retry. */
import { TrefoilError } from '../../errors.js'
import { decode, type Reader } from '../wire/reader.js'
import { encode } from '../wire/writer.js'

export interface KeyShareEntry {
  /** NamedGroup code point. */
  readonly group: number
  readonly keyExchange: Uint8Array
}

export function encodeClientKeyShares(entries: readonly KeyShareEntry[]): Uint8Array {
  return encode((writer) =>
    writer.vector(2, (list) => {
      for (const { group, keyExchange } of entries) list.u16(group).opaque(2, keyExchange)
    }),
  )
}

/** An empty list is legal: it asks for a HelloRetryRequest. */
export function decodeClientKeyShares(data: Uint8Array): KeyShareEntry[] {
  const entries = decode(data, 'key_share', (reader) => reader.list(2, 0, readEntry))
  if (new Set(entries.map(({ group }) => group)).size !== entries.length) {
    throw new TrefoilError('ERR_ILLEGAL_PARAMETER', 'peer sent two key shares for one group')
  }
  return entries
}

export function encodeServerKeyShare({ group, keyExchange }: KeyShareEntry): Uint8Array {
  return encode((writer) => writer.u16(group).opaque(2, keyExchange))
}

export function decodeServerKeyShare(data: Uint8Array): KeyShareEntry {
  return decode(data, 'key_share', readEntry)
}

export function encodeSelectedGroup(group: number): Uint8Array {
  return encode((writer) => writer.u16(group))
}

export function decodeSelectedGroup(data: Uint8Array): number {
  return decode(data, 'key_share', (reader) => reader.u16())
}

function readEntry(reader: Reader): KeyShareEntry {
  return { group: reader.u16(), keyExchange: reader.opaque(2, 1) }
}
