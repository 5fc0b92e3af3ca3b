/** A peer's quota of fresh keys. */
import type { KeyQuota } from './options.js'

export class TokenBucket {
  #tokens: number
  #filledAt: number
  readonly #quota: Required<KeyQuota>
  readonly #now: () => number

  constructor(quota: Required<KeyQuota>, now: () => number) {
    this.#quota = quota
    this.#now = now
    this.#tokens = quota.burst
    this.#filledAt = now()
  }

  /** Takes a token; otherwise how many milliseconds it will be until there is one. */
  take(): number {
    this.#fill()
    if (this.#tokens >= 1) {
      this.#tokens--
      return 0
    }
    const { keys, intervalMilliseconds } = this.#quota
    return Math.ceil(((1 - this.#tokens) * intervalMilliseconds) / keys)
  }

  /** Gives back a token for which no key was to be had. */
  giveBack(): void {
    this.#tokens = Math.min(this.#quota.burst, this.#tokens + 1)
  }

  #fill(): void {
    const { keys, intervalMilliseconds, burst } = this.#quota
    const now = this.#now()
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) * keys) / intervalMilliseconds)
    this.#filledAt = now
  }
}
