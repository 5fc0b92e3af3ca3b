/** One connection from the first SYN to the last octet of the answer, on a clock of its own. */
import type { LossesOf } from './losses.js'
import type { ModeFlights } from './modes.js'
import { INITIAL_TIMEOUT, type NetworkPath } from './path.js'
import { type Arrival, Sender } from './sender.js'

/** Octets of application data, without records. */
export interface Payload {
  readonly request: number
  readonly response: number
}

/** ms since the first SYN was sent. */
export interface Times {
  /** The client has verified the server and may send. */
  readonly handshake: number
  /** The first octet of the answer's first record is at the client. */
  readonly firstByte: number
  readonly lastByte: number
}

/** Plays the flights of a mode over a path; the request goes out with the client's last, as TLS 1.3 lets it. */
export function exchange(
  { flights, keyManager }: ModeFlights,
  path: NetworkPath,
  payload: Payload,
  lossesOf: LossesOf,
): Times {
  const senders = { client: new Sender(path), server: new Sender(path) }
  // What an end waits for its key manager comes before its first flight.
  const waits = { client: keyManager?.client ?? 0, server: keyManager?.server ?? 0 }
  const ready = { client: connected(path, lossesOf), server: 0 }
  const requestAt = flights.findLastIndex(({ from }) => from === 'client')
  let handshake = 0
  /** Octets of tickets and the like that the server sends after the client's last flight, in front of its answer. */
  let ahead = 0
  for (const [i, { from, bytes, cpuMicroseconds }] of flights.entries()) {
    const start = ready[from] + waits[from] + cpuMicroseconds / 1000
    waits[from] = 0
    ready[from] = start
    if (i > requestAt) {
      ahead += bytes
      continue
    }
    const isRequest = i === requestAt
    if (isRequest) handshake = start
    const octets = bytes + (isRequest ? protectedLength(payload.request) : 0)
    const arrival = send(senders[from], start, octets, i + 1, lossesOf)
    const to = from === 'client' ? 'server' : 'client'
    ready[to] = Math.max(ready[to], arrival.last)
  }
  const octets = ahead + protectedLength(payload.response)
  const answer = send(senders.server, ready.server, octets, flights.length + 1, lossesOf)
  return { handshake, firstByte: answer.of(ahead + 1), lastByte: answer.of(octets) }
}

function send(sender: Sender, start: number, octets: number, flight: number, lossesOf: LossesOf): Arrival {
  return sender.send(start, octets, (segment) => lossesOf(flight, segment))
}

/** When the client may send: SYN and SYN-ACK have come through. Either one lost costs the client's timer. */
function connected({ roundTripTime }: NetworkPath, lossesOf: LossesOf): number {
  const losses = lossesOf(0, 0) + lossesOf(0, 1)
  return roundTripTime + INITIAL_TIMEOUT * (2 ** losses - 1)
}

const RECORD_SIZE = 2 ** 14
/** RFC 9846 5.2: header, inner content type, tag. */
const RECORD_OVERHEAD = 22

/** On the wire, in full records. */
export function protectedLength(octets: number): number {
  return octets + Math.ceil(octets / RECORD_SIZE) * RECORD_OVERHEAD
}
