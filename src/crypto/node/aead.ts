/** Record protection by node:crypto. */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { concat, wipe } from '../../bytes.js'
import { canOpen, checkAeadKey, checkNonce, checkSeal, TAG_LENGTH } from '../aeadSizes.js'
import type { AeadAlgorithm } from '../cipherSuites.js'
import type { Aead } from '../provider.js'
import { plain } from './modern.js'
import { AEAD_NAMES } from './names.js'
import { SecretKey } from './secretKey.js'

const TAG = { authTagLength: TAG_LENGTH }

export function aead(algorithm: AeadAlgorithm, key: Uint8Array): Aead {
  checkAeadKey(algorithm, key)
  return new NodeAead(algorithm, key)
}

class NodeAead implements Aead {
  readonly #algorithm: AeadAlgorithm
  readonly #key: SecretKey

  constructor(algorithm: AeadAlgorithm, key: Uint8Array) {
    this.#algorithm = algorithm
    this.#key = new SecretKey(algorithm, key)
  }

  seal(nonce: Uint8Array, aad: Uint8Array, content: Uint8Array, trailer: Uint8Array, out: Uint8Array): void {
    const plaintextLength = content.length + trailer.length
    checkSeal(nonce, plaintextLength, out)
    const cipher = createCipheriv(this.#cipherName, this.#key.take(), nonce, TAG)
    cipher.setAAD(aad)
    // The plaintext is put together where the ciphertext goes: one call into OpenSSL costs more than the copy.
    const room = out.subarray(0, plaintextLength)
    room.set(content)
    room.set(trailer, content.length)
    room.set(cipher.update(room))
    cipher.final()
    out.set(cipher.getAuthTag(), plaintextLength)
  }

  sealInPieces(nonce: Uint8Array, aad: Uint8Array, content: Uint8Array, trailer: Uint8Array): readonly Uint8Array[] {
    checkNonce(nonce)
    const cipher = createCipheriv(this.#cipherName, this.#key.take(), nonce, TAG)
    cipher.setAAD(aad)
    const ciphertext = cipher.update(content)
    const rest = cipher.update(trailer)
    cipher.final()
    return [plain(ciphertext), concat(rest, cipher.getAuthTag())]
  }

  open(nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null {
    const key = this.#key.take()
    if (!canOpen(nonce, sealed)) return null
    const end = sealed.length - TAG_LENGTH
    let plaintext: Uint8Array | null = null
    try {
      const decipher = createDecipheriv(this.#cipherName, key, nonce, TAG)
      decipher.setAAD(aad)
      decipher.setAuthTag(sealed.subarray(end))
      plaintext = decipher.update(sealed.subarray(0, end))
      decipher.final()
      return plain(plaintext)
    } catch {
      // Decrypted before the tag was checked, so not fit for anybody's eyes.
      wipe(plaintext)
      return null
    }
  }

  wipe(): void {
    this.#key.wipe()
  }

  /** The types know GCM and ChaCha20-Poly1305 as different kinds of cipher; they are used alike. */
  get #cipherName(): 'aes-256-gcm' {
    return AEAD_NAMES[this.#algorithm] as 'aes-256-gcm'
  }
}
