/** The three forms of ML-DSA private keys (RFC 9881 6), and whether what they hold twice is the same twice. */
import { OctetString } from '@peculiar/asn1-schema'
import { constantTimeEqual, wipe } from '../bytes.js'
import { mldsaKeyPair } from '../crypto/noble/mldsa.js'
import { mldsaExpandedPublicKey } from '../crypto/noble/mldsaExpandedKey.js'
import type { PrivateKeyMaterial } from '../crypto/provider.js'
import type { MldsaAlgorithm } from '../crypto/signatureKeys.js'
import { TrefoilError } from '../errors.js'
import { MldsaBoth, MldsaPrivateKey } from './privateKeyTypes.js'
import { octetsOf, ofLength } from './secretOctets.js'
import { readValue, writeValue } from './strictAsn1.js'

type MldsaSecret = { readonly seed: Uint8Array } | { readonly expandedKey: Uint8Array }

const SEED_LENGTH = 32

/**
 * Reads the CHOICE of seed, expandedKey and both; of both the seed is kept, from which all else follows.
 * @throws DerError when it is malformed
 * @throws TrefoilError ERR_INVALID_KEY when its parts disagree (RFC 9881 8 asks for the check)
 */
export function readMldsaPrivateKey(content: Uint8Array, algorithm: MldsaAlgorithm): PrivateKeyMaterial {
  if (content.length === SEED_LENGTH) {
    throw new TrefoilError(
      'ERR_INVALID_KEY',
      'the ML-DSA private key is in an old draft form: its seed must be tagged [0] (RFC 9881 6)',
    )
  }
  const { seed, expandedKey, both } = readValue(content, MldsaPrivateKey)
  if (both instanceof MldsaBoth) return { algorithm, seed: readBoth(both, algorithm) }
  if (expandedKey !== undefined) return { algorithm, expandedKey: readExpanded(octetsOf(expandedKey), algorithm) }
  return { algorithm, seed: ofLength(octetsOf(seed as OctetString), SEED_LENGTH) }
}

/** The CHOICE of seed and expandedKey; a seed is written without its expanded form. */
export function encodeMldsaPrivateKey(material: MldsaSecret): Uint8Array {
  const key = new MldsaPrivateKey()
  if ('seed' in material) key.seed = new OctetString(material.seed)
  else key.expandedKey = new OctetString(material.expandedKey)
  return writeValue(key)
}

/** The key is regenerated from the seed and must be the same in every octet. */
function readBoth(both: MldsaBoth, algorithm: MldsaAlgorithm): Uint8Array {
  const seed = ofLength(octetsOf(both.seed), SEED_LENGTH)
  const expandedKey = octetsOf(both.expandedKey)
  const { secretKey } = mldsaKeyPair(algorithm, seed)
  const same = constantTimeEqual(secretKey, expandedKey)
  wipe(secretKey, expandedKey)
  if (same) return seed
  wipe(seed)
  throw new TrefoilError('ERR_INVALID_KEY', 'the ML-DSA private key has an expanded form that is not that of its seed')
}

/** Nothing to compare with, but most of it follows from the rest. */
function readExpanded(expandedKey: Uint8Array, algorithm: MldsaAlgorithm): Uint8Array {
  try {
    mldsaExpandedPublicKey(algorithm, expandedKey)
    return expandedKey
  } catch (error) {
    wipe(expandedKey)
    throw error
  }
}
