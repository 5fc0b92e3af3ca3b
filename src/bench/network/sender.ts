/** One direction of a TCP connection: what is sent, when it arrives, and what its losses do to the window. */
import { type NetworkPath, retransmissionTimeout, SEGMENT_SIZE } from './path.js'

/** Later segments that must have arrived before a missing one counts as lost (RFC 5681 3.2). */
const DUPLICATES = 3

/** When the octets of a flight are there to be read, in their order. */
export class Arrival {
  readonly #segments: readonly number[]

  constructor(segments: readonly number[]) {
    this.#segments = segments
  }

  /** When so many octets, counted from the first of the flight, have arrived. */
  of(octets: number): number {
    const segment = this.#segments[Math.max(0, Math.ceil(octets / SEGMENT_SIZE) - 1)]
    if (segment === undefined) throw new RangeError('the flight has not that many octets')
    return segment
  }

  get last(): number {
    return this.#segments.at(-1) ?? 0
  }
}

export class Sender {
  readonly #path: NetworkPath
  readonly #timeout: number
  /** Congestion window, in segments, and the window from which on it grows by one in a round trip (RFC 5681 3.1). */
  #window: number
  #threshold = Number.POSITIVE_INFINITY

  constructor(path: NetworkPath) {
    this.#path = path
    this.#timeout = retransmissionTimeout(path)
    this.#window = path.initialWindow
  }

  /**
   * Sends a flight, from `start` on, in rounds of a window each.
   * @param octets at least one
   * @param lossesOf how often each segment gets lost, counted from the first of the flight
   */
  send(start: number, octets: number, lossesOf: (segment: number) => number): Arrival {
    const count = Math.ceil(octets / SEGMENT_SIZE)
    const arrivals: number[] = []
    let at = start
    for (let sent = 0; sent < count; ) {
      const round: number[] = []
      while (round.length < this.#window && sent < count) round.push(lossesOf(sent++))
      const arrived = this.#arrivals(at, round)
      arrivals.push(...arrived)
      // Acknowledgements, be they of later segments, let the next round out.
      at = Math.min(...arrived) + this.#path.roundTripTime / 2
      this.#adapt(round)
    }
    return new Arrival(inOrder(arrivals))
  }

  /** When each segment of a round arrives. */
  #arrivals(at: number, round: readonly number[]): number[] {
    const direct = at + this.#path.roundTripTime / 2
    return round.map((losses, i) => {
      if (losses === 0) return direct
      // The timer doubles each time (RFC 6298 5.5). By itself a segment has nothing else to wait for.
      if (round.length === 1) return direct + this.#timeout * (2 ** losses - 1)
      return direct + this.#detection(arrivedAfter(round, i)) + this.#timeout * (2 ** (losses - 1) - 1)
    })
  }

  /** From sending a segment that gets lost to sending it again, when it is not alone under way. */
  #detection(later: number): number {
    const { roundTripTime } = this.#path
    if (later >= DUPLICATES) return roundTripTime
    // RFC 8985 6.2: a quarter of the round trip more, since it might only be late.
    if (later > 0) return 1.25 * roundTripTime
    // RFC 8985 7.2: a probe, or the round after it, brings the answer that is missing.
    return 2 * roundTripTime
  }

  /** RFC 5681 3.1 and 3.2. */
  #adapt(round: readonly number[]): void {
    if (round.every((losses) => losses === 0)) {
      this.#window += this.#window < this.#threshold ? round.length : 1
      return
    }
    this.#threshold = Math.max(2, Math.floor(this.#window / 2))
    const timedOut = round.length === 1 || round.some((losses) => losses > 1)
    this.#window = timedOut ? 1 : this.#threshold
  }
}

/** Segments after this one that arrive the first time. */
function arrivedAfter(round: readonly number[], place: number): number {
  return round.reduce((sum, losses, i) => (i > place && losses === 0 ? sum + 1 : sum), 0)
}

/** A segment is of no use before those in front of it. */
function inOrder(arrivals: readonly number[]): number[] {
  let latest = 0
  return arrivals.map((arrival) => {
    latest = Math.max(latest, arrival)
    return latest
  })
}
