/** What the known answers for ML-DSA have in common. */
import { shake256 } from '@noble/hashes/sha3.js'
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { concat } from '../../bytes.js'
import type { MldsaAlgorithm } from '../../crypto/signatureKeys.js'

const SETS = { mldsa44: ml_dsa44, mldsa65: ml_dsa65, mldsa87: ml_dsa87 } as const

/** @throws Error when FIPS 204 has no such parameter set */
export function mldsaAlgorithm(parameterSet: string): MldsaAlgorithm {
  const name = parameterSet.toLowerCase().replaceAll('-', '')
  if (!Object.hasOwn(SETS, name)) throw new Error(`there is no parameter set ${parameterSet}`)
  return name as MldsaAlgorithm
}

/**
 * The internal interface (FIPS 204 6.2 and 6.3) with a message or, for `externalMu`, μ in its place. No provider offers it,
 * since TLS and X.509 sign by the external one, so the library under the portable provider is asked.
 * @param rnd 32 octets; absent: deterministic
 */
export function signInternally(
  algorithm: MldsaAlgorithm,
  secretKey: Uint8Array,
  message: Uint8Array,
  externalMu: boolean,
  rnd?: Uint8Array,
): Uint8Array {
  return SETS[algorithm].internal.sign(message, secretKey, { externalMu, extraEntropy: rnd ?? false })
}

export function verifyInternally(
  algorithm: MldsaAlgorithm,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  externalMu: boolean,
): boolean {
  return SETS[algorithm].internal.verify(signature, message, publicKey, { externalMu })
}

/** μ of a message under the pure variant: H(H(pk, 64) ‖ 0 ‖ |ctx| ‖ ctx ‖ M, 64) (FIPS 204 algorithms 2 and 7). */
export function messageRepresentative(publicKey: Uint8Array, message: Uint8Array, context: Uint8Array): Uint8Array {
  const tr = shake256(publicKey, { dkLen: 64 })
  return shake256(concat(tr, Uint8Array.of(0, context.length), context, message), { dkLen: 64 })
}
