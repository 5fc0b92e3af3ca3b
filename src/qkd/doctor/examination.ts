/** What an examination has found out so far, and what its checks share: askers, the key budget, the keys taken. */
import { X509Certificate } from 'node:crypto'
import type { PeerCertificate } from 'node:tls'
import { wipe } from '../../bytes.js'
import { certificateNames } from '../certificateNames.js'
import type { JsonObject, KeyMethod } from '../etsi014/wire.js'
import type { QkdKey } from '../keySource.js'
import { Asker, type HttpReply } from './asker.js'
import { cannotTry, fail, Stop } from './check.js'
import { type Container, readContainer } from './container.js'
import { Evidence } from './evidence.js'
import { type ClientCredentials, DEFAULT_MAX_KEYS, DEFAULT_TIMEOUT, type ExamineKeyManagerOptions } from './options.js'
import { describeRefusal } from './refusals.js'
import { type Site, siteOf } from './site.js'
import type { TlsFacts } from './tlsProbe.js'

/** A reply of enc_keys or dec_keys; its body is wiped. */
export interface KeyReply {
  readonly reply: HttpReply
  /** When the status is 200. */
  readonly container: Container | null
}

export interface KeyQuestion {
  readonly query?: string
  readonly body?: JsonObject
}

export class Examination {
  readonly options: ExamineKeyManagerOptions
  readonly site: Site
  readonly timeout: number
  readonly own: Asker
  readonly evidence = new Evidence()
  /** Set by the check of the handshake. */
  tls: TlsFacts | null = null
  /** Set by the check of status; whatever the key manager said. */
  status: JsonObject = {}
  keysTaken = 0
  /** Every key there was, for comparison; wiped at the end. */
  readonly seen: QkdKey[] = []
  /** Keys that the peer has not fetched yet. */
  readonly unclaimed: QkdKey[] = []
  readonly #askers: Asker[] = []
  #peer: Asker | null = null
  #other: Asker | null = null

  /** @throws TrefoilError ERR_INVALID_OPTION when credentials are unusable */
  constructor(options: ExamineKeyManagerOptions) {
    this.options = options
    this.timeout = options.timeoutMilliseconds ?? DEFAULT_TIMEOUT
    this.site = siteOf(options)
    this.own = this.#asker(this.site, options)
    const { peer, other } = options
    if (peer !== undefined) this.#peer = this.#asker(siteOf(peer), peer)
    if (peer !== undefined && other !== undefined) this.#other = this.#asker(siteOf(peer), other)
  }

  /** Asks the peer's key manager as the peer. @throws Stop when it is not given */
  get peer(): Asker {
    if (this.#peer === null) throw cannotTry("the peer's key manager and credentials are not given")
    return this.#peer
  }

  /** Asks the peer's key manager as the third SAE. @throws Stop when there is none */
  get other(): Asker {
    if (this.#other === null) throw cannotTry('no third SAE at the site of the peer is given')
    return this.#other
  }

  /** Our SAE ID: as told, else as the key manager has it, else as the certificate has it. */
  get saeId(): string {
    const { saeId } = this.options
    const said = this.status['master_SAE_ID']
    return saeId ?? (typeof said === 'string' && said !== '' ? said : namesIn(this.options)[0]) ?? unknownSae()
  }

  /** A field of the status that is a whole number; null otherwise. */
  count(field: string): number | null {
    const value = this.status[field]
    return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null
  }

  /** The size of keys asked for where it does not matter, in bits. */
  get keySize(): number {
    return this.options.keySize ?? (this.count('key_size') || 256)
  }

  /**
   * Makes sure that a request for so many keys stays within what may be taken.
   * @throws Stop otherwise
   */
  reserve(keys: number): void {
    const left = (this.options.maxKeys ?? DEFAULT_MAX_KEYS) - this.keysTaken
    if (keys > left) throw cannotTry(`would take up to ${keys} keys where ${left} more may be taken (maxKeys)`)
    const stored = this.count('stored_key_count')
    if (keys > 8 && stored !== null && keys > stored / 2) {
      throw cannotTry(`would take up to ${keys} of the ${stored} keys that are stored`)
    }
  }

  /** Get key, whatever comes of it; at most `atMost` keys are expected. @throws Stop when that is too many */
  async askForKeys(atMost: number, question: KeyQuestion, peerSaeId = this.options.peerSaeId): Promise<KeyReply> {
    this.reserve(atMost)
    const answer = await askForContainer(this.own, peerSaeId, 'enc_keys', question)
    const keys = answer.container?.keys ?? []
    this.keysTaken += keys.length
    this.seen.push(...keys)
    return answer
  }

  /** Keys that have to come. @throws Stop with `fail` when they do not */
  async take(count: number, question: KeyQuestion): Promise<Container> {
    const { reply, container } = await this.askForKeys(count, question)
    if (container === null) throw new Stop(fail(`the request was answered with ${describeRefusal(reply)}`))
    this.unclaimed.push(...container.keys)
    return container
  }

  /** A key that the peer may fetch: one taken before, or a fresh one. */
  async key(): Promise<QkdKey> {
    if (this.unclaimed.length === 0) await this.take(1, { body: { number: 1, size: this.keySize } })
    const key = this.unclaimed.pop()
    if (key === undefined) throw cannotTry('no key could be got')
    return key
  }

  /** Get key with key IDs. The keys are wiped at the end. */
  async collect(asker: Asker, question: KeyQuestion): Promise<KeyReply> {
    const answer = await askForContainer(asker, this.saeId, 'dec_keys', question)
    this.#collected.push(...(answer.container?.keys ?? []))
    return answer
  }

  close(): void {
    for (const asker of this.#askers) asker.close()
    wipe(...[...this.seen, ...this.#collected].map(({ key }) => key))
  }

  readonly #collected: QkdKey[] = []

  #asker(site: Site, credentials: ClientCredentials): Asker {
    const asker = new Asker(
      site,
      { ...credentials, ca: this.options.ca },
      { timeout: this.timeout, signal: this.options.signal, onReply: (reply) => this.evidence.see(reply) },
    )
    this.#askers.push(asker)
    return asker
  }
}

/** The names under which a certificate may show an SAE: common name, then DNS names, then URIs. */
export function namesIn({ cert }: ClientCredentials): string[] {
  const [first] = typeof cert === 'string' || Buffer.isBuffer(cert) ? [cert] : cert
  if (first === undefined) return []
  const certificate = new X509Certificate(first).toLegacyObject() as PeerCertificate
  return (['common-name', 'dns', 'uri'] as const).flatMap((kind) => certificateNames(certificate, kind))
}

async function askForContainer(asker: Asker, saeId: string, method: KeyMethod, question: KeyQuestion) {
  const reply = await asker.keys(saeId, method, question)
  const container = reply.status === 200 ? readContainer(reply.body) : null
  if (container !== null) wipe(reply.body)
  return { reply, container }
}

function unknownSae(): never {
  throw cannotTry('our SAE ID is not known; give it')
}
