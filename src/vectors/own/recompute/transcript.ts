/** Transcript-Hash (RFC 9846 section 4.5.1): after a retry the first ClientHello is stood for by its hash. */
import { concat } from '../../../bytes.js'
import type { Hkdf } from './hkdf.js'

const MESSAGE_HASH = 254

export class Transcript {
  readonly #messages: Uint8Array[] = []
  #retried = false

  add(message: Uint8Array): void {
    this.#messages.push(message)
  }

  /** The next message is a HelloRetryRequest. */
  retry(): void {
    this.#retried = true
  }

  get length(): number {
    return this.#messages.length
  }

  /** The octets that are hashed, of the first so many messages. */
  octets(hkdf: Hkdf, count = this.#messages.length): Uint8Array {
    const [first, ...rest] = this.#messages.slice(0, count)
    if (first === undefined) return new Uint8Array(0)
    // Of the first ClientHello by itself there is no retry yet.
    if (!this.#retried || rest.length === 0) return concat(first, ...rest)
    const hash = hkdf.digest(first)
    return concat(Uint8Array.of(MESSAGE_HASH, 0, 0, hash.length), hash, ...rest)
  }

  hash(hkdf: Hkdf, count = this.#messages.length): Uint8Array {
    return hkdf.digest(this.octets(hkdf, count))
  }
}
