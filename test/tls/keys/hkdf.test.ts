import { describe, expect, it } from 'vitest'
import { EMPTY, fromHex, toHex } from '../../../src/bytes.js'
import type { HashAlgorithm } from '../../../src/crypto/index.js'
import { hkdfExpandLabel, hkdfExtract } from '../../../src/tls/hkdf.js'
import * as reference from '../../support/hkdf.js'
import { PROVIDERS } from '../../support/providers.js'
import { describeVectors, isHex, loadVectors } from '../../support/vectors.js'

interface Case {
  readonly tcId: number
  readonly hash: string
  readonly IKM: string
  readonly salt?: string
  readonly info: string
  readonly L: number
  readonly PRK: string
  readonly OKM: string
}

describeVectors('HKDF (RFC 5869 appendix A)', () => {
  const { tests } = loadVectors<{ readonly tests: readonly Case[] }>('rfc/rfc5869-hkdf.json')
  const cases = tests.filter(({ hash }) => hash === 'SHA-256')

  it.each(PROVIDERS)('extracts and expands as printed, with the $name provider', (provider) => {
    expect(cases.length).toBeGreaterThan(2)
    for (const { IKM, salt, info, L, PRK, OKM } of cases) {
      const prk = hkdfExtract(provider, 'SHA-256', fromHex(salt ?? ''), fromHex(IKM))
      expect(isHex(prk, PRK)).toBe(true)
      expect(isHex(reference.hkdfExpand(provider, 'SHA-256', prk, fromHex(info), L), OKM)).toBe(true)
    }
  })
})

describe.each(PROVIDERS)('HKDF with the $name provider', (provider) => {
  it('takes an empty salt for one of zeros', () => {
    for (const [hash, length] of [
      ['SHA-256', 32],
      ['SHA-384', 48],
    ] as const) {
      const ikm = Uint8Array.of(1, 2, 3)
      expect(hkdfExtract(provider, hash, EMPTY, ikm)).toEqual(hkdfExtract(provider, hash, new Uint8Array(length), ikm))
    }
  })

  it('expands to any length up to 255 blocks, as the reference does that RFC 5869 has checked', () => {
    const secret = new Uint8Array(32).fill(1)
    const context = Uint8Array.of(1, 2)
    for (const length of [0, 1, 31, 32, 33, 64, 65, 1000, 255 * 32]) {
      const expanded = hkdfExpandLabel(provider, 'SHA-256', secret, 'label', context, length)
      const expected = reference.hkdfExpandLabel(provider, 'SHA-256', secret, 'label', context, length)
      expect(toHex(expanded)).toBe(toHex(expected))
    }
    expect(() => hkdfExpandLabel(provider, 'SHA-256', secret, 'label', context, 255 * 32 + 1)).toThrow(RangeError)
  })

  it('separates labels, contexts and lengths, and refuses what its struct cannot hold', () => {
    const derive = (label: string, context: Uint8Array, length = 32, hash: HashAlgorithm = 'SHA-256') =>
      toHex(hkdfExpandLabel(provider, hash, new Uint8Array(32).fill(1), label, context, length))
    const all = [
      derive('a', EMPTY),
      derive('ab', EMPTY),
      derive('a', Uint8Array.of(0)),
      derive('a', Uint8Array.of(98)),
      derive('a', EMPTY, 31),
      derive('a', EMPTY, 32, 'SHA-384'),
    ]
    expect(new Set(all.map((hex) => hex.slice(0, 60))).size).toBe(all.length)
    expect(() => derive('x'.repeat(250), EMPTY)).toThrow(RangeError)
    expect(derive('x'.repeat(249), new Uint8Array(255)).length).toBe(64)
    expect(() => derive('a', new Uint8Array(256))).toThrow(RangeError)
  })
})
