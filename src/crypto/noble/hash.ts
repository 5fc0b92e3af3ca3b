/** Hashes and HMAC of the portable provider. */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha384 } from '@noble/hashes/sha2.js'
import { TrefoilError } from '../../errors.js'
import type { HashAlgorithm } from '../cipherSuites.js'
import type { MacKey, RunningHash } from '../provider.js'

export function hash(algorithm: HashAlgorithm, data: Uint8Array): Uint8Array {
  return hashFunction(algorithm)(data)
}

export function createHash(algorithm: HashAlgorithm): RunningHash {
  const running = hashFunction(algorithm).create()
  return {
    update(data) {
      running.update(data)
    },
    digest: () => running.clone().digest(),
  }
}

export function hmacKey(algorithm: HashAlgorithm, key: Uint8Array): MacKey {
  // Both pads are absorbed once; each MAC starts from a copy of that state.
  const keyed = hmac.create(hashFunction(algorithm), key)
  let wiped = false
  return {
    mac(data) {
      if (wiped) throw new TrefoilError('ERR_INVALID_STATE', 'the HMAC key has been wiped')
      return keyed.clone().update(data).digest()
    },
    wipe() {
      wiped = true
      keyed.destroy()
    },
  }
}

function hashFunction(algorithm: HashAlgorithm) {
  return algorithm === 'SHA-256' ? sha256 : sha384
}
