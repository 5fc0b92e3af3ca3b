/**
 * The same handshake by sockets over a pair of streams in memory: ours, and node:tls over the same kind of pair. This is
 * the whole product but for TCP.
 */
import { type Duplex, duplexPair } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import {
  createServer as createNodeServer,
  type Server as NodeServer,
  connect as nodeConnect,
  createSecureContext as nodeContext,
} from 'node:tls'
import { connect } from '../../node/connect.js'
import { createServer, type Server } from '../../node/server.js'
import { type Ends, keptContext, nodeEndsOf } from './ends.js'
import type { Mode } from './modes.js'

type Connect = (transport: Duplex, session: Buffer | undefined) => Duplex

/**
 * Whether certificates and keys are read once, or by every connection of the client anew, as most programs have it that call
 * connect with its options. A server reads them once in either case.
 */
export type Contexts = 'kept' | 'anew'

/** Handshakes of one library in one mode, one after the other. */
export class StreamEnds {
  readonly #server: Server | NodeServer
  readonly #connect: Connect
  readonly #resumes: boolean
  /** That a handshake brings: it is over when the client has them all. */
  #tickets = 0
  #session: Buffer | undefined
  #received = 0
  #open: Duplex[] = []

  private constructor(mode: Mode, server: Server | NodeServer, connectOver: Connect) {
    this.#resumes = mode.resumed === true
    this.#server = server
    this.#connect = connectOver
  }

  static ours(mode: Mode, { client, server }: Ends, contexts: Contexts): Promise<StreamEnds> {
    const options = contexts === 'kept' ? { ...client, secureContext: keptContext(mode, client) } : client
    return new StreamEnds(mode, createServer(server), (socket, session) =>
      connect({ ...options, socket, session }),
    ).#prepare()
  }

  /** Null where the running Node has no such handshake. */
  static async node(mode: Mode, contexts: Contexts): Promise<StreamEnds | null> {
    const ends = nodeEndsOf(mode)
    if (ends === null) return null
    try {
      const kept = contexts === 'kept' ? { secureContext: nodeContext(ends.client) } : {}
      return await new StreamEnds(mode, createNodeServer(ends.server), (socket, session) =>
        nodeConnect({ ...ends.client, ...kept, socket, ...(session !== undefined && { session }) }),
      ).#prepare()
    } catch {
      // It lacks the group, or the signature scheme.
      return null
    }
  }

  get tickets(): number {
    return this.#tickets
  }

  /** One handshake. @throws Error when it fails */
  run(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const [here, there] = duplexPair()
      let waiting = 2 + this.#tickets
      const step = () => {
        waiting--
        if (waiting === 0) resolve()
      }
      this.#server.once('secureConnection', (socket: Duplex) => {
        this.#open.push(socket)
        socket.on('error', reject)
        step()
      })
      this.#server.once('tlsClientError', reject)
      const client = this.#connect(here, this.#resumes ? this.#session : undefined)
      this.#open.push(client)
      client.once('secureConnect', () => {
        // A stream that nobody reads gets no tickets either.
        client.resume()
        step()
      })
      client.on('session', (session: Buffer) => {
        this.#session = session
        this.#received++
        step()
      })
      client.on('error', reject)
      this.#server.emit('connection', there)
    }).finally(() => this.#server.removeAllListeners('tlsClientError'))
  }

  /** Destroys the sockets so far, and lets that come to rest. */
  async clean(): Promise<void> {
    const closed = this.#open.splice(0).map((socket) => {
      const gone = socket.closed || new Promise<void>((resolve) => socket.once('close', () => resolve()))
      socket.destroy()
      return gone
    })
    await Promise.all(closed)
  }

  /** A first handshake for the ticket to resume with, and one to count the tickets that each brings. */
  async #prepare(): Promise<this> {
    await this.run()
    await delay(TICKETS_TAKE)
    if (this.#resumes) {
      this.#received = 0
      await this.run()
      await delay(TICKETS_TAKE)
    }
    this.#tickets = this.#received
    await this.clean()
    return this
  }
}

/** Milliseconds in which what follows a handshake has come for certain. */
const TICKETS_TAKE = 50
