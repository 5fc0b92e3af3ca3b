/**
 * `trefoil/crypto`: the primitives that Trefoil is made of, behind one interface with two implementations, and the
 * tables of what the wire profile knows.
 *
 * - {@link nodeProvider}, the default: node:crypto, and noble for what the running Node lacks.
 * - {@link nobleProvider}: portable, needs nothing but JavaScript; no RSA.
 */
export {
  type AeadAlgorithm,
  CIPHER_SUITES,
  type CipherSuiteName,
  cipherSuiteByCodePoint,
  DEFAULT_CIPHER_SUITES,
  type HashAlgorithm,
  hashLength,
  isCipherSuite,
} from './cipherSuites.js'
export {
  CLASSICAL_GROUPS,
  groupByCodePoint,
  HYBRID_GROUPS,
  isNamedGroup,
  NAMED_GROUPS,
  type NamedGroupName,
} from './groups.js'
export { nobleProvider } from './noble/index.js'
export { type Feature, hasFeature } from './node/features.js'
export { nodeProvider } from './node/index.js'
export type {
  Aead,
  CryptoProvider,
  KeyShare,
  KeyShareResponse,
  MacKey,
  PrivateKeyMaterial,
  RunningHash,
  SigningKey,
  VerifyingKey,
} from './provider.js'
export {
  CLASSICAL_SCHEMES,
  isSignatureScheme,
  type KeyAlgorithm,
  MLDSA_SCHEMES,
  SIGNATURE_SCHEMES,
  type SignatureSchemeName,
  schemeByCodePoint,
} from './signatureSchemes.js'

import { nodeProvider } from './node/index.js'
import type { CryptoProvider } from './provider.js'

/** The provider that everything uses which is not told otherwise: {@link nodeProvider}. */
export function defaultProvider(): CryptoProvider {
  return nodeProvider
}
