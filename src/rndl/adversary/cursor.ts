/** Reads the presentation language of TLS. Whatever is too short ends the reading with an exception. */
export class Cursor {
  readonly #octets: Buffer
  #offset = 0

  constructor(octets: Uint8Array) {
    this.#octets = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  }

  get remaining(): number {
    return this.#octets.length - this.#offset
  }

  get offset(): number {
    return this.#offset
  }

  /** An unsigned number of so many octets. */
  number(length: number): number {
    return this.take(length).readUIntBE(0, length)
  }

  take(length: number): Buffer {
    if (length > this.remaining) throw new RangeError('the octets end too soon')
    this.#offset += length
    return this.#octets.subarray(this.#offset - length, this.#offset)
  }

  /** A vector behind its length, which is a number of so many octets. */
  vector(lengthOctets: number): Buffer {
    return this.take(this.number(lengthOctets))
  }

  /** Reads until nothing is left. */
  list<T>(read: (cursor: this) => T): T[] {
    const items: T[] = []
    while (this.remaining > 0) items.push(read(this))
    return items
  }
}
