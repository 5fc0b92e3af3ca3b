/** NewSessionTicket (RFC 9846 section 4.7.1): after the handshake, where the client can use tickets. */
import { resumptionPsk } from '../keySchedule.js'
import { encodeNewSessionTicket } from '../messages/newSessionTicket.js'
import { ask, type Task } from '../requests.js'
import type { ServerEnvironment, TicketIssue } from './states.js'

const DEFAULT_TICKETS = 2
const DEFAULT_TICKET_LIFETIME = 7200

/** A resumed session uses up one ticket and gets one back. */
export function* sendTickets(
  server: ServerEnvironment,
  { negotiated, client, local, resumptionSecret }: TicketIssue,
): Task<void> {
  const full = server.config.tickets ?? DEFAULT_TICKETS
  const count = negotiated.psk?.kind === 'resumption' ? Math.min(1, full) : full
  const lifetime = server.config.ticketLifetime ?? DEFAULT_TICKET_LIFETIME
  for (let i = 0; i < count; i++) {
    // The nonce only has to differ within the connection (RFC 9846 4.7.1).
    const nonce = Uint8Array.of(i)
    const ageAdd = toU32(yield* ask<'random'>({ type: 'random', purpose: 'ticket_age_add', length: 4 }))
    const issuedAt = yield* ask<'currentTime'>({ type: 'currentTime' })
    const psk = server.secrets.keep(resumptionPsk(server.crypto, negotiated.hash, resumptionSecret, nonce))
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
        clientCertificateType: client?.type ?? null,
        localCertificateShown: local !== null,
        pskSource: negotiated.psk?.source ?? null,
      },
    })
    server.secrets.wipe()
    if (ticket === null) return
    server.channel.sendPostHandshake(encodeNewSessionTicket({ lifetime, ageAdd, nonce, ticket, extensions: [] }))
  }
}

function toU32(octets: Uint8Array): number {
  return octets.reduce((value, octet) => value * 256 + octet, 0)
}
