/** From an authenticated request to an answer: the key manager's REST interface without sockets. */
import { wipe } from '../../bytes.js'
import { type KeyMethod, parseJson } from '../etsi014/wire.js'
import type { Answer } from './answer.js'
import { RequestRefused } from './answer.js'
import type { Faults } from './faults.js'
import { LINK_PATH, readDelivery } from './link.js'
import { type HttpRequest, readRequest } from './requests.js'
import type { Site } from './site.js'

/** What the requester's certificate says it is. */
export interface Caller {
  /** Names under which it may be an SAE. */
  readonly saeNames: readonly string[]
  /** Names under which it may be the other site's key manager. */
  readonly kmeNames: readonly string[]
}

export interface ApiOptions {
  readonly site: Site
  readonly faults: Faults
  /** KME ID of the other site's key manager when it delivers keys over HTTPS; null when it does not. */
  readonly linkPeer: string | null
}

export class Api {
  /** Requests seen, by method, whatever came of them. */
  readonly counters: Record<KeyMethod, number> = { status: 0, enc_keys: 0, dec_keys: 0 }
  readonly #options: ApiOptions

  constructor(options: ApiOptions) {
    this.#options = options
  }

  /** Never throws: what goes wrong inside is a 503 (ETSI GS QKD 014 5.2 to 5.4: error of server side). */
  async answer(request: HttpRequest, caller: Caller): Promise<Answer> {
    try {
      return request.target === LINK_PATH && this.#options.linkPeer !== null
        ? this.#acceptDelivery(request, caller, this.#options.linkPeer)
        : await this.#answerSae(request, caller)
    } catch (error) {
      if (error instanceof RequestRefused) return error.answer
      return { status: 503, body: { message: 'the key manager failed' } }
    }
  }

  async #answerSae(request: HttpRequest, caller: Caller): Promise<Answer> {
    const { site, faults } = this.#options
    // 5.1: the KME authenticates the SAE and takes its ID from the certificate, before it looks at anything else.
    const [saeId, ...others] = caller.saeNames.filter((name) => site.sae.has(name))
    if (saeId === undefined || others.length > 0) throw new RequestRefused(401)
    const asked = readRequest(request)
    this.counters[asked.method]++
    if (asked.method === 'status') {
      const status = site.status(saeId, asked.slave)
      return { status: 200, body: faults.current === 'exhausted' ? { ...status, stored_key_count: 0 } : status }
    }
    if (faults.current === 'exhausted') throw new RequestRefused(503, 'not enough keys are stored')
    return asked.method === 'enc_keys'
      ? { keys: await site.issue(saeId, asked.slave, asked) }
      : { keys: site.collect(saeId, asked.master, asked.keyIds) }
  }

  #acceptDelivery(request: HttpRequest, caller: Caller, linkPeer: string): Answer {
    if (!caller.kmeNames.includes(linkPeer)) throw new RequestRefused(401)
    if (request.method !== 'POST') throw new RequestRefused(405, 'keys are delivered with POST', 'POST')
    const delivery = readDelivery(readBody(request.body))
    const accepted = delivery !== null && this.#options.site.accept(delivery)
    wipe(...(delivery?.keys.map(({ key }) => key) ?? []))
    if (!accepted) throw new RequestRefused(400, 'the keys are not for this site')
    return { status: 200, body: {} }
  }
}

function readBody(body: Uint8Array): unknown {
  try {
    return parseJson(body)
  } catch {
    throw new RequestRefused(400, 'the body is not JSON')
  }
}
