/**
 * Reads TLS presentation language (RFC 9846 section 3). Whatever does not parse is ERR_DECODE, so that no decoder
 * needs to think about truncation. Octet strings are views of the input: copy what must outlive it.
 */
import { TrefoilError } from '../../errors.js'

export class Reader {
  private readonly data: Uint8Array
  /** What is being read, for error sentences. */
  private readonly subject: string
  private offset = 0

  constructor(data: Uint8Array, subject: string) {
    this.data = data
    this.subject = subject
  }

  get remaining(): number {
    return this.data.length - this.offset
  }

  /** Where the next read starts, in octets from the beginning. */
  get position(): number {
    return this.offset
  }

  u8(): number {
    return this.data[this.skip(1)] as number
  }

  u16(): number {
    const at = this.skip(2)
    return ((this.data[at] as number) << 8) | (this.data[at + 1] as number)
  }

  u24(): number {
    return (this.u8() << 16) | this.u16()
  }

  u32(): number {
    return this.u16() * 0x10000 + this.u16()
  }

  bytes(length: number): Uint8Array {
    return this.take(length)
  }

  /** `opaque data<minimum..maximum>`; the maximum is what the prefix can say unless given. */
  opaque(prefix: 1 | 2 | 3, minimum = 0, maximum = Number.POSITIVE_INFINITY): Uint8Array {
    const length = prefix === 1 ? this.u8() : prefix === 2 ? this.u16() : this.u24()
    if (length < minimum || length > maximum) this.fail(`holds a vector of ${length} octets, outside its bounds`)
    return this.take(length)
  }

  /** A vector of structures, read by `item` until the vector ends. */
  list<T>(prefix: 1 | 2 | 3, minimum: number, item: (reader: Reader) => T): T[] {
    const inner = new Reader(this.opaque(prefix, minimum), this.subject)
    const items: T[] = []
    while (inner.remaining > 0) items.push(item(inner))
    return items
  }

  /** Everything not read yet. */
  rest(): Uint8Array {
    return this.take(this.remaining)
  }

  /** Left-over octets in a known structure are a decode_error (RFC 9846 4.3). */
  end(): void {
    if (this.remaining > 0) this.fail(`has ${this.remaining} octets too many`)
  }

  fail(what: string): never {
    throw new TrefoilError('ERR_DECODE', `peer sent a malformed message: ${this.subject} ${what}`)
  }

  private take(length: number): Uint8Array {
    const start = this.skip(length)
    return this.data.subarray(start, start + length)
  }

  /** Moves on by so many octets; returns where they begin. */
  private skip(length: number): number {
    const start = this.offset
    if (length > this.data.length - start) this.fail('ends too early')
    this.offset = start + length
    return start
  }
}

/** Reads one structure that must fill `data` exactly. */
export function decode<T>(data: Uint8Array, subject: string, body: (reader: Reader) => T): T {
  const reader = new Reader(data, subject)
  const value = body(reader)
  reader.end()
  return value
}
