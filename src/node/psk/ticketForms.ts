/**
 * The two forms of a ticket: one that carries its session, and one that names a session in a store. Both are of one
 * connection and for one use.
 */
import { equalBytes, toHex, wipe } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { SpentKeyIds } from '../../qkd/spentKeyIds.js'
import type { ServerSession } from '../../tls/requests.js'
import type { SessionState } from './sessionState.js'
import type { StoreCaller, StoreCalls } from './storeCalls.js'
import { openStoredSession, sealStoredSession, storedSessionId } from './storedSessions.js'
import type { TicketKeys } from './ticketKeys.js'
import { openTicket, sealTicket, ticketNonce } from './tickets.js'

export interface TicketForm {
  /** Null when no ticket can be made. */
  seal(session: ServerSession): Uint8Array | null | Promise<Uint8Array | null>
  /** Fetches what must be there before identities can be told from tickets; null when nothing must. Never rejects. */
  fetch(identities: readonly Uint8Array[]): Promise<void> | null
  /** Null for anything that is not a ticket of ours. The PSK in the result is the caller's to wipe. */
  open(identity: Uint8Array): SessionState | null
  /** The PSK of a ticket, once. */
  redeem(identity: Uint8Array): Uint8Array | null
  /** No ticket is needed any more. */
  forget(): void
}

/**
 * Tickets used lately. Best effort: it is bounded, and other hosts with the same keys do not see it. A ticket used twice
 * breaks nothing, as `psk_dhe_ke` makes fresh keys and nothing is accepted as 0-RTT (RFC 9846 8, C.4), but it lets an
 * observer link the two.
 */
export type UsedTickets = SpentKeyIds
export const usedTickets = (): UsedTickets => new SpentKeyIds(20_000)

export class StatelessTickets implements TicketForm {
  readonly #crypto: CryptoProvider
  readonly #keys: TicketKeys
  readonly #used: UsedTickets

  constructor(crypto: CryptoProvider, keys: TicketKeys, used: UsedTickets) {
    this.#crypto = crypto
    this.#keys = keys
    this.#used = used
  }

  seal(session: ServerSession): Uint8Array | null {
    return sealTicket(this.#crypto, this.#keys, session)
  }

  fetch(): null {
    return null
  }

  open(identity: Uint8Array): SessionState | null {
    return openTicket(this.#keys, identity)
  }

  redeem(identity: Uint8Array): Uint8Array | null {
    const state = this.open(identity)
    if (state === null) return null
    if (this.#used.spend(toHex(ticketNonce(identity)))) return state.psk
    wipe(state.psk)
    return null
  }

  forget(): void {}
}

export class StoredTickets implements TicketForm {
  readonly #crypto: CryptoProvider
  readonly #keys: TicketKeys
  readonly #used: UsedTickets
  readonly #calls: StoreCalls
  readonly #caller: StoreCaller
  #asked = false
  #taken: { readonly ticket: Uint8Array; readonly state: SessionState } | null = null
  #over = false

  constructor(crypto: CryptoProvider, keys: TicketKeys, used: UsedTickets, calls: StoreCalls, caller: StoreCaller) {
    this.#crypto = crypto
    this.#keys = keys
    this.#used = used
    this.#calls = calls
    this.#caller = caller
    caller.signal.addEventListener('abort', () => this.forget(), { once: true })
  }

  async seal(session: ServerSession): Promise<Uint8Array | null> {
    // Before the first wait: the core wipes the session's PSK after the answer.
    const sealed = sealStoredSession(this.#crypto, this.#keys, session)
    if (sealed === null) return null
    const { ticket, id, state } = sealed
    const expiresAt = session.issuedAt + 1000 * session.lifetime
    return (await this.#calls.set(id, state, expiresAt, this.#caller)) ? ticket : null
  }

  /** Of one handshake one session is taken, a HelloRetryRequest included: an honest client offers no more. */
  fetch(identities: readonly Uint8Array[]): Promise<void> | null {
    if (this.#asked) return null
    for (const identity of identities) {
      const id = storedSessionId(this.#keys, identity)
      if (id === null) continue
      this.#asked = true
      // A store that forgets to remove what it gave is not asked again.
      return this.#used.spend(id) ? this.#take(id, new Uint8Array(identity)) : null
    }
    return null
  }

  open(identity: Uint8Array): SessionState | null {
    if (this.#taken === null || !equalBytes(this.#taken.ticket, identity)) return null
    const { state } = this.#taken
    return { ...state, psk: new Uint8Array(state.psk) }
  }

  redeem(identity: Uint8Array): Uint8Array | null {
    const state = this.open(identity)
    if (state !== null) this.forget()
    return state?.psk ?? null
  }

  forget(): void {
    this.#over = true
    wipe(this.#taken?.state.psk)
    this.#taken = null
  }

  async #take(id: string, ticket: Uint8Array): Promise<void> {
    const given = await this.#calls.take(id, this.#caller)
    if (given === null) return
    const state = openStoredSession(this.#keys, ticket, given)
    if (state === null) this.#calls.reportForgery()
    else if (this.#over) wipe(state.psk)
    else this.#taken = { ticket, state }
  }
}
