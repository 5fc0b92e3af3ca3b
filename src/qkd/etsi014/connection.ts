/**
 * HTTPS to one key manager: mutual TLS, reused connections, a bounded body, one time-out for the whole call. Nothing is
 * tried twice, since the first try may have delivered a key.
 */
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { Pool } from 'undici'
import { concat, wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { abortedRequest, refuseIfAborted } from '../abort.js'
import { certificateNames } from '../certificateNames.js'
import { type MutualTlsCredentials, mutualTls } from '../tlsOptions.js'
import { brokenReply, transportFailure } from './failures.js'
import type { Reply } from './replies.js'
import { type JsonObject, MAX_BODY_LENGTH } from './wire.js'

export interface ConnectionOptions extends MutualTlsCredentials {
  /** `https://host:port`, with a path before `/api/v1` where the deployment has one. */
  readonly url: string
  /** Name to expect in the key manager's certificate instead of the URL's host. */
  readonly servername?: string
  /** KME ID that the key manager's certificate must carry besides, as common name or DNS name. */
  readonly kmeId?: string
  /** For a whole call, from waiting for a connection to the last octet of the reply; default 5000. */
  readonly timeoutMilliseconds?: number
  /** Connections kept to the key manager; further calls wait for one. Default 8. */
  readonly connections?: number
}

export class Connection {
  readonly #pool: Pool
  readonly #prefix: string
  readonly #timeout: number
  #closed = false

  /** @throws TrefoilError ERR_INVALID_OPTION */
  constructor(options: ConnectionOptions) {
    const url = parseUrl(options.url)
    this.#prefix = url.pathname.replace(/\/+$/, '')
    this.#timeout = positiveInteger(options.timeoutMilliseconds ?? 5000, 'timeoutMilliseconds')
    this.#pool = new Pool(url.origin, {
      connections: positiveInteger(options.connections ?? 8, 'connections'),
      pipelining: 1,
      headersTimeout: this.#timeout,
      bodyTimeout: this.#timeout,
      connect: {
        ...mutualTls(options),
        ...(options.servername === undefined ? {} : { servername: options.servername }),
        checkServerIdentity: (host: string, certificate: PeerCertificate) =>
          checkServerIdentity(host, certificate) ?? kmeIdMismatch(certificate, options.kmeId),
        timeout: this.#timeout,
        // Every connection authenticates afresh and has its own key exchange.
        maxCachedSessions: 0,
      },
    })
  }

  /**
   * One exchange. `path` starts at `/api`; `body` makes it a POST.
   * @throws TrefoilError ERR_QKD_UNREACHABLE, ERR_QKD_TIMEOUT, ERR_QKD_UNAUTHORIZED (the TLS handshake was refused),
   *   ERR_QKD_BAD_REPLY (too long or broken off), ERR_ABORTED, ERR_INVALID_STATE (closed)
   */
  async exchange(path: string, body: JsonObject | null, signal: AbortSignal | undefined): Promise<Reply> {
    if (this.#closed) throw new TrefoilError('ERR_INVALID_STATE', 'the key source is closed')
    refuseIfAborted(signal)
    const deadline = new Deadline(this.#timeout, signal)
    let answered = false
    try {
      const response = await this.#pool.request({
        path: this.#prefix + path,
        method: body === null ? 'GET' : 'POST',
        headers: { accept: 'application/json', ...(body === null ? {} : { 'content-type': 'application/json' }) },
        body: body === null ? null : JSON.stringify(body),
        signal: deadline.signal,
      })
      answered = true
      return { status: response.statusCode, body: await readBody(response.body) }
    } catch (error) {
      if (error instanceof TrefoilError) throw error
      if (signal?.aborted || this.#closed) throw abortedRequest(signal)
      if (deadline.passed) {
        throw new TrefoilError('ERR_QKD_TIMEOUT', `the key manager did not answer within ${this.#timeout} milliseconds`)
      }
      throw answered ? brokenReply() : transportFailure(error)
    } finally {
      deadline.clear()
    }
  }

  /** Ends all connections; calls under way are refused with ERR_ABORTED. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#pool.destroy()
  }
}

/** The caller's signal or our time-out, whichever comes first, without a trace left on the caller's signal. */
class Deadline {
  passed = false
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #caller: AbortSignal | undefined
  readonly #onAbort = (): void => this.#controller.abort()

  constructor(milliseconds: number, caller: AbortSignal | undefined) {
    this.#caller = caller
    caller?.addEventListener('abort', this.#onAbort)
    this.#timer = setTimeout(() => {
      this.passed = true
      this.#controller.abort()
    }, milliseconds)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#caller?.removeEventListener('abort', this.#onAbort)
  }
}

async function readBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      length += chunk.length
      if (length > MAX_BODY_LENGTH) {
        throw new TrefoilError('ERR_QKD_BAD_REPLY', `the key manager's reply is longer than ${MAX_BODY_LENGTH} bytes`)
      }
    }
    return concat(...chunks)
  } finally {
    wipe(...chunks)
  }
}

function kmeIdMismatch(certificate: PeerCertificate, kmeId: string | undefined): Error | undefined {
  if (kmeId === undefined) return undefined
  const names = [...certificateNames(certificate, 'common-name'), ...certificateNames(certificate, 'dns')]
  return names.includes(kmeId) ? undefined : Object.assign(new Error('wrong KME ID'), { code: 'KME_ID_MISMATCH' })
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

function positiveInteger(value: number, option: string): number {
  if (Number.isSafeInteger(value) && value > 0 && value < 2 ** 31) return value
  throw new TrefoilError('ERR_INVALID_OPTION', `${option} is not a positive integer`)
}
