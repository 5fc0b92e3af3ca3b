/**
 * What the documents promise, as sets of leaks. Written down from SECURITY.md and PROTOCOL.md by hand, never from what
 * the code does: the graph and the adversary are held against it.
 */
import { allOf, anyOf, leaks } from '../leakSets.js'
import type { Claim, MinimalLeakSets } from '../model.js'

/**
 * A hybrid key exchange is open when both its halves are (PROTOCOL.md, the combiner; RFC 10024). Breaking ML-KEM gives
 * the decapsulation key or the one secret that was encapsulated: either will do.
 */
export const HYBRID = anyOf(leaks('curve', 'decapsulationKey'), leaks('curve', 'encapsulatedSecret'))
/** Without ML-KEM there is only the curve. */
export const CLASSICAL = leaks('curve')
/** "A QKD key that reaches its consumer over a link that can be taped is only as good as that link" (SECURITY.md). */
export const QKD = anyOf(leaks('qkdKeys'), leaks('deliveryLink'))
export const AUTH_PSK = leaks('authPsk')

export interface SessionClaim {
  /**
   * What opens the key schedule of the session: every one of the components that were mixed into it. With it goes all
   * that its handshake, application, exporter and resumption secrets protect.
   */
  readonly keys: MinimalLeakSets
  /** What opens the key exchange of a second connection, which resumes the first. */
  readonly resumedBy?: MinimalLeakSets
  readonly tickets?: boolean
  readonly keyUpdate?: boolean
}

/** For all that a session with these properties may protect; claims about what it does not have are never looked at. */
export function sessionClaim({ keys, resumedBy, tickets = false, keyUpdate = false }: SessionClaim): Claim {
  // "Whoever reads the memory of one end during a connection has its keys" (SECURITY.md). The traffic secrets of the end
  // open their own epoch alone: KeyUpdate goes one way (RFC 9846 7.2), and nothing leads back to the handshake's keys.
  const memory = leaks('memory')
  const lastEpoch = anyOf(keys, memory)
  const firstEpoch = keyUpdate ? keys : lastEpoch
  // A ticket's content is open to whoever has the ticket key and the ticket (SECURITY.md, tickets and sessions). A
  // resuming ClientHello shows the ticket to all; before that, it passes under the first application traffic keys.
  const ticketSeen = resumedBy === undefined ? firstEpoch : anyOf(firstEpoch, [[]])
  const ticketContent = tickets ? allOf(leaks('ticketKeys'), ticketSeen) : []
  // The resumption PSK: from the key schedule, from the ticket, or "in clear" in what getSession() gives.
  const resumptionPsk = anyOf(keys, ticketContent, leaks('sessionStore'))
  return {
    serverCertificate: keys,
    // The server seals the client's chain into the ticket.
    clientCertificate: anyOf(keys, ticketContent),
    request: firstEpoch,
    response: firstEpoch,
    requestAfterKeyUpdate: lastEpoch,
    responseAfterKeyUpdate: lastEpoch,
    ticket: resumptionPsk,
    exporter: keys,
    // "a ticket key, the ticket from the tape, and both exchanges of the resumed connection broken" (SECURITY.md)
    ...(resumedBy !== undefined && {
      resumedRequest: allOf(resumptionPsk, resumedBy),
      resumedResponse: allOf(resumptionPsk, resumedBy),
    }),
  }
}
