/** The crypto providers under test. Every rule about primitives holds for each of them. */
import { nobleProvider } from '../../src/crypto/noble/index.js'
import { hasFeature } from '../../src/crypto/node/features.js'
import { createNodeProvider, nodeProvider } from '../../src/crypto/node/index.js'
import type { CryptoProvider } from '../../src/crypto/provider.js'

export const PROVIDERS: readonly CryptoProvider[] = [nobleProvider, nodeProvider]

/** What `nodeProvider` would be on a Node without ML-KEM, ML-DSA signing and raw keys, such as 22. */
export const olderNodeProvider: CryptoProvider = {
  ...createNodeProvider((feature) => !/^(ML-KEM|sign mldsa|raw )/.test(feature) && hasFeature(feature)),
  name: 'node without newer features',
}

/** What it would be where node:crypto is of no use at all. */
export const bareNodeProvider: CryptoProvider = { ...createNodeProvider(() => false), name: 'node without features' }

export const ALL_PROVIDERS: readonly CryptoProvider[] = [...PROVIDERS, olderNodeProvider, bareNodeProvider]

/** All ordered pairs, for rules about two ends that need not use the same provider. */
export const PROVIDER_PAIRS: readonly (readonly [CryptoProvider, CryptoProvider])[] = ALL_PROVIDERS.flatMap((a) =>
  ALL_PROVIDERS.map((b) => [a, b] as const),
)
