/**
 * The client's answer to `offerPsks`: a session to resume, or PSKs made of one fresh QKD key, of the auth PSKs, or of
 * both. Asked once per handshake, so a HelloRetryRequest costs no second key.
 */
import { toHex, wipe } from '../../bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import { TrefoilError, toTrefoilError } from '../../errors.js'
import type { QkdKey } from '../../qkd/keySource.js'
import type { SpentKeyIds } from '../../qkd/spentKeyIds.js'
import type { HandshakeSummary } from '../../tls/index.js'
import type { ClientSession, OfferedPsk, OfferPsksRequest, PskOffer, RequestHandlers } from '../../tls/requests.js'
import type { Authentication, BootstrapPeer } from './bootstrap.js'
import { fullHandshakeOf, offerAuthPsks, offerQkdKey, offerSession } from './clientOffer.js'
import { type KeyFetch, KeyFetcher, NO_KEY_FETCH } from './keyFetcher.js'
import type { PskOptions } from './options.js'
import { epskHash, keyOctets, type PskProfile, type QkdProfile } from './profile.js'
import { readProfile } from './readProfile.js'
import { CLOCK_SKEW, clientMayResume } from './resumptionPolicy.js'
import { parseSession } from './session.js'
import { type FullHandshake, toPskSource } from './source.js'

export interface ClientPskOptions extends PskOptions {
  /** As `serializeSession` gave it. Offered if the policy still allows it, else passed over. */
  readonly session?: Uint8Array | undefined
  /** The sessions that were offered before, by the hash of their ticket; one of them is passed over. */
  readonly offeredSessions?: SpentKeyIds | undefined
  /** Gives up the call to the key source. */
  readonly signal?: AbortSignal | undefined
  /** See `policy`. */
  readonly requirePostQuantumDelivery?: boolean | undefined
  /** The name or address of the server, which its proof in the bootstrap register is for. */
  readonly serverName?: string | undefined
  /** Whether the peer of a session would still be accepted; default yes. */
  readonly mayResume?: ((session: FullHandshake) => boolean) | undefined
  /** Told when policy `prefer` goes on without a QKD key because the key source failed. */
  readonly onFallback?: ((error: TrefoilError) => void) | undefined
  /** Milliseconds since the epoch; default Date.now. */
  readonly now?: (() => number) | undefined
}

export interface ClientPsks {
  readonly handlers: Pick<RequestHandlers, 'offerPsks'>
  readonly keyFetch: KeyFetch
  /** The server proved who it is: enters it into the bootstrap register, if there is one. */
  onAuthenticated(summary: HandshakeSummary): void
  /** The handshake failed, or the server refused it: one that rested on the register may do so no more. */
  onFailed(): void
}

/**
 * For one handshake.
 * @throws TrefoilError ERR_INVALID_OPTION
 */
export function createClientPsks(options: ClientPskOptions, crypto: CryptoProvider): ClientPsks {
  return new Offerer(options, crypto)
}

class Offerer implements ClientPsks {
  readonly handlers = { offerPsks: (request: OfferPsksRequest) => this.#offerOnce(request) }
  readonly #profile: PskProfile
  readonly #crypto: CryptoProvider
  readonly #session: ClientSession | null
  readonly #offeredSessions: SpentKeyIds | null
  readonly #fetcher: KeyFetcher | null
  readonly #onFallback: (error: TrefoilError) => void
  readonly #acceptsPeer: (session: FullHandshake) => boolean
  readonly #now: () => number
  readonly #peer: BootstrapPeer | null
  #asked = false
  /** How the server had proved itself before, where the offer rests on that. */
  #bootstrap: Authentication | null = null

  constructor(options: ClientPskOptions, crypto: CryptoProvider) {
    this.#profile = readProfile(options, 'client')
    this.#crypto = crypto
    this.#session = options.session === undefined ? null : parseSession(options.session)
    this.#offeredSessions = options.offeredSessions ?? null
    this.#fetcher = this.#profile.qkd && new KeyFetcher(this.#profile.qkd, options)
    this.#peer = this.#profile.qkd && bootstrapPeer(this.#profile.qkd, options.serverName)
    this.#onFallback = options.onFallback ?? (() => {})
    this.#acceptsPeer = options.mayResume ?? (() => true)
    this.#now = options.now ?? (() => Date.now())
  }

  get keyFetch(): KeyFetch {
    return this.#fetcher ?? NO_KEY_FETCH
  }

  onAuthenticated({ psk, peerCertificateChain }: HandshakeSummary): void {
    const source = toPskSource(psk?.source)
    // Only what was proved here and now, with a fresh QKD key mixed in, is first contact.
    if (this.#peer === null || source === null || source.keyId === null) return
    if (source.resumed !== null || source.bootstrap !== null) return
    this.#profile.qkd?.bootstrap?.remember(this.#peer, peerCertificateChain === null ? 'psk' : 'certificate')
  }

  onFailed(): void {
    if (this.#bootstrap !== null && this.#peer !== null) this.#profile.qkd?.bootstrap?.forget(this.#peer)
  }

  async #offerOnce(request: OfferPsksRequest): Promise<PskOffer> {
    // The PSKs are wiped by now; offering zeros in their place would be no refusal at all.
    if (this.#asked) throw new TrefoilError('ERR_INVALID_STATE', 'the PSKs of this handshake were offered before')
    this.#asked = true
    try {
      const session = this.#session
      if (session !== null && this.#mayResume(session, request) && this.#isUnused(session)) {
        return this.#offerSession(session, request)
      }
      return await this.#offerFresh(request)
    } finally {
      wipe(this.#session?.psk, ...keyOctets(this.#profile.psks))
    }
  }

  #mayResume(session: ClientSession, request: OfferPsksRequest): boolean {
    const now = this.#now()
    const age = now - session.receivedAt
    // RFC 9846 4.7.1: not beyond its lifetime; 4.3.11: only with a suite of the same hash; 4.7.1: only the same SNI.
    if (age < -CLOCK_SKEW || age >= 1000 * session.lifetime) return false
    if (!request.hashes.includes(session.hash) || session.serverName !== request.serverName) return false
    // What is said in a session was meant for one protocol.
    const { applicationProtocol } = session
    if (applicationProtocol !== null && !request.applicationProtocols.includes(applicationProtocol)) return false
    const full = fullHandshakeOf(session)
    const facts = { source: toPskSource(session.pskSource), ...full }
    return clientMayResume(this.#profile, facts, now) && this.#acceptsPeer(full)
  }

  /** RFC 9846 C.4: with a ticket on two connections an observer can tell that they are of one client. */
  #isUnused({ ticket }: ClientSession): boolean {
    return this.#offeredSessions?.spend(toHex(this.#crypto.hash('SHA-256', ticket))) ?? true
  }

  /**
   * A session costs no QKD key, so none is fetched beside it. A server that declines it is refused wherever a full
   * handshake with what is offered here would fall short of the profile; a new connection without the session does it.
   */
  #offerSession(session: ClientSession, request: OfferPsksRequest): PskOffer {
    const { psks, qkd, certificateMode } = this.#profile
    // RFC 9973 5.1: a ticket and tls_cert_with_extern_psk never go together.
    const alone = certificateMode || qkd?.policy === 'require'
    const others = alone ? [] : offerAuthPsks(this.#crypto, psks, request.hashes)
    return {
      psks: [offerSession(session, this.#now()), ...others],
      withCertificate: false,
      required: isRequired(this.#profile),
    }
  }

  async #offerFresh({ hashes }: OfferPsksRequest): Promise<PskOffer> {
    const { psks, qkd, certificateMode } = this.#profile
    const offered = qkd === null ? [] : await this.#offerQkd(qkd, hashes)
    const required = isRequired(this.#profile)
    if (this.#bootstrap !== null) return { psks: offered, withCertificate: false, required }
    if (qkd?.policy !== 'require') offered.push(...offerAuthPsks(this.#crypto, psks, hashes))
    if (required && offered.length === 0) throw noSuitableHash()
    return { psks: offered, withCertificate: certificateMode && offered.length > 0, required }
  }

  async #offerQkd(qkd: QkdProfile, hashes: readonly HashAlgorithm[]): Promise<OfferedPsk[]> {
    const { psks } = this.#profile
    const bootstrap = this.#findBootstrap(qkd)
    const parts = (psks.length === 0 || bootstrap !== null ? [null] : psks).filter(
      (psk) => qkd.importer || hashes.includes(epskHash(qkd, psk)),
    )
    // Said before a key is spent on it.
    if (parts.length === 0 && qkd.policy === 'require') throw noSuitableHash()
    const fetched = parts.length === 0 ? null : await this.#fetchKey(qkd)
    if (fetched === null) return []
    this.#bootstrap = bootstrap
    try {
      return offerQkdKey(this.#crypto, qkd, parts, fetched, hashes, { freshQkdAt: this.#now(), bootstrap })
    } finally {
      wipe(fetched.key)
    }
  }

  /** How the server had proved itself, if that is how it would have to at first contact under the profile of now. */
  #findBootstrap({ bootstrap }: QkdProfile): Authentication | null {
    const entry = this.#peer && (bootstrap?.find(this.#peer) ?? null)
    const wanted = this.#profile.certificateMode ? 'certificate' : 'psk'
    return entry?.by === wanted ? entry : null
  }

  /** Null: policy `prefer` goes on without, and something is left to go on with. */
  async #fetchKey(qkd: QkdProfile): Promise<QkdKey | null> {
    const { psks, certificates } = this.#profile
    const [peerSaeId] = qkd.peerSaeIds as readonly [string]
    try {
      return (await this.#fetcher?.fresh(peerSaeId)) ?? null
    } catch (thrown) {
      const error = toTrefoilError(thrown)
      const alternative = psks.length > 0 || certificates
      if (qkd.policy === 'require' || !alternative || error.blame !== 'key-source') throw error
      this.#onFallback(error)
      return null
    }
  }
}

/** Whether a handshake without any of the offered PSKs would be less than the profile asks. */
function isRequired({ psks, qkd, certificateMode }: PskProfile): boolean {
  if (qkd?.policy === 'require' || psks.length > 0) return true
  // QKD alone under `prefer`: the certificate is enough, where there is one.
  return qkd !== null && !certificateMode
}

function bootstrapPeer(qkd: QkdProfile, serverName: string | undefined): BootstrapPeer {
  const [peerSaeId] = qkd.peerSaeIds as readonly [string]
  return { keySource: qkd.source.name, localSaeId: qkd.localSaeId, peerSaeId, serverName: serverName ?? null }
}

function noSuitableHash(): TrefoilError {
  return new TrefoilError('ERR_INVALID_OPTION', 'no offered cipher suite has the hash of the external PSK')
}
