/**
 * pre_shared_key (RFC 9846 section 4.3.11). The binders are the last octets of the ClientHello, and they sign
 * everything before themselves, so this file also says where a ClientHello is cut.
 */
import { concat } from '../../bytes.js'
import type { PskIdentity } from '../requests.js'
import { decode } from '../wire/reader.js'
import { encode } from '../wire/writer.js'

export interface OfferedPsks {
  readonly identities: readonly PskIdentity[]
  readonly binders: readonly Uint8Array[]
}

export function encodeOfferedPsks({ identities, binders }: OfferedPsks): Uint8Array {
  return encode((writer) =>
    writer
      .vector(2, (list) => {
        for (const { identity, obfuscatedTicketAge } of identities) list.opaque(2, identity).u32(obfuscatedTicketAge)
      })
      .vector(2, (list) => {
        for (const binder of binders) list.opaque(1, binder)
      }),
  )
}

export function decodeOfferedPsks(data: Uint8Array): OfferedPsks {
  return decode(data, 'pre_shared_key', (reader) => ({
    identities: reader.list(2, 7, (item) => ({ identity: item.opaque(2, 1), obfuscatedTicketAge: item.u32() })),
    binders: reader.list(2, 33, (item) => item.opaque(1, 32)),
  }))
}

/** Octets that the binders take at the end of the ClientHello, their list's length prefix included. */
function bindersLength(binderLengths: readonly number[]): number {
  return binderLengths.reduce((sum, length) => sum + 1 + length, 2)
}

/** Truncate(ClientHello): all up to and including the identities (RFC 9846 4.3.11.2). A view. */
export function truncateClientHello(clientHello: Uint8Array, binderLengths: readonly number[]): Uint8Array {
  return clientHello.subarray(0, clientHello.length - bindersLength(binderLengths))
}

/** The ClientHello with the binders in the places that were kept for them. */
export function fillBinders(clientHello: Uint8Array, binders: readonly Uint8Array[]): Uint8Array {
  const list = encode((writer) =>
    writer.vector(2, (inner) => {
      for (const binder of binders) inner.opaque(1, binder)
    }),
  )
  return concat(clientHello.subarray(0, clientHello.length - list.length), list)
}

export function encodeSelectedIdentity(index: number): Uint8Array {
  return encode((writer) => writer.u16(index))
}

export function decodeSelectedIdentity(data: Uint8Array): number {
  return decode(data, 'pre_shared_key', (reader) => reader.u16())
}
