/**
 * Keys that a master SAE has got at the other site and whose slaves at this site have not all fetched them. A slave
 * gets a key once; after the last slave it is gone (ETSI GS QKD 014 5.4). Keys that nobody fetches are burnt in time:
 * a handshake that failed never comes back for its key.
 */
import { copy, wipe } from '../../bytes.js'
import type { QkdKey } from '../keySource.js'

/** What one site tells the other about keys it gave out. */
export interface KeyDelivery {
  readonly master: string
  readonly slaves: readonly string[]
  readonly keys: readonly QkdKey[]
}

interface WaitingKey {
  readonly key: Uint8Array
  readonly master: string
  readonly named: readonly string[]
  /** Those of the named that have not fetched it. */
  readonly waiting: Set<string>
  readonly expires: number
}

/** `not-found` and `not-yours` are refusals of the whole request; then every key stays where it is. */
export type Collected = QkdKey[] | 'not-found' | 'not-yours'

export class WaitingKeys {
  readonly #lifetime: number
  readonly #capacity: number
  readonly #now: () => number
  /** In the order of arrival, which is the order of expiry. */
  readonly #keys = new Map<string, WaitingKey>()

  constructor(lifetimeMilliseconds: number, capacity: number, now: () => number) {
    this.#lifetime = lifetimeMilliseconds
    this.#capacity = capacity
    this.#now = now
  }

  /** Takes copies of the keys; false, with nothing taken, when a key_ID is known already. */
  add({ master, slaves, keys }: KeyDelivery): boolean {
    this.#burnExpired()
    if (keys.some(({ keyId }) => this.#keys.has(keyId))) return false
    const expires = this.#now() + this.#lifetime
    for (const { keyId, key } of keys) {
      this.#keys.set(keyId, { key: Uint8Array.from(key), master, named: slaves, waiting: new Set(slaves), expires })
    }
    return true
  }

  /** The named keys, all or none, as copies that the caller wipes. */
  collect(slave: string, master: string, keyIds: readonly string[]): Collected {
    this.#burnExpired()
    for (const keyId of keyIds) {
      const entry = this.#keys.get(keyId)
      if (entry === undefined || entry.master !== master) return 'not-found'
      if (!entry.named.includes(slave)) return 'not-yours'
      if (!entry.waiting.has(slave)) return 'not-found'
    }
    return keyIds.map((keyId) => ({ keyId, key: this.#hand(keyId, slave) }))
  }

  burnAll(): void {
    for (const keyId of this.#keys.keys()) this.#burn(keyId)
  }

  #hand(keyId: string, slave: string): Uint8Array {
    const entry = this.#keys.get(keyId) as WaitingKey
    const key = copy(entry.key)
    entry.waiting.delete(slave)
    if (entry.waiting.size === 0) this.#burn(keyId)
    return key
  }

  #burnExpired(): void {
    const now = this.#now()
    for (const [keyId, { expires }] of this.#keys) {
      if (expires > now && this.#keys.size <= this.#capacity) return
      this.#burn(keyId)
    }
  }

  #burn(keyId: string): void {
    wipe(this.#keys.get(keyId)?.key)
    this.#keys.delete(keyId)
  }
}
