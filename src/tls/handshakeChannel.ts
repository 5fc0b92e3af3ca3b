/** What a handshake may do to the connection it runs in. */
import type { CipherSuiteName } from '../crypto/cipherSuites.js'
import type { ConnectionEvent } from './events.js'
import type { TrafficSecret } from './keySchedule.js'
import type { RecordLayer } from './recordLayer.js'
import type { Transcript } from './transcript.js'

export interface HandshakeChannel {
  /** Queues a message and adds it to the transcript. Returns the octets that go out. */
  send(message: Uint8Array, transcript: Transcript): Uint8Array
  /** The same outside the handshake's transcript. */
  sendPostHandshake(message: Uint8Array): void
  sendChangeCipherSpec(): void
  protectReading(suite: CipherSuiteName, secret: TrafficSecret): void
  protectWriting(suite: CipherSuiteName, secret: TrafficSecret): void
  assertMessageBoundary(): void
  allowChangeCipherSpec(allowed: boolean): void
  skipEarlyData(): void
  endEarlyData(): void
  /** Largest TLSInnerPlaintext either side takes, once both have said so. */
  setRecordSizeLimits(own: number, peer: number): void
  emit(event: ConnectionEvent): void
  readonly bytesSent: number
  readonly bytesReceived: number
}

/**
 * Replaces a handshake message of ours just before it enters the transcript and the wire. For replaying recorded
 * handshakes whose messages were encoded by another implementation; nothing else has a use for it.
 */
export type MessageSubstitution = (message: Uint8Array) => Uint8Array

/** The channel of a connection over its record layer. */
export function openChannel(
  records: RecordLayer,
  substitute: MessageSubstitution | undefined,
  emit: (event: ConnectionEvent) => void,
): HandshakeChannel {
  return new RecordChannel(records, substitute, emit)
}

class RecordChannel implements HandshakeChannel {
  private readonly records: RecordLayer
  private readonly substitute: MessageSubstitution | undefined
  private readonly pass: (event: ConnectionEvent) => void

  constructor(
    records: RecordLayer,
    substitute: MessageSubstitution | undefined,
    emit: (event: ConnectionEvent) => void,
  ) {
    this.records = records
    this.substitute = substitute
    this.pass = emit
  }

  send(message: Uint8Array, transcript: Transcript): Uint8Array {
    const sent = this.substitute?.(message) ?? message
    transcript.add(sent)
    this.records.queueHandshake(sent)
    return sent
  }

  sendPostHandshake(message: Uint8Array): void {
    this.records.queueHandshake(message)
  }

  sendChangeCipherSpec(): void {
    this.records.sendChangeCipherSpec()
  }

  protectReading(suite: CipherSuiteName, secret: TrafficSecret): void {
    this.records.protectReading(suite, secret)
  }

  protectWriting(suite: CipherSuiteName, secret: TrafficSecret): void {
    this.records.protectWriting(suite, secret)
  }

  assertMessageBoundary(): void {
    this.records.assertMessageBoundary()
  }

  allowChangeCipherSpec(allowed: boolean): void {
    this.records.changeCipherSpecAllowed = allowed
  }

  skipEarlyData(): void {
    this.records.skipEarlyData()
  }

  endEarlyData(): void {
    this.records.endEarlyData()
  }

  setRecordSizeLimits(own: number, peer: number): void {
    this.records.ownLimit = own
    this.records.peerLimit = peer
  }

  emit(event: ConnectionEvent): void {
    this.records.flushHandshake()
    this.pass(event)
  }

  get bytesSent(): number {
    return this.records.bytesSent
  }

  get bytesReceived(): number {
    return this.records.bytesReceived
  }
}

/** Things to wipe when the handshake has ended, well or badly. */
export class SecretBag {
  private readonly stages = new Set<{ wipe(): void }>()
  private readonly octets = new Set<Uint8Array>()

  /** Returns what it was given, so that it can stand where the secret is made. */
  keep<T extends Uint8Array | { wipe(): void }>(secret: T): T {
    if (secret instanceof Uint8Array) this.octets.add(secret)
    else this.stages.add(secret)
    return secret
  }

  wipe(): void {
    for (const stage of this.stages) stage.wipe()
    for (const secret of this.octets) secret.fill(0)
    this.stages.clear()
    this.octets.clear()
  }
}
