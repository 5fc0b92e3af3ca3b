/**
 * What published files ask of ML-KEM and no provider offers, because TLS has no use for it: expanded decapsulation keys, and
 * ML-KEM-512. It is asked of the library under the portable provider instead, so that what rests on it is known to be sound.
 */
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js'

const SETS = { 'ML-KEM-512': ml_kem512, 'ML-KEM-768': ml_kem768, 'ML-KEM-1024': ml_kem1024 } as const

export type NobleMlkem = (typeof SETS)[keyof typeof SETS]

/** @throws Error when FIPS 203 has no such parameter set */
export function nobleMlkemOf(parameterSet: string): NobleMlkem {
  if (!Object.hasOwn(SETS, parameterSet)) throw new Error(`there is no parameter set ${parameterSet}`)
  return SETS[parameterSet as keyof typeof SETS]
}
