/** Signing with a key that is in node:crypto's hands already: its octets are never asked for. */
import { type KeyObject, sign } from 'node:crypto'
import type { SigningKey } from '../provider.js'
import { makeSigningKey } from '../signatureKeys.js'
import { type KeyAlgorithm, SIGNATURE_SCHEMES } from '../signatureSchemes.js'
import { plain } from './modern.js'
import { HASH_NAMES } from './names.js'
import { padding } from './rsa.js'

/**
 * @param publicKey the public half, in the form of `CryptoProvider.verifyingKey`
 * @param key a private key of that algorithm, which stays the caller's: wiping the result only drops it
 */
export function keyObjectSigningKey(algorithm: KeyAlgorithm, publicKey: Uint8Array, key: KeyObject): SigningKey {
  let held: KeyObject | null = key
  return makeSigningKey(
    algorithm,
    publicKey,
    (scheme, message, deterministic) => {
      const { hash, classical } = SIGNATURE_SCHEMES[scheme]
      // node:crypto always hedges, and noble would have to see the key.
      if (deterministic && !classical) throw new Error('a KeyObject makes no deterministic ML-DSA signatures')
      const isRsa = algorithm === 'rsa' || algorithm === 'rsa-pss'
      const options = { key: held as KeyObject, ...(isRsa && padding(scheme)) }
      return plain(sign(hash === null ? null : HASH_NAMES[hash], message, options))
    },
    () => {
      held = null
    },
  )
}
