/** How one end authenticates, block after block: from its first key to the bits that the link sets aside for it. */
import { copy, wipe } from '../../bytes.js'
import { type CryptoProvider, defaultProvider } from '../../crypto/index.js'
import { TrefoilError } from '../../errors.js'
import {
  type Authenticator,
  NO_AUTHENTICATION,
  type SigningIdentity,
  signatures,
  wegmanCarter,
} from './authentication.js'
import { AUTHENTICATION_KEY_LENGTH, AuthenticationKeys } from './authenticationKeys.js'
import type { Role } from './transcript.js'

/** What stands in place of a first key for a link that nobody may rely on. */
export const UNAUTHENTICATED = 'none-open-to-man-in-the-middle'

export type Bb84Authentication =
  /** A secret that both sites hold, 48 bytes or more. Its bits are spent, 384 a block, and never used again. */
  | { readonly psk: Uint8Array }
  /** ML-DSA keys for the first block; later ones rest on bits of the link's own. Secrets of both sites are in one place here. */
  | { readonly signatures: { readonly siteA: SigningIdentity; readonly siteB: SigningIdentity } }
  /** For showing what happens without. */
  | typeof UNAUTHENTICATED

/** Keys for so many blocks are kept in reserve. */
const RESERVE_BYTES = 16 * AUTHENTICATION_KEY_LENGTH

export class SiteAuthentication {
  readonly #role: Role
  readonly #keys = new AuthenticationKeys()
  /** For blocks that do not use secret bits; null once they do. */
  #bootstrap: Authenticator | null
  readonly #setsAside: boolean

  /** @throws TrefoilError ERR_INVALID_OPTION, and what the crypto provider says of signature keys */
  constructor(role: Role, authentication: Bb84Authentication, provider: CryptoProvider = defaultProvider()) {
    this.#role = role
    this.#setsAside = authentication !== UNAUTHENTICATED
    this.#bootstrap = null
    if (authentication === UNAUTHENTICATED) {
      this.#bootstrap = NO_AUTHENTICATION
    } else if ('psk' in authentication) {
      if (authentication.psk.length < AUTHENTICATION_KEY_LENGTH) {
        throw new TrefoilError('ERR_INVALID_OPTION', `the psk must be ${AUTHENTICATION_KEY_LENGTH} bytes or more`)
      }
      this.#keys.add(authentication.psk)
    } else {
      const { siteA, siteB } = authentication.signatures
      this.#bootstrap = signatures(role, role === 'alice' ? siteA : siteB, provider)
    }
  }

  /** For the next block; null when no key is left for it. */
  next(): Authenticator | null {
    if (this.#bootstrap !== null) return this.#bootstrap
    return this.#keys.remaining > 0 ? wegmanCarter(this.#role, this.#keys) : null
  }

  /**
   * Takes from the key of a block that both ends accepted what the reserve lacks, and gives back the rest. Wipes `key`.
   * From here on signatures are not accepted any more.
   */
  settle(key: Uint8Array): Uint8Array {
    const lacking = this.#setsAside ? Math.max(0, RESERVE_BYTES - this.#keys.remainingBits / 8) : 0
    const setAside = Math.min(lacking, key.length)
    if (setAside > 0) {
      this.#keys.add(key.subarray(0, setAside))
      this.#bootstrap = null
    }
    const rest = copy(key.subarray(setAside))
    wipe(key)
    return rest
  }

  get spentBits(): number {
    return this.#keys.spentBits
  }

  get reserveBits(): number {
    return this.#keys.remainingBits
  }

  wipe(): void {
    this.#keys.wipe()
  }
}
