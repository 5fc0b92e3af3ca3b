/**
 * Private keys: PKCS#8 (RFC 5958; RFC 9881 6 for ML-DSA; RFC 8410 7 for Ed25519), SEC 1 (RFC 5915) and PKCS#1
 * (RFC 8017 A.1.2), in PEM or DER, and back to PKCS#8.
 */
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { constantTimeEqual, fromHex, wipe } from '../bytes.js'
import type { CryptoProvider, PrivateKeyMaterial, SigningKey } from '../crypto/provider.js'
import { TrefoilError } from '../errors.js'
import { KEY_IDENTIFIERS, keyIdentifier, readAlgorithmIdentifier } from './algorithms.js'
import {
  constructedTag,
  contextTag,
  DerError,
  DerReader,
  decoding,
  insideOnly,
  onlyElement,
  readSmallInteger,
  TAG,
} from './der.js'
import { encodeDer } from './derWriter.js'
import { asPemText, readPem, writePem } from './pem.js'

type MldsaAlgorithm = 'mldsa44' | 'mldsa65' | 'mldsa87'
type EcAlgorithm = 'ecdsa-p256' | 'ecdsa-p384'

const MLDSA = { mldsa44: ml_dsa44, mldsa65: ml_dsa65, mldsa87: ml_dsa87 } as const
const SEED_LENGTH = 32
const SCALAR_LENGTH = { 'ecdsa-p256': 32, 'ecdsa-p384': 48 } as const
const ZERO_VERSION = Uint8Array.of(TAG.INTEGER, 1, 0)

/**
 * The signing key in a PEM text (the first private key of the text) or in DER PKCS#8.
 * @throws TrefoilError ERR_INVALID_KEY when there is no key, it is malformed, encrypted, or its parts disagree;
 *   ERR_UNSUPPORTED_ALGORITHM when it is of a kind that Trefoil does not know
 */
export function loadPrivateKey(input: string | Uint8Array, crypto: CryptoProvider): SigningKey {
  const material = parsePrivateKey(input)
  const key = crypto.signingKey(material)
  wipePrivateKey(material)
  return key
}

/** As {@link loadPrivateKey}, but gives the key's octets, which the caller wipes. */
export function parsePrivateKey(input: string | Uint8Array): PrivateKeyMaterial {
  const text = asPemText(input)
  if (text === null) return decoding('ERR_INVALID_KEY', 'the private key', () => readPkcs8(input as Uint8Array))
  const blocks = readPem(text, 'ERR_INVALID_KEY')
  const block = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'))
  if (block === undefined) throw new TrefoilError('ERR_INVALID_KEY', 'the text holds no PEM private key')
  try {
    return decoding('ERR_INVALID_KEY', 'the private key', () => readBlock(block.label, block.der))
  } finally {
    for (const { der } of blocks) wipe(der)
  }
}

/** Forgets the key's octets. */
export function wipePrivateKey(material: PrivateKeyMaterial): void {
  wipe('seed' in material ? material.seed : 'scalar' in material ? material.scalar : material.pkcs1)
}

/** PKCS#8 DER; ML-DSA in the seed form, 54 octets (RFC 9881 6). */
export function encodePrivateKey(material: PrivateKeyMaterial): Uint8Array {
  const identifier = fromHex(KEY_IDENTIFIERS[material.algorithm])
  const key = encodeKey(material)
  const der = encodeDer(TAG.SEQUENCE, ZERO_VERSION, identifier, encodeDer(TAG.OCTET_STRING, key))
  wipe(key)
  return der
}

/** PKCS#8 PEM. */
export function writePrivateKeyPem(material: PrivateKeyMaterial): string {
  const der = encodePrivateKey(material)
  const pem = writePem('PRIVATE KEY', der)
  wipe(der)
  return pem
}

function encodeKey(material: PrivateKeyMaterial): Uint8Array {
  switch (material.algorithm) {
    case 'ed25519':
      return encodeDer(TAG.OCTET_STRING, material.seed)
    case 'ecdsa-p256':
    case 'ecdsa-p384':
      return encodeDer(TAG.SEQUENCE, Uint8Array.of(TAG.INTEGER, 1, 1), encodeDer(TAG.OCTET_STRING, material.scalar))
    case 'rsa':
    case 'rsa-pss':
      return material.pkcs1.slice()
    default:
      return encodeDer(contextTag(0), material.seed)
  }
}

function readBlock(label: string, der: Uint8Array): PrivateKeyMaterial {
  switch (label) {
    case 'PRIVATE KEY':
      return readPkcs8(der)
    case 'EC PRIVATE KEY':
      return readEcPrivateKey(der, null)
    case 'RSA PRIVATE KEY':
      return { algorithm: 'rsa', pkcs1: onlyElement(der, TAG.SEQUENCE).encoding.slice() }
    case 'ENCRYPTED PRIVATE KEY':
      throw new TrefoilError('ERR_INVALID_KEY', 'the private key is encrypted: decrypt it before it is loaded')
    default:
      throw new TrefoilError('ERR_UNSUPPORTED_ALGORITHM', `a PEM block ${label} is no kind of key that is known here`)
  }
}

/** RFC 5958 2: OneAsymmetricKey. */
function readPkcs8(der: Uint8Array): PrivateKeyMaterial {
  const reader = insideOnly(der)
  const version = readSmallInteger(reader.content(TAG.INTEGER))
  if (version > 1) throw new DerError(`its version is ${version}`)
  const identifier = readAlgorithmIdentifier(reader.element(TAG.SEQUENCE).encoding)
  const content = reader.content(TAG.OCTET_STRING)
  reader.optional(constructedTag(0))
  // RFC 5958 2: a public key only in version 2, which is encoded as 1.
  if (version === 1) reader.optional(contextTag(1))
  reader.end()
  const algorithm = keyIdentifier(identifier)?.algorithm
  switch (algorithm) {
    case 'mldsa44':
    case 'mldsa65':
    case 'mldsa87':
      return { algorithm, seed: readMldsaSeed(content, algorithm) }
    case 'ed25519':
      return { algorithm, seed: fixedLength(onlyElement(content, TAG.OCTET_STRING).content, SEED_LENGTH) }
    case 'ecdsa-p256':
    case 'ecdsa-p384':
      return readEcPrivateKey(content, algorithm)
    case 'rsa':
    case 'rsa-pss':
      return { algorithm, pkcs1: onlyElement(content, TAG.SEQUENCE).encoding.slice() }
    default:
      throw new TrefoilError(
        'ERR_UNSUPPORTED_ALGORITHM',
        `the private key is of an algorithm that is not known here (${identifier.objectIdentifier})`,
      )
  }
}

/** RFC 9881 6: a CHOICE of seed, expandedKey and both, told apart by the first octet. */
function readMldsaSeed(content: Uint8Array, algorithm: MldsaAlgorithm): Uint8Array {
  if (content.length === SEED_LENGTH) {
    throw new TrefoilError(
      'ERR_INVALID_KEY',
      'the ML-DSA private key is in an old draft form: its seed must be tagged [0] (RFC 9881 6)',
    )
  }
  const { tag, content: inner } = onlyElement(content)
  switch (tag) {
    case contextTag(0):
      return fixedLength(inner, SEED_LENGTH)
    case TAG.OCTET_STRING:
      // The inner consistency of an expanded key cannot be checked in full without the seed, and a key whose parts
      // disagree leaks or signs what does not verify.
      throw new TrefoilError(
        'ERR_INVALID_KEY',
        'the ML-DSA private key has only its expanded form, whose consistency cannot be checked: ' +
          'the seed is needed (RFC 9881 6)',
      )
    case TAG.SEQUENCE: {
      const both = new DerReader(inner)
      const seed = fixedLength(both.content(TAG.OCTET_STRING), SEED_LENGTH)
      const expandedKey = both.content(TAG.OCTET_STRING)
      both.end()
      checkExpandedKey(seed, expandedKey, algorithm)
      return seed
    }
    default:
      throw new DerError('it is none of the three forms of RFC 9881 6')
  }
}

/** RFC 9881 6: with both present, the key is regenerated from the seed and must be the same. */
function checkExpandedKey(seed: Uint8Array, expandedKey: Uint8Array, algorithm: MldsaAlgorithm): void {
  const { secretKey } = MLDSA[algorithm].keygen(seed)
  const same = constantTimeEqual(secretKey, expandedKey)
  wipe(secretKey)
  if (same) return
  wipe(seed)
  throw new TrefoilError('ERR_INVALID_KEY', 'the ML-DSA private key has an expanded form that is not that of its seed')
}

/** RFC 5915 3; `algorithm` is null outside PKCS#8, where the curve stands in the key itself. */
function readEcPrivateKey(der: Uint8Array, algorithm: EcAlgorithm | null): PrivateKeyMaterial {
  const reader = insideOnly(der)
  if (readSmallInteger(reader.content(TAG.INTEGER)) !== 1) throw new DerError('its EC version is not 1')
  const scalar = reader.content(TAG.OCTET_STRING)
  const parameters = reader.optional(constructedTag(0))
  reader.optional(constructedTag(1))
  reader.end()
  const curve = parameters === null ? algorithm : curveOf(parameters)
  if (curve === null)
    throw new TrefoilError('ERR_UNSUPPORTED_ALGORITHM', 'the EC key names no curve that is known here')
  if (algorithm !== null && curve !== algorithm) throw new DerError('it names two different curves')
  return { algorithm: curve, scalar: fixedLength(scalar, SCALAR_LENGTH[curve]) }
}

function curveOf(parameters: Uint8Array): EcAlgorithm | null {
  const oid = onlyElement(parameters, TAG.OBJECT_IDENTIFIER).encoding
  const ecPublicKey = fromHex('06072a8648ce3d0201')
  const { hex } = readAlgorithmIdentifier(encodeDer(TAG.SEQUENCE, ecPublicKey, oid))
  return hex === KEY_IDENTIFIERS['ecdsa-p256']
    ? 'ecdsa-p256'
    : hex === KEY_IDENTIFIERS['ecdsa-p384']
      ? 'ecdsa-p384'
      : null
}

/** A copy, so that the caller's buffer can be wiped. */
function fixedLength(octets: Uint8Array, length: number): Uint8Array {
  if (octets.length !== length) throw new DerError(`it has ${octets.length} octets of key, not ${length}`)
  return octets.slice()
}
