/** Public keys that the caller gives: in PEM (RFC 7468 section 13) or DER; and the fingerprints by which they go. */
import { sha256 } from '@noble/hashes/sha2.js'
import { equalBytes, fromHex, toHex } from '../bytes.js'
import { TrefoilError } from '../errors.js'
import { asPemText, readPem, writePem } from './pem.js'
import { type PublicKeyInfo, parsePublicKey } from './publicKey.js'

const LABEL = 'PUBLIC KEY'
const FINGERPRINT = /^sha256:([0-9a-fA-F]{64})$/

/**
 * The one key in a PEM text or a DER SubjectPublicKeyInfo, of a kind that signs.
 * @throws TrefoilError ERR_INVALID_KEY when there is none, there are several, or it is malformed;
 *   ERR_UNSUPPORTED_ALGORITHM when Trefoil knows no such keys
 */
export function loadPublicKey(input: string | Uint8Array): PublicKeyInfo {
  const text = asPemText(input)
  const ders =
    text === null
      ? [input as Uint8Array]
      : readPem(text, 'ERR_INVALID_KEY').flatMap(({ label, der }) => (label === LABEL ? [der] : []))
  const [der, ...others] = ders
  if (der === undefined) throw new TrefoilError('ERR_INVALID_KEY', 'the text holds no PEM public key')
  if (others.length > 0) throw new TrefoilError('ERR_INVALID_KEY', 'the text holds several public keys')
  const key = parseOwn(new Uint8Array(der))
  if (key.algorithm === null) {
    const message = `the public key is of an algorithm that is not known here (${key.objectIdentifier})`
    throw new TrefoilError('ERR_UNSUPPORTED_ALGORITHM', message)
  }
  return key
}

export function writePublicKeyPem({ der }: PublicKeyInfo): string {
  return writePem(LABEL, der)
}

/** SHA-256 over the whole SubjectPublicKeyInfo, 32 octets: strict DER makes it one for each key. */
export function keyId({ der }: PublicKeyInfo): Uint8Array {
  return sha256(der)
}

/** `sha256:` and the {@link keyId} in hex. */
export function keyFingerprint(key: PublicKeyInfo): string {
  return formatFingerprint(keyId(key))
}

export function formatFingerprint(id: Uint8Array): string {
  return `sha256:${toHex(id)}`
}

/** The key id in a fingerprint; null for any other text. */
export function parseFingerprint(text: string): Uint8Array | null {
  const hex = FINGERPRINT.exec(text)?.[1]
  return hex === undefined ? null : fromHex(hex)
}

export function isSameKey(a: PublicKeyInfo, b: PublicKeyInfo): boolean {
  return equalBytes(a.der, b.der)
}

/** The caller's own input is at fault here, not a peer. */
function parseOwn(der: Uint8Array): PublicKeyInfo {
  try {
    return parsePublicKey(der)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TrefoilError('ERR_INVALID_KEY', reason, { cause })
  }
}
