import { describe, expect, it } from 'vitest'
import { concat } from '../../src/bytes.js'
import { type CryptoProvider, NAMED_GROUPS, type NamedGroupName } from '../../src/crypto/index.js'
import { ALL_PROVIDERS, PROVIDER_PAIRS, PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'

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
