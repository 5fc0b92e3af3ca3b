/** Public keys in options: PEM or DER SubjectPublicKeyInfo, a KeyObject, or, where that is enough, a fingerprint. */
import { KeyObject } from 'node:crypto'
import { TrefoilError } from '../../errors.js'
import { keyId, loadPublicKey, type PublicKeyInfo, parseFingerprint } from '../../pki/index.js'

/** PEM text (`PUBLIC KEY`), a DER SubjectPublicKeyInfo, or a public KeyObject. */
export type PublicKeyInput = string | Uint8Array | KeyObject

/** @throws TrefoilError ERR_INVALID_OPTION (the sentence names the option) for anything else */
export function readPublicKey(input: PublicKeyInput, option: string): PublicKeyInfo {
  try {
    return loadPublicKey(input instanceof KeyObject ? exportKey(input) : input)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TrefoilError('ERR_INVALID_OPTION', `${option} holds a key that cannot be used: ${reason}`, { cause })
  }
}

/** Like {@link readPublicKey}, and takes `sha256:` with 64 hex digits besides: the hash of the SubjectPublicKeyInfo. */
export function readKeyId(input: PublicKeyInput, option: string): { id: Uint8Array; key: PublicKeyInfo | null } {
  const fingerprint = typeof input === 'string' ? parseFingerprint(input.trim()) : null
  if (fingerprint !== null) return { id: fingerprint, key: null }
  const key = readPublicKey(input, option)
  return { id: keyId(key), key }
}

function exportKey(key: KeyObject): Uint8Array {
  if (key.type !== 'public') throw new TypeError(`it is a ${key.type} key`)
  return key.export({ format: 'der', type: 'spki' })
}
