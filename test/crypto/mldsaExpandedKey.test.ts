import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mldsaKeyPair } from '../../src/crypto/noble/mldsa.js'
import { PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'

const MESSAGE = new Uint8Array([1, 2, 3])
const K_START = 32
const TR_START = 64
const S_START = 128

describe.each(PROVIDERS)('expanded ML-DSA private keys with $name (FIPS 204 7.2)', (provider) => {
  describe.each([
    ['mldsa44', 3, 8],
    ['mldsa65', 4, 11],
    ['mldsa87', 3, 15],
  ] as const)('%s', (algorithm, bits, polynomials) => {
    const { publicKey, secretKey } = mldsaKeyPair(algorithm, new Uint8Array(32).fill(5))
    const t0Start = S_START + polynomials * 32 * bits
    const load = (expandedKey: Uint8Array) => () => provider.signingKey({ algorithm, expandedKey })
    const flipped = (bit: number): Uint8Array => {
      const key = secretKey.slice()
      key[bit >> 3] = (key[bit >> 3] as number) ^ (1 << (bit & 7))
      return key
    }

    it('sign like the seed that they come from, and know their public key', () => {
      const key = load(secretKey)()
      expect(key.publicKey).toEqual(publicKey)
      const ofSeed = provider.signingKey({ algorithm, seed: new Uint8Array(32).fill(5) })
      const options = { deterministic: true }
      expect(key.sign(algorithm, MESSAGE, options)).toEqual(ofSeed.sign(algorithm, MESSAGE, options))
      const verifying = provider.verifyingKey(algorithm, publicKey)
      expect(verifying.verify(algorithm, MESSAGE, key.sign(algorithm, MESSAGE))).toBe(true)
      key.wipe()
      expect(refusal(() => key.sign(algorithm, MESSAGE))).toBe('ERR_SIGNER')
    })

    it('are refused when one bit of ρ, tr, s1, s2 or t0 is wrong', () => {
      const within = (start: number, end: number) => fc.integer({ min: 8 * start, max: 8 * end - 1 })
      const bit = fc.oneof(
        within(0, K_START),
        within(TR_START, S_START),
        within(S_START, t0Start),
        within(t0Start, secretKey.length),
      )
      fc.assert(
        fc.property(bit, (wrong) => refusal(load(flipped(wrong))) === 'ERR_INVALID_KEY'),
        { numRuns: 10, examples: [[8 * t0Start], [8 * secretKey.length - 1]] },
      )
    })

    it('may hold any K, from which nothing follows', () => {
      expect(load(flipped(8 * K_START))().publicKey).toEqual(publicKey)
    })

    it('are refused when too short or too long, and never quoted', () => {
      for (const wrong of [secretKey.subarray(1), new Uint8Array(secretKey.length + 1), new Uint8Array(32)]) {
        expect(refusal(load(wrong))).toBe('ERR_INVALID_KEY')
      }
      // All ones are no coefficient of s1.
      const outOfRange = secretKey.slice().fill(0xff, S_START, S_START + 4)
      expect(load(outOfRange)).toThrow(/^the expanded form of the mldsa\d\d private key has an s1 or s2 that is out of/)
      expect(load(outOfRange)).toThrow(expect.not.objectContaining({ cause: expect.anything() }))
    })
  })
})
