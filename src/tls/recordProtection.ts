/** Protection of records under one traffic secret (RFC 9846 sections 5.2 to 5.5). */
import { copy, EMPTY, wipe } from '../bytes.js'
import { CIPHER_SUITES, type CipherSuiteName } from '../crypto/cipherSuites.js'
import type { Aead, CryptoProvider } from '../crypto/provider.js'
import { TrefoilError } from '../errors.js'
import { nextTrafficSecret, type TrafficSecret, trafficKeys } from './keySchedule.js'
import { ContentType } from './wire/codePoints.js'
import { RECORD_HEADER_LENGTH, type Record, writeRecordHeader } from './wire/record.js'

const TAG_LENGTH = 16

export interface InnerPlaintext {
  readonly type: number
  readonly content: Uint8Array
}

/** One direction of a connection, under one traffic secret and its successors. */
export class RecordProtection {
  private readonly crypto: CryptoProvider
  private readonly suite: CipherSuiteName
  private trafficSecret: TrafficSecret
  private aead!: Aead
  private iv: Uint8Array = EMPTY
  private readonly nonce = new Uint8Array(12)
  /** Records protected or opened under the present key; also the next record's sequence number. */
  records = 0

  /** Keeps a copy of `secret`, which stays the caller's to wipe. */
  constructor(crypto: CryptoProvider, suite: CipherSuiteName, secret: TrafficSecret) {
    this.crypto = crypto
    this.suite = suite
    this.trafficSecret = copy(secret)
    this.install()
  }

  /** Octets that protection adds to a content: header, inner type, tag. */
  static readonly OVERHEAD = RECORD_HEADER_LENGTH + 1 + TAG_LENGTH

  /** A whole protected record. */
  seal(type: number, content: Uint8Array): Uint8Array {
    const length = content.length + 1 + TAG_LENGTH
    const record = new Uint8Array(RECORD_HEADER_LENGTH + length)
    writeRecordHeader(record, ContentType.application_data, length)
    const header = record.subarray(0, RECORD_HEADER_LENGTH)
    this.aead.seal(this.nextNonce(), header, content, Uint8Array.of(type), record.subarray(RECORD_HEADER_LENGTH))
    return record
  }

  /** The same as pieces that follow one another, which spares a long content from being copied. */
  sealInPieces(type: number, content: Uint8Array): readonly Uint8Array[] {
    const header = new Uint8Array(RECORD_HEADER_LENGTH)
    writeRecordHeader(header, ContentType.application_data, content.length + 1 + TAG_LENGTH)
    return [header, ...this.aead.sealInPieces(this.nextNonce(), header, content, Uint8Array.of(type))]
  }

  /**
   * @param limit octets of the largest TLSInnerPlaintext we take
   * @throws TrefoilError ERR_BAD_RECORD_MAC, ERR_RECORD_OVERFLOW, ERR_UNEXPECTED_MESSAGE (nothing but padding)
   */
  open(record: Record, limit: number): InnerPlaintext {
    const inner = this.tryOpen(record)
    if (inner === null) throw new TrefoilError('ERR_BAD_RECORD_MAC', 'peer sent a record that does not decrypt')
    if (inner.length > limit) {
      throw new TrefoilError(
        'ERR_RECORD_OVERFLOW',
        `peer sent a protected record of ${inner.length} octets; the limit is ${limit}`,
      )
    }
    let end = inner.length
    while (end > 0 && inner[end - 1] === 0) end--
    // RFC 9846 5.4: a record must have a type that is not zero.
    if (end === 0) throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', 'peer sent a record of padding alone')
    return { type: inner[end - 1] as number, content: inner.subarray(0, end - 1) }
  }

  /** The inner plaintext, or null when the record does not decrypt; then the sequence number stays as it was. */
  tryOpen(record: Record): Uint8Array | null {
    const inner = this.aead.open(this.peekNonce(), record.header, record.payload)
    if (inner !== null) this.records++
    return inner
  }

  /** Goes on to the next traffic secret (KeyUpdate, RFC 9846 7.2). */
  update(): void {
    const next = nextTrafficSecret(this.crypto, CIPHER_SUITES[this.suite].hash, this.trafficSecret)
    this.wipe()
    this.trafficSecret = next
    this.install()
  }

  wipe(): void {
    this.aead.wipe()
    wipe(this.trafficSecret, this.iv, this.nonce)
  }

  private install(): void {
    const { hash, keyLength, aead } = CIPHER_SUITES[this.suite]
    const { key, iv } = trafficKeys(this.crypto, hash, this.trafficSecret, keyLength)
    this.aead = this.crypto.aead(aead, key)
    wipe(key)
    this.iv = iv
    this.records = 0
  }

  private nextNonce(): Uint8Array {
    const nonce = this.peekNonce()
    this.records++
    return nonce
  }

  /** iv XOR the sequence number, padded on the left to twelve octets (RFC 9846 5.3). */
  private peekNonce(): Uint8Array {
    this.nonce.set(this.iv)
    let rest = this.records
    for (let i = 11; rest > 0; i--) {
      this.nonce[i] = (this.nonce[i] as number) ^ (rest & 0xff)
      rest = Math.floor(rest / 256)
    }
    return this.nonce
  }
}
