/** Cuts octets into fields. A file that runs out of them is wrong, and says so by an Error. */
export class Octets {
  readonly #octets: Uint8Array
  #at = 0

  constructor(octets: Uint8Array) {
    this.#octets = octets
  }

  get left(): number {
    return this.#octets.length - this.#at
  }

  take(length: number): Uint8Array {
    if (this.left < length) throw new Error('a message ends too soon')
    const taken = this.#octets.slice(this.#at, this.#at + length)
    this.#at += length
    return taken
  }

  number(size: number): number {
    return this.take(size).reduce((value, octet) => value * 256 + octet, 0)
  }

  /** A vector whose length has `size` octets. */
  vector(size: number): Uint8Array {
    return this.take(this.number(size))
  }

  /** What is left, as a list of what `read` reads. */
  list<T>(read: (octets: Octets) => T): T[] {
    const items: T[] = []
    while (this.left > 0) items.push(read(this))
    return items
  }
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff)
}
