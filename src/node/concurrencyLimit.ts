/** Bounds how many things go on at once, in all and for each remote address. */
export class ConcurrencyLimit {
  readonly #total: number
  readonly #perAddress: number
  #active = 0
  readonly #byAddress = new Map<string, number>()

  constructor(total: number, perAddress: number) {
    this.#total = total
    this.#perAddress = perAddress
  }

  /** Enters one more, or answers null when that is too many. The function returned leaves again; calling it twice is harmless. */
  enter(address: string): (() => void) | null {
    const here = this.#byAddress.get(address) ?? 0
    if (this.#active >= this.#total || here >= this.#perAddress) return null
    this.#active++
    this.#byAddress.set(address, here + 1)
    let inside = true
    return () => {
      if (!inside) return
      inside = false
      this.#leave(address)
    }
  }

  #leave(address: string): void {
    this.#active--
    const here = this.#byAddress.get(address) ?? 0
    // Only addresses with something going on are remembered.
    if (here > 1) this.#byAddress.set(address, here - 1)
    else this.#byAddress.delete(address)
  }
}
