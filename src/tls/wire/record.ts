/** Records as they stand on the wire: header, limits, and finding them in a stream of octets (RFC 9846 section 5.1). */
import { TrefoilError } from '../../errors.js'
import { ContentType, VERSION_TLS12 } from './codePoints.js'

export const RECORD_HEADER_LENGTH = 5
/** Largest content of a record. */
export const MAX_PLAINTEXT_LENGTH = 2 ** 14
/** Largest TLSInnerPlaintext: content, its type, padding. */
export const MAX_INNER_PLAINTEXT_LENGTH = MAX_PLAINTEXT_LENGTH + 1
/** Largest encrypted_record. */
export const MAX_CIPHERTEXT_LENGTH = MAX_PLAINTEXT_LENGTH + 256

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
  private buffer = new Uint8Array(0)
  private start = 0
  private end = 0

  /** Adds octets; they are copied only when a record is still incomplete. */
  push(bytes: Uint8Array): void {
    if (this.start === this.end) {
      this.buffer = bytes as Uint8Array<ArrayBuffer>
      this.start = 0
      this.end = bytes.length
      this.owned = false
      return
    }
    this.append(bytes)
  }

  /** The next whole record, or null until more octets come. Its parts are views: use them before the next `push`. */
  next(): Record | null {
    const available = this.end - this.start
    if (available < 1) {
      // An idle connection holds no buffer.
      this.buffer = new Uint8Array(0)
      this.start = this.end = 0
      return null
    }
    const type = this.buffer[this.start] as number
    if (type < ContentType.change_cipher_spec || type > ContentType.application_data) {
      throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', `peer sent a record of unknown type ${type}`)
    }
    if (available < RECORD_HEADER_LENGTH) return null
    const length = ((this.buffer[this.start + 3] as number) << 8) | (this.buffer[this.start + 4] as number)
    // RFC 9846 5.1 and 5.2: refused on the header alone, before the octets are waited for.
    if (length > MAX_CIPHERTEXT_LENGTH) {
      throw new TrefoilError('ERR_RECORD_OVERFLOW', `peer sent a record of ${length} octets`)
    }
    const total = RECORD_HEADER_LENGTH + length
    if (available < total) return null
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
    return this.end > this.start
  }

  /** True when `buffer` is ours to write to, not the caller's chunk. */
  private owned = false

  private append(bytes: Uint8Array): void {
    const pending = this.end - this.start
    if (!this.owned || this.end + bytes.length > this.buffer.length) {
      const capacity = Math.max(pending + bytes.length, 2 * pending)
      const larger = new Uint8Array(capacity)
      larger.set(this.buffer.subarray(this.start, this.end))
      this.buffer = larger
      this.start = 0
      this.end = pending
      this.owned = true
    }
    this.buffer.set(bytes, this.end)
    this.end += bytes.length
  }
}
