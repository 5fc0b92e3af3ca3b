/** Connections of a pool: each offers a session that an earlier one was given, where there is one. */
import { wipe } from '../../bytes.js'
import { type ErrorCode, TrefoilError } from '../../errors.js'
import { connect } from '../connect.js'
import type { ConnectionOptions } from '../options.js'
import type { TLSSocket } from '../tlsSocket.js'
import { SessionCache } from './sessionCache.js'

export type ConnectionCallback = (error: Error | null, socket?: TLSSocket) => void

/** How a server's refusal of a session that our policy required shows: it says so, or goes on without. */
const DECLINED: readonly ErrorCode[] = ['ERR_ALERT_RECEIVED', 'ERR_POLICY_PSK_NOT_MIXED']

export class ResumingClient {
  readonly #sessions: SessionCache
  readonly #onBegin: (socket: TLSSocket) => void
  /** Attempts that nobody else knows of yet. */
  readonly #attempts = new Set<TLSSocket>()
  #retired = false

  /**
   * @param onBegin given every connection before its handshake
   * @throws TrefoilError ERR_INVALID_OPTION
   */
  constructor(maxCachedSessions?: number, onBegin: (socket: TLSSocket) => void = () => {}) {
    this.#sessions = new SessionCache(maxCachedSessions)
    this.#onBegin = onBegin
  }

  /**
   * Gives back the socket at once where its failure would be the last word. Otherwise nothing, and calls `callback` when
   * the handshake is complete or has failed: a server that cannot resume what it is offered, having lost its ticket keys,
   * must refuse where our policy asks for a PSK; then the full handshake follows, on a new connection.
   * @param name what tells apart servers and options that must not share sessions
   * @throws TrefoilError as `connect`
   */
  connect(name: string, options: ConnectionOptions, callback: ConnectionCallback): TLSSocket | undefined {
    const cached = options.session === undefined ? this.#sessions.take(name) : undefined
    const first = this.#begin(name, cached === undefined ? options : { ...options, session: cached })
    wipe(cached)
    if (cached === undefined || options.socket !== undefined || !needsPsk(options)) return first
    this.#attempts.add(first)
    const onSecure = () => settle(null, first)
    const onError = (error: TrefoilError) => {
      if (!DECLINED.includes(error.code)) return settle(error)
      this.#sessions.forget(name)
      try {
        settle(null, this.#begin(name, options))
      } catch (thrown) {
        settle(thrown as Error)
      }
    }
    const settle: ConnectionCallback = (error, socket) => {
      this.#attempts.delete(first)
      first.off('secureConnect', onSecure).off('error', onError)
      callback(error, socket)
    }
    first.once('secureConnect', onSecure).once('error', onError)
    return undefined
  }

  /** As `connect`, for those that need the handshake: calls back when it is complete, or with whatever went wrong. */
  establish(name: string, options: ConnectionOptions, callback: ConnectionCallback): void {
    const fail = (error: Error) => callback(error)
    const watch = (socket: TLSSocket) => {
      const onSecure = () => {
        socket.off('error', fail)
        callback(null, socket)
      }
      socket.once('secureConnect', onSecure).once('error', fail)
    }
    try {
      const first = this.connect(name, options, (error, socket) => {
        if (socket === undefined) fail(error as Error)
        else if (socket.protection === null) watch(socket)
        else callback(null, socket)
      })
      if (first !== undefined) watch(first)
    } catch (thrown) {
      fail(thrown as Error)
    }
  }

  /** Forgets all sessions, and keeps no more of them. */
  retire(): void {
    this.#retired = true
    this.#sessions.clear()
  }

  /** Forgets all sessions and gives up what is on its way. */
  destroy(): void {
    this.#sessions.clear()
    const error = new TrefoilError('ERR_ABORTED', 'the pool of connections was destroyed')
    for (const socket of this.#attempts) socket.destroy(error)
  }

  #begin(name: string, options: ConnectionOptions): TLSSocket {
    const socket = connect(options)
    this.#onBegin(socket)
    // HTTP clients listen for errors some ticks after they were given a socket.
    socket.on('error', () => {})
    // One of each connection: a session knows how often those before it were resumed, but nothing of its sisters, and all of
    // them rest on the same QKD key.
    socket.once('session', (session: Buffer) => {
      if (!this.#retired) this.#sessions.put(name, session)
    })
    return socket
  }
}

/** Whether declining a session may mean refusing the connection. */
function needsPsk({ psk, qkd }: ConnectionOptions): boolean {
  return psk !== undefined || qkd !== undefined
}
