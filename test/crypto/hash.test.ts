import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../src/bytes.js'
import { type CryptoProvider, type HashAlgorithm, hashLength } from '../../src/crypto/index.js'
import { hkdfExpand, hkdfExpandLabel, hkdfExtract } from '../support/hkdf.js'
import { ALL_PROVIDERS, PROVIDERS } from '../support/providers.js'
import { describeVectors, failing, hex, isHex, loadCases, loadVectors, skipCases } from '../support/vectors.js'

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

interface MacCase {
  readonly key: string
  readonly msg: string
  readonly tag: string
  readonly result: string
}

interface HkdfCase {
  readonly ikm: string
  readonly salt: string
  readonly info: string
  readonly size: number
  readonly okm: string
  readonly result: string
}

interface Rfc5869Case {
  readonly tcId: number
  readonly hash: string
  readonly IKM: string
  readonly salt: string
  readonly info: string
  readonly PRK: string
  readonly OKM: string
  readonly L: number
}

describeVectors('HMAC and HKDF known answers', () => {
  describe.each(PROVIDERS)('by $name', (provider) => {
    it.each([
      ['SHA-256', 'hmac_sha256'],
      ['SHA-384', 'hmac_sha384'],
    ] as const)('Wycheproof HMAC-%s', (hash, file) => {
      const cases = loadCases<object, MacCase>(`wycheproof/${file}_test.json`)
      const wrong = failing(cases, (test) => {
        const mac = provider.hmacKey(hash, hex(test.key)).mac(hex(test.msg))
        return isHex(mac.subarray(0, test.tag.length / 2), test.tag) === (test.result === 'valid')
      })
      expect(wrong).toEqual([])
    })

    it.each([
      ['SHA-256', 'hkdf_sha256'],
      ['SHA-384', 'hkdf_sha384'],
    ] as const)('Wycheproof HKDF-%s', (hash, file) => {
      const cases = loadCases<object, HkdfCase>(`wycheproof/${file}_test.json`)
      const wrong = failing(cases, (test) => {
        // RFC 5869 2.3: more than 255 blocks cannot be asked for.
        if (test.result !== 'valid') return test.size > 255 * hashLength(hash)
        const key = hkdfExtract(provider, hash, hex(test.salt), hex(test.ikm))
        return isHex(hkdfExpand(provider, hash, key, hex(test.info), test.size), test.okm)
      })
      expect(wrong).toEqual([])
    })

    const rfc5869 = loadVectors<{ tests: Rfc5869Case[] }>('rfc/rfc5869-hkdf.json').tests
    it('RFC 5869 appendix A', () => {
      const cases = rfc5869.filter((test) => test.hash === 'SHA-256')
      const wrong = failing(cases, (test) => {
        const key = hkdfExtract(provider, 'SHA-256', hex(test.salt), hex(test.IKM))
        return isHex(key, test.PRK) && isHex(hkdfExpand(provider, 'SHA-256', key, hex(test.info), test.L), test.OKM)
      })
      expect(wrong).toEqual([])
    })
    skipCases(
      rfc5869.filter((test) => test.hash !== 'SHA-256'),
      'RFC 5869 with SHA-1, which TLS 1.3 does not have',
    )

    it('ACVP TLS 1.3 key schedule (RFC 9846 section 7.1)', () => {
      const cases = loadCases<{ hmacAlg: string }, Record<KdfField, string>>('acvp/TLS-v1.3-KDF-RFC8446.json')
      expect(failing(cases, (test) => keyScheduleHolds(provider, HASH_OF[test.group.hmacAlg], test))).toEqual([])
    })
  })
})

const HASH_OF: Record<string, HashAlgorithm> = { 'SHA2-256': 'SHA-256', 'SHA2-384': 'SHA-384' }

type KdfField =
  | 'psk'
  | 'dhe'
  | 'helloClientRandom'
  | 'helloServerRandom'
  | 'finishedClientRandom'
  | 'finishedServerRandom'
  | 'clientEarlyTrafficSecret'
  | 'earlyExporterMasterSecret'
  | 'clientHandshakeTrafficSecret'
  | 'serverHandshakeTrafficSecret'
  | 'clientApplicationTrafficSecret'
  | 'serverApplicationTrafficSecret'
  | 'exporterMasterSecret'
  | 'resumptionMasterSecret'

/** The transcripts are bare concatenations of what the file calls random values. */
function keyScheduleHolds(
  provider: CryptoProvider,
  hash: HashAlgorithm | undefined,
  test: Record<KdfField, string>,
): boolean {
  if (hash === undefined) return false
  const length = hashLength(hash)
  const zeros = new Uint8Array(length)
  const orZeros = (field: string) => (field === '' ? zeros : hex(field))
  const derive = (secret: Uint8Array, label: string, transcript: Uint8Array) =>
    hkdfExpandLabel(provider, hash, secret, label, provider.hash(hash, transcript), length)
  const next = (secret: Uint8Array, input: Uint8Array) =>
    hkdfExtract(provider, hash, derive(secret, 'derived', new Uint8Array(0)), input)

  const clientHello = hex(test.helloClientRandom)
  const hellos = concat(clientHello, hex(test.helloServerRandom))
  const serverFlight = concat(hellos, hex(test.finishedServerRandom))
  const clientFlight = concat(serverFlight, hex(test.finishedClientRandom))
  const early = hkdfExtract(provider, hash, zeros, orZeros(test.psk))
  const handshake = next(early, orZeros(test.dhe))
  const main = next(handshake, zeros)
  return (
    isHex(derive(early, 'c e traffic', clientHello), test.clientEarlyTrafficSecret) &&
    isHex(derive(early, 'e exp master', clientHello), test.earlyExporterMasterSecret) &&
    isHex(derive(handshake, 'c hs traffic', hellos), test.clientHandshakeTrafficSecret) &&
    isHex(derive(handshake, 's hs traffic', hellos), test.serverHandshakeTrafficSecret) &&
    isHex(derive(main, 'c ap traffic', serverFlight), test.clientApplicationTrafficSecret) &&
    isHex(derive(main, 's ap traffic', serverFlight), test.serverApplicationTrafficSecret) &&
    isHex(derive(main, 'exp master', serverFlight), test.exporterMasterSecret) &&
    isHex(derive(main, 'res master', clientFlight), test.resumptionMasterSecret)
  )
}
