import { shake256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { concat } from '../../src/bytes.js'
import { type CryptoProvider, NAMED_GROUPS, type NamedGroupName } from '../../src/crypto/index.js'
import { ALL_PROVIDERS, PROVIDER_PAIRS, PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'
import { describeVectors, hex, isHex, loadVectors } from '../support/vectors.js'

const GROUPS = Object.keys(NAMED_GROUPS) as NamedGroupName[]

/** Octets that differ everywhere and make valid private keys. */
const seedOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 37 + 11) & 0x7f)

describe.each(PROVIDER_PAIRS)('key exchange, client by $0.name and server by $1.name', (client, server) => {
  it.each(GROUPS)('%s: both ends get the same secret, in sizes of the table', (group) => {
    const row = NAMED_GROUPS[group]
    const share = client.generateKeyShare(group)
    const { serverShare, sharedSecret } = server.respondToKeyShare(group, share.publicShare)
    expect(share.group).toBe(group)
    expect(share.publicShare).toHaveLength(row.clientShareLength)
    expect(serverShare).toHaveLength(row.serverShareLength)
    expect(sharedSecret).toHaveLength(row.sharedSecretLength)
    expect(share.agree(serverShare)).toEqual(sharedSecret)
  })
})

describe.each(ALL_PROVIDERS)('key shares by $name', (provider) => {
  it.each(GROUPS)('%s: with seeds, shares and secret are a function of them, whoever computes', (group) => {
    const row = NAMED_GROUPS[group]
    const exchange = (by: CryptoProvider) => {
      const share = by.generateKeyShare(group, seedOf(row.clientSeedLength))
      const response = by.respondToKeyShare(group, share.publicShare, seedOf(row.serverSeedLength).reverse())
      return { publicShare: share.publicShare, ...response, agreed: share.agree(response.serverShare) }
    }
    const result = exchange(provider)
    expect(result).toEqual(exchange(provider))
    expect(result).toEqual(exchange(PROVIDERS[0] as CryptoProvider))
    expect(result.agreed).toEqual(result.sharedSecret)
  })

  it.each(GROUPS)('%s: without seeds, no two shares are alike', (group) => {
    const [one, other] = [provider.generateKeyShare(group), provider.generateKeyShare(group)]
    expect(one.publicShare).not.toEqual(other.publicShare)
    const [a, b] = [
      provider.respondToKeyShare(group, one.publicShare),
      provider.respondToKeyShare(group, one.publicShare),
    ]
    expect(a.serverShare).not.toEqual(b.serverShare)
    expect(a.sharedSecret).not.toEqual(b.sharedSecret)
  })

  it.each(GROUPS)('%s: a seed of another length is refused', (group) => {
    const row = NAMED_GROUPS[group]
    const { publicShare } = provider.generateKeyShare(group)
    for (const off of [-1, 1]) {
      const clientSeed = seedOf(row.clientSeedLength + off)
      expect(refusal(() => provider.generateKeyShare(group, clientSeed))).toBe('ERR_INVALID_OPTION')
      const serverSeed = seedOf(row.serverSeedLength + off)
      expect(refusal(() => provider.respondToKeyShare(group, publicShare, serverSeed))).toBe('ERR_INVALID_OPTION')
    }
    expect(refusal(() => provider.generateKeyShare(group, new Uint8Array(0)))).toBe('ERR_INVALID_OPTION')
  })

  it.each(GROUPS)('%s: a share of another length is refused', (group) => {
    const { publicShare } = provider.generateKeyShare(group)
    const { serverShare } = provider.respondToKeyShare(group, publicShare)
    const others = (share: Uint8Array) => [share.subarray(1), Uint8Array.of(...share, 0), new Uint8Array(0)]
    for (const wrong of others(publicShare)) {
      expect(refusal(() => provider.respondToKeyShare(group, wrong))).toBe('ERR_BAD_KEY_SHARE')
    }
    for (const wrong of others(serverShare)) {
      expect(refusal(() => provider.generateKeyShare(group).agree(wrong))).toBe('ERR_BAD_KEY_SHARE')
    }
  })

  it.each(GROUPS)('%s: a share agrees once, and not after it was wiped', (group) => {
    const share = provider.generateKeyShare(group)
    const { serverShare } = provider.respondToKeyShare(group, share.publicShare)
    share.agree(serverShare)
    expect(refusal(() => share.agree(serverShare))).toBe('ERR_INVALID_STATE')
    share.wipe()

    const failed = provider.generateKeyShare(group)
    expect(refusal(() => failed.agree(new Uint8Array(3)))).toBe('ERR_BAD_KEY_SHARE')
    expect(refusal(() => failed.agree(serverShare))).toBe('ERR_INVALID_STATE')

    const wiped = provider.generateKeyShare(group)
    wiped.wipe()
    expect(refusal(() => wiped.agree(serverShare))).toBe('ERR_INVALID_STATE')
  })

  it('X25519MLKEM768 is ML-KEM first, the groups of the NIST curves are curve first (RFC 10024)', () => {
    for (const group of ['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024'] as const) {
      const { curve, mlkemFirst, clientSeedLength } = NAMED_GROUPS[group]
      const classical = ({ X25519: 'x25519', 'P-256': 'secp256r1', 'P-384': 'secp384r1' } as const)[curve]
      const { clientSeedLength: scalarLength, clientShareLength: pointLength } = NAMED_GROUPS[classical]
      const seed = seedOf(clientSeedLength)
      const scalar = mlkemFirst ? seed.subarray(64) : seed.subarray(0, scalarLength)
      const { publicShare } = provider.generateKeyShare(group, seed)
      const point = provider.generateKeyShare(classical, scalar).publicShare
      expect(mlkemFirst ? publicShare.subarray(-pointLength) : publicShare.subarray(0, pointLength)).toEqual(point)
    }
  })

  it('a bad half spoils the whole share', () => {
    const { publicShare } = provider.generateKeyShare('X25519MLKEM768')
    const zeroPoint = publicShare.slice()
    zeroPoint.fill(0, 1184)
    const unreduced = publicShare.slice()
    unreduced.fill(0xff, 0, 3)
    const swapped = concat(publicShare.subarray(1184), publicShare.subarray(0, 1184))
    for (const wrong of [zeroPoint, unreduced, swapped]) {
      expect(refusal(() => provider.respondToKeyShare('X25519MLKEM768', wrong))).toBe('ERR_BAD_KEY_SHARE')
    }
    const { serverShare } = provider.respondToKeyShare('X25519MLKEM768', publicShare)
    serverShare.fill(0, 1088)
    expect(refusal(() => provider.generateKeyShare('X25519MLKEM768').agree(serverShare))).toBe('ERR_BAD_KEY_SHARE')
  })

  it('a group that nobody knows is refused', () => {
    expect(provider.supportsGroup('ffdhe2048' as NamedGroupName)).toBe(false)
    expect(provider.supportsGroup('toString' as NamedGroupName)).toBe(false)
    const step = () => provider.generateKeyShare('ffdhe2048' as NamedGroupName)
    expect(refusal(step)).toBe('ERR_UNSUPPORTED_ALGORITHM')
    for (const group of GROUPS) expect(provider.supportsGroup(group)).toBe(true)
  })
})

interface HybridCase {
  readonly seed: string
  readonly eseed?: string
  readonly randomness?: string
  readonly pk: string
  readonly ct: string
}

interface KeyPair {
  readonly mlkemSeed?: string
  readonly mlkemEncapsulationRandomness?: string
  readonly x25519PrivateKey?: string
  readonly privateKey?: string
  readonly publicKey: string
}

interface Trace {
  readonly id: string
  readonly role: 'client' | 'server'
  readonly result: { readonly ok: boolean }
  readonly messages: readonly { readonly message: string }[]
  readonly values: {
    readonly clientKeyPairs?: readonly KeyPair[]
    readonly serverKeyPairs?: readonly KeyPair[]
    readonly clientShare?: string
    readonly serverShare?: string
    readonly sharedSecret?: string
  }
}

describeVectors('hybrid key share known answers', () => {
  describe.each(PROVIDERS)('by $name', (provider) => {
    // Both expand their seed to d ‖ z ‖ scalar and lay the shares out as X25519MLKEM768 does; their secrets differ.
    it.each(['xwing-draft', 'cfrg-MLKEM768-X25519'])('%s: layout of the shares', (file) => {
      for (const test of loadVectors<HybridCase[]>(`hybrid/${file}.json`)) {
        const seed = shake256(hex(test.seed), { dkLen: 96 })
        const { publicShare } = provider.generateKeyShare('X25519MLKEM768', seed)
        const random = hex(test.eseed ?? test.randomness ?? '')
        const { serverShare } = provider.respondToKeyShare('X25519MLKEM768', publicShare, random)
        expect(isHex(publicShare, test.pk)).toBe(true)
        expect(isHex(serverShare, test.ct)).toBe(true)
      }
    })

    const { traces } = loadVectors<{ traces: Trace[] }>('openssl35/traces.json')

    it('OpenSSL 3.5 as server: X25519MLKEM768 and x25519', () => {
      const completed = traces.filter((trace) => trace.role === 'client' && trace.result.ok)
      expect(completed.length).toBeGreaterThan(0)
      for (const { id, values } of completed) {
        const serverShare = hex(values.serverShare ?? '')
        for (const pair of values.clientKeyPairs ?? []) {
          const group = pair.mlkemSeed === undefined ? 'x25519' : 'X25519MLKEM768'
          const share = provider.generateKeyShare(group, hex(`${pair.mlkemSeed ?? ''}${scalarOf(pair)}`))
          expect([id, isHex(share.publicShare, pair.publicKey)]).toEqual([id, true])
          if (serverShare.length !== NAMED_GROUPS[group].serverShareLength) continue
          expect([id, isHex(share.agree(serverShare), values.sharedSecret ?? '')]).toEqual([id, true])
        }
      }
    })

    it('OpenSSL 3.5 as client', () => {
      const completed = traces.filter((trace) => trace.role === 'server' && trace.result.ok)
      expect(completed.length).toBeGreaterThan(0)
      for (const { id, values } of completed) {
        const [pair] = values.serverKeyPairs ?? []
        const seed = hex(`${pair?.mlkemEncapsulationRandomness}${pair === undefined ? '' : scalarOf(pair)}`)
        const response = provider.respondToKeyShare('X25519MLKEM768', hex(values.clientShare ?? ''), seed)
        expect([id, isHex(response.serverShare, pair?.publicKey ?? '')]).toEqual([id, true])
        expect([id, isHex(response.sharedSecret, values.sharedSecret ?? '')]).toEqual([id, true])
      }
    })

    it('refuses the shares that OpenSSL 3.5 refused', () => {
      const refused = traces.filter((trace) => trace.role === 'client' && !trace.result.ok)
      expect(refused).toHaveLength(4)
      for (const { id, messages } of refused) {
        // The entry of the key_share extension: group, length, key_exchange up to the end of the ClientHello's share.
        const entry = /11ec(04c0|04bf)(.*)/.exec(messages[0]?.message ?? '')
        const length = Number.parseInt(entry?.[1] ?? '', 16)
        const share = hex((entry?.[2] ?? '').slice(0, 2 * length))
        expect(share).toHaveLength(length)
        const code = refusal(() => provider.respondToKeyShare('X25519MLKEM768', share))
        expect([id, code]).toEqual([id, 'ERR_BAD_KEY_SHARE'])
      }
    })
  })
})

function scalarOf(pair: KeyPair): string {
  return pair.x25519PrivateKey ?? pair.privateKey ?? ''
}
