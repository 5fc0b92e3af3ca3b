/**
 * The recorded malformed hybrid shares. That our server refuses them with the alert of OpenSSL, and our client takes it, is
 * among what test/vectors/recordings.test.ts runs.
 */
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../src/bytes.js'
import { PROVIDERS } from '../../support/providers.js'
import { refusal } from '../../support/refusal.js'
import { isCompleted, opensslTraces, seedOf } from '../../support/traces.js'
import { describeVectors } from '../../support/vectors.js'

describeVectors('a malformed X25519MLKEM768 share', () => {
  const refused = opensslTraces().filter((trace) => !isCompleted(trace))

  it('was recorded four times', () => {
    expect(refused.map(({ id }) => id)).toEqual([
      'c-bad-ek-modulus',
      'c-bad-x25519-zero',
      'c-bad-share-short',
      'c-bad-share-order',
    ])
  })

  describe.each(PROVIDERS)('with the $name provider', (provider) => {
    it.each(refused)('is refused by the provider itself, where the sound one is taken: $id', (trace) => {
      const [pair] = trace.values.clientKeyPairs ?? []
      if (pair === undefined) throw new Error(`${trace.id} has no key pair`)
      const sound = provider.generateKeyShare(pair.group, seedOf(pair)).publicShare
      expect(toHex(sound)).not.toBe(pair.publicKey)
      const respond = (share: Uint8Array) => () => provider.respondToKeyShare(pair.group, share)
      expect(refusal(respond(fromHex(pair.publicKey)))).toBe('ERR_BAD_KEY_SHARE')
      expect(refusal(respond(sound))).toBeNull()
    })
  })
})
