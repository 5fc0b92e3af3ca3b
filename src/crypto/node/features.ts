/**
 * What the running Node can do, each thing found out by doing it once. Versions say too little: Node 22 verifies
 * ML-DSA but cannot sign with it, early releases of 24 know ML-KEM but not its raw keys, and builds without some
 * algorithms exist. RSA is not asked for: every build has it, and there is nothing to fall back on.
 */
import {
  createCipheriv,
  createECDH,
  createHmac,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto'
import { AEAD_KEY_LENGTHS, NONCE_LENGTH } from '../aeadSizes.js'
import type { AeadAlgorithm, HashAlgorithm } from '../cipherSuites.js'
import { type CurveName, MLKEM_SIZES, type MlkemName } from '../keyExchange.js'
import { type EcdsaAlgorithm, type MldsaAlgorithm, PUBLIC_KEY_LENGTHS } from '../signatureKeys.js'
import { exportPublic, importPublic, importSeed } from './keys.js'
import { modern } from './modern.js'
import { AEAD_NAMES, CURVE_NAMES, HASH_NAMES } from './names.js'

/** ML-DSA is asked for by operation; 'raw' is about public keys given and taken without a SubjectPublicKeyInfo. */
export type Feature =
  | HashAlgorithm
  | AeadAlgorithm
  | CurveName
  | MlkemName
  | EcdsaAlgorithm
  | 'ed25519'
  | `sign ${MldsaAlgorithm}`
  | `verify ${MldsaAlgorithm}`
  | `raw ${MlkemName | MldsaAlgorithm}`

export type FeatureTest = (feature: Feature) => boolean

const answers = new Map<Feature, boolean>()

/** Whether node:crypto does this here. The first question costs one operation, the answer is kept. */
export const hasFeature: FeatureTest = (feature) => {
  let answer = answers.get(feature)
  if (answer === undefined) {
    answer = succeeds(PROBES[feature])
    answers.set(feature, answer)
  }
  return answer
}

const PROBES: Record<Feature, () => boolean> = {
  'SHA-256': () => macs('SHA-256'),
  'SHA-384': () => macs('SHA-384'),
  'AES-128-GCM': () => seals('AES-128-GCM'),
  'AES-256-GCM': () => seals('AES-256-GCM'),
  'CHACHA20-POLY1305': () => seals('CHACHA20-POLY1305'),
  X25519: () => diffieHellman(generateKeyPairSync('x25519')).length === 32,
  'P-256': () => createECDH(CURVE_NAMES['P-256']).generateKeys().length === 65,
  'P-384': () => createECDH(CURVE_NAMES['P-384']).generateKeys().length === 97,
  'ML-KEM-768': () => encapsulates('ML-KEM-768'),
  'ML-KEM-1024': () => encapsulates('ML-KEM-1024'),
  'ecdsa-p256': () => generateKeyPairSync('ec', { namedCurve: CURVE_NAMES['P-256'] }).publicKey.type === 'public',
  'ecdsa-p384': () => generateKeyPairSync('ec', { namedCurve: CURVE_NAMES['P-384'] }).publicKey.type === 'public',
  ed25519: () => generateKeyPairSync('ed25519').publicKey.type === 'public',
  'sign mldsa44': () => signs('mldsa44'),
  'sign mldsa65': () => signs('mldsa65'),
  'sign mldsa87': () => signs('mldsa87'),
  'verify mldsa44': () => verifies('mldsa44'),
  'verify mldsa65': () => verifies('mldsa65'),
  'verify mldsa87': () => verifies('mldsa87'),
  'raw ML-KEM-768': () => takesRaw('ML-KEM-768', MLKEM_SIZES['ML-KEM-768'].clientShareLength),
  'raw ML-KEM-1024': () => takesRaw('ML-KEM-1024', MLKEM_SIZES['ML-KEM-1024'].clientShareLength),
  'raw mldsa44': () => takesRaw('mldsa44', PUBLIC_KEY_LENGTHS.mldsa44),
  'raw mldsa65': () => takesRaw('mldsa65', PUBLIC_KEY_LENGTHS.mldsa65),
  'raw mldsa87': () => takesRaw('mldsa87', PUBLIC_KEY_LENGTHS.mldsa87),
}

const NOTHING = new Uint8Array(0)

function macs(algorithm: HashAlgorithm): boolean {
  return (
    createHmac(HASH_NAMES[algorithm], createSecretKey(new Uint8Array(32)))
      .update(NOTHING)
      .digest().length >= 32
  )
}

function seals(algorithm: AeadAlgorithm): boolean {
  const key = createSecretKey(new Uint8Array(AEAD_KEY_LENGTHS[algorithm]))
  // The types know GCM and ChaCha20-Poly1305 as different kinds of cipher; they are used alike.
  const cipher = createCipheriv(AEAD_NAMES[algorithm] as 'aes-256-gcm', key, new Uint8Array(NONCE_LENGTH))
  cipher.final()
  return cipher.getAuthTag().length === 16
}

function encapsulates(name: MlkemName): boolean {
  const privateKey = importSeed(name, new Uint8Array(MLKEM_SIZES[name].clientSeedLength))
  const { sharedKey, ciphertext } = modern.encapsulate(createPublicKey(privateKey))
  return modern.decapsulate(privateKey, ciphertext).equals(sharedKey)
}

function signs(algorithm: MldsaAlgorithm): boolean {
  const privateKey = importSeed(algorithm, new Uint8Array(32))
  return verify(null, NOTHING, createPublicKey(privateKey), sign(null, NOTHING, privateKey))
}

/** Every string of the right length is an ML-DSA public key; what counts is that a wrong signature is answered. */
function verifies(algorithm: MldsaAlgorithm): boolean {
  const key = importPublic(algorithm, new Uint8Array(PUBLIC_KEY_LENGTHS[algorithm]), false)
  return verify(null, NOTHING, key, NOTHING) === false
}

function takesRaw(name: MlkemName | MldsaAlgorithm, length: number): boolean {
  return exportPublic(name, importPublic(name, new Uint8Array(length), true), true).length === length
}

function succeeds(probe: () => boolean): boolean {
  try {
    return probe()
  } catch {
    return false
  }
}
