/**
 * Which segments get lost, as a function of a seed: the same for every path and every mode, so that two cells of the grid
 * differ by what they are about and not by chance.
 */

/** Segments of a flight that have a fate of their own; what comes after shares theirs. */
const SEGMENTS = 64
/** Flights of a connection, the TCP handshake and the answer among them; those of a ninth are those of the first. */
const FLIGHTS = 8

/** How often the segment at this place gets lost before it arrives. */
export type LossesOf = (flight: number, segment: number) => number

/** The segments of one trial. */
export class Fates {
  /** Natural logarithms of numbers between 0 and 1. */
  readonly #logarithms: Float64Array
  /** The least of each flight up to each segment. */
  readonly #least: Float64Array

  constructor(seed: number, trial: number) {
    const next = uniform(seed ^ Math.imul(trial + 1, 0x9e3779b1))
    this.#logarithms = Float64Array.from({ length: SEGMENTS * FLIGHTS }, () => Math.log(next()))
    let least = 0
    this.#least = this.#logarithms.map((logarithm, place) => {
      least = place % SEGMENTS === 0 ? logarithm : Math.min(least, logarithm)
      return least
    })
  }

  /** The probability of n losses or more is `loss` to the power of n. */
  losses(loss: number): LossesOf {
    if (loss === 0) return noLosses
    const unit = Math.log(loss)
    return (flight, segment) => {
      const place = (flight % FLIGHTS) * SEGMENTS + (segment % SEGMENTS)
      return Math.floor((this.#logarithms[place] ?? 0) / unit)
    }
  }

  /** Whether nothing gets lost. @param segments of each flight */
  spares(segments: readonly number[], loss: number): boolean {
    const unit = Math.log(loss)
    return segments.every((count, flight) => {
      const last = Math.min(count, SEGMENTS) - 1
      return last < 0 || (this.#least[(flight % FLIGHTS) * SEGMENTS + last] ?? 0) > unit
    })
  }
}

export const noLosses: LossesOf = () => 0

/** Numbers between 0 and 1 for a simulation (mulberry32): no secret may ever depend on them. */
function uniform(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32
  }
}
