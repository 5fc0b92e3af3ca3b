import { describe, expect, it } from 'vitest'
import type { CryptoProvider } from '../../src/crypto/index.js'
import { ALL_PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'
import { hex } from '../support/vectors.js'

/** Points of low order (RFC 7748 section 7; the usual list of seven and their unreduced forms). */
const LOW_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]

/** Order of the group, the first number that is no private key. */
const ORDERS = {
  secp256r1: 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  secp384r1: 'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
} as const

describe.each(ALL_PROVIDERS)('elliptic curves by $name', (provider) => {
  it('X25519 shares of low order are refused by either end (RFC 9846 section 7.4.2)', () => {
    for (const point of LOW_ORDER) {
      expect(refusal(() => provider.generateKeyShare('x25519').agree(hex(point)))).toBe('ERR_BAD_KEY_SHARE')
      expect(refusal(() => provider.respondToKeyShare('x25519', hex(point)))).toBe('ERR_BAD_KEY_SHARE')
    }
  })

  it('an all-zero X25519 seed is taken for one that was never set', () => {
    expect(refusal(() => provider.generateKeyShare('x25519', new Uint8Array(32)))).toBe('ERR_INVALID_OPTION')
  })

  it.each(['secp256r1', 'secp384r1'] as const)('%s private keys lie between 0 and the order', (group) => {
    const order = hex(ORDERS[group])
    const below = order.slice()
    below[below.length - 1] = (below.at(-1) as number) - 1
    expect(refusal(() => provider.generateKeyShare(group, below))).toBeNull()
    for (const seed of [order, new Uint8Array(order.length), new Uint8Array(order.length).fill(0xff)]) {
      expect(refusal(() => provider.generateKeyShare(group, seed))).toBe('ERR_INVALID_OPTION')
    }
  })

  it.each(['secp256r1', 'secp384r1'] as const)(
    '%s: only uncompressed points of the curve are taken (RFC 9846 section 4.3.8.2)',
    (group) => {
      const point = provider.generateKeyShare(group).publicShare
      const size = (point.length - 1) / 2
      const odd = (point.at(-1) as number) & 1
      const compressed = Uint8Array.of(2 + odd, ...point.subarray(1, 1 + size))
      const hybrid = Uint8Array.of(6 + odd, ...point.subarray(1))
      const offCurve = point.slice()
      offCurve[point.length - 1] = (point.at(-1) as number) ^ 1
      const origin = new Uint8Array(point.length)
      origin[0] = 4
      const beyondField = new Uint8Array(point.length).fill(0xff)
      beyondField[0] = 4
      const infinity = Uint8Array.of(0)
      const zeros = new Uint8Array(point.length)
      for (const bad of [compressed, hybrid, offCurve, origin, beyondField, infinity, zeros, new Uint8Array(0)]) {
        expect(refusal(() => provider.generateKeyShare(group).agree(bad))).toBe('ERR_BAD_KEY_SHARE')
        expect(refusal(() => provider.respondToKeyShare(group, bad))).toBe('ERR_BAD_KEY_SHARE')
      }
    },
  )

  it('secrets of the NIST curves keep their leading zeros', () => {
    const share = provider.generateKeyShare('secp256r1', scalar(1, 32))
    const found = firstZeroSecret(provider)
    expect(found.secret).toHaveLength(32)
    expect(found.secret[0]).toBe(0)
    expect(share.agree(found.point)).toEqual(found.secret)
  })
})

/** A point whose x coordinate begins with a zero octet; with the private key 1 that coordinate is the secret. */
function firstZeroSecret(provider: CryptoProvider): { point: Uint8Array; secret: Uint8Array } {
  for (let n = 1; ; n++) {
    const point = provider.generateKeyShare('secp256r1', scalar(n, 32)).publicShare
    if (point[1] === 0) return { point, secret: point.slice(1, 33) }
  }
}

function scalar(value: number, length: number): Uint8Array {
  const octets = new Uint8Array(length)
  new DataView(octets.buffer).setUint32(length - 4, value)
  return octets
}
