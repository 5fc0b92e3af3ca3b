/**
 * HTTPS to one key manager: mutual TLS, reused connections, a bounded body, one time-out for the whole call, and a second
 * try only where it cannot cost a key ({@link pauseBeforeRetry}).
 */
import { type Dispatcher, Pool } from 'undici'
import { TrefoilError } from '../../errors.js'
import { abortedRequest, refuseIfAborted } from '../abort.js'
import type { DeliveryLink } from '../keySource.js'
import { type ConnectorOptions, keyManagerConnector } from './connector.js'
import { Deadline } from './deadline.js'
import { Exchange, Lane, type Reply } from './exchange.js'
import { brokenReply, isPassing, transportFailure } from './failures.js'
import { type FailedTry, pauseBeforeRetry, type RetryClock, systemClock } from './retry.js'
import { type JsonObject, MAX_BODY_LENGTH } from './wire.js'

export interface ConnectionOptions extends ConnectorOptions {
  /** `https://host:port`, with a path before `/api/v1` where the deployment has one. */
  readonly url: string
  /**
   * For a whole call, from waiting for a connection to the last octet of the reply, further tries included; default
   * 5000.
   */
  readonly timeoutMilliseconds?: number
  /** Connections kept to the key manager; further calls wait for one. Default 8. */
  readonly connections?: number
  /**
   * Tries after a first one that failed, 0 to 10; default 2. The pauses between are random, up to 100 milliseconds and
   * doubling. A request for keys is tried again only when nothing of it was sent, or when the key manager answered 503
   * with a Retry-After and a reason that is not a lack of keys; a request for status after any failure that may pass.
   */
  readonly retries?: number
}

export interface ExchangeRules {
  /** Whether the request may reach the key manager twice without harm. Default false. */
  readonly repeatable?: boolean
  /** Whether a reply says that nothing was done, and that the same request may be made later. Default: none does. */
  readonly refusedForNow?: (reply: Reply) => boolean
  /** Longest body to accept, in bytes. Default 65536. */
  readonly maxReplyLength?: number
}

/**
 * An idle connection is closed before the key manager closes it: after 4 seconds (Node's servers wait 5), or a second
 * before the time it announces (Keep-Alive header), at most 30 seconds. What is left of the race, a request that meets
 * a closing connection, looks like a lost reply: nobody can say whether a key was taken, so it counts as sent.
 */
const KEEP_ALIVE = { keepAliveTimeout: 4000, keepAliveMaxTimeout: 30_000, keepAliveTimeoutThreshold: 1000 } as const

export class Connection {
  readonly #pool: Pool
  readonly #prefix: string
  readonly #timeout: number
  readonly #retries: number
  readonly #clock: RetryClock
  readonly #underWay = new Set<Deadline>()
  #link: DeliveryLink | null = null
  #closed = false

  /** @throws TrefoilError ERR_INVALID_OPTION */
  constructor(options: ConnectionOptions, clock: RetryClock = systemClock) {
    const url = parseUrl(options.url)
    this.#prefix = url.pathname.replace(/\/+$/, '')
    this.#timeout = wholeNumber(options.timeoutMilliseconds ?? 5000, 'timeoutMilliseconds', 1, 2 ** 31 - 1)
    this.#retries = wholeNumber(options.retries ?? 2, 'retries', 0, 10)
    this.#clock = clock
    const connector = keyManagerConnector(options, this.#timeout, (link) => {
      this.#link = link
    })
    this.#pool = new Pool(url.origin, {
      factory: (origin, laneOptions) => new Lane(origin, laneOptions, connector),
      connections: wholeNumber(options.connections ?? 8, 'connections', 1, 1024),
      pipelining: 1,
      // The deadline of the call stands in for both.
      headersTimeout: 0,
      bodyTimeout: 0,
      ...KEEP_ALIVE,
    })
  }

  /** The link of the latest reply, or of a later connection; null before the first. */
  get link(): DeliveryLink | null {
    return this.#link
  }

  /**
   * One exchange. `path` starts at `/api`; `body` makes it a POST.
   * @throws TrefoilError ERR_QKD_UNREACHABLE, ERR_QKD_TIMEOUT, ERR_QKD_UNAUTHORIZED (the TLS handshake was refused),
   *   ERR_QKD_DELIVERY_LINK (not post-quantum), ERR_QKD_BAD_REPLY (too long or broken off), ERR_ABORTED,
   *   ERR_INVALID_STATE (closed)
   */
  async exchange(
    path: string,
    body: JsonObject | null,
    signal: AbortSignal | undefined,
    rules: ExchangeRules = {},
  ): Promise<Reply> {
    if (this.#closed) throw new TrefoilError('ERR_INVALID_STATE', 'the key source is closed')
    refuseIfAborted(signal)
    const deadline = new Deadline(this.#timeout, signal)
    const end = this.#clock.now() + this.#timeout
    this.#underWay.add(deadline)
    try {
      for (let made = 1; ; made++) {
        const outcome = await this.#try(path, body, rules, deadline, signal)
        const pause =
          made > this.#retries || outcome.failed === null
            ? null
            : pauseBeforeRetry(outcome.failed, rules.repeatable === true, made, this.#clock.random())
        // A pause that outlasts the call would only delay the bad news.
        if (pause === null || this.#clock.now() + pause >= end) return outcome.give()
        await this.#clock.wait(pause, deadline.signal).catch(() => {
          throw this.#ended(deadline, signal)
        })
      }
    } finally {
      this.#underWay.delete(deadline)
      deadline.clear()
    }
  }

  /** Ends all connections; calls under way are refused with ERR_ABORTED. */
  async close(): Promise<void> {
    this.#closed = true
    for (const deadline of this.#underWay) deadline.cancel()
    await this.#pool.destroy()
  }

  async #try(
    path: string,
    body: JsonObject | null,
    rules: ExchangeRules,
    deadline: Deadline,
    signal: AbortSignal | undefined,
  ): Promise<Outcome> {
    const exchange = new Exchange(rules.maxReplyLength ?? MAX_BODY_LENGTH)
    const request: Dispatcher.DispatchOptions = {
      path: this.#prefix + path,
      method: body === null ? 'GET' : 'POST',
      headers: { accept: 'application/json', ...(body === null ? {} : { 'content-type': 'application/json' }) },
      body: body === null ? null : JSON.stringify(body),
    }
    try {
      const reply = await exchange.run(this.#pool, request, deadline.signal)
      this.#link = reply.link ?? this.#link
      return replied(reply, rules.refusedForNow?.(reply) === true)
    } catch (error) {
      if (error instanceof TrefoilError) throw error
      if (deadline.signal.aborted || this.#closed) throw this.#ended(deadline, signal)
      return {
        failed: { sent: exchange.sent, passing: isPassing(error), retryAfter: null, refusedForNow: false },
        give: () => {
          throw exchange.answered ? brokenReply() : transportFailure(error)
        },
      }
    }
  }

  #ended(deadline: Deadline, signal: AbortSignal | undefined): TrefoilError {
    if (signal?.aborted || this.#closed || !deadline.passed) return abortedRequest(signal)
    return new TrefoilError('ERR_QKD_TIMEOUT', `the key manager did not answer within ${this.#timeout} milliseconds`)
  }
}

/** What a try came to: why it may be made again, and what the call ends with when it is not. */
interface Outcome {
  readonly failed: FailedTry | null
  give(): Reply
}

function replied(reply: Reply, refusedForNow: boolean): Outcome {
  return {
    failed: refusedForNow ? { sent: true, passing: true, retryAfter: reply.retryAfter ?? null, refusedForNow } : null,
    give: () => reply,
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (
    url?.protocol === 'https:' &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === ''
  ) {
    return url
  }
  throw new TrefoilError('ERR_INVALID_OPTION', 'the URL of a key manager is https://host:port, with a path at most')
}

function wholeNumber(value: number, option: string, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  throw new TrefoilError('ERR_INVALID_OPTION', `${option} is not a whole number from ${min} to ${max}`)
}
