/** What stands in a ticket of Trefoil's, for whoever has the key that sealed it. */
import { createDecipheriv } from 'node:crypto'
import { Cursor } from './cursor.js'
import { MessageType } from './hellos.js'
import { type Hash, lengthOf } from './keyDerivation.js'

export interface TicketContent {
  readonly ticket: Buffer
  readonly psk: Buffer
  readonly hash: Hash
  /** DER chain of the client, leaf first; null when it showed none. */
  readonly clientCertificates: readonly Buffer[] | null
}

/** Null for anything that is no ticket under this key, which has 48 octets: a name of 16 and the key. */
export function openTicket(ticket: Buffer, ticketKey: Uint8Array): TicketContent | null {
  const [name, key] = [ticketKey.subarray(0, 16), ticketKey.subarray(16)]
  if (ticket.length < 44 || key.length !== 32 || !ticket.subarray(0, 16).equals(name)) return null
  const decipher = createDecipheriv('aes-256-gcm', key, ticket.subarray(16, 28), { authTagLength: 16 })
  decipher.setAAD(Buffer.from(name))
  decipher.setAuthTag(ticket.subarray(-16))
  const state = decipher.update(ticket.subarray(28, -16))
  try {
    decipher.final()
    return readState(ticket, state)
  } catch {
    return null
  }
}

function readState(ticket: Buffer, state: Buffer): TicketContent {
  const cursor = new Cursor(state)
  cursor.take(1)
  const hash = cursor.number(2) === 0x1302 ? 'sha384' : 'sha256'
  const psk = cursor.take(lengthOf(hash))
  // ticket_age_add, time, lifetime
  cursor.take(4 + 8 + 4)
  cursor.vector(2)
  cursor.vector(2)
  const chain = new Cursor(cursor.vector(3)).list((entry) => entry.vector(3))
  return { ticket, psk, hash, clientCertificates: chain.length === 0 ? null : chain }
}

/** The content of all tickets that any of the keys opens. */
export function openTickets(tickets: readonly Buffer[], ticketKeys: readonly Uint8Array[]): TicketContent[] {
  return tickets.flatMap((ticket) => ticketKeys.flatMap((key) => openTicket(ticket, key) ?? []))
}

export interface NewSessionTicket {
  readonly nonce: Buffer
  readonly ticket: Buffer
}

/** RFC 9846 4.7.1; null for another message. */
export function readNewSessionTicket(message: Buffer): NewSessionTicket | null {
  if (message[0] !== MessageType.newSessionTicket) return null
  const cursor = new Cursor(message.subarray(4))
  // ticket_lifetime, ticket_age_add
  cursor.take(8)
  return { nonce: cursor.vector(1), ticket: cursor.vector(2) }
}
