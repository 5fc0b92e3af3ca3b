/**
 * Stateless tickets: all a server must know to resume, sealed with AES-256-GCM. No QKD key and no auth PSK is in it;
 * the resumption PSK is.
 *
 *     struct {
 *       opaque key_name[16];
 *       opaque nonce[12];
 *       opaque sealed[];      // SessionState and the tag; AAD = key_name
 *     } TrefoilTicket;
 */
import { concat, EMPTY, wipe } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import type { ServerSession } from '../../tls/requests.js'
import { decode } from '../../tls/wire/reader.js'
import { encodeSessionState, readSessionState, type SessionState } from './sessionState.js'
import { toPskSource } from './source.js'
import { KEY_NAME_LENGTH, type TicketKeys } from './ticketKeys.js'

const NONCE_LENGTH = 12
const TAG_LENGTH = 16
const HEADER_LENGTH = KEY_NAME_LENGTH + NONCE_LENGTH
/** The client sends it back in a ClientHello, beside a hybrid key share. */
const MAX_TICKET_LENGTH = 0x4000

/** Null when no ticket can be made: the keys are used up, or the client's chain is too long to carry about. */
export function sealTicket(crypto: CryptoProvider, keys: TicketKeys, session: ServerSession): Uint8Array | null {
  const content = encodeSession(session)
  try {
    if (HEADER_LENGTH + content.length + TAG_LENGTH > MAX_TICKET_LENGTH) return null
    const key = keys.forSealing()
    if (key === null) return null
    const nonce = crypto.randomBytes(NONCE_LENGTH)
    const sealed = new Uint8Array(content.length + TAG_LENGTH)
    key.aead.seal(nonce, key.name, content, EMPTY, sealed)
    return concat(key.name, nonce, sealed)
  } finally {
    wipe(content)
  }
}

/** Null for anything that is not a ticket of these keys. The PSK in the result is the caller's to wipe. */
export function openTicket(keys: TicketKeys, ticket: Uint8Array): SessionState | null {
  if (ticket.length < HEADER_LENGTH + TAG_LENGTH || ticket.length > MAX_TICKET_LENGTH) return null
  const name = ticket.subarray(0, KEY_NAME_LENGTH)
  const key = keys.forOpening(name)
  const nonce = ticket.subarray(KEY_NAME_LENGTH, HEADER_LENGTH)
  const content = key?.aead.open(nonce, name, ticket.subarray(HEADER_LENGTH)) ?? null
  return content && readSession(content)
}

/** Tells apart the tickets that `openTicket` opened: a changed one does not open. */
export function ticketNonce(ticket: Uint8Array): Uint8Array {
  return ticket.subarray(KEY_NAME_LENGTH, HEADER_LENGTH)
}

/** Holds the PSK in the clear: the caller's to wipe. */
export function encodeSession(session: ServerSession): Uint8Array {
  return encodeSessionState({
    ...session,
    psk: session.resumptionPsk,
    time: session.issuedAt,
    peerCertificateChain: session.clientCertificateChain,
    peerCertificateType: session.clientCertificateType,
    source: toPskSource(session.pskSource),
  })
}

/** Wipes what it has read; null when that is of another version. */
export function readSession(content: Uint8Array): SessionState | null {
  try {
    return decode(content, 'ticket', readSessionState)
  } catch {
    // Sealed by a host that shares the keys and speaks another version.
    return null
  } finally {
    wipe(content)
  }
}
