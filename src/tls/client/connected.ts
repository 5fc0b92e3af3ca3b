/** After the handshake a client may get tickets (RFC 9846 section 4.7.1). KeyUpdate is the connection's business. */
import { copy } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { checkExtensions } from '../extensions/extension.js'
import { resumptionPsk } from '../keySchedule.js'
import { decodeNewSessionTicket, MAX_TICKET_LIFETIME } from '../messages/newSessionTicket.js'
import { ask, type Task } from '../requests.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import type { ClientEnvironment, ClientState, Connected } from './states.js'

export function* receiveTicket(
  client: ClientEnvironment,
  state: Connected,
  message: HandshakeMessage,
): Task<ClientState> {
  const ticket = decodeNewSessionTicket(message.body)
  checkExtensions(ticket.extensions, 'NST', null)
  if (ticket.lifetime > MAX_TICKET_LIFETIME) {
    throw new TrefoilError(
      'ERR_ILLEGAL_PARAMETER',
      `server sent a ticket for ${ticket.lifetime} seconds; seven days are the most`,
    )
  }
  // A lifetime of zero means: do not use it.
  if (client.config.tickets === false || ticket.lifetime === 0) return state
  const receivedAt = yield* ask<'currentTime'>({ type: 'currentTime' })
  const { cipherSuite, hash, serverName, applicationProtocol, psk } = state.negotiated
  client.channel.emit({
    type: 'session',
    session: {
      ticket: copy(ticket.ticket),
      psk: resumptionPsk(client.crypto, hash, state.resumptionSecret, ticket.nonce),
      hash,
      cipherSuite,
      ticketAgeAdd: ticket.ageAdd,
      receivedAt,
      lifetime: ticket.lifetime,
      serverName,
      applicationProtocol,
      serverCertificateChain: state.server?.chain ?? null,
      serverCertificateType: state.server?.type ?? null,
      localCertificateShown: state.local !== null,
      pskSource: psk?.source ?? null,
    },
  })
  return state
}
