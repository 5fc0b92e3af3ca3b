/** Records as they stand on the wire: header, limits, and finding them in a stream of octets (RFC 9846 section 5.1). */
import { concat } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { ContentType, VERSION_TLS12 } from './codePoints.js'

export const RECORD_HEADER_LENGTH = 5
/** Largest content of a record. */
export const MAX_PLAINTEXT_LENGTH = 2 ** 14
/** Largest TLSInnerPlaintext: content, its type, padding. */
export const MAX_INNER_PLAINTEXT_LENGTH = MAX_PLAINTEXT_LENGTH + 1
/** Largest encrypted_record. */
export const MAX_CIPHERTEXT_LENGTH = MAX_PLAINTEXT_LENGTH + 256

const NOTHING = new Uint8Array(0)
/** Octets; what one read of a socket brings at most. */
const LONG_CHUNK = 65_536

export interface Record {
  /** The outer content type. */
  readonly type: number
  /** The five octets that are the additional data of a protected record. */
  readonly header: Uint8Array
  readonly payload: Uint8Array
}

/** Writes a record header at the start of `out`. */
export function writeRecordHeader(out: Uint8Array, type: number, length: number): void {
  out[0] = type
  out[1] = VERSION_TLS12 >>> 8
  out[2] = VERSION_TLS12 & 0xff
  out[3] = length >>> 8
  out[4] = length & 0xff
}

/** Cuts a stream of octets into records. Fed in any portions, down to one octet at a time. */
export class RecordReader {
  /** What is being read: a chunk as it came, or a record of several chunks that is put together here. */
  private buffer = NOTHING
  private start = 0
  private end = 0
  /** Where such records are put together, one after the other while octets keep coming. */
  private room = NOTHING
  /** Chunks that came after it. */
  private waiting: Uint8Array[] = []

  /** Adds octets. Of a record that is spread over chunks its own octets are copied, and nothing else. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (this.start === this.end && this.waiting.length === 0) this.open(bytes)
    else this.wait(bytes)
  }

  /** The next whole record, or null until more octets come. Its parts are views: use them before the next call. */
  next(): Record | null {
    if (this.start === this.end && !this.openNext()) return null
    if (!this.gather(1)) return null
    const type = this.buffer[this.start] as number
    if (type < ContentType.change_cipher_spec || type > ContentType.application_data) {
      throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', `peer sent a record of unknown type ${type}`)
    }
    if (!this.gather(RECORD_HEADER_LENGTH)) return null
    const length = ((this.buffer[this.start + 3] as number) << 8) | (this.buffer[this.start + 4] as number)
    // RFC 9846 5.1 and 5.2: refused on the header alone, before the octets are waited for.
    if (length > MAX_CIPHERTEXT_LENGTH) {
      throw new TrefoilError('ERR_RECORD_OVERFLOW', `peer sent a record of ${length} octets`)
    }
    const total = RECORD_HEADER_LENGTH + length
    if (!this.gather(total)) return null
    const body = this.start + RECORD_HEADER_LENGTH
    const record = {
      type,
      header: this.buffer.subarray(this.start, body),
      payload: this.buffer.subarray(body, body + length),
    }
    this.start += total
    return record
  }

  /** Whether part of a record is waiting for the rest. */
  get partial(): boolean {
    return this.end > this.start || this.waiting.length > 0
  }

  /** Whether a chunk is still to be read: otherwise nothing of it is kept, and its owner may do with it as he likes. */
  get holdsChunk(): boolean {
    return this.waiting.length > 0 || (this.end > this.start && this.buffer !== this.room)
  }

  private open(bytes: Uint8Array): void {
    this.buffer = bytes as Uint8Array<ArrayBuffer>
    this.start = 0
    this.end = bytes.length
  }

  /** While nobody reads, chunks of one octet would cost far more than their octets: short ones are joined by twos. */
  private wait(bytes: Uint8Array): void {
    let joined = bytes
    for (let last = this.waiting.at(-1); last !== undefined; last = this.waiting.at(-1)) {
      if (joined.length >= LONG_CHUNK || last.length > joined.length) break
      this.waiting.pop()
      joined = concat(last, joined)
    }
    this.waiting.push(joined)
  }

  private openNext(): boolean {
    const bytes = this.waiting.shift()
    this.open(bytes ?? NOTHING)
    // An idle connection holds no buffer.
    if (bytes === undefined) this.room = NOTHING
    return bytes !== undefined
  }

  /** Sees to it that so many octets follow one another from `start` on; false when they have not come yet. */
  private gather(length: number): boolean {
    for (;;) {
      const pending = this.end - this.start
      if (pending >= length) return true
      const bytes = this.waiting[0]
      const taken = Math.min(length - pending, bytes?.length ?? 0)
      this.makeRoom(pending + taken, length)
      if (bytes === undefined) return false
      this.buffer.set(bytes.subarray(0, taken), this.end)
      this.end += taken
      if (taken === bytes.length) this.waiting.shift()
      else this.waiting[0] = bytes.subarray(taken)
    }
  }

  /** Puts what there is of a record in a place of our own, where `size` octets of it fit, and in the end all `length`. */
  private makeRoom(size: number, length: number): void {
    if (this.buffer === this.room && this.start + size <= this.room.length) return
    if (this.room.length < size) this.room = new Uint8Array(Math.min(length, Math.max(size, 2 * this.room.length)))
    this.room.set(this.buffer.subarray(this.start, this.end))
    this.buffer = this.room
    this.end -= this.start
    this.start = 0
  }
}
