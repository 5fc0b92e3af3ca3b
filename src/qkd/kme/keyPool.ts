/** The stock of secret bits for one pair of SAEs. Octets leave it in order, and each once. */
import { wipe } from '../../bytes.js'
import type { KeyMaterialSource } from './keyMaterial.js'

export class KeyPool {
  readonly #source: KeyMaterialSource
  readonly #octets: Uint8Array
  #length = 0

  /** @param capacity in bytes */
  constructor(source: KeyMaterialSource, capacity: number) {
    this.#source = source
    this.#octets = new Uint8Array(capacity)
  }

  /** Octets on hand, after topping up from the source. */
  fill(): number {
    const drawn = this.#source.draw(this.#octets.length - this.#length)
    this.#octets.set(drawn, this.#length)
    this.#length += drawn.length
    wipe(drawn)
    return this.#length
  }

  /** `count` keys of `length` octets, or null, with nothing taken, when there is not enough for all. */
  take(count: number, length: number): Uint8Array[] | null {
    const total = count * length
    if (this.#length < total && this.fill() < total) return null
    const keys = Array.from({ length: count }, (_, i) => this.#octets.slice(i * length, (i + 1) * length))
    this.#octets.copyWithin(0, total, this.#length)
    this.#octets.fill(0, this.#length - total, this.#length)
    this.#length -= total
    return keys
  }

  /** Why the source gives no more, if it says. */
  get reason(): string | null {
    return this.#source.reason ?? null
  }

  wipe(): void {
    wipe(this.#octets)
    this.#length = 0
  }
}
