import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/bytes.js'
import { type HashAlgorithm, hashLength } from '../../src/crypto/index.js'
import { ALL_PROVIDERS } from '../support/providers.js'
import { isHex } from '../support/vectors.js'

const HASHES: readonly HashAlgorithm[] = ['SHA-256', 'SHA-384']

describe.each(ALL_PROVIDERS)('hashes by $name', (provider) => {
  it.each(HASHES)('%s may be read on the way and fed further', (algorithm) => {
    const running = provider.createHash(algorithm)
    expect(running.digest()).toEqual(provider.hash(algorithm, utf8('')))
    running.update(utf8('abc'))
    expect(running.digest()).toEqual(provider.hash(algorithm, utf8('abc')))
    expect(running.digest()).toEqual(provider.hash(algorithm, utf8('abc')))
    running.update(utf8('def'))
    expect(running.digest()).toEqual(provider.hash(algorithm, utf8('abcdef')))
    expect(running.digest()).toHaveLength(hashLength(algorithm))
  })

  it.each(HASHES)('an HMAC-%s key serves many times and does not change its inputs', (algorithm) => {
    const key = new Uint8Array(200).fill(7)
    const mac = provider.hmacKey(algorithm, key)
    const first = mac.mac(utf8('one'))
    expect(mac.mac(utf8('two'))).not.toEqual(first)
    key.fill(0)
    expect(mac.mac(utf8('one'))).toEqual(first)
  })

  it('an empty HMAC key is a key', () => {
    const mac = provider.hmacKey('SHA-256', new Uint8Array(0)).mac(utf8(''))
    expect(isHex(mac, 'b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad')).toBe(true)
  })

  it('a wiped HMAC key refuses to work', () => {
    const mac = provider.hmacKey('SHA-384', new Uint8Array(48))
    mac.wipe()
    expect(() => mac.mac(utf8('x'))).toThrow(expect.objectContaining({ code: 'ERR_INVALID_STATE' }))
  })

  it('results are plain Uint8Arrays, whose slice() copies', () => {
    const results = [
      provider.hash('SHA-256', utf8('')),
      provider.createHash('SHA-384').digest(),
      provider.hmacKey('SHA-256', utf8('k')).mac(utf8('')),
      provider.randomBytes(16),
    ]
    for (const result of results) expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype)
  })

  it('draws any number of random octets', () => {
    expect(provider.randomBytes(0)).toHaveLength(0)
    expect(provider.randomBytes(200_000).subarray(-64)).not.toEqual(new Uint8Array(64))
  })
})
