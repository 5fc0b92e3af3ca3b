/** Writing and reading the messages of the classical channel. Readers trust nothing: whatever does not fit aborts. */
import { BlockAborted } from './reasons.js'

export class OctetWriter {
  #octets = new Uint8Array(1024)
  #length = 0

  byte(value: number): this {
    this.#reserve(1)
    this.#octets[this.#length++] = value
    return this
  }

  word(value: number): this {
    return this.byte(value >>> 24)
      .byte(value >>> 16)
      .byte(value >>> 8)
      .byte(value)
  }

  /** A whole number up to 2^53 − 1, seven bits a byte, lowest first; the high bit says that more follow. */
  number(value: number): this {
    let rest = value
    while (rest >= 128) {
      this.byte((rest % 128) + 128)
      rest = Math.floor(rest / 128)
    }
    return this.byte(rest)
  }

  bytes(octets: Uint8Array): this {
    this.#reserve(octets.length)
    this.#octets.set(octets, this.#length)
    this.#length += octets.length
    return this
  }

  finish(): Uint8Array {
    return this.#octets.slice(0, this.#length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#octets.length) return
    const grown = new Uint8Array(Math.max(2 * this.#octets.length, this.#length + more))
    grown.set(this.#octets)
    this.#octets = grown
  }
}

/** Every method throws {@link BlockAborted} when the octets are not there or have no such meaning. */
export class OctetReader {
  readonly #octets: Uint8Array
  #next = 0

  constructor(octets: Uint8Array) {
    this.#octets = octets
  }

  byte(): number {
    const value = this.#octets[this.#next]
    if (value === undefined) throw badMessage()
    this.#next++
    return value
  }

  word(): number {
    return ((this.byte() << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte()) >>> 0
  }

  number(): number {
    let value = 0
    for (let weight = 1; weight < 2 ** 53; weight *= 128) {
      const byte = this.byte()
      value += (byte & 127) * weight
      if (byte < 128) {
        // One way to write a number, and none that a double cannot hold.
        if (value > Number.MAX_SAFE_INTEGER || (byte === 0 && weight > 1)) throw badMessage()
        return value
      }
    }
    throw badMessage()
  }

  bytes(length: number): Uint8Array {
    if (length > this.#octets.length - this.#next) throw badMessage()
    this.#next += length
    return this.#octets.slice(this.#next - length, this.#next)
  }

  rest(): Uint8Array {
    return this.bytes(this.#octets.length - this.#next)
  }

  /** Nothing may be left over. */
  end(): void {
    if (this.#next !== this.#octets.length) throw badMessage()
  }
}

export function badMessage(): BlockAborted {
  return new BlockAborted({ kind: 'bad-message' })
}
