/** Alice's side of Cascade: parities of her key, each in constant time from the parities of all its beginnings. */
import { CASCADE_PASSES, type ParityQuery, passOrder } from './cascade.js'

export class ParityOracle {
  /** Parities sent so far: what an eavesdropper has learnt of the key. */
  leakedBits = 0
  readonly #key: Uint8Array
  readonly #seed: Uint8Array
  readonly #prefixes: Uint8Array[] = []

  /** @param seed names the shuffles, as in `reconcile` */
  constructor(key: Uint8Array, seed: Uint8Array) {
    this.#key = key
    this.#seed = seed
  }

  /** Whether a query, which came over the wire, asks for ranges that exist, in a pass that is on or comes next. */
  accepts({ pass, ranges }: ParityQuery): boolean {
    if (pass >= CASCADE_PASSES || pass > this.#prefixes.length) return false
    let previous = 0
    for (let i = 0; i < ranges.length; i += 2) {
      const [start, end] = [ranges[i] as number, ranges[i + 1] as number]
      if (start < previous || end <= start || end > this.#key.length) return false
      previous = end
    }
    return true
  }

  /** One bit a byte. */
  answer({ pass, ranges }: ParityQuery): Uint8Array {
    const prefix = this.#prefix(pass)
    const parities = new Uint8Array(ranges.length / 2)
    for (let i = 0; i < parities.length; i++) {
      parities[i] = (prefix[ranges[2 * i] as number] as number) ^ (prefix[ranges[2 * i + 1] as number] as number)
    }
    this.leakedBits += parities.length
    return parities
  }

  /** Forgets the key's parities. */
  wipe(): void {
    for (const prefix of this.#prefixes) prefix.fill(0)
  }

  #prefix(pass: number): Uint8Array {
    const made = this.#prefixes[pass]
    if (made !== undefined) return made
    const order = passOrder(this.#key.length, this.#seed, pass)
    const prefix = new Uint8Array(this.#key.length + 1)
    let parity = 0
    for (let i = 0; i < order.length; i++) {
      parity ^= this.#key[order[i] as number] as number
      prefix[i + 1] = parity
    }
    this.#prefixes[pass] = prefix
    return prefix
  }
}
