/**
 * Private keys under a passphrase: PKCS#8 EncryptedPrivateKeyInfo (RFC 5958 3) with PBES2 (RFC 8018 6.2), which is what
 * OpenSSL and node:crypto write. Key derivation: PBKDF2 with HMAC-SHA-1 (the standard's default, in files of old tools),
 * -256, -384 or -512, or scrypt (RFC 7914 7). Encryption: AES-128, -192 or -256 in CBC mode. What such a file costs to
 * open is bounded here; whether the passphrase was the right one shows in what comes out, and nothing else is said.
 */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto'
import { OctetString } from '@peculiar/asn1-schema'
import { concat, copy, fromHex, utf8, wipe } from '../bytes.js'
import { TrefoilError } from '../errors.js'
import { Element, ObjectIdentifier } from './asn1Types.js'
import { AlgorithmIdentifier } from './certificateTypes.js'
import { EncryptedPrivateKeyInfo, Pbes2Parameters, Pbkdf2Parameters } from './encryptedKeyTypes.js'
import { type Derivation, keyDerivation, PBKDF2, readParameters, unknown } from './keyDerivation.js'
import { OneAsymmetricKey } from './privateKeyTypes.js'
import { octetsOf } from './secretOctets.js'
import { DerError, readElement, readValue, writeValue } from './strictAsn1.js'

export type Passphrase = string | Uint8Array

const IV_LENGTH = 16

const PBES2 = '1.2.840.113549.1.5.13'
/** RFC 8018 B.2.5; octets of the key. */
const CIPHERS: Readonly<Record<string, { readonly name: string; readonly keyLength: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyLength: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyLength: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyLength: 32 },
}

/** What we write: 600,000 iterations of PBKDF2-HMAC-SHA-256 (OWASP's figure), AES-256-CBC. */
const WRITTEN = { prf: '1.2.840.113549.2.9', iterations: 600_000, saltLength: 16, cipher: '2.16.840.1.101.3.4.1.42' }
const NULL = fromHex('0500')

/** Whether DER octets are an EncryptedPrivateKeyInfo, which unlike a plain key begins with no version. */
export function isEncryptedPrivateKey(der: Uint8Array): boolean {
  try {
    readValue(der, EncryptedPrivateKeyInfo)
    return true
  } catch {
    return false
  }
}

/**
 * The PKCS#8 structure inside, which the caller wipes.
 * @throws DerError when the structure around the ciphertext is malformed
 * @throws TrefoilError ERR_INVALID_KEY when the passphrase is missing or wrong, or opening the file would cost too much;
 *   ERR_UNSUPPORTED_ALGORITHM for another encryption
 */
export function decryptPrivateKey(der: Uint8Array, passphrase: Passphrase | undefined): Uint8Array {
  const { encryptionAlgorithm, encryptedData } = readValue(der, EncryptedPrivateKeyInfo)
  if (encryptionAlgorithm.algorithm.text !== PBES2) throw unknown('encryption', encryptionAlgorithm)
  const { keyDerivationFunc, encryptionScheme } = readParameters(encryptionAlgorithm, Pbes2Parameters)
  const cipher = CIPHERS[encryptionScheme.algorithm.text]
  if (cipher === undefined) throw unknown('cipher', encryptionScheme)
  const iv = octetsOf(readParameters(encryptionScheme, OctetString))
  if (iv.length !== IV_LENGTH) throw new DerError('its initialization vector has not 16 octets')
  const derive = keyDerivation(keyDerivationFunc, cipher.keyLength)
  if (passphrase === undefined) refuse('the private key is encrypted, and no passphrase was given')
  const key = withPassphrase(passphrase, derive)
  try {
    return decrypt(cipher.name, key, iv, octetsOf(encryptedData))
  } finally {
    wipe(key)
  }
}

/**
 * An EncryptedPrivateKeyInfo around a PKCS#8 structure. Takes about a quarter of a second.
 * @throws TrefoilError ERR_INVALID_OPTION for an empty passphrase
 */
export function encryptPrivateKey(pkcs8: Uint8Array, passphrase: Passphrase): Uint8Array {
  if (passphrase.length === 0) throw new TrefoilError('ERR_INVALID_OPTION', 'an empty passphrase protects nothing')
  const salt = randomFillSync(new Uint8Array(WRITTEN.saltLength))
  const iv = randomFillSync(new Uint8Array(IV_LENGTH))
  const { name, keyLength } = CIPHERS[WRITTEN.cipher] as { name: string; keyLength: number }
  const derivation = new Pbkdf2Parameters()
  derivation.salt = new OctetString(salt)
  derivation.iterationCount = WRITTEN.iterations
  derivation.prf = identifier(WRITTEN.prf, NULL)
  const parameters = new Pbes2Parameters()
  parameters.keyDerivationFunc = identifier(PBKDF2, writeValue(derivation))
  parameters.encryptionScheme = identifier(WRITTEN.cipher, writeValue(new OctetString(iv)))
  const key = withPassphrase(passphrase, keyDerivation(parameters.keyDerivationFunc, keyLength))
  const cipher = createCipheriv(name, key, iv)
  const whole = new EncryptedPrivateKeyInfo()
  whole.encryptionAlgorithm = identifier(PBES2, writeValue(parameters))
  whole.encryptedData = new OctetString(concat(cipher.update(pkcs8), cipher.final()))
  wipe(key)
  return writeValue(whole)
}

function decrypt(cipher: string, key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = []
  try {
    const decipher = createDecipheriv(cipher, key, iv)
    pieces.push(decipher.update(ciphertext), decipher.final())
    const pkcs8 = concat(...pieces)
    readValue(pkcs8, OneAsymmetricKey)
    return pkcs8
  } catch {
    // Padding and structure fail alike: no cause tells which.
    return refuse('the private key cannot be decrypted: the passphrase is wrong, or the file is damaged')
  } finally {
    wipe(...pieces)
  }
}

/** What is neither text nor octets would be taken for a number of zeros. */
function withPassphrase(passphrase: Passphrase, derive: Derivation): Uint8Array {
  if (typeof passphrase !== 'string' && !(passphrase instanceof Uint8Array)) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'a passphrase is text or octets')
  }
  const octets = typeof passphrase === 'string' ? utf8(passphrase) : copy(passphrase)
  try {
    return derive(octets)
  } finally {
    wipe(octets)
  }
}

function identifier(objectIdentifier: string, parameters: Uint8Array): AlgorithmIdentifier {
  const written = new AlgorithmIdentifier()
  written.algorithm = new ObjectIdentifier()
  written.algorithm.text = objectIdentifier
  written.parameters = new Element().fromASN(readElement(parameters))
  return written
}

function refuse(sentence: string): never {
  throw new TrefoilError('ERR_INVALID_KEY', sentence)
}
