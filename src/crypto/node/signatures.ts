/** Verifying and signing keys of the Node provider: native where this Node can, noble's where not. */
import * as noble from '../noble/signatures.js'
import type { CryptoProvider } from '../provider.js'
import { unknownKeyAlgorithm } from '../signatureKeys.js'
import { ecdsaSigningKey, ecdsaVerifyingKey } from './ecdsa.js'
import { ed25519SigningKey, ed25519VerifyingKey } from './ed25519.js'
import type { FeatureTest } from './features.js'
import { mldsaSigningKey, mldsaVerifyingKey } from './mldsa.js'
import { rsaSigningKey, rsaVerifyingKey } from './rsa.js'

export function signaturesFrom(
  has: FeatureTest,
): Pick<CryptoProvider, 'verifyingKey' | 'signingKey' | 'generateSigningKey'> {
  return {
    verifyingKey(algorithm, publicKey) {
      switch (algorithm) {
        case 'mldsa44':
        case 'mldsa65':
        case 'mldsa87':
          if (!has(`verify ${algorithm}`)) break
          return mldsaVerifyingKey(algorithm, publicKey, has)
        case 'ecdsa-p256':
        case 'ecdsa-p384':
          if (!has(algorithm)) break
          return ecdsaVerifyingKey(algorithm, publicKey)
        case 'ed25519':
          if (!has(algorithm)) break
          return ed25519VerifyingKey(publicKey)
        case 'rsa':
        case 'rsa-pss':
          return rsaVerifyingKey(algorithm, publicKey)
        default:
          return unknownKeyAlgorithm(algorithm, 'node:crypto')
      }
      return noble.verifyingKey(algorithm, publicKey)
    },

    signingKey(material) {
      switch (material.algorithm) {
        case 'mldsa44':
        case 'mldsa65':
        case 'mldsa87':
          // An expanded key has been judged by noble, and is signed with by noble.
          if (!('seed' in material) || !has(`sign ${material.algorithm}`)) break
          return mldsaSigningKey(material.algorithm, material.seed, has)
        case 'ecdsa-p256':
        case 'ecdsa-p384':
          if (!has(material.algorithm)) break
          return ecdsaSigningKey(material.algorithm, material.scalar)
        case 'ed25519':
          if (!has(material.algorithm)) break
          return ed25519SigningKey(material.seed)
        case 'rsa':
        case 'rsa-pss':
          return rsaSigningKey(material.algorithm, material.pkcs1)
      }
      return noble.signingKey(material)
    },

    // A private key is fresh octets; there is nothing here that native code would do faster.
    generateSigningKey: noble.generateSigningKey,
  }
}
