/**
 * One TLS 1.3 connection without I/O: octets and answers in; octets, requests and events out. It joins a state machine
 * to a record layer, and owns what both roles have in common: alerts, application data, KeyUpdate, the end.
 */
import { ALERTS } from '../alerts.js'
import type { CipherSuiteName } from '../crypto/cipherSuites.js'
import { CIPHER_SUITES } from '../crypto/cipherSuites.js'
import { TrefoilError, toTrefoilError } from '../errors.js'
import { ClientHandshake } from './client/clientHandshake.js'
import { failureReceived, sendCloseNotify, sendFailure } from './closingAlerts.js'
import { type ClientConfig, type CommonConfig, checkConfig, DEFAULT_LIMITS, type ServerConfig } from './config.js'
import type { ConnectionEvent, Output } from './events.js'
import { type MessageSubstitution, openChannel, SecretBag } from './handshakeChannel.js'
import { exportKeyingMaterial } from './keySchedule.js'
import { KeyUpdates } from './keyUpdates.js'
import { wipeLateAnswer } from './lateAnswer.js'
import { OutputQueue } from './outputQueue.js'
import { type Incoming, RecordLayer } from './recordLayer.js'
import type { Request, Task } from './requests.js'
import { ServerHandshake } from './server/serverHandshake.js'
import type { Environment } from './shared/environment.js'
import { Transcript } from './transcript.js'
import type { HandshakeMessage } from './wire/handshake.js'

/** What a connection needs of either state machine. */
interface Handshake {
  start(): Task<void>
  receive(message: HandshakeMessage): Task<void>
  readonly exporterSecret: Uint8Array | null
  wipe(): void
}

export class Connection {
  private readonly config: CommonConfig
  private readonly records: RecordLayer
  private readonly keyUpdates: KeyUpdates
  private readonly handshake: Handshake
  private readonly outputs = new OutputQueue()
  /** The running computation; while it waits for an answer nothing more is read. */
  private task: Task<void> | null
  private pending: Request | null = null
  private suite: CipherSuiteName | null = null
  private readClosed = false
  private writeClosed = false
  /** The transport has ended; what it brought before is still read. */
  private inputEnded = false
  /** Failed, or closed by both sides. */
  private dead = false

  /** @throws TrefoilError ERR_INVALID_OPTION, here and in `server` */
  static client(config: ClientConfig, replay?: MessageSubstitution): Connection {
    return new Connection(config, (env) => new ClientHandshake({ ...env, config }), replay)
  }

  static server(config: ServerConfig, replay?: MessageSubstitution): Connection {
    return new Connection(config, (env) => new ServerHandshake({ ...env, config }), replay)
  }

  private constructor(
    config: CommonConfig,
    makeHandshake: (env: Environment<CommonConfig>) => Handshake,
    replay: MessageSubstitution | undefined,
  ) {
    checkConfig(config)
    this.config = config
    const limits = { ...DEFAULT_LIMITS, ...config.limits }
    this.records = new RecordLayer(config.crypto, limits)
    this.keyUpdates = new KeyUpdates(this.records, limits)
    this.handshake = makeHandshake({
      config,
      limits,
      crypto: config.crypto,
      channel: openChannel(this.records, replay, (event) => this.emit(event)),
      transcript: new Transcript(config.crypto),
      secrets: new SecretBag(),
    })
    this.task = this.handshake.start()
    this.advance()
  }

  /** Both Finished are verified, and the connection has not ended since. */
  get handshakeComplete(): boolean {
    return this.suite !== null && !this.dead
  }

  /** The peer's Finished is verified, and it is for us to say whether we go on. */
  get peerIsJudged(): boolean {
    return this.pending?.type === 'acceptPeer'
  }

  /** The handshake is complete and what comes right after it is done: from now on nothing but the time is asked for. */
  get settled(): boolean {
    return this.handshakeComplete && this.task === null && this.pending === null
  }

  /** Whether octets that were received are still to be read, where they are; otherwise they are their owner's again. */
  get holdsInput(): boolean {
    return this.records.holdsChunk
  }

  /** Octets on the wire so far, record headers included. */
  get bytesSent(): number {
    return this.records.bytesSent
  }

  get bytesReceived(): number {
    return this.records.bytesReceived
  }

  /** The next output, in order, or undefined when there is none until something is put in. */
  poll(): Output | undefined {
    return this.outputs.next()
  }

  /** Octets from the transport, in any portions. */
  receive(bytes: Uint8Array): void {
    if (this.dead || this.readClosed) return
    this.records.push(bytes)
    this.advance()
  }

  /** The transport has ended. Without a close_notify before, that is a truncation (RFC 9846 6.1). */
  endOfInput(): void {
    this.inputEnded = true
    // What came before the end counts: it may wait for the answer that we wait for.
    if (this.pending === null || !this.records.unread) this.truncated()
  }

  /** Answers the pending request. */
  answer(value: unknown): void {
    if (this.dead && this.pending !== null) wipeLateAnswer(this.pending.type, value)
    this.resume((task) => task.next(value))
  }

  /** The pending request cannot be met. */
  refuse(error: TrefoilError): void {
    this.resume((task) => task.throw(error))
  }

  /**
   * Sends application data, cut into records.
   * @throws TrefoilError ERR_INVALID_STATE before the handshake is complete and after `close`
   */
  send(data: Uint8Array): void {
    this.requireWritable()
    const size = this.records.maxContent
    for (let offset = 0; offset === 0 || offset < data.length; offset += size) {
      if (this.keyUpdates.isDue(this.suite as CipherSuiteName)) this.updateKeys(false)
      this.records.sendData(data.subarray(offset, offset + size))
    }
    this.flush()
  }

  /**
   * Replaces our sending keys (RFC 9846 4.7.3), and asks the peer to do the same if `peerToo`.
   * @throws TrefoilError ERR_INVALID_STATE as for `send`
   */
  requestKeyUpdate(peerToo: boolean): void {
    this.requireWritable()
    this.updateKeys(peerToo)
    this.flush()
  }

  /** At most so many octets of content in each record of ours. */
  limitRecords(octets: number): void {
    this.records.contentLimit = octets
  }

  /** Sends close_notify: we send nothing more. Receiving goes on until the peer's own (RFC 9846 6.1). */
  close(): void {
    if (this.dead || this.writeClosed) return
    if (this.suite === null) {
      this.abort(new TrefoilError('ERR_ABORTED', 'caller closed during the handshake'))
      return
    }
    this.writeClosed = true
    sendCloseNotify(this.records)
    this.flush()
    if (this.readClosed) this.end()
  }

  /** Ends the connection with the error's alert. */
  abort(error: TrefoilError): void {
    if (!this.dead) this.fail(error, true)
  }

  /** Ends the connection without a word to anybody; its keys are wiped. */
  discard(): void {
    if (!this.dead) this.end()
    this.outputs.discard()
  }

  /** @throws TrefoilError ERR_INVALID_STATE before the handshake is complete and after the connection's end */
  exportKeyingMaterial(label: string, context: Uint8Array, length: number): Uint8Array {
    const secret = this.handshake.exporterSecret
    if (secret === null || this.suite === null || this.dead) {
      throw new TrefoilError('ERR_INVALID_STATE', 'keying material was asked for without a connection')
    }
    const { hash } = CIPHER_SUITES[this.suite]
    return exportKeyingMaterial(this.config.crypto, hash, secret, label, context, length)
  }

  /** Runs the task as far as it goes, then reads on; stops at a request, at the end of the octets, or dead. */
  private advance(): void {
    try {
      while (!this.dead && this.pending === null) {
        if (this.task !== null) this.settle(this.task.next())
        else if (!this.readNext()) break
      }
    } catch (thrown) {
      this.fail(toTrefoilError(thrown), true)
    }
    this.flush()
    if (this.inputEnded && this.pending === null) this.truncated()
  }

  private resume(step: (task: Task<void>) => IteratorResult<Request, void>): void {
    if (this.dead) return
    if (this.task === null || this.pending === null) {
      throw new TrefoilError('ERR_INVALID_STATE', 'an answer was given that nobody asked for')
    }
    this.pending = null
    try {
      this.settle(step(this.task))
    } catch (thrown) {
      this.fail(toTrefoilError(thrown), true)
      return
    }
    this.advance()
  }

  private settle(step: IteratorResult<Request, void>): void {
    if (step.done === true) {
      this.task = null
      this.records.flushHandshake()
      return
    }
    this.pending = step.value
    // What is complete goes out before the driver starts to think.
    this.flush()
    this.outputs.push({ type: 'request', request: step.value })
  }

  /** Takes one thing the peer said; false when there is nothing whole. */
  private readNext(): boolean {
    if (this.readClosed) return false
    const incoming = this.records.next()
    if (incoming === null) return false
    this.take(incoming)
    return true
  }

  private take(incoming: Incoming): void {
    if (incoming.kind === 'alert') this.takeAlert(incoming.description)
    else if (incoming.kind === 'data') this.takeData(incoming.data)
    else if (incoming.message.type === 'key_update' && this.suite !== null) this.takeKeyUpdate(incoming.message)
    else this.task = this.handshake.receive(incoming.message)
  }

  private takeData(data: Uint8Array): void {
    if (this.suite === null) {
      throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', 'peer sent application data before its handshake was finished')
    }
    if (data.length === 0) return
    this.keyUpdates.dataReceived()
    this.outputs.push({ type: 'applicationData', data })
  }

  private takeAlert(description: number): void {
    if (description === ALERTS.user_canceled) return
    if (description === ALERTS.close_notify && this.suite !== null) {
      this.readClosed = true
      this.outputs.push({ type: 'peerClosed' })
      if (this.writeClosed) this.end()
      return
    }
    this.fail(failureReceived(description), false)
  }

  private takeKeyUpdate(message: HandshakeMessage): void {
    const requested = this.keyUpdates.receive(message.body)
    this.outputs.push({ type: 'keyUpdate', direction: 'received' })
    // RFC 9846 4.7.3: our own goes out before our next data; ours asks for nothing back.
    if (requested && !this.writeClosed) this.updateKeys(false)
  }

  private updateKeys(peerToo: boolean): void {
    this.keyUpdates.send(peerToo)
    this.outputs.push({ type: 'keyUpdate', direction: 'sent' })
  }

  private requireWritable(): void {
    if (this.suite === null || this.writeClosed || this.dead) {
      const when = this.suite === null ? 'before the handshake was complete' : 'after the connection was closed'
      throw new TrefoilError('ERR_INVALID_STATE', `application data was sent ${when}`)
    }
  }

  /** The end: alert if one is due, event, secrets wiped. */
  private fail(error: TrefoilError, alert: boolean): void {
    if (this.dead) return
    // RFC 9846 6.1: nothing is sent after close_notify.
    if (alert && !this.writeClosed && typeof error.alert === 'string') sendFailure(this.records, error.alert)
    this.flush()
    this.end()
    this.outputs.dropRequests()
    this.outputs.push({ type: 'error', error })
  }

  private truncated(): void {
    if (this.dead || this.readClosed) return
    this.fail(new TrefoilError('ERR_TRUNCATED', 'transport ended without a close_notify from the peer'), false)
  }

  /** Nothing goes in or out any more. */
  private end(): void {
    this.dead = true
    this.task = null
    this.records.wipe()
    this.handshake.wipe()
  }

  /** An event of the handshake, after everything that it sent before. */
  private emit(event: ConnectionEvent): void {
    if (event.type === 'handshakeComplete') this.suite = event.summary.cipherSuite
    this.flush()
    this.outputs.push(event)
  }

  private flush(): void {
    for (const bytes of this.records.takeOutput()) this.outputs.push({ type: 'transmit', bytes })
  }
}
