/** Waits for the client's Finished; then the handshake is complete on both sides and tickets may go out. */
import { copy } from '../../bytes.js'
import type { ResumptionSecret } from '../keySchedule.js'
import { resumptionPsk } from '../keySchedule.js'
import { encodeNewSessionTicket, MAX_TICKET_LIFETIME } from '../messages/newSessionTicket.js'
import { ask, type Task } from '../requests.js'
import { summarize } from '../shared/environment.js'
import { verifyFinished } from '../shared/keys.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import type { ExpectFinished, ServerEnvironment, ServerState } from './states.js'

export function* expectFinished(
  server: ServerEnvironment,
  state: ExpectFinished,
  message: HandshakeMessage,
): Task<ServerState> {
  const { negotiated, keys, application, client, local } = state
  verifyFinished(server, negotiated.hash, keys.clientTrafficSecret, message.body)
  server.transcript.add(message.bytes)
  server.channel.allowChangeCipherSpec(false)
  server.channel.protectReading(negotiated.cipherSuite, application.clientTrafficSecret)
  const resumptionSecret = application.mainSecret.resumptionSecret(server.transcript.digest())
  // Lives as long as the connection; everything else ends here.
  const exporterSecret = copy(application.exporterSecret)
  server.secrets.wipe()
  server.channel.emit({
    type: 'handshakeComplete',
    summary: summarize('server', server.channel, negotiated, client, local),
  })
  if (state.ticketsWanted) yield* sendTickets(server, state, resumptionSecret)
  resumptionSecret.fill(0)
  return { name: 'connected', exporterSecret }
}

const DEFAULT_TICKETS = 2
const DEFAULT_TICKET_LIFETIME = 7200

/** NewSessionTicket (RFC 9846 4.7.1). A resumed session uses up one ticket and gets one back. */
function* sendTickets(
  server: ServerEnvironment,
  { negotiated, client }: ExpectFinished,
  resumptionSecret: ResumptionSecret,
): Task<void> {
  const full = server.config.tickets ?? DEFAULT_TICKETS
  const count = negotiated.psk?.kind === 'resumption' ? Math.min(1, full) : full
  const lifetime = Math.min(server.config.ticketLifetime ?? DEFAULT_TICKET_LIFETIME, MAX_TICKET_LIFETIME)
  for (let i = 0; i < count; i++) {
    // The nonce only has to differ within the connection (RFC 9846 4.7.1).
    const nonce = Uint8Array.of(i)
    const ageAdd = toU32(yield* ask<'random'>({ type: 'random', purpose: 'ticket_age_add', length: 4 }))
    const psk = resumptionPsk(server.crypto, negotiated.hash, resumptionSecret, nonce)
    const issuedAt = yield* ask<'currentTime'>({ type: 'currentTime' })
    const ticket = yield* ask<'sealTicket'>({
      type: 'sealTicket',
      session: {
        cipherSuite: negotiated.cipherSuite,
        hash: negotiated.hash,
        resumptionPsk: psk,
        ticketAgeAdd: ageAdd,
        issuedAt,
        lifetime,
        serverName: negotiated.serverName,
        applicationProtocol: negotiated.applicationProtocol,
        clientCertificateChain: client?.chain ?? null,
        pskSource: negotiated.psk?.source ?? null,
      },
    })
    psk.fill(0)
    if (ticket === null) return
    server.channel.sendPostHandshake(encodeNewSessionTicket({ lifetime, ageAdd, nonce, ticket, extensions: [] }))
  }
}

function toU32(octets: Uint8Array): number {
  return octets.reduce((value, octet) => value * 256 + octet, 0)
}
