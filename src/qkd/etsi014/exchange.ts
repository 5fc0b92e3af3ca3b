/**
 * One request and its reply on one connection of a pool. It knows what a caller of a key manager must know and an HTTP
 * client does not tell: whether anything of the request was sent, and which link the reply came over.
 */
import { Client, type Dispatcher } from 'undici'
import { concat, wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import type { DeliveryLink } from '../keySource.js'
import type { Connector } from './connector.js'
import { readRetryAfter } from './retry.js'

/** An HTTP reply, body read to the end. */
export interface Reply {
  readonly status: number
  readonly body: Uint8Array
  /** Milliseconds of a Retry-After header; null or absent without one. */
  readonly retryAfter?: number | null
  /** The link it came over; absent when not known. */
  readonly link?: DeliveryLink
}

interface ExchangeOptions extends Dispatcher.DispatchOptions {
  /** The pool hands options through as they are, and handlers in a wrapping. */
  readonly exchange: Exchange
}

/** A client of a pool: one connection at a time, and one request at a time on that. */
export class Lane extends Client {
  readonly #state: { link: DeliveryLink | null }

  constructor(origin: URL, options: object, connector: Connector) {
    const state: { link: DeliveryLink | null } = { link: null }
    super(origin, {
      ...(options as Client.Options),
      connect: (target, callback) =>
        connector(
          target,
          (link) => {
            state.link = link
          },
          callback,
        ),
    })
    this.#state = state
  }

  /** The link of the present connection. */
  get link(): DeliveryLink | null {
    return this.#state.link
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    ;(options as ExchangeOptions).exchange.takes(this)
    return super.dispatch(options, handler)
  }
}

export class Exchange implements Dispatcher.DispatchHandler {
  /** Whether the request was handed to a connection: until then not an octet of it left us. */
  sent = false
  /** Whether the reply began. */
  answered = false
  readonly reply: Promise<Reply>
  readonly #maxLength: number
  readonly #chunks: Uint8Array[] = []
  #settle: { resolve: (reply: Reply) => void; reject: (error: unknown) => void } | null = null
  #controller: Dispatcher.DispatchController | null = null
  #lane: Lane | null = null
  #link: DeliveryLink | null = null
  #status = 0
  #retryAfter: number | null = null
  #length = 0

  /** @param maxLength of the reply's body, in bytes */
  constructor(maxLength: number) {
    this.#maxLength = maxLength
    this.reply = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
  }

  /** Sends the request through a pool of lanes. The signal ends it at once, also while it waits for a connection. */
  run(pool: Dispatcher, request: Dispatcher.DispatchOptions, signal: AbortSignal): Promise<Reply> {
    const onAbort = (): void => this.#fail(new DOMException('aborted', 'AbortError'))
    signal.addEventListener('abort', onAbort)
    const options: ExchangeOptions = { ...request, exchange: this }
    if (signal.aborted) onAbort()
    else pool.dispatch(options, this)
    return this.reply.finally(() => signal.removeEventListener('abort', onAbort))
  }

  takes(lane: Lane): void {
    this.#lane = lane
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited: an abort at this point keeps it from being written.
    if (this.#settle === null) {
      controller.abort(new Error('given up'))
      return
    }
    this.#controller = controller
    this.sent = true
  }

  onResponseStart(_controller: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.answered = true
    this.#status = status
    this.#retryAfter = readRetryAfter(headers['retry-after'])
    this.#link = this.#lane?.link ?? null
  }

  onResponseData(_controller: unknown, chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length > this.#maxLength) {
      this.#fail(
        new TrefoilError('ERR_QKD_BAD_REPLY', `the key manager's reply is longer than ${this.#maxLength} bytes`),
      )
    }
  }

  onResponseEnd(): void {
    const settle = this.#finish()
    if (settle === null) return
    const body = concat(...this.#chunks)
    wipe(...this.#chunks)
    const link = this.#link === null ? {} : { link: this.#link }
    const reply = { status: this.#status, body, retryAfter: this.#retryAfter, ...link }
    // undici takes a connection for free one turn of the event loop later; whoever asks again before has another made.
    setImmediate(() => setImmediate(() => settle.resolve(reply)))
  }

  onResponseError(_controller: unknown, error: Error): void {
    wipe(...this.#chunks)
    this.#finish()?.reject(error)
  }

  #fail(error: Error): void {
    wipe(...this.#chunks)
    this.#finish()?.reject(error)
    this.#controller?.abort(error)
  }

  #finish(): { resolve: (reply: Reply) => void; reject: (error: unknown) => void } | null {
    const settle = this.#settle
    this.#settle = null
    return settle
  }
}
