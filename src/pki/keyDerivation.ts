/**
 * From a passphrase to a key (RFC 8018 5.2 and A.2, RFC 7914 7): the parameters stand in the file and say what it costs,
 * so they are bounded before anything is computed.
 */
import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { equalBytes, fromHex } from '../bytes.js'
import { TrefoilError } from '../errors.js'
import type { AlgorithmIdentifier } from './certificateTypes.js'
import { Pbkdf2Parameters, ScryptParameters } from './encryptedKeyTypes.js'
import { octetsOf } from './secretOctets.js'
import { DerError, readValue } from './strictAsn1.js'

/** Up to some seconds of PBKDF2: files made to be slow have a tenth of it. */
const MAX_ITERATIONS = 10_000_000
/** Of scrypt: octets of memory, and N r p, to which its time is proportional. */
const MAX_SCRYPT_MEMORY = 2 ** 28
const MAX_SCRYPT_WORK = 2 ** 24
const MAX_SALT_LENGTH = 1024

export const PBKDF2 = '1.2.840.113549.1.5.12'
const SCRYPT = '1.3.6.1.4.1.11591.4.11'
/** RFC 8018 B.1. */
const PRF_HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}
const NULL = fromHex('0500')

export type Derivation = (passphrase: Uint8Array) => Uint8Array

/**
 * @param keyLength octets of the cipher's key
 * @throws DerError, and TrefoilError ERR_INVALID_KEY or ERR_UNSUPPORTED_ALGORITHM, before anything is computed
 */
export function keyDerivation(identifier: AlgorithmIdentifier, keyLength: number): Derivation {
  switch (identifier.algorithm.text) {
    case PBKDF2:
      return pbkdf2(readParameters(identifier, Pbkdf2Parameters), keyLength)
    case SCRYPT:
      return scrypt(readParameters(identifier, ScryptParameters), keyLength)
    default:
      throw unknown('key derivation', identifier)
  }
}

/** RFC 8018 A.2. */
function pbkdf2(parameters: Pbkdf2Parameters, keyLength: number): Derivation {
  const { iterationCount, prf } = parameters
  const salt = checkSalt(parameters, keyLength)
  const hash = prf === undefined ? 'sha1' : prfHash(prf)
  const iterations = positive(iterationCount)
  if (iterations > MAX_ITERATIONS)
    refuse(`the private key asks for ${iterations} iterations of PBKDF2, which is too many`)
  return (passphrase) => pbkdf2Sync(passphrase, salt, iterations, keyLength, hash)
}

/** RFC 8018 B.1: the parameters are NULL; some leave them out. */
function prfHash(prf: AlgorithmIdentifier): string {
  const hash = PRF_HASHES[prf.algorithm.text]
  if (hash === undefined) throw unknown('pseudorandom function', prf)
  if (prf.parameters !== undefined && !equalBytes(prf.parameters.encoding, NULL)) {
    throw new DerError('its pseudorandom function has parameters')
  }
  return hash
}

/** RFC 7914 7.1. */
function scrypt(parameters: ScryptParameters, keyLength: number): Derivation {
  const salt = checkSalt(parameters, keyLength)
  const [N, r, p] = [parameters.costParameter, parameters.blockSize, parameters.parallelization].map(positive) as [
    number,
    number,
    number,
  ]
  if (N < 2 || !Number.isInteger(Math.log2(N))) throw new DerError('its scrypt cost is no power of 2')
  const memory = 128 * r * (N + p + 2)
  if (memory > MAX_SCRYPT_MEMORY || N * r * p > MAX_SCRYPT_WORK) refuse('the private key asks for too much of scrypt')
  return (passphrase) => {
    try {
      return scryptSync(passphrase, salt, keyLength, { N, r, p, maxmem: 2 * MAX_SCRYPT_MEMORY })
    } catch {
      return refuse('the private key asks for scrypt with parameters that do not go together')
    }
  }
}

function checkSalt(parameters: Pbkdf2Parameters | ScryptParameters, keyLength: number): Uint8Array {
  if (parameters.keyLength !== undefined && parameters.keyLength !== keyLength) {
    throw new DerError('its key length is not that of its cipher')
  }
  const salt = octetsOf(parameters.salt)
  if (salt.length === 0 || salt.length > MAX_SALT_LENGTH) throw new DerError(`its salt has ${salt.length} octets`)
  return salt
}

/** The library gives integers of four octets and more as decimal text. */
function positive(value: number | string): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1) throw new DerError('a parameter of its encryption is out of range')
  return number
}

/** @throws DerError when they are missing or are anything else */
export function readParameters<T extends object>({ algorithm, parameters }: AlgorithmIdentifier, type: new () => T): T {
  if (parameters === undefined) throw new DerError(`its encryption ${algorithm.text} has no parameters`)
  return readValue(parameters.encoding, type)
}

/** For parts of the encryption that we do not know. */
export function unknown(what: string, { algorithm }: AlgorithmIdentifier): TrefoilError {
  const sentence = `the private key is encrypted in a way that is not known here (${what} ${algorithm.text})`
  return new TrefoilError('ERR_UNSUPPORTED_ALGORITHM', sentence)
}

function refuse(sentence: string): never {
  throw new TrefoilError('ERR_INVALID_KEY', sentence)
}
