import { describe, expect, it } from 'vitest'
import { concat } from '../../src/bytes.js'
import type { AeadAlgorithm, CryptoProvider } from '../../src/crypto/index.js'
import { ALL_PROVIDERS, PROVIDER_PAIRS } from '../support/providers.js'

const KEY_LENGTHS: Record<AeadAlgorithm, number> = { 'AES-128-GCM': 16, 'AES-256-GCM': 32, 'CHACHA20-POLY1305': 32 }
const ALGORITHMS = Object.keys(KEY_LENGTHS) as AeadAlgorithm[]
const NONCE = new Uint8Array(12).fill(3)
const HEADER = Uint8Array.of(23, 3, 3, 0, 100)
const EMPTY = new Uint8Array(0)

function seal(
  provider: CryptoProvider,
  algorithm: AeadAlgorithm,
  key: Uint8Array,
  content: Uint8Array,
  trailer: Uint8Array = EMPTY,
): Uint8Array {
  const out = new Uint8Array(content.length + trailer.length + 16)
  provider.aead(algorithm, key).seal(NONCE, HEADER, content, trailer, out)
  return out
}

describe.each(PROVIDER_PAIRS)('record protection sealed by $0.name and opened by $1.name', (sealer, opener) => {
  it.each(ALGORITHMS)('%s opens to content and trailer together, for all sizes around a block', (algorithm) => {
    const key = new Uint8Array(KEY_LENGTHS[algorithm]).fill(9)
    const aead = opener.aead(algorithm, key)
    for (const size of [0, 1, 15, 16, 17, 255, 1024]) {
      const content = Uint8Array.from({ length: size }, (_, i) => i)
      const trailer = Uint8Array.of(23, 0, 0)
      const sealed = seal(sealer, algorithm, key, content, trailer)
      expect(aead.open(NONCE, HEADER, sealed)).toEqual(concat(content, trailer))
    }
  })
})

describe.each(ALL_PROVIDERS)('record protection by $name', (provider) => {
  it.each(ALGORITHMS)('%s gives in pieces what it gives in one', (algorithm) => {
    const key = new Uint8Array(KEY_LENGTHS[algorithm]).fill(9)
    const aead = provider.aead(algorithm, key)
    for (const size of [0, 1, 16, 2048, 16_384]) {
      const content = Uint8Array.from({ length: size }, (_, i) => i)
      const trailer = Uint8Array.of(23)
      const pieces = aead.sealInPieces(NONCE, HEADER, content, trailer)
      expect(Buffer.concat(pieces).equals(seal(provider, algorithm, key, content, trailer))).toBe(true)
    }
    expect(() => aead.sealInPieces(new Uint8Array(8), HEADER, EMPTY, EMPTY)).toThrow(RangeError)
    aead.wipe()
    expect(() => aead.sealInPieces(NONCE, HEADER, EMPTY, EMPTY)).toThrow(/wiped/)
  })

  it.each(ALGORITHMS)('%s gives null for any octet changed, a wrong nonce and a wrong header', (algorithm) => {
    const key = new Uint8Array(KEY_LENGTHS[algorithm]).fill(9)
    const aead = provider.aead(algorithm, key)
    const sealed = seal(provider, algorithm, key, Uint8Array.of(1, 2, 3))
    for (let i = 0; i < sealed.length; i++) {
      const altered = sealed.slice()
      altered[i] = (altered[i] as number) ^ 0x80
      expect(aead.open(NONCE, HEADER, altered)).toBeNull()
    }
    expect(aead.open(new Uint8Array(12), HEADER, sealed)).toBeNull()
    expect(aead.open(new Uint8Array(16), HEADER, sealed)).toBeNull()
    expect(aead.open(NONCE, EMPTY, sealed)).toBeNull()
    for (let size = 0; size < sealed.length; size++) {
      expect(aead.open(NONCE, HEADER, sealed.subarray(0, size))).toBeNull()
    }
  })

  it.each(ALGORITHMS)('%s takes keys of one length, nonces of 12 octets, and an output that fits', (algorithm) => {
    const size = KEY_LENGTHS[algorithm]
    for (const wrong of [0, size - 1, size + 1, 24]) {
      expect(() => provider.aead(algorithm, new Uint8Array(wrong))).toThrow(RangeError)
    }
    const aead = provider.aead(algorithm, new Uint8Array(size))
    const room = (extra: number) => new Uint8Array(4 + extra)
    for (const length of [0, 8, 11, 13, 16]) {
      expect(() => aead.seal(new Uint8Array(length), HEADER, room(0), EMPTY, room(16))).toThrow(RangeError)
    }
    expect(() => aead.seal(NONCE, HEADER, room(0), EMPTY, room(15))).toThrow(RangeError)
    expect(() => aead.seal(NONCE, HEADER, room(0), EMPTY, room(17))).toThrow(RangeError)
  })

  it('writes to its output alone, leaves the inputs and keeps no hold of the key', () => {
    const key = new Uint8Array(32).fill(1)
    const aead = provider.aead('AES-256-GCM', key)
    key.fill(0)
    const page = new Uint8Array(64).fill(0xee)
    const content = Uint8Array.of(1, 2, 3, 4)
    aead.seal(NONCE, HEADER, content, Uint8Array.of(23), page.subarray(11, 32))
    expect(content).toEqual(Uint8Array.of(1, 2, 3, 4))
    expect(page.subarray(0, 11)).toEqual(new Uint8Array(11).fill(0xee))
    expect(page.subarray(32)).toEqual(new Uint8Array(32).fill(0xee))
    const opened = provider.aead('AES-256-GCM', new Uint8Array(32).fill(1)).open(NONCE, HEADER, page.subarray(11, 32))
    expect(opened).toEqual(Uint8Array.of(1, 2, 3, 4, 23))
    expect(Object.getPrototypeOf(opened)).toBe(Uint8Array.prototype)
  })

  it('a wiped key refuses to work', () => {
    const aead = provider.aead('AES-128-GCM', new Uint8Array(16))
    aead.wipe()
    const refusal = expect.objectContaining({ code: 'ERR_INVALID_STATE' })
    expect(() => aead.seal(NONCE, HEADER, EMPTY, EMPTY, new Uint8Array(16))).toThrow(refusal)
    expect(() => aead.open(NONCE, HEADER, new Uint8Array(16))).toThrow(refusal)
  })
})
