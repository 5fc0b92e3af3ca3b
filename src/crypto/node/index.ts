/** The provider for Node: node:crypto for what the running Node has, noble for the rest. */
import { randomFillSync } from 'node:crypto'
import { isCipherSuite } from '../cipherSuites.js'
import { keySharesFrom } from '../keyShares.js'
import * as nobleAead from '../noble/aead.js'
import { nobleCurve } from '../noble/curves.js'
import * as nobleHash from '../noble/hash.js'
import { nobleMlkem } from '../noble/mlkem.js'
import type { CryptoProvider } from '../provider.js'
import { isSignatureScheme } from '../signatureSchemes.js'
import * as nodeAead from './aead.js'
import { nodeCurve } from './curves.js'
import { type FeatureTest, hasFeature } from './features.js'
import * as nodeHash from './hash.js'
import { nodeMlkem } from './mlkem.js'
import { signaturesFrom } from './signatures.js'

/** `has` may deny features that are there: that is how the fall-backs are tested on a Node that needs none. */
export function createNodeProvider(has: FeatureTest = hasFeature): CryptoProvider {
  return {
    name: 'node',
    randomBytes: (length) => randomFillSync(new Uint8Array(length)),
    hash: (algorithm, data) => (has(algorithm) ? nodeHash : nobleHash).hash(algorithm, data),
    createHash: (algorithm) => (has(algorithm) ? nodeHash : nobleHash).createHash(algorithm),
    hmacKey: (algorithm, key) => (has(algorithm) ? nodeHash : nobleHash).hmacKey(algorithm, key),
    aead: (algorithm, key) => (has(algorithm) ? nodeAead : nobleAead).aead(algorithm, key),
    supportsCipherSuite: isCipherSuite,
    supportsSignatureScheme: isSignatureScheme,
    ...keySharesFrom({
      curve: (name) => (has(name) ? nodeCurve : nobleCurve)(name),
      mlkem: (name) => (has(name) ? nodeMlkem(name, has) : nobleMlkem(name)),
    }),
    ...signaturesFrom(has),
  }
}

/**
 * All groups, suites and schemes, natively where this Node can: everything from Node 24 on; on 22 all but ML-KEM and
 * ML-DSA signing; on 20 all but ML-KEM and ML-DSA.
 */
export const nodeProvider: CryptoProvider = createNodeProvider()
