/**
 * ML-DSA (FIPS 204) in portable code, pure variant. TLS and X.509 use the empty context; another one is taken here
 * only so that known answers can be checked.
 */
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { EMPTY } from '../../bytes.js'
import type { MldsaAlgorithm } from '../signatureKeys.js'

const SETS = { mldsa44: ml_dsa44, mldsa65: ml_dsa65, mldsa87: ml_dsa87 } as const satisfies Record<
  MldsaAlgorithm,
  unknown
>

/** The public key and the expanded private key of the 32-octet seed ξ (FIPS 204 5.1). */
export function mldsaKeyPair(algorithm: MldsaAlgorithm, seed: Uint8Array): MldsaKeyPair {
  return SETS[algorithm].keygen(seed)
}

export interface MldsaKeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/**
 * @param random the 32 octets rnd of FIPS 204 5.2; 'fresh' hedges, 'none' signs deterministically
 * @throws Error when the expanded key or the context is malformed
 */
export function mldsaSign(
  algorithm: MldsaAlgorithm,
  secretKey: Uint8Array,
  message: Uint8Array,
  random: Uint8Array | 'fresh' | 'none',
  context: Uint8Array = EMPTY,
): Uint8Array {
  if (random === 'fresh') return SETS[algorithm].sign(message, secretKey, { context })
  return SETS[algorithm].sign(message, secretKey, { context, extraEntropy: random === 'none' ? false : random })
}

/** @throws Error when the public key or the context has a wrong length */
export function mldsaVerify(
  algorithm: MldsaAlgorithm,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  context: Uint8Array = EMPTY,
): boolean {
  return SETS[algorithm].verify(signature, message, publicKey, { context })
}
