import { describe, expect, it } from 'vitest'
import { fromHex } from '../../src/bytes.js'
import { CLASSICAL_SCHEMES, type CryptoProvider, MLDSA_SCHEMES, nodeProvider } from '../../src/crypto/index.js'
import { parseCertificate, trustAnchors, VerifiedChains, type VerifyChainOptions } from '../../src/pki/index.js'
import { refusal } from '../support/refusal.js'
import * as make from './craft.js'

const root = make.craft({ subject: 'root', algorithm: 'ed25519', extensions: [make.CA] })
const middle = make.craft({ subject: 'middle', algorithm: 'ed25519', issuer: root, extensions: [make.CA] })
const leafOptions = { issuer: middle, algorithm: 'ed25519', notAfter: '20270101000000Z' } as const
const leaf = make.craft({ ...leafOptions, extensions: [make.altNames('a.example', 'b.example')] })
const store = (...crafted: make.Crafted[]) => trustAnchors(crafted.map(({ der }) => parseCertificate(der)))
const schemes = [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES]

/** A memory, and a provider of its own that counts the signatures it checks. */
function setUp(sizes?: ConstructorParameters<typeof VerifiedChains>[0]) {
  let checks = 0
  const counting = (): CryptoProvider => ({
    ...nodeProvider,
    verifyingKey: (...parameters) => {
      const key = nodeProvider.verifyingKey(...parameters)
      const verify: typeof key.verify = (...input) => {
        checks++
        return key.verify(...input)
      }
      return { ...key, verify }
    },
  })
  const chains = new VerifiedChains(sizes)
  const options: VerifyChainOptions = {
    chain: [leaf.der, middle.der],
    anchors: store(root),
    time: make.NOW,
    serverName: 'a.example',
    usage: 'server',
    allowedSchemes: schemes,
    crypto: counting(),
  }
  /** How many signatures a verification costs. */
  const cost = (changes: Partial<VerifyChainOptions> = {}): number => {
    const before = checks
    chains.verify({ ...options, ...changes })
    return checks - before
  }
  return { chains, options, cost, counting }
}

describe('a chain that was verified lately', () => {
  it('costs no signature check when nothing is different', () => {
    const { cost, options, chains } = setUp()
    expect([cost(), cost(), cost({ time: make.NOW + 1000 })]).toEqual([2, 0, 0])
    const { path, publicKey } = chains.verify(options)
    expect(path.map(({ subject }) => subject.text)).toEqual(['CN=crafted', 'CN=middle', 'CN=root'])
    const signature = leaf.key.sign('ed25519', fromHex('00'))
    expect(publicKey.verify('ed25519', fromHex('00'), signature)).toBe(true)
  })

  const other = make.craft({ ...leafOptions, extensions: [make.altNames('a.example')] })
  it.each<[string, Partial<VerifyChainOptions> | 'another provider']>([
    ['another leaf', { chain: [other.der, middle.der] }],
    ['a certificate more', { chain: [leaf.der, middle.der, root.der] }],
    ['another order', { chain: [leaf.der, root.der, middle.der] }],
    ['another store, of the same anchors', { anchors: store(root) }],
    ['another usage', { usage: 'client' }],
    ['a scheme less', { allowedSchemes: ['ed25519'] }],
    ['a scheme less for the leaf', { leafSchemes: ['ed25519'] }],
    ['another provider', 'another provider'],
    ['another bound', { maxChainLength: 5 }],
  ])('is verified anew for %s', (_, changes) => {
    const { cost, counting } = setUp()
    expect(cost()).toBe(2)
    expect(cost(changes === 'another provider' ? { crypto: counting() } : changes)).toBe(2)
    expect(cost()).toBe(0)
  })

  it('is not remembered for a store without its anchor, nor for a policy that would refuse it', () => {
    const { chains, options, cost } = setUp()
    cost()
    const verdict = (changes: Partial<VerifyChainOptions>) => refusal(() => chains.verify({ ...options, ...changes }))
    expect(verdict({ anchors: store() })).toBe('ERR_UNKNOWN_CA')
    expect(verdict({ allowedSchemes: MLDSA_SCHEMES })).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    expect(verdict({ leafSchemes: MLDSA_SCHEMES })).toBe('ERR_UNSUPPORTED_CERTIFICATE')
  })

  it('does not vouch for a chain that is another by one bit, wherever that is', () => {
    const { chains, options, cost } = setUp()
    cost()
    for (const index of [0, 1]) {
      const der = options.chain[index] as Uint8Array
      for (let bit = 0; bit < 8 * der.length; bit += 5) {
        const chain = options.chain.with(index, make.flipBit(der, bit))
        expect(refusal(() => chains.verify({ ...options, chain }))).not.toBeNull()
      }
    }
  })

  it('is held to the name that is asked for, each time', () => {
    const { chains, options, cost } = setUp()
    cost()
    expect(cost({ serverName: 'b.example' })).toBe(0)
    expect(refusal(() => chains.verify({ ...options, serverName: 'c.example' }))).toBe('ERR_CERTIFICATE_NAME_MISMATCH')
  })

  it('is held to the time, each time: an hour more or less is not what was verified', () => {
    const { chains, options, cost } = setUp({ maxAge: Number.POSITIVE_INFINITY })
    const lastSecond = Date.UTC(2027, 0)
    cost()
    expect(cost({ time: lastSecond + 999 })).toBe(0)
    expect(refusal(() => chains.verify({ ...options, time: lastSecond + 1000 }))).toBe('ERR_CERTIFICATE_EXPIRED')
    cost()
    expect(refusal(() => chains.verify({ ...options, time: Date.UTC(2025, 0) }))).toBe('ERR_CERTIFICATE_NOT_YET_VALID')
  })

  it('is verified anew after its time, and when the clock was set back', () => {
    const { cost } = setUp({ maxAge: 60_000 })
    expect([cost(), cost({ time: make.NOW + 59_999 }), cost({ time: make.NOW + 60_000 })]).toEqual([2, 0, 2])
    expect(cost({ time: make.NOW + 59_999 })).toBe(2)
  })

  it('is forgotten when more are verified than are kept, the one used least recently first', () => {
    const { cost } = setUp({ size: 2 })
    const second = { chain: [other.der, middle.der] }
    const third = { chain: [other.der, middle.der, root.der] }
    expect([cost(), cost(second), cost(), cost(third), cost(), cost(second)]).toEqual([2, 2, 0, 2, 0, 2])
  })

  it('was good: a refusal is not remembered', () => {
    const { chains, options, cost } = setUp()
    expect(refusal(() => chains.verify({ ...options, serverName: 'c.example' }))).toBe('ERR_CERTIFICATE_NAME_MISMATCH')
    expect([cost(), cost()]).toEqual([2, 0])
  })
})
