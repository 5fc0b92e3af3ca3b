/** ML-DSA (FIPS 204) by node:crypto, where it has it; deterministic signatures always by noble. */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { copy, wipe } from '../../bytes.js'
import { mldsaKeyPair, mldsaSign } from '../noble/mldsa.js'
import type { SigningKey, VerifyingKey } from '../provider.js'
import {
  checkPrivateKeyLength,
  checkPublicKeyLength,
  type MldsaAlgorithm,
  makeSigningKey,
  makeVerifyingKey,
} from '../signatureKeys.js'
import type { FeatureTest } from './features.js'
import { exportPublic, importPublic, importSeed } from './keys.js'
import { plain } from './modern.js'

export function mldsaVerifyingKey(algorithm: MldsaAlgorithm, publicKey: Uint8Array, has: FeatureTest): VerifyingKey {
  checkPublicKeyLength(algorithm, publicKey)
  const octets = copy(publicKey)
  let imported: KeyObject | null = null
  return makeVerifyingKey(algorithm, octets, (_, message, signature) => {
    imported ??= importPublic(algorithm, octets, has(`raw ${algorithm}`))
    return verify(null, message, imported, signature)
  })
}

export function mldsaSigningKey(algorithm: MldsaAlgorithm, seed: Uint8Array, has: FeatureTest): SigningKey {
  checkPrivateKeyLength(algorithm, seed)
  const ownSeed = copy(seed)
  let privateKey: KeyObject | null = importSeed(algorithm, ownSeed)
  const publicKey = exportPublic(algorithm, createPublicKey(privateKey), has(`raw ${algorithm}`))
  return makeSigningKey(
    algorithm,
    publicKey,
    (_, message, deterministic) =>
      deterministic
        ? signDeterministically(algorithm, ownSeed, message)
        : plain(sign(null, message, privateKey as KeyObject)),
    () => {
      privateKey = null
      wipe(ownSeed)
    },
  )
}

/** Native signing always hedges (FIPS 204 3.4); known answers need rnd = 0. */
function signDeterministically(algorithm: MldsaAlgorithm, seed: Uint8Array, message: Uint8Array): Uint8Array {
  const { secretKey } = mldsaKeyPair(algorithm, seed)
  try {
    return mldsaSign(algorithm, secretKey, message, 'none')
  } finally {
    wipe(secretKey)
  }
}
