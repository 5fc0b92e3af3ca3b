/**
 * Sessions that are kept in a store instead of in their tickets. The ticket is then a random id, with a proof that it is
 * one of ours: what anybody makes up never reaches the store.
 *
 *     struct {
 *       opaque key_name[16];
 *       opaque id[12];
 *       opaque proof[16];     // AES-256-GCM of nothing: nonce = id, AAD = key_name + "trefoil session id"
 *     } StoredTicket;
 *
 *     struct {
 *       opaque nonce[12];
 *       opaque sealed[];      // SessionState and the tag; AAD = StoredTicket
 *     } StoredState;          // what the store keeps under the id
 */
import { concat, EMPTY, toHex, utf8, wipe } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import type { ServerSession } from '../../tls/requests.js'
import type { SessionState } from './sessionState.js'
import { KEY_NAME_LENGTH, type TicketKeys } from './ticketKeys.js'
import { encodeSession, readSession } from './tickets.js'

const NONCE_LENGTH = 12
const TAG_LENGTH = 16
const TICKET_LENGTH = KEY_NAME_LENGTH + NONCE_LENGTH + TAG_LENGTH
const LABEL = utf8('trefoil session id')
/** Far above the longest chain that a handshake takes. */
const MAX_STATE_LENGTH = 0x40000

export interface StoredSession {
  readonly ticket: Uint8Array
  readonly id: string
  readonly state: Uint8Array
}

/** Null when the keys are used up. */
export function sealStoredSession(
  crypto: CryptoProvider,
  keys: TicketKeys,
  session: ServerSession,
): StoredSession | null {
  const content = encodeSession(session)
  try {
    const key = keys.forSealing(2)
    if (key === null) return null
    const id = crypto.randomBytes(NONCE_LENGTH)
    const proof = new Uint8Array(TAG_LENGTH)
    key.aead.seal(id, concat(key.name, LABEL), EMPTY, EMPTY, proof)
    const ticket = concat(key.name, id, proof)
    const nonce = crypto.randomBytes(NONCE_LENGTH)
    const sealed = new Uint8Array(content.length + TAG_LENGTH)
    key.aead.seal(nonce, ticket, content, EMPTY, sealed)
    return { ticket, id: toHex(id), state: concat(nonce, sealed) }
  } finally {
    wipe(content)
  }
}

/** The id in a ticket that was made under these keys; null for anything else. */
export function storedSessionId(keys: TicketKeys, ticket: Uint8Array): string | null {
  if (ticket.length !== TICKET_LENGTH) return null
  const name = ticket.subarray(0, KEY_NAME_LENGTH)
  const id = ticket.subarray(KEY_NAME_LENGTH, KEY_NAME_LENGTH + NONCE_LENGTH)
  const proof = ticket.subarray(KEY_NAME_LENGTH + NONCE_LENGTH)
  const proved = keys.forOpening(name)?.aead.open(id, concat(name, LABEL), proof) ?? null
  return proved === null ? null : toHex(id)
}

/** Null for what was not sealed for this ticket. The PSK in the result is the caller's to wipe. */
export function openStoredSession(keys: TicketKeys, ticket: Uint8Array, state: unknown): SessionState | null {
  if (!(state instanceof Uint8Array) || state.length < NONCE_LENGTH || state.length > MAX_STATE_LENGTH) return null
  const key = keys.forOpening(ticket.subarray(0, KEY_NAME_LENGTH))
  const content = key?.aead.open(state.subarray(0, NONCE_LENGTH), ticket, state.subarray(NONCE_LENGTH)) ?? null
  return content && readSession(content)
}
