/** Look-ups that wait for others to end: in the order of arrival, bounded, and no party can fill it for the others. */
import type { Source } from './addressBook.js'

export interface Waiting {
  readonly source: Source
  /** Called when it may not wait any longer because there is no room. */
  turnAway(): void
}

export class WaitingRoom<W extends Waiting> {
  readonly #capacity: number
  readonly #waiting = new Set<W>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#waiting.size
  }

  /**
   * One more. When that is too many, the address with most in the room loses its newest, which may be this one.
   * @param isProven such an address gives way only to its like
   */
  add(waiting: W, isProven: (source: Source) => boolean): void {
    this.#waiting.add(waiting)
    waiting.source.waiting++
    if (this.#waiting.size <= this.#capacity) return
    const excess = this.#newestOfMost(isProven)
    this.remove(excess)
    excess.turnAway()
  }

  /** Harmless for one that is not there. */
  remove(waiting: W): void {
    if (this.#waiting.delete(waiting)) waiting.source.waiting--
  }

  /** In the order of arrival; may be changed meanwhile. */
  [Symbol.iterator](): IterableIterator<W> {
    return this.#waiting.values()
  }

  #newestOfMost(isProven: (source: Source) => boolean): W {
    const all = [...this.#waiting]
    const others = all.filter(({ source }) => !isProven(source))
    const candidates = others.length > 0 ? others : all
    return candidates.reduce((most, next) => (next.source.waiting >= most.source.waiting ? next : most))
  }
}
