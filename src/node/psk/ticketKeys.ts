/**
 * The keys under which a server seals its tickets: the first seals, and all of them open. A server by itself makes them
 * and replaces them by time. Hosts that share tickets are given theirs, with those of before and of next, so that their
 * keys can be replaced one host after the other (docs/resumption.md).
 *
 * Whoever gets a ticket key opens every session whose ticket it sealed, so they are short-lived and never leave memory
 * unless the caller shares them between hosts.
 */
import { equalBytes, wipe } from '../../bytes.js'
import type { Aead, CryptoProvider } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'

export const KEY_NAME_LENGTH = 16
const KEY_LENGTH = 32
const DEFAULT_LIFETIME_SECONDS = 12 * 60 * 60
/** Random 96-bit nonces: 2^30 of them collide with a chance of 2^-37, below the 2^-32 of NIST SP 800-38D 8.3. */
const MAX_TICKETS_PER_KEY = 2 ** 30
/** For every ClientHello that names a key, the names are compared. */
const MAX_GIVEN_KEYS = 16

/** 48 octets, as node:tls: 16 of name and 32 of AES-256 key. In a list the first seals, and all of them open. */
export type TicketKeyOption = Uint8Array | readonly Uint8Array[]

export interface TicketKeysOptions {
  /** Given keys are replaced by their owner, not by time. */
  readonly keys?: TicketKeyOption | undefined
  /** Seconds that a key seals; default 43,200. */
  readonly lifetimeSeconds?: number | undefined
  /** Seconds that a key goes on opening when it seals no more; default `lifetimeSeconds`, and at least that. */
  readonly ticketSeconds?: number | undefined
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
  opensUntil: number
}

export class TicketKeys {
  readonly #crypto: CryptoProvider
  readonly #sealMilliseconds: number
  readonly #openMilliseconds: number
  readonly #maxTickets: number
  readonly #now: () => number
  #rotates: boolean
  /** The first seals. */
  #held: readonly [HeldKey, ...HeldKey[]]

  /** @throws TrefoilError ERR_INVALID_OPTION */
  constructor(crypto: CryptoProvider, options: TicketKeysOptions = {}) {
    this.#crypto = crypto
    this.#sealMilliseconds = 1000 * (options.lifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS)
    this.#openMilliseconds = Math.max(this.#sealMilliseconds, 1000 * (options.ticketSeconds ?? 0))
    this.#maxTickets = options.maxTicketsPerKey ?? MAX_TICKETS_PER_KEY
    this.#now = options.now ?? (() => Date.now())
    if (!(this.#sealMilliseconds > 0)) invalid('ticket keys need a lifetime above zero')
    this.#rotates = options.keys === undefined
    this.#held = options.keys === undefined ? [this.#make()] : this.#take([options.keys].flat(), [])
  }

  /**
   * The key for one more ticket; null when a key given by the caller has sealed all it may.
   * @param times how often it is used for that ticket
   */
  forSealing(times = 1): TicketKey | null {
    this.#keepTime()
    const [current] = this.#held
    if (current.sealed >= this.#maxTickets) return null
    current.sealed += times
    return current
  }

  /** The key of that name, if it is held. */
  forOpening(name: Uint8Array): TicketKey | null {
    this.#keepTime()
    return this.#held.find((key) => equalBytes(key.name, name)) ?? null
  }

  /** The key that seals, 48 octets: for another host that is to open the same tickets. */
  export(): Uint8Array {
    return new Uint8Array(this.#held[0].octets)
  }

  /**
   * Takes new keys. A list takes the place of all keys held, and what is not in it opens nothing any more. One key by
   * itself takes the place of the one that seals, which still opens for as long as its tickets may live.
   * @throws TrefoilError ERR_INVALID_OPTION
   */
  replace(keys: TicketKeyOption): void {
    const [first, ...others] = this.#take([keys].flat(), this.#held)
    this.#rotates = false
    const alone = keys instanceof Uint8Array
    const [before] = this.#held
    const stays = alone && !equalBytes(before.name, first.name)
    if (stays) before.opensUntil = this.#now() + this.#openMilliseconds
    this.#keep([first, ...others, ...(stays ? [before] : [])])
  }

  /** Makes a new key when it is time, and forgets those that open nothing any more. */
  #keepTime(): void {
    const now = this.#now()
    const [current] = this.#held
    const due = current.since + this.#sealMilliseconds
    if (this.#rotates && (now >= due || current.sealed >= this.#maxTickets)) {
      // From when it should have been replaced, were it long ago that anybody asked.
      current.opensUntil = Math.min(now, due) + this.#openMilliseconds
      this.#keep([this.#make(), ...this.#held])
    }
    if (this.#held.some(({ opensUntil }) => opensUntil <= now)) {
      const [first, ...others] = this.#held
      this.#keep([first, ...others.filter(({ opensUntil }) => opensUntil > now)])
    }
  }

  #keep(keys: readonly [HeldKey, ...HeldKey[]]): void {
    for (const key of this.#held) {
      if (keys.includes(key)) continue
      key.aead.wipe()
      wipe(key.octets)
    }
    this.#held = keys
  }

  /** Checked before anything is changed. A key that is held already goes on as what it is: what it has sealed counts. */
  #take(given: readonly Uint8Array[], held: readonly HeldKey[]): readonly [HeldKey, ...HeldKey[]] {
    if (given.length > MAX_GIVEN_KEYS) invalid(`a server has at most ${MAX_GIVEN_KEYS} ticket keys`)
    for (const octets of given) checkKey(octets)
    if (given.some((one, i) => given.some((other, j) => i < j && equalBytes(nameOf(one), nameOf(other))))) {
      invalid('two ticket keys have the same name')
    }
    const [first, ...others] = given.map(
      (octets) => held.find((key) => equalBytes(key.octets, octets)) ?? this.#hold(new Uint8Array(octets)),
    )
    if (first === undefined) return invalid('the list of ticket keys is empty')
    for (const key of [first, ...others]) key.opensUntil = Number.POSITIVE_INFINITY
    return [first, ...others]
  }

  #make(): HeldKey {
    return this.#hold(this.#crypto.randomBytes(KEY_NAME_LENGTH + KEY_LENGTH))
  }

  #hold(octets: Uint8Array): HeldKey {
    const aead = this.#crypto.aead('AES-256-GCM', octets.subarray(KEY_NAME_LENGTH))
    const opensUntil = Number.POSITIVE_INFINITY
    return { name: nameOf(octets), octets, aead, since: this.#now(), sealed: 0, opensUntil }
  }
}

function nameOf(octets: Uint8Array): Uint8Array {
  return octets.subarray(0, KEY_NAME_LENGTH)
}

function checkKey(octets: Uint8Array): void {
  if (!(octets instanceof Uint8Array) || octets.length !== KEY_NAME_LENGTH + KEY_LENGTH) {
    invalid(`ticket keys are ${KEY_NAME_LENGTH + KEY_LENGTH} octets`)
  }
  // Memory that nobody has filled yet: with such a key anybody can resume as anybody (CVE-2020-13777).
  if (octets.subarray(KEY_NAME_LENGTH).every((octet) => octet === 0)) invalid('a ticket key is all zeros')
}

function invalid(message: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', message)
}
