/** A server's tickets under its policy: which sessions get one, and which may be resumed. Of one connection. */
import { wipe } from '../../bytes.js'
import type { HashAlgorithm } from '../../crypto/provider.js'
import type { SelectPskRequest, ServerSession } from '../../tls/requests.js'
import type { PskProfile } from './profile.js'
import { CLOCK_SKEW, serverMayResume } from './resumptionPolicy.js'
import type { SessionState } from './sessionState.js'
import { type PskSource, resumedFrom, toPskSource } from './source.js'
import type { TicketForm } from './ticketForms.js'

/** A ticket that opened: what it would resume. */
export interface TicketMatch {
  readonly hash: HashAlgorithm
  readonly source: PskSource
  /** Whether the policy of now lets it be resumed with this request. */
  readonly admitted: boolean
}

export class ServerTickets {
  readonly #form: TicketForm
  readonly #now: () => number

  constructor(form: TicketForm, now: () => number) {
    this.#form = form
    this.#now = now
  }

  /** Null when nobody could resume with it: the policy forbids it already, or no ticket can be made. */
  seal(session: ServerSession, profile: PskProfile): Uint8Array | null | Promise<Uint8Array | null> {
    const source = toPskSource(session.pskSource)
    // It rests on the bootstrap register, and must end with its entry.
    if (source !== null && source.bootstrap !== null) return null
    const { clientCertificateChain: peerCertificateChain, clientCertificateType: peerCertificateType } = session
    const { localCertificateShown } = session
    const full = source?.resumed
    // A resumed handshake shows no certificates of its own: those of the full handshake still count.
    const shown = { peerCertificateChain, peerCertificateType, localCertificateShown }
    const fullHandshakeAt = full?.fullHandshakeAt ?? session.issuedAt
    const facts = { source, fullHandshakeAt, ...shown, ...(!peerCertificateChain && full) }
    if (!serverMayResume(profile, facts, this.#now())) return null
    return this.#form.seal(session)
  }

  /** To be awaited before the first of the methods below; null when there is nothing to wait for. Never rejects. */
  fetch(identities: readonly Uint8Array[]): Promise<void> | null {
    return this.#form.fetch(identities)
  }

  /** What the identity would resume, or null when it is no ticket of ours. Keeps no secret. */
  match(
    identity: Uint8Array,
    request: SelectPskRequest,
    hashes: readonly HashAlgorithm[],
    profile: PskProfile,
  ): TicketMatch | null {
    const state = this.#form.open(identity)
    if (state === null) return null
    wipe(state.psk)
    const same =
      hashes.includes(state.hash) &&
      state.serverName === request.serverName &&
      state.applicationProtocol === request.applicationProtocol
    const admitted = same && this.#isAdmitted(state, profile)
    return { hash: state.hash, source: resumedFrom(state.source, state), admitted }
  }

  /** The note in a ticket of ours on the handshake behind it; null where there is none. */
  noteIn(identity: Uint8Array): PskSource | null {
    const state = this.#form.open(identity)
    wipe(state?.psk)
    return state?.source ?? null
  }

  /** The resumption PSK of a ticket, once (RFC 9846 C.4); null when it is used up or has been. */
  redeem(identity: Uint8Array): Uint8Array | null {
    return this.#form.redeem(identity)
  }

  /** The handshake has its key, or is over. */
  forget(): void {
    this.#form.forget()
  }

  #isAdmitted(state: SessionState, profile: PskProfile): boolean {
    const now = this.#now()
    const age = now - state.time
    if (age < -CLOCK_SKEW || age >= 1000 * state.lifetime) return false
    return serverMayResume(profile, state, now)
  }
}
