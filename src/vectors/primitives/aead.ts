/** A known answer for record protection: sealed and opened as records are. */
import { concat, EMPTY } from '../../bytes.js'
import type { AeadAlgorithm, CryptoProvider } from '../../crypto/provider.js'
import { expectOctets, expectThat } from '../check/outcome.js'

export interface AeadCase {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly aad: Uint8Array
  readonly message: Uint8Array
  /** Ciphertext ‖ tag. */
  readonly sealed: Uint8Array
}

export function checkAead(provider: CryptoProvider, algorithm: AeadAlgorithm, test: AeadCase): void {
  const { nonce, aad, message, sealed } = test
  const aead = provider.aead(algorithm, test.key)
  const opened = aead.open(nonce, aad, sealed)
  expectThat(opened !== null, 'the tag does not fit')
  expectOctets('what it opens to', opened ?? EMPTY, message)
  const out = new Uint8Array(message.length + 16)
  // In two parts, as content and trailer of a record are.
  const middle = message.length >> 1
  aead.seal(nonce, aad, message.subarray(0, middle), message.subarray(middle), out)
  expectOctets('what it is sealed to', out, concat(sealed))
}

/** Whether it does not open, be it for a tag that does not fit or a nonce that no record has. */
export function staysShut(provider: CryptoProvider, algorithm: AeadAlgorithm, test: AeadCase): boolean {
  return provider.aead(algorithm, test.key).open(test.nonce, test.aad, test.sealed) === null
}
