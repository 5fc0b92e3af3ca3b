/** Writes TLS presentation language (RFC 9846 section 3): big-endian integers and length-prefixed vectors. */

const INITIAL_CAPACITY = 256

export class Writer {
  private buffer: Uint8Array
  private length = 0

  constructor(capacity: number = INITIAL_CAPACITY) {
    this.buffer = new Uint8Array(capacity)
  }

  u8(value: number): this {
    this.reserve(1)
    this.buffer[this.length++] = value
    return this
  }

  u16(value: number): this {
    return this.u8(value >>> 8).u8(value & 0xff)
  }

  u24(value: number): this {
    return this.u8(value >>> 16).u16(value & 0xffff)
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value & 0xffff)
  }

  bytes(data: Uint8Array): this {
    this.reserve(data.length)
    this.buffer.set(data, this.length)
    this.length += data.length
    return this
  }

  /** A vector whose length prefix takes `prefix` octets; `body` writes what goes inside. */
  vector(prefix: 1 | 2 | 3, body: (writer: this) => void): this {
    const at = this.length
    this.reserve(prefix)
    this.length += prefix
    body(this)
    const length = this.length - at - prefix
    if (length >= 2 ** (8 * prefix)) throw new RangeError(`vector of ${length} octets does not fit its length prefix`)
    for (let i = 0; i < prefix; i++) this.buffer[at + i] = (length >>> (8 * (prefix - 1 - i))) & 0xff
    return this
  }

  /** `opaque data<..>` with a length prefix of 1, 2 or 3 octets. */
  opaque(prefix: 1 | 2 | 3, data: Uint8Array): this {
    return this.vector(prefix, (writer) => writer.bytes(data))
  }

  /** A copy of what has been written. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.length)
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.length + more))
    larger.set(this.buffer.subarray(0, this.length))
    this.buffer = larger
  }
}

/** Writes one structure. */
export function encode(body: (writer: Writer) => void, capacity?: number): Uint8Array {
  const writer = new Writer(capacity)
  body(writer)
  return writer.finish()
}
