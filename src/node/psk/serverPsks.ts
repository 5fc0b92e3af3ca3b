/**
 * The server's answers to `selectPsk`, `fetchPsk` and `sealTicket`. Selecting asks no key source: a key_ID is looked up
 * only when nothing cheaper has refused the handshake, and never twice.
 */
import { wipe } from '../../bytes.js'
import { CIPHER_SUITES } from '../../crypto/cipherSuites.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'
import type { HandshakeSummary } from '../../tls/index.js'
import type { FetchPskRequest, PskAlternative, PskSelection, SelectPskRequest } from '../../tls/requests.js'
import type { KeyLookupGate } from '../keyLookups/index.js'
import { AskedKeyIds } from './askedKeyIds.js'
import { disguise, type Likeness, likenessOf } from './decoy.js'
import { IdentityTable, type KnownPsk } from './identityTable.js'
import { type KeyFetch, KeyFetcher, NO_KEY_FETCH } from './keyFetcher.js'
import type { PskProfile } from './profile.js'
import { PskLookups } from './pskLookups.js'
import { nothingToSelect } from './pskRefusal.js'
import { readProfile } from './readProfile.js'
import { admittedBy, isAdmitted, rememberClient } from './serverBootstrap.js'
import { ServerKeys } from './serverKeys.js'
import type { ServerConnectionOptions, ServerConnectionPsks, ServerPskOptions, ServerPsks } from './serverPskOptions.js'
import { ServerTickets } from './serverTickets.js'
import { authPskNote, authPskSource, NO_SOURCE, type PskSource, type Resumed, toPskSource } from './source.js'
import { type StoreCaller, StoreCalls } from './storeCalls.js'
import { StatelessTickets, StoredTickets, type TicketForm, usedTickets } from './ticketForms.js'
import type { TicketKeys } from './ticketKeys.js'

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
  const now = options.now ?? (() => Date.now())
  const shared: Shared = {
    crypto,
    profile,
    now,
    table: new IdentityTable(profile),
    ticketsFor: tickets === null || options.tickets === false ? () => null : ticketForms(options, crypto, tickets),
    askedKeyIds: new AskedKeyIds({ now }),
    likeness: likenessOf(profile),
  }
  return { forConnection: (connection = {}) => new Selector(shared, connection) }
}

function ticketForms(
  { sessions }: ServerPskOptions,
  crypto: CryptoProvider,
  keys: TicketKeys,
): (caller: StoreCaller) => TicketForm {
  const used = usedTickets()
  if (!sessions) {
    const stateless = new StatelessTickets(crypto, keys, used)
    return () => stateless
  }
  const calls = new StoreCalls(sessions, sessions.guard)
  return (caller) => new StoredTickets(crypto, keys, used, calls, caller)
}

interface Shared {
  readonly crypto: CryptoProvider
  readonly profile: PskProfile
  readonly now: () => number
  readonly table: IdentityTable
  readonly ticketsFor: (caller: StoreCaller) => TicketForm | null
  readonly askedKeyIds: AskedKeyIds
  readonly likeness: Likeness
}

/** An identity that stands for nothing, and what it looks like. */
interface Decoy {
  readonly mode: 'decoy'
  readonly hash: HashAlgorithm
  readonly importer: boolean
}

const OPEN_GATE: KeyLookupGate = { check() {}, run: (ask) => ask() }

class Selector implements ServerConnectionPsks {
  readonly handlers: ServerConnectionPsks['handlers'] = {
    selectPsk: (request) => {
      const fetched = this.#tickets?.fetch(candidates(request).map(({ identity }) => identity)) ?? null
      return fetched === null ? this.#choose(request) : fetched.then(() => this.#choose(request))
    },
    fetchPsk: (request) => this.#fetch(request),
    sealTicket: ({ session }) => this.#tickets?.seal(session, this.#profile) ?? null,
  }
  readonly #shared: Shared
  readonly #fetcher: KeyFetcher | null
  readonly #keys: ServerKeys
  readonly #lookups: PskLookups | null
  readonly #tickets: ServerTickets | null
  readonly #gate: KeyLookupGate
  readonly #mayResume: (session: Resumed) => boolean
  /** What was selected, by the note that comes back with it. */
  readonly #selected = new WeakMap<object, KnownPsk | Decoy | 'ticket'>()
  /** Those of the server; with look-ups, those of this client's hello. */
  #profile: PskProfile
  #table: IdentityTable

  constructor(shared: Shared, options: ServerConnectionOptions) {
    const { crypto, profile, askedKeyIds } = shared
    const { qkd, lookup } = profile
    this.#shared = shared
    this.#profile = profile
    this.#table = shared.table
    this.#fetcher = qkd && new KeyFetcher(qkd, options)
    this.#gate = options.gate ?? OPEN_GATE
    const onFallback = options.onFallback ?? (() => {})
    this.#keys = new ServerKeys({ crypto, qkd, fetcher: this.#fetcher, askedKeyIds, gate: this.#gate, onFallback })
    const { remoteAddress = null, signal = new AbortController().signal } = options
    const form = shared.ticketsFor({ address: remoteAddress ?? '', signal })
    this.#tickets = form && new ServerTickets(form, shared.now)
    const ticketNote = (identity: Uint8Array) => this.#tickets?.noteIn(identity) ?? null
    this.#lookups = lookup && new PskLookups(lookup, { qkd, remoteAddress, signal, ticketNote })
    this.#mayResume = options.mayResume ?? (() => true)
  }

  get keyFetch(): KeyFetch {
    return this.#fetcher ?? NO_KEY_FETCH
  }

  overdue(): TrefoilError | null {
    return this.#lookups?.overdue() ?? null
  }

  onAuthenticated({ psk, peerCertificateChain }: HandshakeSummary): void {
    this.#end()
    rememberClient(this.#profile, toPskSource(psk?.source), peerCertificateChain)
  }

  onFailed(): void {
    this.#end()
  }

  #end(): void {
    this.#lookups?.wipe()
    this.#tickets?.forget()
  }

  #choose(request: SelectPskRequest): PskSelection | null | Promise<PskSelection | null> {
    return this.#lookups === null ? this.#select(request) : this.#lookUp(this.#lookups, request)
  }

  async #lookUp(lookups: PskLookups, request: SelectPskRequest): Promise<PskSelection | null> {
    const identities = candidates(request).map(({ identity }) => identity)
    const psks = await lookups.find(identities, request.serverName)
    this.#profile = { ...this.#shared.profile, psks }
    this.#table = new IdentityTable(this.#profile)
    return this.#select(request)
  }

  #select(request: SelectPskRequest): PskSelection | null {
    const hashes = [...new Set(request.suites.map((suite) => CIPHER_SUITES[suite].hash))]
    return (
      // RFC 9257 6.1.2: tickets are opened before external identities are compared.
      this.#selectTicket(request, hashes) ??
      this.#selectExternal(request, hashes) ??
      this.#selectNothing(request, hashes)
    )
  }

  #selectTicket(request: SelectPskRequest, hashes: readonly HashAlgorithm[]): PskSelection | null {
    for (const { index, identity } of candidates(request)) {
      const match = this.#tickets?.match(identity, request, hashes, this.#profile) ?? null
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
    const profile = this.#profile
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

  #selectNothing(request: SelectPskRequest, hashes: readonly HashAlgorithm[]): PskSelection | null {
    const offersQkdAlone = this.#usable(request, hashes).some(({ known }) => known.mode === 'qkd')
    if (nothingToSelect(request, this.#profile, offersQkdAlone) === null) return null
    const source = Object.freeze({ ...NO_SOURCE })
    const { index, hash, importer } = disguise(candidates(request), hashes, this.#shared.likeness)
    this.#selected.set(source, { mode: 'decoy', hash, importer })
    const kind = importer ? 'imported' : 'external'
    return { index, hash, kind, withCertificate: false, decoy: true, source }
  }

  /** The identities we know and have not tried: by our order of hashes, then by the client's order. */
  #usable(request: SelectPskRequest, hashes: readonly HashAlgorithm[]): { index: number; known: KnownPsk }[] {
    return hashes.flatMap((hash) =>
      candidates(request).flatMap(({ index, identity }) => {
        const known = this.#table.find(identity, hash)
        const tried = known !== null && known.mode !== 'psk' && this.#keys.askedForKey
        return known === null || tried ? [] : [{ index, known }]
      }),
    )
  }

  #sourceOf(known: KnownPsk, request: SelectPskRequest): PskSource {
    const { qkd } = this.#profile
    if (known.mode === 'psk') return authPskSource(known.psk)
    return Object.freeze({
      ...NO_SOURCE,
      mode: known.mode,
      ...authPskNote(known.psk),
      keyId: known.keyId,
      keySourceName: qkd?.source.name ?? null,
      localSaeId: qkd?.localSaeId ?? null,
      peerSaeId: known.peerSaeId,
      freshQkdAt: this.#shared.now(),
      bootstrap: admittedBy(this.#profile, known, request),
    })
  }

  async #fetch({ selection, identity }: FetchPskRequest): Promise<Uint8Array | readonly PskAlternative[] | null> {
    const source = toPskSource(selection.source)
    const selected = source && this.#selected.get(source)
    if (source === null || !selected) throw new TrefoilError('ERR_INVALID_STATE', 'that PSK was not selected here')
    if (selected === 'ticket') return this.#tickets?.redeem(identity) ?? null
    const { likeness } = this.#shared
    if (selected.mode === 'decoy') return this.#keys.decoys(selected, identity, likeness.keys)
    this.#lookups?.check()
    const made = await this.#keys.alternatives(selected, identity, source)
    if (made === null) return null
    this.#endLookups(made)
    if (selected.mode !== 'psk') return made
    // As many as for an unknown identity, also where it is another PSK that has two keys.
    return [...made, ...this.#keys.decoys(selected, identity, likeness.keys - made.length)]
  }

  /** Their keys have been used; unless they were wiped before that, in the time that a key source took. */
  #endLookups(made: readonly PskAlternative[]): void {
    try {
      this.#lookups?.check()
    } catch (error) {
      wipe(...made.map(({ psk }) => psk))
      throw error
    }
    this.#lookups?.wipe()
  }
}

function candidates(request: SelectPskRequest): { index: number; identity: Uint8Array }[] {
  return request.identities
    .slice(0, MAX_IDENTITIES)
    .map(({ identity }, index) => ({ index, identity }))
    .filter(({ index }) => !request.excluded.includes(index))
}
