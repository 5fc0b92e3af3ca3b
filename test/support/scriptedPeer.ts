/**
 * A peer that holds the real key schedule and plays its role honestly, except where a script says otherwise: it can
 * change, drop and add any message and any record at any moment, under the keys that are then in force.
 */

import type { AlertName } from '../../src/alerts.js'
import { alertName } from '../../src/alerts.js'
import type { CryptoProvider } from '../../src/crypto/index.js'
import { ClientHandshake } from '../../src/tls/client/clientHandshake.js'
import { DEFAULT_LIMITS } from '../../src/tls/config.js'
import { openChannel, SecretBag } from '../../src/tls/handshakeChannel.js'
import type { ClientConfig, RequestHandlers, ServerConfig } from '../../src/tls/index.js'
import { encodeKeyUpdate } from '../../src/tls/messages/keyUpdate.js'
import { type Incoming, RecordLayer } from '../../src/tls/recordLayer.js'
import type { Task } from '../../src/tls/requests.js'
import { ServerHandshake } from '../../src/tls/server/serverHandshake.js'
import { Transcript } from '../../src/tls/transcript.js'
import { HandshakeType, type HandshakeTypeName, handshakeTypeName } from '../../src/tls/wire/codePoints.js'
import type { HandshakeMessage } from '../../src/tls/wire/handshake.js'
import { writeRecordHeader } from '../../src/tls/wire/record.js'

export interface SentMessage {
  readonly type: HandshakeTypeName
  /** Header and body. */
  readonly bytes: Uint8Array
  /** How many of this type went before. */
  readonly nth: number
}

/** Sees each message before it is sent: what it returns enters transcript and wire instead; nothing drops it. */
export type Script = (message: SentMessage, peer: ScriptedPeer) => Uint8Array | null

export const honest: Script = ({ bytes }) => bytes

interface Machine {
  start(): Task<void>
  receive(message: HandshakeMessage): Task<void>
  wipe(): void
}

export type PeerRole =
  | { readonly role: 'client'; readonly config: ClientConfig }
  | { readonly role: 'server'; readonly config: ServerConfig }

export class ScriptedPeer {
  readonly records: RecordLayer
  readonly transcript: Transcript
  /** Alerts that came, by name. */
  readonly alerts: (AlertName | number)[] = []
  /** Handshake messages that came after its own handshake, and while it was frozen. */
  readonly messages: HandshakeMessage[] = []
  readonly data: Uint8Array[] = []
  /** Wire octets, both ways. */
  readonly sent: Uint8Array[] = []
  readonly received: Uint8Array[] = []
  /** What its own state machine went through: `state message state`. */
  readonly transitions: string[] = []
  complete = false
  /** What its own state machine held against the other side. */
  failure: unknown = null
  /** Stop playing: only listen from now on. */
  frozen = false
  deliver: (bytes: Uint8Array) => void = () => {}
  private readonly handlers: RequestHandlers
  private readonly machine: Machine
  private readonly counts = new Map<HandshakeTypeName, number>()

  constructor(play: PeerRole, crypto: CryptoProvider, handlers: RequestHandlers, script: Script = honest) {
    this.handlers = handlers
    this.records = new RecordLayer(crypto, DEFAULT_LIMITS)
    this.transcript = new Transcript(crypto)
    const substitute = (bytes: Uint8Array) => {
      const type = handshakeTypeName(bytes[0] as number) as HandshakeTypeName
      const nth = this.counts.get(type) ?? 0
      this.counts.set(type, nth + 1)
      return script({ type, bytes, nth }, this) ?? new Uint8Array(0)
    }
    const channel = openChannel(this.records, substitute, (event) => {
      if (event.type === 'handshakeComplete') this.complete = true
    })
    const environment = {
      limits: DEFAULT_LIMITS,
      crypto,
      channel,
      transcript: this.transcript,
      secrets: new SecretBag(),
    }
    this.machine =
      play.role === 'client'
        ? new ClientHandshake({ ...environment, config: play.config })
        : new ServerHandshake({ ...environment, config: play.config })
  }

  start(): void {
    this.play(() => this.run(this.machine.start()))
  }

  receive(bytes: Uint8Array): void {
    this.received.push(bytes.slice())
    this.records.push(bytes)
    this.play(() => {
      for (let incoming = this.records.next(); incoming !== null; incoming = this.records.next()) this.take(incoming)
    })
  }

  /** A handshake message outside the transcript, under the present keys. */
  sendMessage(type: HandshakeTypeName | number, body: Uint8Array): void {
    this.sendRecord(22, handshakeMessage(type, body))
  }

  /** One record of any type and content, under the present keys. */
  sendRecord(type: number, content: Uint8Array): void {
    this.records.flushHandshake()
    // The record layer's own exit: what it would refuse to build is what a malicious peer wants to send.
    ;(this.records as unknown as { emit(type: number, content: Uint8Array): void }).emit(type, content)
    this.flush()
  }

  /** One record without protection, whatever keys there are. */
  sendPlain(type: number, payload: Uint8Array): void {
    const record = new Uint8Array(5 + payload.length)
    writeRecordHeader(record, type, payload.length)
    record.set(payload, 5)
    this.sendOctets(record)
  }

  /** Octets as they are. */
  sendOctets(bytes: Uint8Array): void {
    this.flush()
    this.sent.push(bytes)
    this.deliver(bytes)
  }

  sendKeyUpdate(requested: boolean): void {
    this.records.queueHandshake(encodeKeyUpdate(requested))
    this.records.updateWriting()
    this.flush()
  }

  /** What has been made so far goes out; called by a script that wants something in between. */
  flush(): void {
    this.records.flushHandshake()
    for (const bytes of this.records.takeOutput()) {
      this.sent.push(bytes)
      this.deliver(bytes)
    }
  }

  private play(step: () => void): void {
    try {
      step()
    } catch (thrown) {
      this.failure ??= thrown
      this.frozen = true
    }
    this.flush()
  }

  private take(incoming: Incoming): void {
    if (incoming.kind === 'alert') this.alerts.push(alertName(incoming.description))
    else if (incoming.kind === 'data') this.data.push(incoming.data)
    else if (this.frozen || (this.complete && incoming.message.type !== 'new_session_ticket'))
      this.takeMessage(incoming.message)
    else this.playMessage(incoming.message)
  }

  private playMessage(message: HandshakeMessage): void {
    const before = this.stateName
    this.run(this.machine.receive(message))
    this.transitions.push(`${before} ${message.type} ${this.stateName}`)
  }

  private get stateName(): string {
    return (this.machine as unknown as { readonly state: { readonly name: string } }).state.name
  }

  private takeMessage(message: HandshakeMessage): void {
    this.messages.push(message)
    if (message.type === 'key_update') this.records.updateReading()
  }

  private run(task: Task<void>): void {
    for (let step = task.next(); step.done !== true; ) {
      const handler = this.handlers[step.value.type] as (request: unknown) => unknown
      step = task.next(handler(step.value))
    }
  }
}

/** Header and body of a message of any type. */
export function handshakeMessage(type: HandshakeTypeName | number, body: Uint8Array): Uint8Array {
  const code = typeof type === 'number' ? type : HandshakeType[type]
  const message = new Uint8Array(4 + body.length)
  message.set([code, body.length >>> 16, (body.length >>> 8) & 0xff, body.length & 0xff])
  message.set(body, 4)
  return message
}
