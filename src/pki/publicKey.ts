/** SubjectPublicKeyInfo (RFC 5280 4.1.2.7; RFC 9881 4 for ML-DSA; RFC 8410 4 for Ed25519; RFC 5480 2 for EC). */
import { BitString } from '@peculiar/asn1-schema'
import { fromHex } from '../bytes.js'
import type { KeyAlgorithm, SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { algorithmIdentifier, KEY_IDENTIFIERS, keyIdentifier } from './algorithms.js'
import { AlgorithmIdentifier, SubjectPublicKeyInfo } from './certificateTypes.js'
import { DerError, decoding, readValue, writeValue } from './strictAsn1.js'
import { wholeOctets } from './strings.js'

export interface PublicKeyInfo {
  /** The kind of key, null when it is one that Trefoil does not know. */
  readonly algorithm: KeyAlgorithm | null
  readonly objectIdentifier: string
  /** What `CryptoProvider.verifyingKey` takes: raw ML-DSA or Ed25519 octets, an EC point, a DER RSAPublicKey. */
  readonly publicKey: Uint8Array
  /** The signature schemes that the key may make (RSA-PSS keys may be restricted to one hash). */
  readonly schemes: readonly SignatureSchemeName[]
  /** The whole SubjectPublicKeyInfo. */
  readonly der: Uint8Array
}

/** Octets of the public keys of fixed size (FIPS 204 table 2, RFC 8032 5.1.5, SEC 1 2.3.3 uncompressed). */
const LENGTHS: Partial<Record<KeyAlgorithm, number>> = {
  mldsa44: 1312,
  mldsa65: 1952,
  mldsa87: 2592,
  'ecdsa-p256': 65,
  'ecdsa-p384': 97,
  ed25519: 32,
}

/**
 * Reads a SubjectPublicKeyInfo.
 * @throws TrefoilError ERR_BAD_CERTIFICATE when it is malformed, has parameters that its algorithm forbids, or a key
 *   of the wrong length
 */
export function parsePublicKey(der: Uint8Array): PublicKeyInfo {
  return decoding('ERR_BAD_CERTIFICATE', 'the public key', () =>
    readPublicKey(readValue(der, SubjectPublicKeyInfo), der),
  )
}

/**
 * @param der the octets that `info` was read from
 * @throws DerError
 */
export function readPublicKey(info: SubjectPublicKeyInfo, der: Uint8Array): PublicKeyInfo {
  const identifier = algorithmIdentifier(info.algorithm, info.algorithmRaw)
  const publicKey = wholeOctets(info.subjectPublicKey)
  const known = keyIdentifier(identifier)
  const length = known && LENGTHS[known.algorithm]
  if (length !== undefined && publicKey.length !== length) {
    throw new DerError(`its ${known?.algorithm} key has ${publicKey.length} octets, not ${length}`)
  }
  return {
    algorithm: known?.algorithm ?? null,
    objectIdentifier: identifier.objectIdentifier,
    publicKey,
    schemes: known?.schemes ?? [],
    der,
  }
}

/** Writes a SubjectPublicKeyInfo around a key in the form of `CryptoProvider.verifyingKey`. */
export function encodePublicKey(algorithm: KeyAlgorithm, publicKey: Uint8Array): Uint8Array {
  const info = new SubjectPublicKeyInfo()
  info.algorithm = readValue(fromHex(KEY_IDENTIFIERS[algorithm]), AlgorithmIdentifier)
  info.subjectPublicKey = new BitString(publicKey)
  return writeValue(info)
}
