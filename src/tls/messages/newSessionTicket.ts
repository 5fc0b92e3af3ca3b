/** NewSessionTicket (RFC 9846 section 4.7.1). */
import { type Extension, readExtensions, writeExtensions } from '../extensions/extension.js'
import { encodeHandshake } from '../wire/handshake.js'
import { decode } from '../wire/reader.js'

export interface NewSessionTicket {
  /** Seconds. */
  readonly lifetime: number
  readonly ageAdd: number
  readonly nonce: Uint8Array
  readonly ticket: Uint8Array
  readonly extensions: readonly Extension[]
}

/** Seven days: the longest a ticket may live. */
export const MAX_TICKET_LIFETIME = 604_800

export function encodeNewSessionTicket(message: NewSessionTicket): Uint8Array {
  return encodeHandshake('new_session_ticket', (writer) => {
    writer.u32(message.lifetime).u32(message.ageAdd).opaque(1, message.nonce).opaque(2, message.ticket)
    writeExtensions(writer, message.extensions)
  })
}

export function decodeNewSessionTicket(body: Uint8Array): NewSessionTicket {
  return decode(body, 'NewSessionTicket', (reader) => ({
    lifetime: reader.u32(),
    ageAdd: reader.u32(),
    nonce: reader.opaque(1),
    ticket: reader.opaque(2, 1),
    extensions: readExtensions(reader, 0),
  }))
}
