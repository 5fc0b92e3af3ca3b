/** Record protection of the portable provider. noble's ciphers are good for one message, so each record makes one. */
import { gcm } from '@noble/ciphers/aes.js'
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { concat, copy, wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { canOpen, checkAeadKey, checkNonce, checkSeal } from '../aeadSizes.js'
import type { AeadAlgorithm } from '../cipherSuites.js'
import type { Aead } from '../provider.js'

export function aead(algorithm: AeadAlgorithm, key: Uint8Array): Aead {
  checkAeadKey(algorithm, key)
  const ownKey = copy(key)
  const cipher = algorithm === 'CHACHA20-POLY1305' ? chacha20poly1305 : gcm
  let wiped = false
  const ready = () => {
    if (wiped) throw new TrefoilError('ERR_INVALID_STATE', `the ${algorithm} key has been wiped`)
  }
  return {
    seal(nonce, aad, content, trailer, out) {
      ready()
      checkSeal(nonce, content.length + trailer.length, out)
      const plaintext = concat(content, trailer)
      out.set(cipher(ownKey, nonce, aad).encrypt(plaintext))
      wipe(plaintext)
    },
    sealInPieces(nonce, aad, content, trailer) {
      ready()
      checkNonce(nonce)
      const plaintext = concat(content, trailer)
      const sealed = cipher(ownKey, nonce, aad).encrypt(plaintext)
      wipe(plaintext)
      return [sealed]
    },
    open(nonce, aad, sealed) {
      ready()
      if (!canOpen(nonce, sealed)) return null
      try {
        return cipher(ownKey, nonce, aad).decrypt(sealed)
      } catch {
        return null
      }
    },
    wipe() {
      wiped = true
      wipe(ownKey)
    },
  }
}
