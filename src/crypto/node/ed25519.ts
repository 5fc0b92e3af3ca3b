/** Ed25519 (RFC 8032) by node:crypto. */

import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { copy } from '../../bytes.js'
import type { SigningKey, VerifyingKey } from '../provider.js'
import { checkPrivateKeyLength, checkPublicKeyLength, makeSigningKey, makeVerifyingKey } from '../signatureKeys.js'
import { exportEdwards, importEdwards, importSeed } from './keys.js'
import { plain } from './modern.js'

export function ed25519VerifyingKey(publicKey: Uint8Array): VerifyingKey {
  checkPublicKeyLength('ed25519', publicKey)
  const octets = copy(publicKey)
  let imported: KeyObject | null = null
  return makeVerifyingKey('ed25519', octets, (_, message, signature) => {
    imported ??= importEdwards('Ed25519', octets)
    return verify(null, message, imported, signature)
  })
}

export function ed25519SigningKey(seed: Uint8Array): SigningKey {
  checkPrivateKeyLength('ed25519', seed)
  let privateKey: KeyObject | null = importSeed('ed25519', seed)
  return makeSigningKey(
    'ed25519',
    exportEdwards(createPublicKey(privateKey)),
    (_, message) => plain(sign(null, message, privateKey as KeyObject)),
    () => {
      privateKey = null
    },
  )
}
