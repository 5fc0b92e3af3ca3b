/** Hashes and HMAC by node:crypto. */
import {
  createHmac,
  createHash as createNodeHash,
  createSecretKey,
  hash as hashOnce,
  type KeyObject,
} from 'node:crypto'
import { TrefoilError } from '../../errors.js'
import type { HashAlgorithm } from '../cipherSuites.js'
import type { MacKey, RunningHash } from '../provider.js'
import { plain } from './modern.js'
import { HASH_NAMES } from './names.js'

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
  const name = HASH_NAMES[algorithm]
  // A KeyObject, since some releases take 10 to 16 µs to accept raw octets.
  let keyObject: KeyObject | null = createSecretKey(key)
  return {
    mac(data) {
      if (keyObject === null) throw new TrefoilError('ERR_INVALID_STATE', 'the HMAC key has been wiped')
      return plain(createHmac(name, keyObject).update(data).digest())
    },
    wipe() {
      keyObject = null
    },
  }
}
