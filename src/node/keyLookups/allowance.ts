/**
 * How much of the key manager one party may use: so many look-ups at once, and so many that fail. A look-up under way
 * counts as one that may yet fail, so what is allowed cannot be overdrawn by asking many times before the first answer.
 */
export class Allowance {
  readonly #capacity: number
  readonly #windowMilliseconds: number
  /** A token bucket: `capacity` failures at once, and as many again in every window. */
  #tokens: number
  #filledAt: number
  #active = 0

  constructor(capacity: number, windowMilliseconds: number, now: number) {
    this.#capacity = capacity
    this.#windowMilliseconds = windowMilliseconds
    this.#tokens = capacity
    this.#filledAt = now
  }

  get active(): number {
    return this.#active
  }

  /** Every failure has happened that may: until time has passed, no more look-ups. */
  isSpent(now: number): boolean {
    return this.#level(now) < 1
  }

  /** Whether one more can begin; when it cannot and nothing is spent, the end of one under way will change that. */
  admits(maxActive: number, now: number): boolean {
    return this.#active < Math.min(maxActive, Math.floor(this.#level(now)))
  }

  begin(): void {
    this.#active++
  }

  end(failed: boolean, now: number): void {
    this.#active--
    if (failed) this.#tokens = Math.max(0, this.#level(now) - 1)
  }

  #level(now: number): number {
    const earned = ((now - this.#filledAt) / this.#windowMilliseconds) * this.#capacity
    this.#tokens = Math.min(this.#capacity, this.#tokens + Math.max(0, earned))
    this.#filledAt = now
    return this.#tokens
  }
}
