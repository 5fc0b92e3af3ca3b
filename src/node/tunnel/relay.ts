/**
 * Joins a plain connection to a Trefoil connection. Each direction has its own end and its own back-pressure; what breaks
 * one connection off breaks off the other, so that no service takes half a stream for a whole one. What
 * net.Socket reports as an end is one: on Node 20 that is sometimes a reset, if it comes while octets are being written.
 */
import type { Socket } from 'node:net'
import { TrefoilError } from '../../errors.js'
import type { TLSSocket } from '../tlsSocket.js'
import { reset } from './reset.js'

export interface RelayOptions {
  /** Milliseconds; 0 waits for ever. */
  readonly idleTimeout: number
  /** Told of every chunk as it passes: `sent` over Trefoil, or `received`. */
  onOctets(direction: 'sent' | 'received', count: number): void
}

export class Relay {
  readonly octets = { sent: 0, received: 0 }
  /** Resolves when both connections are closed: with what broke them off, or with null after a clean end. */
  readonly done: Promise<TrefoilError | null>
  readonly #plain: Socket
  readonly #secure: TLSSocket
  #failure: TrefoilError | null = null

  /** Takes over both; neither may be closed yet. */
  constructor(plain: Socket, secure: TLSSocket, { idleTimeout, onOctets }: RelayOptions) {
    this.#plain = plain
    this.#secure = secure
    const idle = idleTimeout > 0 ? setTimeout(() => this.cut(idleFor(idleTimeout)), idleTimeout) : undefined
    const pass = (direction: 'sent' | 'received') => (chunk: Buffer) => {
      idle?.refresh()
      this.octets[direction] += chunk.length
      onOctets(direction, chunk.length)
    }
    this.done = Promise.all([this.#over(plain), this.#over(secure)]).then(() => {
      clearTimeout(idle)
      return this.#failure
    })
    plain.on('error', (cause) => this.cut(plainFailed(cause)))
    secure.on('error', (error) => this.cut(error as TrefoilError))
    plain.on('data', pass('sent'))
    secure.on('data', pass('received'))
    plain.pipe(secure)
    secure.pipe(plain)
  }

  /** Breaks both off: the plain side sees a reset, the peer an end without close_notify, which is a failure to it. */
  cut(error: TrefoilError): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#secure.destroy()
    reset(this.#plain)
  }

  #over(side: Socket | TLSSocket): Promise<void> {
    return new Promise((resolve) => {
      side.once('close', () => {
        if (!side.readableEnded || !side.writableFinished) this.cut(brokenOff())
        resolve()
      })
    })
  }
}

export function plainFailed(cause: NodeJS.ErrnoException): TrefoilError {
  return new TrefoilError('ERR_TRANSPORT', `the plain connection failed: ${cause.message || cause.code}`, { cause })
}

function idleFor(milliseconds: number): TrefoilError {
  return new TrefoilError('ERR_IDLE_TIMEOUT', `nothing was sent or received for ${milliseconds} milliseconds`)
}

function brokenOff(): TrefoilError {
  return new TrefoilError('ERR_TRANSPORT', 'one side closed before both directions had ended')
}
