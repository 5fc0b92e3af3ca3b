/** HKDF (RFC 5869) and its labels (RFC 9846 section 7.1), written once more over the provider's hash and HMAC alone. */
import { concat, EMPTY, utf8 } from '../../../bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../../crypto/provider.js'

export class Hkdf {
  readonly hash: HashAlgorithm
  readonly length: number
  readonly zeros: Uint8Array
  readonly #crypto: CryptoProvider

  constructor(crypto: CryptoProvider, hash: HashAlgorithm) {
    this.#crypto = crypto
    this.hash = hash
    this.length = hash === 'SHA-256' ? 32 : 48
    this.zeros = new Uint8Array(this.length)
  }

  digest(...parts: readonly Uint8Array[]): Uint8Array {
    return this.#crypto.hash(this.hash, concat(...parts))
  }

  hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
    return this.#crypto.hmacKey(this.hash, key).mac(data)
  }

  extract(salt: Uint8Array, inputKey: Uint8Array): Uint8Array {
    return this.hmac(salt, inputKey)
  }

  /** HKDF-Expand-Label: at most a few blocks are ever asked for. */
  expandLabel(secret: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array {
    const name = utf8(`tls13 ${label}`)
    const head = Uint8Array.of(length >> 8, length & 0xff, name.length)
    const info = concat(head, name, Uint8Array.of(context.length), context)
    let block: Uint8Array = EMPTY
    let output: Uint8Array = EMPTY
    for (let counter = 1; output.length < length; counter++) {
      block = this.hmac(secret, concat(block, info, Uint8Array.of(counter)))
      output = concat(output, block)
    }
    return output.slice(0, length)
  }

  /** Derive-Secret, given the transcript hash. */
  derive(secret: Uint8Array, label: string, transcriptHash: Uint8Array): Uint8Array {
    return this.expandLabel(secret, label, transcriptHash, this.length)
  }

  finishedKey(base: Uint8Array): Uint8Array {
    return this.expandLabel(base, 'finished', EMPTY, this.length)
  }
}
