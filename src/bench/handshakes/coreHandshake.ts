/**
 * A handshake between two connections joined in memory, without sockets and streams, but with the handlers that a socket
 * has: real verification of chain and name, policy, PSKs, tickets. One end works at a time, so that what each takes can
 * be told apart.
 */
import { clientEndpoint } from '../../node/clientEndpoint.js'
import type { Handshake } from '../../node/endpoint.js'
import type { ConnectionOptions } from '../../node/options.js'
import { serializeSession } from '../../node/psk/index.js'
import type { SecureContext } from '../../node/secureContext.js'
import { serverEndpoint } from '../../node/serverEndpoint.js'
import { resolveServerSettings, type ServerSettings } from '../../node/serverSettings.js'
import { type ConnectionEvent, Driver, type RequestHandlers } from '../../tls/index.js'
import { type Ends, keptContext } from './ends.js'
import type { Mode } from './modes.js'

export type Side = 'client' | 'server'

/** Told whose turn it is, when it changes; null: nobody's. */
export type TurnListener = (side: Side | null) => void

/** Milliseconds that each end waited for its key manager. */
export type KeyFetchTimes = Readonly<Record<Side, number>>

export interface CoreOptions {
  readonly onTurn?: TurnListener | undefined
  /** Around what is made for a connection before it says or hears anything. */
  readonly aroundSetUp?: (<T>(work: () => T) => T) | undefined
  /** To look at requests and answers on their way. */
  readonly wrap?: ((side: Side, handlers: RequestHandlers) => RequestHandlers) | undefined
  readonly onTransmit?: ((side: Side, octets: Uint8Array) => void) | undefined
}

/** Both ends of one mode, ready for any number of handshakes one after the other. */
export class CoreEnds {
  readonly #mode: Mode
  readonly #client: ConnectionOptions
  readonly #context: Readonly<Record<Side, SecureContext>>
  readonly #settings: ServerSettings
  /** The ticket for the next handshake, where the mode is one of resumption. */
  #session: Uint8Array | undefined

  constructor(mode: Mode, { client, server }: Ends) {
    this.#mode = mode
    this.#context = { client: keptContext(mode, client), server: keptContext(mode, server) }
    this.#client = client
    this.#settings = resolveServerSettings(server, this.#context.server)
  }

  /** One handshake, tickets included. @throws Error when it fails */
  async run(options: CoreOptions = {}): Promise<KeyFetchTimes> {
    // The first of a chain of resumptions is a full one.
    if (this.#mode.resumed === true && this.#session === undefined) await this.#once({})
    return this.#once(options)
  }

  async #once(options: CoreOptions): Promise<KeyFetchTimes> {
    const { promise, resolve, reject } = withResolvers<void>()
    const link = new Link(options, resolve, reject)
    const session = this.#mode.resumed === true ? this.#session : undefined
    const secureContext = this.#context.client
    const setUp = options.aroundSetUp ?? ((work) => work())
    options.onTurn?.('client')
    const client = setUp(() => clientEndpoint({ ...this.#client, secureContext, session }).begin(false, NO_ADDRESSES))
    options.onTurn?.('server')
    const context = this.#context.server
    const server = setUp(() => serverEndpoint(this.#settings, context, '').begin(false, NO_ADDRESSES))
    link.join({ client, server }, (event) => {
      if (event.type === 'session') this.#session = serializeSession(event.session)
    })
    await promise
    return { client: client.keyFetch.milliseconds, server: server.keyFetch.milliseconds }
  }
}

const NO_ADDRESSES = { local: undefined, remote: undefined }

/** Two drivers, and the octets between them. */
class Link {
  readonly #options: CoreOptions
  readonly #resolve: () => void
  readonly #reject: (reason: unknown) => void
  readonly #drivers = new Map<Side, Driver>()
  /** Octets on their way to each end. */
  #toClient: Uint8Array[] = []
  #toServer: Uint8Array[] = []
  #scheduled = false
  #done = { client: false, server: false }

  constructor(options: CoreOptions, resolve: () => void, reject: (reason: unknown) => void) {
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
  }

  join(ends: Readonly<Record<Side, Handshake>>, onClientEvent: (event: ConnectionEvent) => void): void {
    const { wrap, onTransmit, onTurn } = this.#options
    for (const side of ['server', 'client'] as const) {
      const { connection, handlers, onAuthenticated } = ends[side]
      const driver = new Driver(connection, wrap?.(side, handlers) ?? handlers, {
        transmit: (octets) => {
          onTransmit?.(side, octets)
          this.#send(side, octets)
        },
        event: (event) => {
          if (event.type === 'error') this.#reject(event.error)
          if (event.type === 'handshakeComplete') {
            onAuthenticated(event.summary)
            this.#done[side] = true
          }
          if (side === 'client') onClientEvent(event)
        },
      })
      this.#drivers.set(side, driver)
    }
    onTurn?.('server')
    this.#drivers.get('server')?.start()
    onTurn?.('client')
    this.#drivers.get('client')?.start()
  }

  #send(from: Side, octets: Uint8Array): void {
    if (from === 'client') this.#toServer.push(octets)
    else this.#toClient.push(octets)
    this.#schedule()
  }

  /** An end hears of the other when that has come to rest, answers to its questions included. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#deliver('server', this.#toServer.splice(0))
      this.#deliver('client', this.#toClient.splice(0))
    })
  }

  #deliver(to: Side, pieces: Uint8Array[]): void {
    if (pieces.length === 0) return
    this.#options.onTurn?.(to)
    for (const piece of pieces) this.#drivers.get(to)?.receive(piece)
    // After the client's last flight and the server's tickets there is nothing more to come.
    setImmediate(() => {
      if (this.#scheduled || !this.#done.client || !this.#done.server) return
      this.#options.onTurn?.(null)
      this.#resolve()
    })
  }
}

function withResolvers<T>() {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((give, refuse) => {
    resolve = give
    reject = refuse
  })
  return { promise, resolve, reject }
}
