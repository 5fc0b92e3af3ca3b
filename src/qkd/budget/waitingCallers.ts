/** Callers that found the pool empty, first come, first served; each leaves by its key, its error, or its time. */
import type { TrefoilError } from '../../errors.js'
import { type Bounds, bounded } from '../bounded.js'
import type { HeldKey } from './heldKey.js'

export type WaitingBounds = Omit<Bounds<HeldKey>, 'discard' | 'keepsAlive'>

interface Caller {
  /** Its place among all that ever came. */
  readonly number: number
  resolve(key: HeldKey): void
  reject(error: TrefoilError): void
}

export class WaitingCallers {
  readonly #callers = new Set<Caller>()
  #arrivals = 0

  get size(): number {
    return this.#callers.size
  }

  /** The number of the caller that came last. */
  get latest(): number {
    return this.#arrivals
  }

  /** Resolves with a key served later. */
  wait(bounds: WaitingBounds): Promise<HeldKey> {
    const call = (over: AbortSignal): Promise<HeldKey> =>
      new Promise((resolve, reject) => {
        const caller = { number: ++this.#arrivals, resolve, reject }
        this.#callers.add(caller)
        over.addEventListener('abort', () => this.#callers.delete(caller), { once: true })
      })
    return bounded(call, { ...bounds, keepsAlive: true, discard: (late) => late.burn() })
  }

  /** Gives the key to the first caller; false when nobody waits. */
  serve(key: HeldKey): boolean {
    const [first] = this.#callers
    if (first === undefined) return false
    this.#callers.delete(first)
    first.resolve(key)
    return true
  }

  /** Refuses callers up to that number, but not the first `left` in the row. */
  refuse(upTo: number, left: number, error: TrefoilError): void {
    for (const caller of [...this.#callers].slice(left)) {
      if (caller.number > upTo) return
      this.#callers.delete(caller)
      caller.reject(error)
    }
  }
}
