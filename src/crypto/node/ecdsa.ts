/** ECDSA over P-256 and P-384 (RFC 9846 section 4.3.3) by node:crypto. */

import { createECDH, sign, verify } from 'node:crypto'
import { copy } from '../../bytes.js'
import { attempt } from '../attempt.js'
import type { SigningKey, VerifyingKey } from '../provider.js'
import {
  checkPrivateKeyLength,
  checkPublicPoint,
  type EcdsaAlgorithm,
  makeSigningKey,
  makeVerifyingKey,
} from '../signatureKeys.js'
import { importPoint, importScalar } from './keys.js'
import { plain } from './modern.js'
import { CURVE_NAMES } from './names.js'

const PARAMETERS = {
  'ecdsa-p256': { curve: 'P-256', hash: 'sha256' },
  'ecdsa-p384': { curve: 'P-384', hash: 'sha384' },
} as const

export function ecdsaVerifyingKey(algorithm: EcdsaAlgorithm, publicKey: Uint8Array): VerifyingKey {
  checkPublicPoint(algorithm, publicKey)
  const { curve, hash } = PARAMETERS[algorithm]
  const key = attempt(
    () => importPoint(curve, publicKey),
    'ERR_BAD_CERTIFICATE',
    `the peer's ${algorithm} public key is not a point of the curve`,
  )
  return makeVerifyingKey(algorithm, copy(publicKey), (_, message, signature) => verify(hash, message, key, signature))
}

export function ecdsaSigningKey(algorithm: EcdsaAlgorithm, scalar: Uint8Array): SigningKey {
  checkPrivateKeyLength(algorithm, scalar)
  const { curve, hash } = PARAMETERS[algorithm]
  const { point, key } = attempt(
    () => {
      const ecdh = createECDH(CURVE_NAMES[curve])
      ecdh.setPrivateKey(scalar)
      const point = plain(ecdh.getPublicKey())
      return { point, key: importScalar(curve, scalar, point) }
    },
    'ERR_INVALID_KEY',
    `the scalar is no private key of ${algorithm}`,
  )
  let held: typeof key | null = key
  return makeSigningKey(
    algorithm,
    point,
    (_, message) => plain(sign(hash, message, held as typeof key)),
    () => {
      held = null
    },
  )
}
