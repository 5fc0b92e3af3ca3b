/**
 * Public and private keys between our raw form and KeyObject. For ML-KEM, ML-DSA, X25519 and Ed25519 the DER forms
 * are a fixed prefix and the raw key, so no ASN.1 is read or written here (RFC 8410 4 and 7; RFC 9881 4 and 6;
 * RFC 9935 4 and 6).
 */
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { concat, fromHex, wipe } from '../../bytes.js'
import { exportRawPublic, modern, plain } from './modern.js'

interface Encoding {
  /** Node's name, for its raw format. */
  readonly keyType: string
  /** Prefix of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** Prefix of the PKCS#8 structure that holds the seed alone. */
  readonly pkcs8: Uint8Array
}

export const KEY_ENCODINGS = {
  X25519: encoding('x25519', '302a300506032b656e032100', '302e020100300506032b656e04220420'),
  ed25519: encoding('ed25519', '302a300506032b6570032100', '302e020100300506032b657004220420'),
  'ML-KEM-768': encoding(
    'ml-kem-768',
    '308204b2300b0609608648016503040402038204a100',
    '3054020100300b060960864801650304040204428040',
  ),
  'ML-KEM-1024': encoding(
    'ml-kem-1024',
    '30820632300b06096086480165030404030382062100',
    '3054020100300b060960864801650304040304428040',
  ),
  mldsa44: encoding(
    'ml-dsa-44',
    '30820532300b06096086480165030403110382052100',
    '3034020100300b060960864801650304031104228020',
  ),
  mldsa65: encoding(
    'ml-dsa-65',
    '308207b2300b0609608648016503040312038207a100',
    '3034020100300b060960864801650304031204228020',
  ),
  mldsa87: encoding(
    'ml-dsa-87',
    '30820a32300b060960864801650304031303820a2100',
    '3034020100300b060960864801650304031304228020',
  ),
} as const satisfies Record<string, Encoding>

export type EncodedKey = keyof typeof KEY_ENCODINGS

/** `raw`: whether the running Node takes raw keys of this kind, which is the cheapest way in. */
export function importPublic(name: EncodedKey, publicKey: Uint8Array, raw: boolean): KeyObject {
  const { keyType, spki } = KEY_ENCODINGS[name]
  if (raw) return modern.createPublicKey({ key: publicKey, format: 'raw-public', asymmetricKeyType: keyType })
  return createPublicKey({ key: concat(spki, publicKey) as Buffer, format: 'der', type: 'spki' })
}

export function exportPublic(name: EncodedKey, key: KeyObject, raw: boolean): Uint8Array {
  if (raw) return exportRawPublic(key)
  return plain(key.export({ format: 'der', type: 'spki' })).slice(KEY_ENCODINGS[name].spki.length)
}

export function importSeed(name: EncodedKey, seed: Uint8Array): KeyObject {
  const pkcs8 = concat(KEY_ENCODINGS[name].pkcs8, seed)
  try {
    return createPrivateKey({ key: pkcs8 as Buffer, format: 'der', type: 'pkcs8' })
  } finally {
    wipe(pkcs8)
  }
}

/** X25519 and Ed25519 by JWK: DER costs up to 80 µs with OpenSSL 3.0, this 3 to 6. */
export function importEdwards(curve: 'X25519' | 'Ed25519', publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: curve, x: base64url(publicKey) }, format: 'jwk' })
}

export function exportEdwards(key: KeyObject): Uint8Array {
  return octetsOf(key.export({ format: 'jwk' }))
}

/** The raw public key in such a JWK. */
export function octetsOf(key: JsonWebKey): Uint8Array {
  return new Uint8Array(Buffer.from(key.x as string, 'base64url'))
}

/** An uncompressed point, 0x04 ‖ x ‖ y; the import refuses what is not on the curve. */
export function importPoint(curve: 'P-256' | 'P-384', point: Uint8Array): KeyObject {
  return createPublicKey({ key: pointJwk(curve, point), format: 'jwk' })
}

export function importScalar(curve: 'P-256' | 'P-384', scalar: Uint8Array, point: Uint8Array): KeyObject {
  return createPrivateKey({ key: { ...pointJwk(curve, point), d: base64url(scalar) }, format: 'jwk' })
}

function pointJwk(curve: 'P-256' | 'P-384', point: Uint8Array) {
  const middle = (point.length + 1) / 2
  return { kty: 'EC', crv: curve, x: base64url(point.subarray(1, middle)), y: base64url(point.subarray(middle)) }
}

function base64url(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64url')
}

function encoding(keyType: string, spki: string, pkcs8: string): Encoding {
  return { keyType, spki: fromHex(spki), pkcs8: fromHex(pkcs8) }
}
