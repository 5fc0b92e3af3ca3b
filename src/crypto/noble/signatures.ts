/** Verifying and signing keys of the portable provider: ML-DSA, ECDSA, Ed25519. It has no RSA. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256, p384 } from '@noble/curves/nist.js'
import { copy, wipe } from '../../bytes.js'
import { attempt } from '../attempt.js'
import type { CryptoProvider, PrivateKeyMaterial, SigningKey, VerifyingKey } from '../provider.js'
import {
  checkPrivateKeyLength,
  checkPublicKeyLength,
  checkPublicPoint,
  type EcdsaAlgorithm,
  type MldsaAlgorithm,
  makeSigningKey,
  makeVerifyingKey,
  unknownKeyAlgorithm,
} from '../signatureKeys.js'
import type { KeyAlgorithm } from '../signatureSchemes.js'
import { mldsaKeyPair, mldsaSign, mldsaVerify } from './mldsa.js'
import { mldsaExpandedPublicKey } from './mldsaExpandedKey.js'
import { randomBytes } from './random.js'

/** Certificates carry signatures with a high s as well, so noble's stricter default would refuse good ones. */
const ECDSA_OPTIONS = { prehash: true, lowS: false, format: 'der' } as const
/** noble's default follows ZIP 215 and is laxer than RFC 8032. */
const ED25519_OPTIONS = { zip215: false } as const

export function verifyingKey(algorithm: KeyAlgorithm, publicKey: Uint8Array): VerifyingKey {
  switch (algorithm) {
    case 'mldsa44':
    case 'mldsa65':
    case 'mldsa87': {
      checkPublicKeyLength(algorithm, publicKey)
      const key = copy(publicKey)
      return makeVerifyingKey(algorithm, key, (_, message, signature) =>
        mldsaVerify(algorithm, key, message, signature),
      )
    }
    case 'ecdsa-p256':
    case 'ecdsa-p384':
      return ecdsaVerifyingKey(algorithm, publicKey)
    case 'ed25519': {
      checkPublicKeyLength(algorithm, publicKey)
      const key = copy(publicKey)
      return makeVerifyingKey(algorithm, key, (_, message, signature) =>
        ed25519.verify(signature, message, key, ED25519_OPTIONS),
      )
    }
    default:
      return unknownKeyAlgorithm(algorithm, 'noble')
  }
}

export function signingKey(material: PrivateKeyMaterial): SigningKey {
  switch (material.algorithm) {
    case 'mldsa44':
    case 'mldsa65':
    case 'mldsa87':
      return 'seed' in material
        ? mldsaSigningKey(material.algorithm, material.seed)
        : mldsaExpandedSigningKey(material.algorithm, material.expandedKey)
    case 'ecdsa-p256':
    case 'ecdsa-p384':
      return ecdsaSigningKey(material.algorithm, material.scalar)
    case 'ed25519': {
      checkPrivateKeyLength('ed25519', material.seed)
      const seed = copy(material.seed)
      return makeSigningKey(
        'ed25519',
        ed25519.getPublicKey(seed),
        (_, message) => ed25519.sign(message, seed),
        () => wipe(seed),
      )
    }
    default:
      return unknownKeyAlgorithm(material.algorithm, 'noble')
  }
}

export const generateSigningKey: CryptoProvider['generateSigningKey'] = (algorithm) => {
  switch (algorithm) {
    case 'mldsa44':
    case 'mldsa65':
    case 'mldsa87':
    case 'ed25519':
      return { algorithm, seed: randomBytes(32) }
    case 'ecdsa-p256':
    case 'ecdsa-p384':
      return { algorithm, scalar: ecdsaCurve(algorithm).utils.randomSecretKey() }
    default:
      return unknownKeyAlgorithm(algorithm, 'noble')
  }
}

function mldsaSigningKey(algorithm: MldsaAlgorithm, seed: Uint8Array): SigningKey {
  checkPrivateKeyLength(algorithm, seed)
  const { publicKey, secretKey } = mldsaKeyPair(algorithm, seed)
  return expandedSigningKey(algorithm, publicKey, secretKey)
}

function mldsaExpandedSigningKey(algorithm: MldsaAlgorithm, expandedKey: Uint8Array): SigningKey {
  return expandedSigningKey(algorithm, mldsaExpandedPublicKey(algorithm, expandedKey), copy(expandedKey))
}

/** Keeps `secretKey`, and wipes it in the end. */
function expandedSigningKey(algorithm: MldsaAlgorithm, publicKey: Uint8Array, secretKey: Uint8Array): SigningKey {
  return makeSigningKey(
    algorithm,
    publicKey,
    (_, message, deterministic) => mldsaSign(algorithm, secretKey, message, deterministic ? 'none' : 'fresh'),
    () => wipe(secretKey),
  )
}

function ecdsaVerifyingKey(algorithm: EcdsaAlgorithm, publicKey: Uint8Array): VerifyingKey {
  checkPublicPoint(algorithm, publicKey)
  const curve = ecdsaCurve(algorithm)
  const key = copy(publicKey)
  attempt(
    () => curve.Point.fromBytes(key).assertValidity(),
    'ERR_BAD_CERTIFICATE',
    `the peer's ${algorithm} public key is not a point of the curve`,
  )
  return makeVerifyingKey(algorithm, key, (_, message, signature) =>
    curve.verify(signature, message, key, ECDSA_OPTIONS),
  )
}

function ecdsaSigningKey(algorithm: EcdsaAlgorithm, scalar: Uint8Array): SigningKey {
  checkPrivateKeyLength(algorithm, scalar)
  const curve = ecdsaCurve(algorithm)
  const secretKey = copy(scalar)
  const publicKey = attempt(
    () => curve.getPublicKey(secretKey, false),
    'ERR_INVALID_KEY',
    `the scalar is no private key of ${algorithm}`,
  )
  return makeSigningKey(
    algorithm,
    publicKey,
    (_, message) => curve.sign(message, secretKey, ECDSA_OPTIONS),
    () => wipe(secretKey),
  )
}

function ecdsaCurve(algorithm: EcdsaAlgorithm): typeof p256 {
  return algorithm === 'ecdsa-p256' ? p256 : p384
}
