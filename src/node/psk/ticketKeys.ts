/**
 * The keys under which a server seals its tickets: one to seal with, and the one before it, which still opens. Whoever
 * gets a ticket key opens every session whose ticket it sealed, so they are short-lived and never leave memory unless
 * the caller shares them between hosts.
 */
import { equalBytes, wipe } from '../../bytes.js'
import type { Aead, CryptoProvider } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'

export const KEY_NAME_LENGTH = 16
const KEY_LENGTH = 32
const DEFAULT_LIFETIME_SECONDS = 12 * 60 * 60
/** Random 96-bit nonces: 2^30 of them collide with a chance of 2^-37, below the 2^-32 of NIST SP 800-38D 8.3. */
const MAX_TICKETS_PER_KEY = 2 ** 30

export interface TicketKeysOptions {
  /** 48 octets, as node:tls: 16 of name and 32 of AES-256 key. Given keys are replaced by their owner, not by time. */
  readonly keys?: Uint8Array | undefined
  /** Seconds that a key seals, and then once more only opens; default 43,200. */
  readonly lifetimeSeconds?: number | undefined
  readonly maxTicketsPerKey?: number | undefined
  /** Milliseconds since the epoch; default Date.now. */
  readonly now?: (() => number) | undefined
}

export interface TicketKey {
  readonly name: Uint8Array
  readonly aead: Aead
}

interface HeldKey extends TicketKey {
  readonly octets: Uint8Array
  readonly since: number
  sealed: number
}

export class TicketKeys {
  readonly #crypto: CryptoProvider
  readonly #lifetime: number
  readonly #maxTickets: number
  readonly #now: () => number
  #rotates: boolean
  #current: HeldKey
  #previous: HeldKey | null = null

  /** @throws TrefoilError ERR_INVALID_OPTION */
  constructor(crypto: CryptoProvider, options: TicketKeysOptions = {}) {
    this.#crypto = crypto
    this.#lifetime = 1000 * (options.lifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS)
    this.#maxTickets = options.maxTicketsPerKey ?? MAX_TICKETS_PER_KEY
    this.#now = options.now ?? Date.now
    if (!(this.#lifetime > 0)) throw new TrefoilError('ERR_INVALID_OPTION', 'ticket keys need a lifetime above zero')
    this.#rotates = options.keys === undefined
    this.#current = this.#hold(
      options.keys ? new Uint8Array(options.keys) : crypto.randomBytes(KEY_NAME_LENGTH + KEY_LENGTH),
    )
  }

  /** The key for one more ticket; null when a key given by the caller has sealed all it may. */
  forSealing(): TicketKey | null {
    this.#rotateIfDue()
    if (this.#current.sealed >= this.#maxTickets) return null
    this.#current.sealed++
    return this.#current
  }

  /** The key of that name, if it is still held. */
  forOpening(name: Uint8Array): TicketKey | null {
    this.#rotateIfDue()
    if (equalBytes(name, this.#current.name)) return this.#current
    return this.#previous !== null && equalBytes(name, this.#previous.name) ? this.#previous : null
  }

  /** The current keys, 48 octets: for another host that is to open the same tickets. */
  export(): Uint8Array {
    return new Uint8Array(this.#current.octets)
  }

  /**
   * Takes new keys, 48 octets; the ones before still open tickets for a lifetime. After a leak call it twice, so that
   * nothing sealed before opens any more.
   * @throws TrefoilError ERR_INVALID_OPTION
   */
  replace(keys: Uint8Array): void {
    const next = this.#hold(new Uint8Array(keys))
    this.#rotates = false
    this.#advance(next)
  }

  #rotateIfDue(): void {
    const age = this.#now() - this.#current.since
    const spent = this.#current.sealed >= this.#maxTickets
    if (this.#rotates && (age >= this.#lifetime || spent)) {
      // Unused for so long that the old one may not open any more either.
      const stale = age >= 2 * this.#lifetime
      this.#advance(this.#hold(this.#crypto.randomBytes(KEY_NAME_LENGTH + KEY_LENGTH)))
      if (stale) this.#forgetPrevious()
    } else if (age >= this.#lifetime) {
      this.#forgetPrevious()
    }
  }

  #advance(next: HeldKey): void {
    this.#forgetPrevious()
    this.#previous = this.#current
    this.#current = next
  }

  #forgetPrevious(): void {
    this.#previous?.aead.wipe()
    wipe(this.#previous?.octets)
    this.#previous = null
  }

  #hold(octets: Uint8Array): HeldKey {
    if (octets.length !== KEY_NAME_LENGTH + KEY_LENGTH) {
      throw new TrefoilError('ERR_INVALID_OPTION', `ticket keys are ${KEY_NAME_LENGTH + KEY_LENGTH} octets`)
    }
    const aead = this.#crypto.aead('AES-256-GCM', octets.subarray(KEY_NAME_LENGTH))
    return { name: octets.subarray(0, KEY_NAME_LENGTH), octets, aead, since: this.#now(), sealed: 0 }
  }
}
