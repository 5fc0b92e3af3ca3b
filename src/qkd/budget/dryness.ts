/** What a source said of its supply for one peer: whether to ask it again, and when its next key is likely. */
import type { TrefoilError } from '../../errors.js'
import type { BackOff } from './backOff.js'

/** Of the newest gap in the running mean. */
const WEIGHT = 0.3

export class Dryness {
  /** What it refused with last, until it gave a key again. */
  refusal: TrefoilError | null = null
  #pausesUntil = 0
  #arrivedAt: number | null = null
  /** Mean time between keys that were waited for; null before the first. */
  #gap: number | null = null
  readonly #pauses: BackOff
  readonly #now: () => number

  constructor(pauses: BackOff, now: () => number) {
    this.#pauses = pauses
    this.#now = now
  }

  /** Milliseconds until asking makes sense; 0: now. */
  get pauseMilliseconds(): number {
    return this.refusal === null ? 0 : Math.max(0, this.#pausesUntil - this.#now())
  }

  /** Milliseconds until the next key is likely: not before it is asked for, nor sooner than keys have come of late. */
  get nextMilliseconds(): number {
    const expected = this.#gap === null || this.#arrivedAt === null ? 0 : this.#arrivedAt + this.#gap - this.#now()
    return Math.max(this.pauseMilliseconds, expected)
  }

  refused(error: TrefoilError): void {
    this.refusal = error
    this.#pausesUntil = this.#now() + this.#pauses.next()
  }

  arrived(count: number): void {
    const now = this.#now()
    // Only a gap in which the source was asked in vain tells of its rate; any other tells of ours.
    if (this.refusal !== null && this.#arrivedAt !== null) {
      const gap = (now - this.#arrivedAt) / count
      this.#gap = this.#gap === null ? gap : (1 - WEIGHT) * this.#gap + WEIGHT * gap
    }
    this.#arrivedAt = now
    this.refusal = null
    this.#pauses.reset()
  }
}
