import { describe, expect, it } from 'vitest'
import type { MlkemName } from '../../src/crypto/keyExchange.js'
import { mlkemOf } from '../../src/vectors/primitives/mlkem.js'
import { ALL_PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'

const SETS: readonly MlkemName[] = ['ML-KEM-768', 'ML-KEM-1024']

describe.each(ALL_PROVIDERS)('ML-KEM by $name', (provider) => {
  it.each(SETS)('%s: a coefficient of q or more in the encapsulation key is refused (FIPS 203 7.2)', (name) => {
    const mlkem = mlkemOf(provider, name)
    const { ek } = mlkem.keyPair(new Uint8Array(64).fill(5))
    const coefficients = ek.length - 32
    // 3329 = 0xd01, little-endian in 12 bits: the first coefficient, one in the middle, the last.
    for (const at of [0, 3 * Math.floor(coefficients / 6), coefficients - 3]) {
      const altered = ek.slice()
      altered[at] = 0x01
      altered[at + 1] = 0x0d
      expect(refusal(() => mlkem.encapsulate(altered))).toBe('ERR_BAD_KEY_SHARE')
      expect(refusal(() => mlkem.encapsulate(altered, new Uint8Array(32)))).toBe('ERR_BAD_KEY_SHARE')
      // 3328 = q - 1 is a coefficient like any other.
      altered[at] = 0x00
      expect(refusal(() => mlkem.encapsulate(altered))).toBeNull()
    }
  })

  it.each(SETS)('%s: an altered ciphertext gives another secret and no error (FIPS 203 6.3)', (name) => {
    const mlkem = mlkemOf(provider, name)
    const seed = new Uint8Array(64).fill(6)
    const { c, k } = mlkem.encapsulate(mlkem.keyPair(seed).ek)
    expect(mlkem.keyPair(seed).decapsulate(c)).toEqual(k)
    c[100] = (c[100] as number) ^ 1
    const rejected = mlkem.keyPair(seed).decapsulate(c)
    expect(rejected).not.toEqual(k)
    expect(mlkem.keyPair(seed).decapsulate(c)).toEqual(rejected)
  })
})
