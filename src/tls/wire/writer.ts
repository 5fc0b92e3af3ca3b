/** Writes TLS presentation language (RFC 9846 section 3): big-endian integers and length-prefixed vectors. */

export class Writer {
  private buffer: Uint8Array
  private length = 0

  /** @param buffer where to write until it is full; the caller's again after `finish` */
  constructor(buffer: Uint8Array) {
    this.buffer = buffer
  }

  u8(value: number): this {
    this.reserve(1)
    this.buffer[this.length++] = value
    return this
  }

  u16(value: number): this {
    this.reserve(2)
    this.buffer[this.length] = value >>> 8
    this.buffer[this.length + 1] = value & 0xff
    this.length += 2
    return this
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
    if (data.length >= 2 ** (8 * prefix)) {
      throw new RangeError(`vector of ${data.length} octets does not fit its length prefix`)
    }
    if (prefix === 3) this.u24(data.length)
    else if (prefix === 2) this.u16(data.length)
    else this.u8(data.length)
    return this.bytes(data)
  }

  /** A copy of what has been written. The buffer is left without it, since it may have been a session's secret. */
  finish(): Uint8Array {
    const written = this.buffer.slice(0, this.length)
    this.buffer.fill(0, 0, this.length)
    return written
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.length + more))
    larger.set(this.buffer.subarray(0, this.length))
    this.buffer.fill(0, 0, this.length)
    this.buffer = larger
  }
}

/** Enough for most chains too. Structures are written one inside another, so there is more than one. */
const BUFFER_LENGTH = 16_384
const spareBuffers: Uint8Array[] = []

/** Writes one structure. */
export function encode(body: (writer: Writer) => void): Uint8Array {
  // A fresh buffer for each structure would cost more than the writing.
  const buffer = spareBuffers.pop() ?? new Uint8Array(BUFFER_LENGTH)
  const writer = new Writer(buffer)
  try {
    body(writer)
    return writer.finish()
  } catch (thrown) {
    buffer.fill(0)
    throw thrown
  } finally {
    spareBuffers.push(buffer)
  }
}
