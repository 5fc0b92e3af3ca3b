/** What is known of the addresses that look-ups came from lately, in bounded memory. */
import { Allowance } from './allowance.js'

/**
 * `proven`: a handshake with a QKD key was completed from there lately. `failed`: not so, and it named a key_ID lately
 * that the key manager does not know. `unknown`: neither.
 */
export type Standing = 'proven' | 'failed' | 'unknown'

export interface Source {
  readonly allowance: Allowance
  provenUntil: number
  failedUntil: number
  /** Look-ups from there that wait. */
  waiting: number
}

export interface AddressBookOptions {
  readonly failuresPerAddress: number
  readonly windowMilliseconds: number
  /** How many addresses are remembered of each kind: proven ones and others. */
  readonly capacity: number
}

/** Long enough that a client which connects once a day is never a stranger. */
const PROVEN_MILLISECONDS = 25 * 60 * 60 * 1000

export class AddressBook {
  readonly #options: AddressBookOptions
  /** Both in the order of use. Apart, so that a flood from ever new addresses pushes out no proven one. */
  readonly #proven = new Map<string, Source>()
  readonly #others = new Map<string, Source>()

  constructor(options: AddressBookOptions) {
    this.#options = options
  }

  find(address: string, now: number): Source {
    const source = this.#proven.get(address) ?? this.#others.get(address) ?? this.#stranger(now)
    this.#file(address, source, now)
    return source
  }

  prove(address: string, now: number): void {
    const source = this.find(address, now)
    source.provenUntil = now + PROVEN_MILLISECONDS
    this.#file(address, source, now)
  }

  fail(source: Source, now: number): void {
    source.failedUntil = now + this.#options.windowMilliseconds
  }

  standing({ provenUntil, failedUntil }: Source, now: number): Standing {
    if (provenUntil > now) return 'proven'
    return failedUntil > now ? 'failed' : 'unknown'
  }

  /** Addresses remembered. */
  get size(): number {
    return this.#proven.size + this.#others.size
  }

  #stranger(now: number): Source {
    const { failuresPerAddress, windowMilliseconds } = this.#options
    const allowance = new Allowance(failuresPerAddress, windowMilliseconds, now)
    return { allowance, provenUntil: Number.NEGATIVE_INFINITY, failedUntil: Number.NEGATIVE_INFINITY, waiting: 0 }
  }

  #file(address: string, source: Source, now: number): void {
    this.#proven.delete(address)
    this.#others.delete(address)
    const map = source.provenUntil > now ? this.#proven : this.#others
    map.set(address, source)
    if (map.size > this.#options.capacity) this.#forgetOldest(map)
  }

  /** One with something going on is kept: forgotten, it would be a stranger with a fresh allowance. */
  #forgetOldest(map: Map<string, Source>): void {
    for (const [address, { allowance, waiting }] of map) {
      if (allowance.active > 0 || waiting > 0) continue
      map.delete(address)
      return
    }
  }
}
