/**
 * What every verifying and signing key does, whatever makes the signatures: the scheme must fit the key (RFC 9846
 * section 4.3.3), a verification that cannot be carried out has failed, and a failed signing is ERR_SIGNER.
 */
import { TrefoilError } from '../errors.js'
import type { SigningKey, VerifyingKey } from './provider.js'
import {
  isSignatureScheme,
  type KeyAlgorithm,
  SIGNATURE_SCHEMES,
  type SignatureSchemeName,
} from './signatureSchemes.js'

export type Verify = VerifyingKey['verify']
export type Sign = (scheme: SignatureSchemeName, message: Uint8Array, deterministic: boolean) => Uint8Array

/** Octets of what the keys are made of (FIPS 204 table 2; RFC 8032 5.1; SEC 1 2.3.3). */
export const PUBLIC_KEY_LENGTHS = {
  mldsa44: 1312,
  mldsa65: 1952,
  mldsa87: 2592,
  'ecdsa-p256': 65,
  'ecdsa-p384': 97,
  ed25519: 32,
} as const satisfies Partial<Record<KeyAlgorithm, number>>

export const PRIVATE_KEY_LENGTHS = {
  mldsa44: 32,
  mldsa65: 32,
  mldsa87: 32,
  'ecdsa-p256': 32,
  'ecdsa-p384': 48,
  ed25519: 32,
} as const satisfies Partial<Record<KeyAlgorithm, number>>

/** Key algorithms whose keys have one fixed length; the others are RSA. */
export type FixedLengthAlgorithm = keyof typeof PUBLIC_KEY_LENGTHS
export type MldsaAlgorithm = 'mldsa44' | 'mldsa65' | 'mldsa87'
export type EcdsaAlgorithm = 'ecdsa-p256' | 'ecdsa-p384'

/** `verify` may throw for what it cannot read: to the caller that is a signature that does not fit. */
export function makeVerifyingKey(algorithm: KeyAlgorithm, publicKey: Uint8Array, verify: Verify): VerifyingKey {
  return {
    algorithm,
    publicKey,
    verify(scheme, message, signature) {
      if (!fits(scheme, algorithm)) return false
      try {
        return verify(scheme, message, signature)
      } catch {
        return false
      }
    },
  }
}

/** `forget` drops the private key; afterwards the key signs no more. */
export function makeSigningKey(
  algorithm: KeyAlgorithm,
  publicKey: Uint8Array,
  sign: Sign,
  forget: () => void,
): SigningKey {
  let wiped = false
  return {
    algorithm,
    publicKey,
    sign(scheme, message, options) {
      if (wiped) throw new TrefoilError('ERR_SIGNER', `the ${algorithm} key has been wiped`)
      if (!fits(scheme, algorithm)) {
        throw new TrefoilError('ERR_SIGNER', `an ${algorithm} key makes no ${scheme} signatures`)
      }
      try {
        return sign(scheme, message, options?.deterministic === true)
      } catch (cause) {
        throw new TrefoilError('ERR_SIGNER', `signing with the ${algorithm} key failed`, { cause })
      }
    },
    wipe() {
      wiped = true
      forget()
    },
  }
}

/** @throws TrefoilError ERR_BAD_CERTIFICATE when a public key of this algorithm has another length */
export function checkPublicKeyLength(algorithm: FixedLengthAlgorithm, publicKey: Uint8Array): void {
  const wanted = PUBLIC_KEY_LENGTHS[algorithm]
  if (publicKey.length !== wanted) {
    const sentence = `the peer's ${algorithm} public key has ${publicKey.length} octets in place of ${wanted}`
    throw new TrefoilError('ERR_BAD_CERTIFICATE', sentence)
  }
}

/** @throws TrefoilError ERR_BAD_CERTIFICATE when the point has another length or form (RFC 5480 2.2, uncompressed) */
export function checkPublicPoint(algorithm: EcdsaAlgorithm, point: Uint8Array): void {
  checkPublicKeyLength(algorithm, point)
  if (point[0] !== 0x04) {
    throw new TrefoilError('ERR_BAD_CERTIFICATE', `the peer's ${algorithm} public key is not an uncompressed point`)
  }
}

/** @throws TrefoilError ERR_INVALID_KEY when a seed or scalar of this algorithm has another length */
export function checkPrivateKeyLength(algorithm: FixedLengthAlgorithm, secret: Uint8Array): void {
  const wanted = PRIVATE_KEY_LENGTHS[algorithm]
  if (secret.length !== wanted) {
    throw new TrefoilError('ERR_INVALID_KEY', `an ${algorithm} private key has ${wanted} octets, not ${secret.length}`)
  }
}

/** @throws TrefoilError ERR_UNSUPPORTED_ALGORITHM, always */
export function unknownKeyAlgorithm(algorithm: unknown, provider: string): never {
  throw new TrefoilError('ERR_UNSUPPORTED_ALGORITHM', `${provider} knows no ${String(algorithm)} keys`)
}

function fits(scheme: SignatureSchemeName, algorithm: KeyAlgorithm): boolean {
  return isSignatureScheme(scheme) && SIGNATURE_SCHEMES[scheme].key === algorithm
}
