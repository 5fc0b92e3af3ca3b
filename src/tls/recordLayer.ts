/**
 * The record layer of one connection: octets from the transport become handshake messages, alerts and data; what we
 * send becomes records (RFC 9846 section 5). It knows which keys are in force and nothing about why.
 */
import { concat } from '../bytes.js'
import { CIPHER_SUITES, type CipherSuiteName } from '../crypto/cipherSuites.js'
import type { CryptoProvider } from '../crypto/provider.js'
import { TrefoilError } from '../errors.js'
import type { TrafficSecret } from './keySchedule.js'
import { RecordProtection } from './recordProtection.js'
import { ContentType } from './wire/codePoints.js'
import { type HandshakeMessage, HandshakeReader, type MessageLimits } from './wire/handshake.js'
import {
  MAX_INNER_PLAINTEXT_LENGTH,
  MAX_PLAINTEXT_LENGTH,
  RECORD_HEADER_LENGTH,
  type Record,
  RecordReader,
  writeRecordHeader,
} from './wire/record.js'

export type Incoming =
  | { readonly kind: 'handshake'; readonly message: HandshakeMessage }
  | { readonly kind: 'alert'; readonly description: number }
  | { readonly kind: 'data'; readonly data: Uint8Array }

/** Octets of undecryptable records that a server passes over when it did not take the 0-RTT data of its client. */
const EARLY_DATA_SKIP_LIMIT = 64 * 1024
const NOTHING: readonly Uint8Array[] = []
/** Octets of content from which on a record in pieces costs less than one that is put together. */
const WORTH_PIECES = 2048

export class RecordLayer {
  private readonly crypto: CryptoProvider
  private readonly records = new RecordReader()
  private readonly messages: HandshakeReader
  private reading: RecordProtection | null = null
  private writing: RecordProtection | null = null
  /** Whether any record has decrypted yet: until then a plaintext alert is the peer's only way to speak. */
  private readingProven = false
  private earlyDataBudget = 0
  private queued: Uint8Array[] = []
  private output: Uint8Array[] = []

  /** Whether a change_cipher_spec may come now: between the first ClientHello and the peer's Finished (5). */
  changeCipherSpecAllowed = false
  /** Largest TLSInnerPlaintext that we take, and that the peer takes (RFC 8449). */
  ownLimit = MAX_INNER_PLAINTEXT_LENGTH
  peerLimit = MAX_INNER_PLAINTEXT_LENGTH
  /** Largest content that our side wants to put into a record. */
  contentLimit = MAX_PLAINTEXT_LENGTH
  /** Set once close_notify has gone out: nothing may follow it (6.1). */
  writingEnded = false
  /** Octets on the wire so far, headers included. */
  bytesSent = 0
  bytesReceived = 0

  constructor(crypto: CryptoProvider, limits: MessageLimits) {
    this.crypto = crypto
    this.messages = new HandshakeReader(limits)
  }

  push(bytes: Uint8Array): void {
    this.bytesReceived += bytes.length
    this.records.push(bytes)
  }

  /** The next thing the peer said, or null until more octets come. */
  next(): Incoming | null {
    for (;;) {
      const message = this.messages.next()
      if (message !== null) return { kind: 'handshake', message }
      const record = this.records.next()
      if (record === null) return null
      const incoming = this.open(record)
      if (incoming !== null) return incoming
    }
  }

  /** Queues a handshake message; messages that follow one another share records. */
  queueHandshake(message: Uint8Array): void {
    if (!this.writingEnded) this.queued.push(message)
  }

  /** Whether octets have come that have not been read, be it for want of the rest or because nobody asked yet. */
  get unread(): boolean {
    return this.records.partial || this.messages.pending
  }

  /** Whether what was pushed is still to be read. */
  get holdsChunk(): boolean {
    return this.records.holdsChunk
  }

  /** Turns queued handshake messages into records. Called before anything that must not come before them. */
  flushHandshake(): void {
    if (this.queued.length === 0) return
    const content = this.queued.length === 1 ? (this.queued[0] as Uint8Array) : concat(...this.queued)
    this.queued = []
    const size = this.maxContent
    for (let offset = 0; offset < content.length; offset += size) {
      this.emit(ContentType.handshake, content.subarray(offset, offset + size))
    }
  }

  sendChangeCipherSpec(): void {
    this.flushHandshake()
    this.emitPlain(ContentType.change_cipher_spec, Uint8Array.of(1))
  }

  sendAlert(level: number, description: number): void {
    this.flushHandshake()
    this.emit(ContentType.alert, Uint8Array.of(level, description))
  }

  /** @param content at most `maxContent` octets */
  sendData(content: Uint8Array): void {
    this.flushHandshake()
    this.emit(ContentType.application_data, content)
  }

  /** Octets of content that fit into one record now. */
  get maxContent(): number {
    return this.writing === null ? MAX_PLAINTEXT_LENGTH : Math.min(this.contentLimit, this.peerLimit - 1)
  }

  /** Everything that is to go on the wire, in order; empties the queue. */
  takeOutput(): readonly Uint8Array[] {
    if (this.output.length === 0) return NOTHING
    const output = this.output
    this.output = []
    return output
  }

  protectReading(suite: CipherSuiteName, secret: TrafficSecret): void {
    this.assertMessageBoundary()
    this.reading?.wipe()
    this.reading = new RecordProtection(this.crypto, suite, secret)
  }

  protectWriting(suite: CipherSuiteName, secret: TrafficSecret): void {
    this.flushHandshake()
    this.writing?.wipe()
    this.writing = new RecordProtection(this.crypto, suite, secret)
  }

  /** The peer's KeyUpdate takes effect. */
  updateReading(): void {
    this.assertMessageBoundary()
    this.reading?.update()
  }

  /** Our KeyUpdate takes effect, once it has itself gone out under the old key. */
  updateWriting(): void {
    this.flushHandshake()
    this.writing?.update()
  }

  /** Records written under the present key, for the AEAD limits. */
  get recordsWritten(): number {
    return this.writing?.records ?? 0
  }

  /** Handshake messages before a key change must end their record (RFC 9846 5.1). */
  assertMessageBoundary(): void {
    if (this.messages.pending) {
      throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', 'peer let a record go on past a change of keys')
    }
  }

  /** The client may be sending 0-RTT data that we will not take: pass over it (RFC 9846 4.3.10). */
  skipEarlyData(): void {
    this.earlyDataBudget = EARLY_DATA_SKIP_LIMIT
  }

  /** After the second ClientHello no early data can come any more. */
  endEarlyData(): void {
    this.earlyDataBudget = 0
  }

  wipe(): void {
    this.reading?.wipe()
    this.writing?.wipe()
  }

  private open(record: Record): Incoming | null {
    if (record.type === ContentType.change_cipher_spec) {
      if (
        !this.changeCipherSpecAllowed ||
        this.messages.pending ||
        record.payload.length !== 1 ||
        record.payload[0] !== 1
      ) {
        throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', 'peer sent a change_cipher_spec out of place')
      }
      return null
    }
    if (this.reading === null) return this.openPlain(record)
    if (record.type !== ContentType.application_data) {
      if (record.type === ContentType.alert && !this.readingProven) return this.sort(record.type, record.payload)
      throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', 'peer sent an unprotected record after keys were in force')
    }
    if (this.skipsUndecryptable(record)) return null
    const { type, content } = this.reading.open(record, this.ownLimit)
    this.readingProven = true
    this.earlyDataBudget = 0
    return this.sort(type, content)
  }

  private openPlain(record: Record): Incoming | null {
    if (record.type === ContentType.application_data) {
      if (this.spendEarlyData(record)) return null
      throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', 'peer sent application data before any keys were in force')
    }
    if (record.payload.length > MAX_PLAINTEXT_LENGTH) {
      throw new TrefoilError('ERR_RECORD_OVERFLOW', `peer sent a plaintext record of ${record.payload.length} octets`)
    }
    return this.sort(record.type, record.payload)
  }

  private sort(type: number, content: Uint8Array): Incoming | null {
    // RFC 9846 5.1: between the fragments of a handshake message there is no other record, not even an alert.
    if (type !== ContentType.handshake && this.messages.pending) {
      throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', 'peer put another record inside a handshake message')
    }
    switch (type) {
      case ContentType.handshake:
        if (content.length === 0)
          throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', 'peer sent an empty handshake record')
        this.messages.push(content)
        return null
      case ContentType.alert:
        return { kind: 'alert', description: alertDescription(content) }
      case ContentType.application_data:
        return { kind: 'data', data: content }
      default:
        throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', `peer sent a protected record of type ${type}`)
    }
  }

  /** With early data about, a record that does not decrypt under the handshake keys is taken for 0-RTT data. */
  private skipsUndecryptable(record: Record): boolean {
    if (this.earlyDataBudget === 0 || this.reading === null) return false
    const before = this.reading.records
    if (this.reading.tryOpen(record) === null) return this.spendEarlyData(record)
    this.reading.records = before
    return false
  }

  private spendEarlyData(record: Record): boolean {
    if (this.earlyDataBudget === 0 || this.messages.pending) return false
    this.earlyDataBudget = Math.max(0, this.earlyDataBudget - record.payload.length - RECORD_HEADER_LENGTH)
    return true
  }

  private emit(type: number, content: Uint8Array): void {
    if (this.writing === null) this.emitPlain(type, content)
    else if (content.length < WORTH_PIECES) this.put(this.writing.seal(type, content))
    else for (const piece of this.writing.sealInPieces(type, content)) this.put(piece)
  }

  private emitPlain(type: number, content: Uint8Array): void {
    const record = new Uint8Array(RECORD_HEADER_LENGTH + content.length)
    writeRecordHeader(record, type, content.length)
    record.set(content, RECORD_HEADER_LENGTH)
    this.put(record)
  }

  private put(octets: Uint8Array): void {
    this.bytesSent += octets.length
    this.output.push(octets)
  }
}

/** One alert fills one record (RFC 9846 5.1); its level says nothing in TLS 1.3 (6). */
function alertDescription(content: Uint8Array): number {
  if (content.length === 0) throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', 'peer sent an empty alert record')
  if (content.length !== 2) throw new TrefoilError('ERR_DECODE', 'peer sent an alert that is not two octets long')
  return content[1] as number
}

/** Records that one key may protect before we replace it (RFC 9846 5.5), or fewer if the owner wants. */
export function recordLimit(suite: CipherSuiteName, configured: number): number {
  return Math.min(CIPHER_SUITES[suite].recordLimit, configured)
}
