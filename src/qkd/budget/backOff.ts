/** Pauses that double, with jitter, so that many waiting processes do not come back at the same moment. */
import type { Pauses } from './options.js'

export class BackOff {
  #count = 0
  readonly #pauses: Pauses
  readonly #random: () => number

  constructor(pauses: Pauses, random: () => number) {
    this.#pauses = pauses
    this.#random = random
  }

  /** The next pause in milliseconds: from half of its turn's length up to all of it. */
  next(): number {
    const { initial, max } = this.#pauses
    const length = Math.min(max, initial * 2 ** this.#count)
    if (length < max) this.#count++
    return length * (1 - this.#random() / 2)
  }

  reset(): void {
    this.#count = 0
  }
}
