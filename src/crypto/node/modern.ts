/**
 * What newer releases of Node have and the type declarations of our oldest one do not. Each function may be missing:
 * ask `features.ts` first.
 */
import type { KeyObject, KeyPairKeyObjectResult } from 'node:crypto'
import * as crypto from 'node:crypto'

interface Modern {
  /** Node 24 */
  encapsulate(publicKey: KeyObject): { readonly sharedKey: Buffer; readonly ciphertext: Buffer }
  /** Node 24 */
  decapsulate(privateKey: KeyObject, ciphertext: Uint8Array): Buffer
  /** With the key types 'ml-kem-*' and 'ml-dsa-*': Node 24 */
  generateKeyPairSync(type: string): KeyPairKeyObjectResult
  /** The format 'raw-public': later releases of Node 24 */
  createPublicKey(key: { key: Uint8Array; format: 'raw-public'; asymmetricKeyType: string }): KeyObject
}

export const modern = crypto as unknown as Modern

/** Exports the raw octets of a public key where the running Node knows that format. */
export function exportRawPublic(key: KeyObject): Uint8Array {
  return plain(
    (key as unknown as { export(options: { format: 'raw-public' }): Buffer }).export({ format: 'raw-public' }),
  )
}

/** The same octets without Buffer's own ideas of slice() and of JSON. */
export function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
