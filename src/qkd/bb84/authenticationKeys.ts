/** Secret bits for authentication: a queue that both ends hold alike, cut into numbered keys, each for one block. */
import { wipe } from '../../bytes.js'

/** Hash key, Bob's pad and Alice's pad, 16 bytes each. */
export const AUTHENTICATION_KEY_LENGTH = 48

export class AuthenticationKeys {
  #octets = new Uint8Array(0)
  /** The number of the first key in `#octets`. */
  #first = 0
  #spent = 0

  /** Bits that were used up, or passed over because the other end used them. */
  get spentBits(): number {
    return this.#spent * AUTHENTICATION_KEY_LENGTH * 8
  }

  get remainingBits(): number {
    return this.#octets.length * 8
  }

  /** Whole keys left. */
  get remaining(): number {
    return Math.floor(this.#octets.length / AUTHENTICATION_KEY_LENGTH)
  }

  /** Takes a copy. */
  add(octets: Uint8Array): void {
    const joined = new Uint8Array(this.#octets.length + octets.length)
    joined.set(this.#octets)
    joined.set(octets, this.#octets.length)
    wipe(this.#octets)
    this.#octets = joined
  }

  /** The next key, which is thereby spent; null when none is left. */
  takeNext(): { index: number; key: Uint8Array } | null {
    const index = this.#first
    const key = this.peek(index)
    if (key === null) return null
    this.spendUpTo(index)
    return { index, key }
  }

  /** A copy of a key that is neither spent nor beyond the end; null otherwise. */
  peek(index: number): Uint8Array | null {
    const start = (index - this.#first) * AUTHENTICATION_KEY_LENGTH
    if (start < 0 || start + AUTHENTICATION_KEY_LENGTH > this.#octets.length) return null
    return this.#octets.slice(start, start + AUTHENTICATION_KEY_LENGTH)
  }

  /** Spends all keys up to this one, which must be there. */
  spendUpTo(index: number): void {
    const count = index - this.#first + 1
    const rest = this.#octets.slice(count * AUTHENTICATION_KEY_LENGTH)
    wipe(this.#octets)
    this.#octets = rest
    this.#first += count
    this.#spent += count
  }

  wipe(): void {
    wipe(this.#octets)
    this.#octets = new Uint8Array(0)
  }
}
