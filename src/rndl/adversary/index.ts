/**
 * The adversary: somebody who taped everything and, years later, is handed what fell. It shares no code with the
 * endpoints it attacks: its own parser, its own key schedule on node:crypto, noble's ML-KEM called directly. What it
 * opens is what the wire gives away, and not what the endpoints believe.
 */
import { keysDelivered } from './delivery.js'
import type { Leaks } from './leaks.js'
import { type Opened, openConnection } from './openConnection.js'
import { type Schedule, STANDARD } from './schedule.js'
import type { TapedConnection } from './tape.js'

export { keysDelivered } from './delivery.js'
export {
  digest,
  earlySecret,
  expandLabel,
  exported,
  extract,
  type Hash,
  handshakeSecret,
  lengthOf,
  mainSecret,
  zeros,
} from './keyDerivation.js'
export { type Leaks, NO_LEAKS, type ResumptionPsk } from './leaks.js'
export { type Opened, type OpenedTicket, openConnection } from './openConnection.js'
export { readPlainHandshake } from './plainHandshake.js'
export {
  type Directions,
  derive,
  type ExchangePart,
  type Known,
  type Schedule,
  type ScheduleInputs,
  STANDARD,
  type Stages,
  stagesOf,
  type Transcripts,
} from './schedule.js'
export { type Direction, sentBy, type TapedConnection, type TapedSegment } from './tape.js'
export type { TicketContent } from './tickets.js'

/**
 * Opens what can be opened of all connections together. What one gives helps with the others: tickets lead to the
 * sessions that were resumed with them, and a delivery link to the sessions that its keys went into.
 * @param schedule how the endpoints make their keys
 * @returns one result for each connection, in the order of the tape
 */
export function attack(tape: readonly TapedConnection[], leaks: Leaks, schedule: Schedule = STANDARD): Opened[] {
  let known = leaks
  let results = tape.map((connection) => openConnection(connection, known, schedule))
  for (;;) {
    const qkdKeys = new Map(known.qkdKeys)
    const resumptionPsks = new Map(known.resumptionPsks)
    for (const { applicationData, tickets } of results) {
      for (const [keyId, key] of keysDelivered(applicationData.server)) qkdKeys.set(keyId, key)
      for (const { ticket, psk, hash } of tickets) resumptionPsks.set(ticket.toString('hex'), { psk, hash })
    }
    if (qkdKeys.size === known.qkdKeys.size && resumptionPsks.size === known.resumptionPsks.size) return results
    known = { ...known, qkdKeys, resumptionPsks }
    results = results.map((result, i) =>
      // What took no PSK is helped by none.
      result.isComplete || result.selectedIdentity === null
        ? result
        : openConnection(tape[i] as TapedConnection, known, schedule),
    )
  }
}
