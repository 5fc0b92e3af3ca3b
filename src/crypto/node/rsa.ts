/** RSASSA-PSS and, for certificates only, RSASSA-PKCS1-v1_5 (RFC 8017 8; RFC 9846 section 4.3.3) by node:crypto. */

import { constants, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { copy } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { attempt } from '../attempt.js'
import type { SigningKey, VerifyingKey } from '../provider.js'
import { makeSigningKey, makeVerifyingKey } from '../signatureKeys.js'
import { SIGNATURE_SCHEMES, type SignatureSchemeName } from '../signatureSchemes.js'
import { plain } from './modern.js'
import { HASH_NAMES } from './names.js'

type RsaAlgorithm = 'rsa' | 'rsa-pss'

/**
 * Bits of the modulus. The upper bound keeps a peer's key from costing us arbitrary time; the lower one is where
 * signatures stop meaning anything (what a chain must have beyond that is the trust policy's business).
 */
const SMALLEST_MODULUS = 1024
const LARGEST_MODULUS = 8192

export function rsaVerifyingKey(algorithm: RsaAlgorithm, publicKey: Uint8Array): VerifyingKey {
  const octets = copy(publicKey)
  const key = attempt(
    () => createPublicKey({ key: octets as Buffer, format: 'der', type: 'pkcs1' }),
    'ERR_BAD_CERTIFICATE',
    "the peer's public key is no RSAPublicKey",
  )
  const bits = modulusBits(key)
  if (bits < SMALLEST_MODULUS || bits > LARGEST_MODULUS) {
    throw new TrefoilError('ERR_BAD_CERTIFICATE', `the peer's RSA key has ${bits} bits`)
  }
  return makeVerifyingKey(algorithm, octets, (scheme, message, signature) =>
    verify(hashOf(scheme), message, { key, ...padding(scheme) }, signature),
  )
}

export function rsaSigningKey(algorithm: RsaAlgorithm, pkcs1: Uint8Array): SigningKey {
  let privateKey: KeyObject | null = attempt(
    () => createPrivateKey({ key: pkcs1 as Buffer, format: 'der', type: 'pkcs1' }),
    'ERR_INVALID_KEY',
    'the private key is no RSAPrivateKey',
  )
  const publicKey = plain(createPublicKey(privateKey).export({ format: 'der', type: 'pkcs1' }))
  return makeSigningKey(
    algorithm,
    publicKey,
    (scheme, message) => plain(sign(hashOf(scheme), message, { key: privateKey as KeyObject, ...padding(scheme) })),
    () => {
      privateKey = null
    },
  )
}

export function padding(scheme: SignatureSchemeName): { padding: number; saltLength?: number } {
  if (scheme.startsWith('rsa_pkcs1_')) return { padding: constants.RSA_PKCS1_PADDING }
  // RFC 9846 section 4.3.3: the salt is as long as the digest, the mask generator uses the same hash.
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
}

function hashOf(scheme: SignatureSchemeName): string {
  return HASH_NAMES[SIGNATURE_SCHEMES[scheme].hash ?? 'SHA-256']
}

function modulusBits(key: KeyObject): number {
  return key.asymmetricKeyDetails?.modulusLength ?? 0
}
