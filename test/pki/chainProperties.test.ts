/** What holds for every chain, not only for those we thought of: changed bits, garbage, and mazes. certificate.test.ts tries every bit of one certificate. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CLASSICAL_SCHEMES, type CryptoProvider, MLDSA_SCHEMES, nodeProvider } from '../../src/crypto/index.js'
import { TrefoilError } from '../../src/errors.js'
import { parseCertificate, trustAnchors, verifyChain } from '../../src/pki/index.js'
import { refusal } from '../support/refusal.js'
import { ALWAYS, authority, HOST, leaf } from './chains/certify.js'
import * as make from './craft.js'
import { encodeDer } from './encodeDer.js'

const TIME = Date.UTC(2026, 10, 23)
const allowedSchemes = [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES]

const verify = (chain: readonly Uint8Array[], root: make.Crafted, crypto: CryptoProvider = nodeProvider) =>
  verifyChain({
    chain,
    anchors: trustAnchors([parseCertificate(root.der)]),
    time: TIME,
    serverName: HOST,
    usage: 'server',
    allowedSchemes,
    crypto,
  })

function chainOf(kind: 'mldsa44' | 'mldsa65' | 'ed25519' | 'ecdsa-p256') {
  const root = authority('root', { kind })
  const middle = authority('middle', { kind, issuer: root })
  return { root, chain: [leaf(middle, { kind }).der, middle.der] as const }
}

describe('a good chain in which one bit is another', () => {
  it.each(['mldsa44', 'mldsa65', 'ecdsa-p256', 'ed25519'] as const)(
    'never verifies: any bit of a chain of %s',
    (kind) => {
      const { root, chain } = chainOf(kind)
      expect(refusal(() => verify(chain, root))).toBeNull()
      fc.assert(
        fc.property(fc.nat({ max: 1 }), fc.nat(), (index, number) => {
          const der = chain[index] as Uint8Array
          const changed = chain.with(index, make.flipBit(der, number % (8 * der.length)))
          expect(refusal(() => verify(changed, root))).not.toBeNull()
        }),
        { numRuns: 150 },
      )
    },
  )

  it('verifies only where the bit lies in a certificate that is on no path, such as a copy of the root', () => {
    const { root, chain } = chainOf('ed25519')
    // The anchor is what counts, and not what was sent under its name. What is no certificate at all ends it even there.
    for (let bit = 0; bit < 8 * root.der.length; bit += 11) {
      const code = refusal(() => verify([...chain, make.flipBit(root.der, bit)], root))
      expect([null, 'ERR_BAD_CERTIFICATE']).toContain(code)
    }
    const inSignature = make.flipBit(root.der, 8 * root.der.length - 1)
    expect(verify([...chain, inSignature], root).path.map(({ der }) => der)).toEqual([...chain, root.der])
  })
})

describe('garbage', () => {
  const { root, chain: good } = chainOf('ed25519')
  const outcome = (chain: readonly Uint8Array[]): unknown => {
    try {
      return verify(chain, root)
    } catch (error) {
      return error
    }
  }
  const tags = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x17, 0x30, 0x31, 0xa0, 0xa3, 0x82, 0x24, 0x1f]
  const { element } = fc.letrec<{ element: Uint8Array }>((tie) => ({
    element: fc
      .tuple(
        fc.constantFrom(...tags),
        fc.oneof(
          { depthSize: 'small', withCrossShrink: true },
          fc.uint8Array({ maxLength: 40 }),
          fc.array(tie('element'), { maxLength: 6 }).map((inner) => Uint8Array.from(inner.flatMap((der) => [...der]))),
        ),
      )
      .map(([tag, content]) => encodeDer(tag, content)),
  }))

  it('is refused as a bad certificate, whatever elements it is made of', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 200 }), element), { minLength: 1, maxLength: 3 }),
        (chain) => {
          const error = outcome(chain)
          expect(error).toBeInstanceOf(TrefoilError)
          expect((error as TrefoilError).code).toBe('ERR_BAD_CERTIFICATE')
        },
      ),
      { numRuns: 500 },
    )
  })

  it('in place of any part of a certificate is refused with a code of ours', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat({ max: 30 }),
        fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 30 }), element),
        (at, length, part) => {
          const start = at % good[0].length
          const octets = [...good[0].slice(0, start), ...part, ...good[0].slice(start + length)]
          fc.pre(!Buffer.from(octets).equals(good[0]))
          expect(outcome([Uint8Array.from(octets), good[1]])).toBeInstanceOf(TrefoilError)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('in an extension of a certificate that is signed well is refused with a code of ours', () => {
    const identifiers = [
      '0603551d0f',
      '0603551d11',
      '0603551d13',
      '0603551d1e',
      '0603551d20',
      '0603551d23',
      '0603551d25',
      '06032a0304',
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...identifiers),
        fc.boolean(),
        fc.oneof(fc.uint8Array({ maxLength: 30 }), element),
        (id, critical, value) => {
          const { der } = make.craft({
            issuer: root,
            algorithm: 'ed25519',
            ...ALWAYS,
            extensions: [make.extension(id, value, critical)],
          })
          const code = refusal(() => verify([der], root))
          // Without the name that is asked for no certificate passes, whatever the extension says.
          expect(code).not.toBeNull()
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('a maze of authorities that certified one another', () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  const known = new Map<string, Uint8Array>()
  const cross = (subject: string, issuer: string, serial: number): Uint8Array => {
    const key = `${subject} ${issuer} ${serial}`
    const made =
      known.get(key) ??
      authority(subject, {
        kind: 'ed25519',
        issuer: authority(issuer, { kind: 'ed25519' }),
        serialNumber: encodeDer(2, Uint8Array.of(serial + 1)),
      }).der
    known.set(key, made)
    return made
  }

  it('costs at most twenty signature checks, whatever its shape, and ends in a verdict', () => {
    const root = authority('a', { kind: 'ed25519' })
    const own = leaf(authority('e', { kind: 'ed25519' }), { kind: 'ed25519' }).der
    const wall = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names), fc.nat({ max: 3 }))
    fc.assert(
      fc.property(fc.array(wall, { maxLength: 9 }), fc.boolean(), (walls, trusted) => {
        let checks = 0
        const crypto: CryptoProvider = {
          ...nodeProvider,
          verifyingKey: (...parameters) => {
            const key = nodeProvider.verifyingKey(...parameters)
            const check: typeof key.verify = (...input) => {
              checks++
              return key.verify(...input)
            }
            return { ...key, verify: check }
          },
        }
        const chain = [own, ...walls.map(([subject, issuer, serial]) => cross(subject, issuer, serial))]
        const anchor = trusted ? root : authority('stranger', { kind: 'ed25519' })
        const code = refusal(() => verify(chain, anchor, crypto))
        expect(checks).toBeLessThanOrEqual(20)
        expect([null, 'ERR_UNKNOWN_CA', 'ERR_CERTIFICATE_CHAIN_TOO_LONG']).toContain(code)
        if (!trusted) expect(code).not.toBeNull()
      }),
      { numRuns: 100 },
    )
  })
})
