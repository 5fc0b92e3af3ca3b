/**
 * A recorded connection with our core in one of its roles: the peer's records are fed in as recorded, and what the
 * recorded application did (data, KeyUpdate, close) is asked of our connection at the same point.
 */
import { equalBytes, fromHex, toHex } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/index.js'
import type { TrefoilError } from '../../errors.js'
import {
  type ClientSession,
  Connection,
  type ConnectionEvent,
  Driver,
  type HandshakeSummary,
  type RequestHandlers,
} from '../../tls/index.js'
import { HandshakeType, type HandshakeTypeName } from '../../tls/wire/codePoints.js'
import { clientConfig, serverConfig } from './endpoint/config.js'
import { handlersFor } from './endpoint/handlers.js'
import { messagesOf, type RecordedMessage } from './messages.js'
import type { RecordedRecord, Recording, Role } from './recording.js'

/** A message of ours that is not what was recorded; the recorded one went out in its place. */
export interface Difference {
  readonly type: HandshakeTypeName
  readonly ours: Uint8Array
  readonly recorded: Uint8Array
}

const POST_HANDSHAKE: readonly HandshakeTypeName[] = ['new_session_ticket', 'key_update']

export class CoreReplay {
  readonly recording: Recording
  readonly role: Role
  readonly events: ConnectionEvent[] = []
  /** Everything our side put on the wire, in one stream. */
  readonly sent: Uint8Array[] = []
  readonly differences: Difference[] = []
  /** The exporter's value, in hex, once the handshake is complete. */
  exported: string | null = null
  readonly #recorded: RecordedMessage[]
  readonly #driver: Driver
  /** KeyUpdates that the peer has asked for: our core sends those by itself (RFC 9846 4.7.3). */
  #owedKeyUpdates = 0

  constructor(crypto: CryptoProvider, recording: Recording, role: Role, handlers: Partial<RequestHandlers> = {}) {
    this.recording = recording
    this.role = role
    this.#recorded = messagesOf(recording).filter(({ from, type }) => from === role && !POST_HANDSHAKE.includes(type))
    const substitute = (message: Uint8Array) => this.#substitute(message)
    const connection =
      role === 'client'
        ? Connection.client(clientConfig(crypto, recording), substitute)
        : Connection.server(serverConfig(crypto, recording), substitute)
    this.#driver = new Driver(
      connection,
      { ...handlersFor(crypto, recording, role), ...handlers },
      {
        transmit: (bytes) => this.sent.push(bytes.slice()),
        event: (event) => this.events.push(event),
      },
    )
  }

  /** @param portion how many octets of the peer's arrive at once; default: a record */
  run(portion?: number): this {
    this.#driver.start()
    for (const record of this.recording.flow) {
      // What comes behind an error is of no account, and would only hide it.
      if (this.error !== null) break
      if (record.from === this.role) this.#act(record)
      else {
        if (isKeyUpdate(record) && record.payload.endsWith('01')) this.#owedKeyUpdates++
        this.#receive(fromHex(record.record), portion)
      }
      if (this.exported === null && this.#driver.connection.handshakeComplete) this.exported = this.#export()
    }
    return this
  }

  eventsOf<T extends ConnectionEvent['type']>(type: T): Extract<ConnectionEvent, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<ConnectionEvent, { type: T }>[]
  }

  get error(): TrefoilError | null {
    return this.eventsOf('error')[0]?.error ?? null
  }

  get summary(): HandshakeSummary | null {
    return this.eventsOf('handshakeComplete')[0]?.summary ?? null
  }

  get sessions(): ClientSession[] {
    return this.eventsOf('session').map(({ session }) => session)
  }

  get keylog(): string[] {
    return this.eventsOf('keylog').map(({ line }) => line)
  }

  #receive(octets: Uint8Array, portion = octets.length): void {
    for (let at = 0; at < octets.length; at += portion) this.#driver.receive(octets.slice(at, at + portion))
  }

  /** What the recorded side's application did; its handshake messages are our core's own affair. */
  #act(record: RecordedRecord): void {
    const { contentType, payload } = record
    if (contentType === 'application_data') this.#driver.send(fromHex(payload))
    else if (contentType === 'alert') this.#driver.close()
    else if (isKeyUpdate(record) && (payload.endsWith('01') || this.#owedKeyUpdates-- <= 0)) {
      this.#driver.requestKeyUpdate(payload.endsWith('01'))
    }
  }

  #substitute(ours: Uint8Array): Uint8Array {
    const next = this.#recorded.shift()
    if (next === undefined) throw new Error('our core sends a message that was not recorded')
    if (ours[0] !== next.bytes[0]) throw new Error(`our core sends type ${ours[0]} where ${next.type} was recorded`)
    if (!equalBytes(ours, next.bytes)) this.differences.push({ type: next.type, ours, recorded: next.bytes })
    return next.bytes
  }

  #export(): string | null {
    const { exporter } = this.recording
    if (exporter === undefined) return null
    const { label, context, length } = exporter
    return toHex(this.#driver.connection.exportKeyingMaterial(label, fromHex(context), length))
  }
}

function isKeyUpdate({ contentType, messageTypes = [] }: RecordedRecord): boolean {
  return contentType === 'handshake' && messageTypes.includes(HandshakeType.key_update)
}
