/** Symmetric keys on their way into node:crypto. */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { copy, wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'

/** Node 24 takes 10 to 16 µs to accept raw octets as a key, the others less than a KeyObject costs. */
const OCTETS_ARE_SLOW = /^v24\./.test(process.version)

/**
 * A key that is used once costs less as octets, and most keys of a handshake are used once or twice; one that is used again
 * costs less as a KeyObject, which lives in memory that we cannot wipe.
 */
export class SecretKey {
  readonly #purpose: string
  #octets: Uint8Array | null = null
  #keyObject: KeyObject | null = null
  #used = false

  /**
   * Keeps a copy of the key, which `wipe` wipes.
   * @param purpose for the sentence of a refusal: "HMAC", "AES-128-GCM"
   */
  constructor(purpose: string, key: Uint8Array) {
    this.#purpose = purpose
    if (OCTETS_ARE_SLOW) this.#keyObject = createSecretKey(key)
    else this.#octets = copy(key)
  }

  /** The key in the form that this use of it takes. @throws TrefoilError ERR_INVALID_STATE once it is wiped */
  take(): Uint8Array | KeyObject {
    if (this.#keyObject !== null) return this.#keyObject
    if (this.#octets === null) throw new TrefoilError('ERR_INVALID_STATE', `the ${this.#purpose} key has been wiped`)
    if (!this.#used) {
      this.#used = true
      return this.#octets
    }
    this.#keyObject = createSecretKey(this.#octets)
    wipe(this.#octets)
    this.#octets = null
    return this.#keyObject
  }

  wipe(): void {
    wipe(this.#octets)
    this.#octets = null
    this.#keyObject = null
  }
}
