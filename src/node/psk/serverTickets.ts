/** A server's tickets under its policy: which sessions get one, and which may be resumed. */
import { toHex, wipe } from '../../bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import { SpentKeyIds } from '../../qkd/spentKeyIds.js'
import type { SelectPskRequest, ServerSession } from '../../tls/requests.js'
import type { PskProfile } from './profile.js'
import { CLOCK_SKEW, serverMayResume } from './resumptionPolicy.js'
import type { SessionState } from './sessionState.js'
import { type PskSource, resumedFrom, toPskSource } from './source.js'
import type { TicketKeys } from './ticketKeys.js'
import { openTicket, sealTicket, ticketNonce } from './tickets.js'

/** A ticket that opened: what it would resume. */
export interface TicketMatch {
  readonly hash: HashAlgorithm
  readonly source: PskSource
  /** Whether the policy of now lets it be resumed with this request. */
  readonly admitted: boolean
}

export class ServerTickets {
  readonly #crypto: CryptoProvider
  readonly #keys: TicketKeys
  readonly #now: () => number
  /**
   * Tickets used lately, by nonce. Best effort: it is bounded, and other hosts with the same keys do not see it. A
   * ticket used twice breaks nothing, as `psk_dhe_ke` makes fresh keys, but it lets an observer link the two.
   */
  readonly #used = new SpentKeyIds(20_000)

  constructor(crypto: CryptoProvider, keys: TicketKeys, now: () => number) {
    this.#crypto = crypto
    this.#keys = keys
    this.#now = now
  }

  /** Null when nobody could resume with it: the policy forbids it already, or no ticket can be made. */
  seal(session: ServerSession, profile: PskProfile): Uint8Array | null {
    const source = toPskSource(session.pskSource)
    // It rests on the bootstrap register, and must end with its entry.
    if (source !== null && source.bootstrap !== null) return null
    const { clientCertificateChain: peerCertificateChain, clientCertificateType: peerCertificateType } = session
    const { localCertificateShown } = session
    // A resumed handshake shows no certificates of its own: those of the full handshake still count.
    const shown = { peerCertificateChain, peerCertificateType, localCertificateShown }
    const facts = { source, ...shown, ...(!peerCertificateChain && source?.resumed) }
    if (!serverMayResume(profile, facts, this.#now())) return null
    return sealTicket(this.#crypto, this.#keys, session)
  }

  /** What the identity would resume, or null when it is no ticket of ours. Keeps no secret. */
  match(
    identity: Uint8Array,
    request: SelectPskRequest,
    hashes: readonly HashAlgorithm[],
    profile: PskProfile,
  ): TicketMatch | null {
    const state = openTicket(this.#keys, identity)
    if (state === null) return null
    wipe(state.psk)
    const admitted =
      hashes.includes(state.hash) && state.serverName === request.serverName && this.#isAdmitted(state, profile)
    return { hash: state.hash, source: resumedFrom(state.source, state), admitted }
  }

  /** The note in a ticket of ours on the handshake behind it; null where there is none. */
  noteIn(identity: Uint8Array): PskSource | null {
    const state = openTicket(this.#keys, identity)
    wipe(state?.psk)
    return state?.source ?? null
  }

  /** The resumption PSK of a ticket, once; null when it is used up or has been. */
  redeem(identity: Uint8Array): Uint8Array | null {
    const state = openTicket(this.#keys, identity)
    if (state === null) return null
    // RFC 9846 8.1: tickets are for one use.
    if (this.#used.spend(toHex(ticketNonce(identity)))) return state.psk
    wipe(state.psk)
    return null
  }

  #isAdmitted(state: SessionState, profile: PskProfile): boolean {
    const now = this.#now()
    const age = now - state.time
    if (age < -CLOCK_SKEW || age >= 1000 * state.lifetime) return false
    return serverMayResume(profile, state, now)
  }
}
