/** Hashes and HMAC by node:crypto. */
import { createHmac, createHash as createNodeHash, hash as hashOnce } from 'node:crypto'
import type { HashAlgorithm } from '../cipherSuites.js'
import type { MacKey, RunningHash } from '../provider.js'
import { plain } from './modern.js'
import { HASH_NAMES } from './names.js'
import { SecretKey } from './secretKey.js'

export function hash(algorithm: HashAlgorithm, data: Uint8Array): Uint8Array {
  return plain(hashOnce(HASH_NAMES[algorithm], data, 'buffer'))
}

export function createHash(algorithm: HashAlgorithm): RunningHash {
  const running = createNodeHash(HASH_NAMES[algorithm])
  return {
    update(data) {
      running.update(data)
    },
    digest: () => plain(running.copy().digest()),
  }
}

export function hmacKey(algorithm: HashAlgorithm, key: Uint8Array): MacKey {
  return new HmacKey(HASH_NAMES[algorithm], key)
}

class HmacKey implements MacKey {
  readonly #name: string
  readonly #key: SecretKey

  constructor(name: string, key: Uint8Array) {
    this.#name = name
    this.#key = new SecretKey('HMAC', key)
  }

  mac(data: Uint8Array): Uint8Array {
    return plain(createHmac(this.#name, this.#key.take()).update(data).digest())
  }

  wipe(): void {
    this.#key.wipe()
  }
}
