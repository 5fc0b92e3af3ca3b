/** Symmetric keys on their way into node:crypto. */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { copy, wipe } from '../../bytes.js'

/** Node 24 takes 10 to 16 µs to accept raw octets as a key, the others less than a KeyObject costs. */
const OCTETS_ARE_SLOW = /^v24\./.test(process.version)

/**
 * A key that is used once costs less as octets; one that is used again costs less as a KeyObject, which lives in memory
 * that we cannot wipe.
 */
export class OnceThenKeyObject {
  #octets: Uint8Array | null
  #keyObject: KeyObject | null = null

  /** Keeps a copy, which `wipe` wipes. */
  constructor(key: Uint8Array) {
    if (OCTETS_ARE_SLOW) {
      this.#octets = null
      this.#keyObject = createSecretKey(key)
    } else {
      this.#octets = copy(key)
    }
  }

  /** The key in the form that this use of it takes; null once it is wiped. */
  take(): Uint8Array | KeyObject | null {
    if (this.#keyObject !== null || this.#octets === null) return this.#keyObject
    if (!this.#used) {
      this.#used = true
      return this.#octets
    }
    this.#keyObject = createSecretKey(this.#octets)
    wipe(this.#octets)
    return this.#keyObject
  }

  wipe(): void {
    wipe(this.#octets)
    this.#octets = null
    this.#keyObject = null
  }

  #used = false
}
