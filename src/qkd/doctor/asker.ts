/**
 * Asks a key manager anything, well-formed or not, and keeps what the client of the library throws away: header fields,
 * whether a connection was used again, how long it took. Host names are left to a check of their own, so that a
 * certificate for another host does not hide everything else; the chain must hold.
 */
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { concat, wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { transportFailure } from '../etsi014/failures.js'
import { type JsonObject, type KeyMethod, keysPath } from '../etsi014/wire.js'
import { type MutualTlsCredentials, mutualTls } from '../tlsOptions.js'
import { cannotTry } from './check.js'
import type { Site } from './site.js'

export interface HttpReply {
  readonly status: number
  readonly contentType: string | null
  readonly body: Uint8Array
  /** Whether the connection had carried a request before. */
  readonly reused: boolean
  readonly milliseconds: number
}

export interface Question {
  readonly verb?: 'GET' | 'POST'
  /** What follows the URL of the deployment, such as `/api/v1/...`. */
  readonly path: string
  /** A JSON value, or octets as they are. */
  readonly body?: JsonObject | Uint8Array
}

/** Enough for a thousand keys of 4096 bits. */
const MAX_REPLY_LENGTH = 2 ** 20
/** Time-outs in a row after which nothing more is asked. */
const PATIENCE = 3

export class Asker {
  readonly #site: Site
  readonly #agent: Agent
  readonly #onReply: (reply: HttpReply) => void
  readonly #timeout: number
  readonly #signal: AbortSignal | undefined
  #timeouts = 0

  /** @throws TrefoilError ERR_INVALID_OPTION when the credentials are unusable */
  constructor(
    site: Site,
    credentials: MutualTlsCredentials,
    settings: { timeout: number; signal: AbortSignal | undefined; onReply: (reply: HttpReply) => void },
  ) {
    this.#site = site
    this.#timeout = settings.timeout
    this.#signal = settings.signal
    this.#onReply = settings.onReply
    this.#agent = new Agent({
      ...mutualTls(credentials),
      ...(site.servername === undefined ? {} : { servername: site.servername }),
      checkServerIdentity: () => undefined,
      keepAlive: true,
      maxSockets: 1,
      maxCachedSessions: 0,
    })
  }

  /** A request for the keys shared with an SAE; `query` goes behind a question mark. */
  keys(saeId: string, method: KeyMethod, { query, body }: { query?: string; body?: JsonObject } = {}) {
    const path = keysPath(saeId, method) + (query === undefined ? '' : `?${query}`)
    return this.ask(body === undefined ? { path } : { verb: 'POST', path, body })
  }

  /**
   * @throws TrefoilError ERR_QKD_UNREACHABLE, ERR_QKD_TIMEOUT, ERR_QKD_UNAUTHORIZED, ERR_QKD_BAD_REPLY as the client does
   * @throws Stop after several time-outs in a row
   */
  async ask(question: Question): Promise<HttpReply> {
    if (this.#timeouts >= PATIENCE) throw cannotTry(`${PATIENCE} requests in a row were not answered in time`)
    try {
      const reply = await this.#exchange(question)
      this.#timeouts = 0
      this.#onReply(reply)
      return reply
    } catch (error) {
      if (error instanceof TrefoilError && error.code === 'ERR_QKD_TIMEOUT') this.#timeouts++
      else this.#timeouts = 0
      throw error
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  #exchange({ verb = 'GET', path, body }: Question): Promise<HttpReply> {
    const { host, port, prefix } = this.#site
    const content = body === undefined || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
    const headers = {
      accept: 'application/json',
      ...(content === undefined ? {} : { 'content-type': 'application/json', 'content-length': content.length }),
    }
    const start = performance.now()
    return new Promise((resolve, reject) => {
      let answered = false
      // Ours, which whatever follows from it must not hide.
      let given: TrefoilError | null = null
      const asked = request(
        { agent: this.#agent, host, port, path: prefix + path, method: verb, headers },
        (response) => {
          answered = true
          readBody(response).then(
            (octets) =>
              resolve({
                status: response.statusCode ?? 0,
                contentType: response.headers['content-type'] ?? null,
                body: octets,
                reused: asked.reusedSocket,
                milliseconds: performance.now() - start,
              }),
            (error: unknown) => {
              asked.destroy()
              reject(given ?? (error instanceof TrefoilError ? error : brokenOff()))
            },
          )
        },
      )
      const giveUp = (why: TrefoilError): void => {
        given = why
        asked.destroy()
        reject(why)
      }
      const timer = setTimeout(() => giveUp(timedOut(this.#timeout)), this.#timeout)
      const onAbort = (): void => giveUp(givenUp())
      this.#signal?.addEventListener('abort', onAbort)
      if (this.#signal?.aborted) onAbort()
      asked.on('error', (error) => reject(given ?? (answered ? brokenOff() : transportFailure(error))))
      asked.once('close', () => {
        clearTimeout(timer)
        this.#signal?.removeEventListener('abort', onAbort)
        // Where a reply had begun, its reader settles this.
        if (!answered) reject(transportFailure({ code: 'ECONNRESET' }))
      })
      asked.end(content)
    })
  }
}

async function readBody(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      chunks.push(chunk)
      length += chunk.length
      if (length > MAX_REPLY_LENGTH) {
        throw new TrefoilError('ERR_QKD_BAD_REPLY', `the reply is longer than ${MAX_REPLY_LENGTH} bytes`)
      }
    }
    if (!response.complete) throw brokenOff()
    return concat(...chunks)
  } finally {
    wipe(...chunks)
  }
}

function brokenOff(): TrefoilError {
  return new TrefoilError('ERR_QKD_BAD_REPLY', 'the key manager broke off its reply')
}

export function givenUp(): TrefoilError {
  return new TrefoilError('ERR_ABORTED', 'the caller gave up the examination')
}

function timedOut(milliseconds: number): TrefoilError {
  return new TrefoilError('ERR_QKD_TIMEOUT', `the key manager did not answer within ${milliseconds} milliseconds`)
}
