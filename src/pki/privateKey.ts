/**
 * Reading private keys: PKCS#8 (RFC 5958; RFC 9881 6 for ML-DSA; RFC 8410 7 for Ed25519), SEC 1 (RFC 5915) and PKCS#1
 * (RFC 8017 A.1.2), in PEM or DER. The ASN.1 library makes copies of what it reads; those in reach are wiped.
 */
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { OctetString } from '@peculiar/asn1-schema'
import { constantTimeEqual, wipe } from '../bytes.js'
import type { CryptoProvider, PrivateKeyMaterial, SigningKey } from '../crypto/provider.js'
import { TrefoilError } from '../errors.js'
import { type AlgorithmIdentifier, algorithmIdentifier, keyIdentifier } from './algorithms.js'
import { asPemText, readPem } from './pem.js'
import { EcPrivateKey, MldsaPrivateKey, OneAsymmetricKey } from './privateKeyTypes.js'
import { DerError, decoding, readElement, readValue } from './strictAsn1.js'

type MldsaAlgorithm = 'mldsa44' | 'mldsa65' | 'mldsa87'
type EcAlgorithm = 'ecdsa-p256' | 'ecdsa-p384'

const MLDSA = { mldsa44: ml_dsa44, mldsa65: ml_dsa65, mldsa87: ml_dsa87 } as const
const SEED_LENGTH = 32
const SCALAR_LENGTH = { 'ecdsa-p256': 32, 'ecdsa-p384': 48 } as const
/** RFC 5480 2.1.1.1. */
const CURVES: Readonly<Record<string, EcAlgorithm>> = {
  '1.2.840.10045.3.1.7': 'ecdsa-p256',
  '1.3.132.0.34': 'ecdsa-p384',
}
const SEQUENCE = 0x30

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

function readBlock(label: string, der: Uint8Array): PrivateKeyMaterial {
  switch (label) {
    case 'PRIVATE KEY':
      return readPkcs8(der)
    case 'EC PRIVATE KEY':
      return readEcPrivateKey(der, null)
    case 'RSA PRIVATE KEY':
      return { algorithm: 'rsa', pkcs1: readPkcs1(der) }
    case 'ENCRYPTED PRIVATE KEY':
      throw new TrefoilError('ERR_INVALID_KEY', 'the private key is encrypted: decrypt it before it is loaded')
    default:
      throw new TrefoilError('ERR_UNSUPPORTED_ALGORITHM', `a PEM block ${label} is no kind of key that is known here`)
  }
}

/** RFC 5958 2: OneAsymmetricKey. */
function readPkcs8(der: Uint8Array): PrivateKeyMaterial {
  const { version, privateKeyAlgorithm, privateKeyAlgorithmRaw, privateKey, publicKey } = readValue(
    der,
    OneAsymmetricKey,
  )
  const content = octetsOf(privateKey)
  try {
    // RFC 5958 2: a public key only in version 2, which is encoded as 1.
    if (version !== 1 && (version !== 0 || publicKey !== undefined)) throw new DerError(`its version is ${version}`)
    return readKey(content, algorithmIdentifier(privateKeyAlgorithm, privateKeyAlgorithmRaw))
  } finally {
    wipe(content)
  }
}

function readKey(content: Uint8Array, identifier: AlgorithmIdentifier): PrivateKeyMaterial {
  const algorithm = keyIdentifier(identifier)?.algorithm
  switch (algorithm) {
    case 'mldsa44':
    case 'mldsa65':
    case 'mldsa87':
      return { algorithm, seed: readMldsaSeed(content, algorithm) }
    case 'ed25519':
      return { algorithm, seed: ofLength(octetsOf(readValue(content, OctetString)), SEED_LENGTH) }
    case 'ecdsa-p256':
    case 'ecdsa-p384':
      return readEcPrivateKey(content, algorithm)
    case 'rsa':
    case 'rsa-pss':
      return { algorithm, pkcs1: readPkcs1(content) }
    default:
      throw new TrefoilError(
        'ERR_UNSUPPORTED_ALGORITHM',
        `the private key is of an algorithm that is not known here (${identifier.objectIdentifier})`,
      )
  }
}

/** RFC 9881 6: a CHOICE of seed, expandedKey and both. */
function readMldsaSeed(content: Uint8Array, algorithm: MldsaAlgorithm): Uint8Array {
  if (content.length === SEED_LENGTH) {
    throw new TrefoilError(
      'ERR_INVALID_KEY',
      'the ML-DSA private key is in an old draft form: its seed must be tagged [0] (RFC 9881 6)',
    )
  }
  const { seed, expandedKey, both } = readValue(content, MldsaPrivateKey)
  if (seed !== undefined) return ofLength(octetsOf(seed), SEED_LENGTH)
  if (both === undefined) {
    if (expandedKey !== undefined) wipe(octetsOf(expandedKey))
    // The inner consistency of an expanded key cannot be checked in full without the seed, and a key whose parts
    // disagree leaks or signs what does not verify.
    throw new TrefoilError(
      'ERR_INVALID_KEY',
      'the ML-DSA private key has only its expanded form, whose consistency cannot be checked: ' +
        'the seed is needed (RFC 9881 6)',
    )
  }
  const ownSeed = ofLength(octetsOf(both.seed), SEED_LENGTH)
  checkExpandedKey(ownSeed, octetsOf(both.expandedKey), algorithm)
  return ownSeed
}

/** RFC 9881 6: with both present, the key is regenerated from the seed and must be the same. */
function checkExpandedKey(seed: Uint8Array, expandedKey: Uint8Array, algorithm: MldsaAlgorithm): void {
  const { secretKey } = MLDSA[algorithm].keygen(seed)
  const same = constantTimeEqual(secretKey, expandedKey)
  wipe(secretKey, expandedKey)
  if (same) return
  wipe(seed)
  throw new TrefoilError('ERR_INVALID_KEY', 'the ML-DSA private key has an expanded form that is not that of its seed')
}

/** RFC 5915 3; `algorithm` is null outside PKCS#8, where the curve stands in the key itself. */
function readEcPrivateKey(der: Uint8Array, algorithm: EcAlgorithm | null): PrivateKeyMaterial {
  const { version, privateKey, parameters } = readValue(der, EcPrivateKey)
  const scalar = octetsOf(privateKey)
  try {
    if (version !== 1) throw new DerError('its EC version is not 1')
    const curve = parameters === undefined ? algorithm : CURVES[parameters.text]
    if (curve === undefined || curve === null) {
      throw new TrefoilError('ERR_UNSUPPORTED_ALGORITHM', 'the EC key names no curve that is known here')
    }
    if (algorithm !== null && curve !== algorithm) throw new DerError('it names two different curves')
    return { algorithm: curve, scalar: ofLength(scalar.slice(), SCALAR_LENGTH[curve]) }
  } finally {
    wipe(scalar)
  }
}

/** RFC 8017 A.1.2; what is inside is judged where the key is used. */
function readPkcs1(der: Uint8Array): Uint8Array {
  if (der[0] !== SEQUENCE) throw new DerError('an RSA key is no SEQUENCE')
  readElement(der)
  return der.slice()
}

/** The library's own copy, which can be kept or wiped. */
function octetsOf(string: OctetString): Uint8Array {
  return new Uint8Array(string.buffer)
}

/** The same octets; wiped when there are too few or too many of them. */
function ofLength(octets: Uint8Array, length: number): Uint8Array {
  if (octets.length === length) return octets
  wipe(octets)
  throw new DerError(`it has ${octets.length} octets of key, not ${length}`)
}
