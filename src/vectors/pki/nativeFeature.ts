import type { Feature } from '../../crypto/node/features.js'
import type { KeyAlgorithm } from '../../crypto/signatureSchemes.js'

/** What Node must have so that its provider verifies with such a key in its own way; RSA is in every Node. */
export function nativeVerify(algorithm: KeyAlgorithm | null | undefined): Feature | undefined {
  return feature('verify', algorithm)
}

export function nativeSign(algorithm: KeyAlgorithm): Feature | undefined {
  return feature('sign', algorithm)
}

function feature(operation: 'sign' | 'verify', algorithm: KeyAlgorithm | null | undefined): Feature | undefined {
  switch (algorithm) {
    case 'mldsa44':
    case 'mldsa65':
    case 'mldsa87':
      return `${operation} ${algorithm}`
    case 'ecdsa-p256':
    case 'ecdsa-p384':
    case 'ed25519':
      return algorithm
    default:
      return undefined
  }
}
