/**
 * Reading private keys: PKCS#8 (RFC 5958; RFC 9881 6 for ML-DSA; RFC 8410 7 for Ed25519), plain or encrypted (RFC 8018),
 * SEC 1 (RFC 5915) and PKCS#1 (RFC 8017 A.1.2), in PEM or DER. The ASN.1 library makes copies of what it reads; those in
 * reach are wiped.
 */
import { OctetString } from '@peculiar/asn1-schema'
import { wipe } from '../bytes.js'
import type { CryptoProvider, PrivateKeyMaterial, SigningKey } from '../crypto/provider.js'
import { type EcdsaAlgorithm, PRIVATE_KEY_LENGTHS } from '../crypto/signatureKeys.js'
import { TrefoilError } from '../errors.js'
import { type AlgorithmIdentifier, algorithmIdentifier, keyIdentifier } from './algorithms.js'
import { decryptPrivateKey, isEncryptedPrivateKey, type Passphrase } from './encryptedPrivateKey.js'
import { readMldsaPrivateKey } from './mldsaPrivateKey.js'
import { asPemText, readPem } from './pem.js'
import { EcPrivateKey, OneAsymmetricKey } from './privateKeyTypes.js'
import { octetsOf, ofLength } from './secretOctets.js'
import { DerError, decoding, readElement, readValue } from './strictAsn1.js'

/** RFC 5480 2.1.1.1. */
const CURVES: Readonly<Record<string, EcdsaAlgorithm>> = {
  '1.2.840.10045.3.1.7': 'ecdsa-p256',
  '1.3.132.0.34': 'ecdsa-p384',
}
const SEQUENCE = 0x30

export interface PrivateKeyOptions {
  /** For an encrypted key; passed over when the key is not encrypted. Text counts as UTF-8. */
  readonly passphrase?: Passphrase | undefined
}

/**
 * The signing key in a PEM text (the first private key of the text) or in DER PKCS#8. Decrypting takes as long as the
 * file's own parameters say: up to seconds, in which nothing else runs.
 * @throws TrefoilError ERR_INVALID_KEY when there is no key, it is malformed, its parts disagree, or it is encrypted
 *   and the passphrase is missing or wrong; ERR_UNSUPPORTED_ALGORITHM when it, or its encryption, is of a kind that
 *   Trefoil does not know
 */
export function loadPrivateKey(
  input: string | Uint8Array,
  crypto: CryptoProvider,
  options: PrivateKeyOptions = {},
): SigningKey {
  const material = parsePrivateKey(input, options)
  try {
    return crypto.signingKey(material)
  } finally {
    wipePrivateKey(material)
  }
}

/** As {@link loadPrivateKey}, but gives the key's octets, which the caller wipes. */
export function parsePrivateKey(input: string | Uint8Array, options: PrivateKeyOptions = {}): PrivateKeyMaterial {
  const text = asPemText(input)
  if (text === null) {
    const der = input as Uint8Array
    return reading(() => readBlock(isEncryptedPrivateKey(der) ? ENCRYPTED : 'PRIVATE KEY', der, options))
  }
  const blocks = readPem(text, 'ERR_INVALID_KEY')
  const block = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'))
  if (block === undefined) throw new TrefoilError('ERR_INVALID_KEY', 'the text holds no PEM private key')
  try {
    return reading(() => readBlock(block.label, block.der, options))
  } finally {
    for (const { der } of blocks) wipe(der)
  }
}

/** Forgets the key's octets. */
export function wipePrivateKey(material: PrivateKeyMaterial): void {
  if ('seed' in material) wipe(material.seed)
  else if ('expandedKey' in material) wipe(material.expandedKey)
  else if ('scalar' in material) wipe(material.scalar)
  else wipe(material.pkcs1)
}

const ENCRYPTED = 'ENCRYPTED PRIVATE KEY'

function reading<T>(read: () => T): T {
  return decoding('ERR_INVALID_KEY', 'the private key', read)
}

function readBlock(label: string, der: Uint8Array, options: PrivateKeyOptions): PrivateKeyMaterial {
  switch (label) {
    case 'PRIVATE KEY':
      return readPkcs8(der)
    case ENCRYPTED: {
      const pkcs8 = decryptPrivateKey(der, options.passphrase)
      try {
        return readPkcs8(pkcs8)
      } finally {
        wipe(pkcs8)
      }
    }
    case 'EC PRIVATE KEY':
      return readEcPrivateKey(der, null)
    case 'RSA PRIVATE KEY':
      return { algorithm: 'rsa', pkcs1: readPkcs1(der) }
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
      return readMldsaPrivateKey(content, algorithm)
    case 'ed25519':
      return { algorithm, seed: ofLength(octetsOf(readValue(content, OctetString)), PRIVATE_KEY_LENGTHS.ed25519) }
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

/** RFC 5915 3; `algorithm` is null outside PKCS#8, where the curve stands in the key itself. */
function readEcPrivateKey(der: Uint8Array, algorithm: EcdsaAlgorithm | null): PrivateKeyMaterial {
  const { version, privateKey, parameters } = readValue(der, EcPrivateKey)
  const scalar = octetsOf(privateKey)
  try {
    if (version !== 1) throw new DerError('its EC version is not 1')
    const curve = parameters === undefined ? algorithm : CURVES[parameters.text]
    if (curve === undefined || curve === null) {
      throw new TrefoilError('ERR_UNSUPPORTED_ALGORITHM', 'the EC key names no curve that is known here')
    }
    if (algorithm !== null && curve !== algorithm) throw new DerError('it names two different curves')
    return { algorithm: curve, scalar: ofLength(scalar.slice(), PRIVATE_KEY_LENGTHS[curve]) }
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
