/**
 * The server's answers to `selectPsk`, `fetchPsk` and `sealTicket`. Selecting asks no key source: a key_ID is looked up
 * only when nothing cheaper has refused the handshake, and never twice.
 */
import { wipe } from '../../bytes.js'
import { CIPHER_SUITES } from '../../crypto/cipherSuites.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import { TrefoilError, toTrefoilError } from '../../errors.js'
import type { QkdKey } from '../../qkd/keySource.js'
import type { HandshakeSummary } from '../../tls/index.js'
import { importPskFor } from '../../tls/psk/importer.js'
import type { FetchPskRequest, PskSelection, RequestHandlers, SelectPskRequest } from '../../tls/requests.js'
import type { KeyLookupGate } from '../keyLookups/index.js'
import { AskedKeyIds } from './askedKeyIds.js'
import { qkdEpsk } from './externalPsk.js'
import { IdentityTable, type KnownPsk, type KnownQkdPsk } from './identityTable.js'
import { type KeyFetch, KeyFetcher, type KeyFetcherOptions, NO_KEY_FETCH } from './keyFetcher.js'
import type { PskOptions } from './options.js'
import { epskHash, type PskProfile, type QkdProfile } from './profile.js'
import { nothingToSelect } from './pskRefusal.js'
import { readProfile } from './readProfile.js'
import { admittedBy, isAdmitted, rememberClient } from './serverBootstrap.js'
import { ServerTickets } from './serverTickets.js'
import { NO_SOURCE, type PskSource, type Resumed, toPskSource } from './source.js'
import type { TicketKeys } from './ticketKeys.js'

export interface ServerPskOptions extends PskOptions {
  /** Milliseconds since the epoch; default Date.now. */
  readonly now?: (() => number) | undefined
}

export interface ServerConnectionOptions extends KeyFetcherOptions {
  /** Told when policy `prefer` goes on without a QKD key because the key source failed. */
  readonly onFallback?: ((error: TrefoilError) => void) | undefined
  /** Lets look-ups through to the key source, or refuses them; default: lets all through. */
  readonly gate?: KeyLookupGate | undefined
  /** Whether the peer of a session would still be accepted; default yes. */
  readonly mayResume?: ((session: Resumed) => boolean) | undefined
}

export interface ServerPsks {
  forConnection(options?: ServerConnectionOptions): ServerConnectionPsks
}

export interface ServerConnectionPsks {
  readonly handlers: Pick<RequestHandlers, 'selectPsk' | 'fetchPsk' | 'sealTicket'>
  readonly keyFetch: KeyFetch
  /** The client proved who it is: enters it into the bootstrap register, if there is one. */
  onAuthenticated(summary: HandshakeSummary): void
}

/** More identities than any honest client offers; the rest is not looked at. */
const MAX_IDENTITIES = 64

/**
 * For one server and all its connections.
 * @param tickets null: no tickets are issued or accepted
 * @throws TrefoilError ERR_INVALID_OPTION
 */
export function createServerPsks(
  options: ServerPskOptions,
  crypto: CryptoProvider,
  tickets: TicketKeys | null,
): ServerPsks {
  const profile = readProfile(options, 'server')
  const now = options.now ?? Date.now
  const keys = options.tickets === false ? null : tickets
  const shared: Shared = {
    crypto,
    profile,
    now,
    table: new IdentityTable(profile),
    tickets: keys === null ? null : new ServerTickets(crypto, keys, profile, now),
    askedKeyIds: new AskedKeyIds({ now }),
  }
  return { forConnection: (connection = {}) => new Selector(shared, connection) }
}

interface Shared {
  readonly crypto: CryptoProvider
  readonly profile: PskProfile
  readonly now: () => number
  readonly table: IdentityTable
  readonly tickets: ServerTickets | null
  readonly askedKeyIds: AskedKeyIds
}

const OPEN_GATE: KeyLookupGate = { check() {}, run: (ask) => ask() }

class Selector implements ServerConnectionPsks {
  readonly handlers: ServerConnectionPsks['handlers'] = {
    selectPsk: (request) => this.#select(request),
    fetchPsk: (request) => this.#fetch(request),
    sealTicket: ({ session }) => this.#shared.tickets?.seal(session) ?? null,
  }
  readonly #shared: Shared
  readonly #fetcher: KeyFetcher | null
  readonly #onFallback: (error: TrefoilError) => void
  readonly #mayResume: (session: Resumed) => boolean
  /** What was selected, by the note that comes back with it. */
  readonly #selected = new WeakMap<object, KnownPsk | 'ticket'>()
  readonly #gate: KeyLookupGate
  /** An honest client offers one QKD key, and what was not to be had under one KDF is not under another either. */
  #askedForKey = false

  constructor(shared: Shared, options: ServerConnectionOptions) {
    this.#shared = shared
    const { qkd } = shared.profile
    this.#fetcher = qkd && new KeyFetcher(qkd, options)
    this.#onFallback = options.onFallback ?? (() => {})
    this.#gate = options.gate ?? OPEN_GATE
    this.#mayResume = options.mayResume ?? (() => true)
  }

  get keyFetch(): KeyFetch {
    return this.#fetcher ?? NO_KEY_FETCH
  }

  onAuthenticated({ psk, peerCertificateChain }: HandshakeSummary): void {
    rememberClient(this.#shared.profile, toPskSource(psk?.source), peerCertificateChain)
  }

  #select(request: SelectPskRequest): PskSelection | null {
    const hashes = [...new Set(request.suites.map((suite) => CIPHER_SUITES[suite].hash))]
    return (
      // RFC 9257 6.1.2: tickets are opened before external identities are compared.
      this.#selectTicket(request, hashes) ??
      this.#selectExternal(request, hashes) ??
      nothingToSelect(request, this.#shared.profile)
    )
  }

  #selectTicket(request: SelectPskRequest, hashes: readonly HashAlgorithm[]): PskSelection | null {
    for (const { index, identity } of candidates(request)) {
      const match = this.#shared.tickets?.match(identity, request, hashes) ?? null
      if (match === null) continue
      if (request.withCertificate) {
        throw new TrefoilError(
          'ERR_ILLEGAL_PARAMETER',
          'client offered a ticket together with tls_cert_with_extern_psk (RFC 9973 5.1)',
        )
      }
      const { resumed } = match.source
      if (!match.admitted || (resumed !== null && !this.#mayResume(resumed))) continue
      this.#selected.set(match.source, 'ticket')
      return { index, hash: match.hash, kind: 'resumption', withCertificate: false, source: match.source }
    }
    return null
  }

  #selectExternal(request: SelectPskRequest, hashes: readonly HashAlgorithm[]): PskSelection | null {
    const { profile } = this.#shared
    const usable = this.#usable(request, hashes).filter(({ known }) => isAdmitted(profile, known, request))
    // Under `prefer` a QKD key comes before the order of suites, and before the order in which the client lists its PSKs.
    const [found] = [...usable.filter(({ known }) => known.mode !== 'psk'), ...usable]
    if (found === undefined) return null
    const { index, known } = found
    const costsKey = known.mode !== 'psk'
    if (costsKey) this.#gate.check()
    const source = this.#sourceOf(known, request)
    this.#selected.set(source, known)
    const kind = known.importer ? 'imported' : 'external'
    const withCertificate = profile.certificateMode && source.bootstrap === null
    return { index, hash: known.hash, kind, withCertificate, costsKey, source }
  }

  /** The identities we know and have not tried: by our order of hashes, then by the client's order. */
  #usable(request: SelectPskRequest, hashes: readonly HashAlgorithm[]): { index: number; known: KnownPsk }[] {
    return hashes.flatMap((hash) =>
      candidates(request).flatMap(({ index, identity }) => {
        const known = this.#shared.table.find(identity, hash)
        const tried = known !== null && known.mode !== 'psk' && this.#askedForKey
        return known === null || tried ? [] : [{ index, known }]
      }),
    )
  }

  #sourceOf(known: KnownPsk, request: SelectPskRequest): PskSource {
    const { qkd } = this.#shared.profile
    const common = { ...NO_SOURCE, mode: known.mode, pskIdentity: known.psk?.identity ?? null }
    if (known.mode === 'psk' || qkd === null) return Object.freeze(common)
    return Object.freeze({
      ...common,
      keyId: known.keyId,
      keySourceName: qkd.source.name,
      localSaeId: qkd.localSaeId,
      peerSaeId: known.peerSaeId,
      freshQkdAt: this.#shared.now(),
      bootstrap: admittedBy(this.#shared.profile, known, request),
    })
  }

  async #fetch({ selection, identity }: FetchPskRequest): Promise<Uint8Array | null> {
    const { crypto, profile, tickets } = this.#shared
    const selected = this.#selected.get(selection.source as object)
    if (selected === undefined) throw new TrefoilError('ERR_INVALID_STATE', 'that PSK was not selected here')
    if (selected === 'ticket') return tickets?.redeem(identity) ?? null
    if (selected.mode === 'psk') {
      const { key: epsk, hash } = selected.psk
      return selected.importer
        ? importPskFor(crypto, { epsk, hash }, identity, selected.hash).psk
        : new Uint8Array(epsk)
    }
    if (profile.qkd === null) throw new TrefoilError('ERR_INVALID_STATE', 'there is no key source to ask')
    try {
      return await this.#fetchQkd(profile.qkd, selected, identity)
    } catch (thrown) {
      const error = toTrefoilError(thrown)
      if (profile.qkd.policy === 'require' || error.blame !== 'key-source') throw error
      this.#onFallback(error)
      return null
    }
  }

  async #fetchQkd(qkd: QkdProfile, known: KnownQkdPsk, identity: Uint8Array): Promise<Uint8Array> {
    const { crypto } = this.#shared
    const { psk } = known
    this.#askedForKey = true
    const { key } = await this.#gate.run(() => this.#askOnce(known))
    const hash = epskHash(qkd, psk)
    const epsk = qkdEpsk(crypto, hash, psk, key)
    wipe(key)
    if (!known.importer) return epsk
    const { psk: imported } = importPskFor(crypto, { epsk, hash }, identity, known.hash)
    wipe(epsk)
    return imported
  }

  async #askOnce({ peerSaeId, keyId }: KnownQkdPsk): Promise<QkdKey> {
    const { askedKeyIds } = this.#shared
    // Told exactly like a key_ID that the key source does not know.
    if (this.#fetcher === null || !askedKeyIds.begin(peerSaeId, keyId)) {
      throw new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'client named a QKD key that was asked for before')
    }
    let used = false
    try {
      const key = await this.#fetcher.named(peerSaeId, keyId)
      used = true
      return key
    } finally {
      askedKeyIds.end(peerSaeId, keyId, used)
    }
  }
}

function candidates(request: SelectPskRequest): { index: number; identity: Uint8Array }[] {
  return request.identities
    .slice(0, MAX_IDENTITIES)
    .map(({ identity }, index) => ({ index, identity }))
    .filter(({ index }) => !request.excluded.includes(index))
}
