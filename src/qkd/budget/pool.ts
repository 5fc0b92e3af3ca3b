/** Fresh keys held ready for one peer, the oldest first out, none beyond its age. */
import type { HeldKey } from './heldKey.js'

export class Pool {
  readonly #maxAge: number
  /** The oldest first, which need not be the order of arrival: calls overtake one another. */
  readonly #keys: HeldKey[] = []

  constructor(maxAgeMilliseconds: number) {
    this.#maxAge = maxAgeMilliseconds
  }

  get size(): number {
    return this.#keys.length
  }

  isTooOld(key: HeldKey, now: number): boolean {
    return now - key.bornAt >= this.#maxAge
  }

  add(key: HeldKey): void {
    const after = this.#keys.findLastIndex(({ bornAt }) => bornAt <= key.bornAt)
    this.#keys.splice(after + 1, 0, key)
  }

  /** The oldest key, to be given out; undefined when there is none. Call `expire` first. */
  take(): HeldKey | undefined {
    return this.#keys.shift()
  }

  /** Wipes what is too old; returns how many keys that were. */
  expire(now: number): number {
    const fresh = this.#keys.findIndex((key) => !this.isTooOld(key, now))
    const old = this.#keys.splice(0, fresh === -1 ? this.#keys.length : fresh)
    for (const key of old) key.expire()
    return old.length
  }

  /** Milliseconds until the next key is too old; null when there is none. */
  untilNextExpiry(now: number): number | null {
    const [oldest] = this.#keys
    return oldest === undefined ? null : Math.max(0, oldest.bornAt + this.#maxAge - now)
  }

  burnAll(): void {
    for (const key of this.#keys.splice(0)) key.burn()
  }
}
