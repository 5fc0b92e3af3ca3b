import { describe, expect, it } from 'vitest'
import { fromHex } from '../../src/bytes.js'
import { CLASSICAL_SCHEMES, MLDSA_SCHEMES, nobleProvider, nodeProvider } from '../../src/crypto/index.js'
import type { TrefoilError } from '../../src/errors.js'
import {
  CHAIN_RULES,
  chainFault,
  parseCertificate,
  trustAnchors,
  type VerifiedChain,
  type VerifyChainOptions,
  verifyChain,
} from '../../src/pki/index.js'
import { PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'
import * as make from './craft.js'
import { encodeDer } from './encodeDer.js'

const anchors = (...crafted: readonly make.Crafted[]) => trustAnchors(crafted.map(({ der }) => parseCertificate(der)))

function verify(
  chain: readonly make.Crafted[],
  trusted: readonly make.Crafted[],
  options: Partial<VerifyChainOptions> = {},
): VerifiedChain {
  return verifyChain({
    chain: chain.map(({ der }) => der),
    anchors: anchors(...trusted),
    time: make.NOW,
    usage: 'server',
    allowedSchemes: MLDSA_SCHEMES,
    crypto: nodeProvider,
    ...options,
  })
}

const verdict = (...parameters: Parameters<typeof verify>) => refusal(() => verify(...parameters))

const root = make.craft({ subject: 'root', extensions: [make.CA, make.keyUsage('04')] })
const middle = make.craft({ subject: 'middle', issuer: root, extensions: [make.CA, make.keyUsage('04')] })
const leafExtensions = [make.keyUsage('80'), make.altNames('example.com', fromHex('7f000001'))]
const leaf = make.craft({ subject: 'leaf', issuer: middle, extensions: leafExtensions })
const leafWith = (...extensions: Uint8Array[]) => make.craft({ subject: 'leaf', issuer: root, extensions })

describe.each(PROVIDERS)('a good chain with $name', (crypto) => {
  it('gives the path up to the anchor and the key of the leaf', () => {
    const { leaf: found, path, publicKey } = verify([leaf, middle], [root], { crypto, serverName: 'example.com' })
    expect(path.map(({ subject }) => subject.text)).toEqual(['CN=leaf', 'CN=middle', 'CN=root'])
    expect(path[0]).toBe(found)
    const signature = leaf.key.sign('mldsa44', fromHex('00'))
    expect(publicKey.verify('mldsa44', fromHex('00'), signature)).toBe(true)
  })

  it.each(['mldsa65', 'mldsa87', 'ecdsa-p256', 'ecdsa-p384', 'ed25519'] as const)('may rest on %s', (algorithm) => {
    const authority = make.craft({ subject: 'a', algorithm, extensions: [make.CA] })
    const own = make.craft({ subject: 'l', algorithm, issuer: authority })
    const allowedSchemes = [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES]
    expect(verify([own], [authority], { crypto, allowedSchemes }).publicKey.algorithm).toBe(algorithm)
  })
})

describe('the order and company of certificates', () => {
  const upper = make.craft({ subject: 'upper', issuer: root, extensions: [make.CA] })
  const lower = make.craft({ subject: 'lower', issuer: upper, extensions: [make.CA] })
  const deep = make.craft({ subject: 'deep', issuer: lower })
  const stranger = make.craft({ subject: 'stranger' })

  it('intermediates come in any order, with the root and strangers among them', () => {
    expect(verify([deep, root, upper, stranger, lower], [root]).path).toHaveLength(4)
    expect(verify([deep, lower, upper], [root]).path).toHaveLength(4)
  })

  it('a path ends at the first anchor, be it an intermediate', () => {
    expect(verify([deep, lower, upper], [upper]).path).toHaveLength(3)
    expect(verify([deep, lower, upper], [lower]).path).toHaveLength(2)
  })

  it('a second authority of the same name is tried when the first does not fit', () => {
    const namesake = make.craft({ subject: 'upper', issuer: root, extensions: [make.CA] })
    expect(verify([deep, lower, namesake, upper], [root]).path).toHaveLength(4)
    expect(verify([lower], [namesake, upper], { usage: 'client' }).path).toHaveLength(2)
  })

  it('a self-signed certificate is good when it is itself the anchor, all other checks holding', () => {
    const pinned = make.craft({ subject: 'pinned', extensions: leafExtensions })
    expect(verify([pinned], [pinned], { serverName: 'example.com' }).path).toHaveLength(1)
    expect(verdict([pinned], [pinned], { serverName: 'example.org' })).toBe('ERR_CERTIFICATE_NAME_MISMATCH')
    expect(verdict([pinned], [pinned], { time: Date.UTC(2030, 0) })).toBe('ERR_CERTIFICATE_EXPIRED')
    expect(verdict([pinned], [root])).toBe('ERR_UNKNOWN_CA')
  })

  it('a pinned leaf is no authority: what it signs is refused', () => {
    const pinned = make.craft({ subject: 'pinned', extensions: leafExtensions })
    const child = make.craft({ subject: 'child', issuer: pinned })
    expect(verdict([child], [pinned])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
  })

  it('a chain may have as many certificates as allowed and no more', () => {
    const long = [leaf, middle, ...Array<make.Crafted>(8).fill(stranger)]
    expect(verdict(long, [root])).toBeNull()
    expect(verdict([...long, stranger], [root])).toBe('ERR_CERTIFICATE_CHAIN_TOO_LONG')
    expect(verdict([leaf, middle], [root], { maxChainLength: 1 })).toBe('ERR_CERTIFICATE_CHAIN_TOO_LONG')
  })

  it('an empty chain is refused', () => {
    expect(verdict([], [root])).toBe('ERR_CERTIFICATE_REQUIRED')
  })

  it('a maze of cross-signed authorities costs no more than twenty signature checks', () => {
    const keys = ['x', 'y', 'z'].map(() => make.generate('mldsa44'))
    const self = (subject: string, i: number) =>
      make.craft({ subject, key: keys[i] as (typeof keys)[0], extensions: [make.CA] })
    const [x, y, z] = ['x', 'y', 'z'].map(self) as [make.Crafted, make.Crafted, make.Crafted]
    const cross = (subject: make.Crafted, commonName: string, issuer: make.Crafted, serial: string) =>
      make.craft({
        subject: commonName,
        key: subject.key,
        issuer,
        extensions: [make.CA],
        serialNumber: fromHex(serial),
      })
    const maze = [
      make.craft({ subject: 'lost', issuer: x }),
      ...['020101', '020102', '020103'].flatMap((serial) => [
        cross(x, 'x', y, serial),
        cross(y, 'y', z, serial),
        cross(z, 'z', x, serial),
      ]),
    ]
    let checks = 0
    const crypto = {
      ...nobleProvider,
      verifyingKey: (...parameters: Parameters<typeof nobleProvider.verifyingKey>) => {
        const key = nobleProvider.verifyingKey(...parameters)
        const verify = (...input: Parameters<typeof key.verify>) => {
          checks++
          return key.verify(...input)
        }
        return { ...key, verify }
      },
    }
    expect(verdict(maze, [root], { crypto })).toBe('ERR_CERTIFICATE_CHAIN_TOO_LONG')
    expect(checks).toBeLessThanOrEqual(20)
  })
})

describe('validity', () => {
  it.each([
    ['20260101000000Z', '20261123115959Z', 'ERR_CERTIFICATE_EXPIRED'],
    ['20261123120001Z', '20271123120000Z', 'ERR_CERTIFICATE_NOT_YET_VALID'],
    ['20261123120000Z', '20261123120000Z', null],
  ])('of the leaf, of the authority and of the anchor: %s to %s', (notBefore, notAfter, code) => {
    const dates = { notBefore, notAfter }
    expect(verdict([make.craft({ issuer: root, ...dates })], [root])).toBe(code)
    const between = make.craft({ subject: 'between', issuer: root, extensions: [make.CA], ...dates })
    expect(verdict([make.craft({ issuer: between }), between], [root])).toBe(code)
    const top = make.craft({ subject: 'top', extensions: [make.CA], ...dates })
    expect(verdict([make.craft({ issuer: top })], [top])).toBe(code)
  })
})

describe('trust', () => {
  it('a chain to another authority is refused', () => {
    const other = make.craft({ subject: 'other', extensions: [make.CA] })
    expect(verdict([leaf, middle], [other])).toBe('ERR_UNKNOWN_CA')
    expect(verdict([leaf, middle], [])).toBe('ERR_UNKNOWN_CA')
    expect(verdict([leaf], [root])).toBe('ERR_UNKNOWN_CA')
  })

  it('an authority of the same name with another key: a bad signature', () => {
    const impostor = make.craft({ subject: 'root', extensions: [make.CA] })
    expect(verdict([leaf, middle], [impostor])).toBe('ERR_CERTIFICATE_SIGNATURE')
  })

  it('key identifiers that differ mean another authority (RFC 5280 4.2.1.1)', () => {
    const [first, second] = ['aa', 'bb'].map((id) =>
      make.craft({ subject: 'twin', extensions: [make.CA, make.keyId(id)] }),
    ) as [make.Crafted, make.Crafted]
    const child = make.craft({ issuer: first, extensions: [make.issuerKeyId('aa')] })
    expect(verdict([child], [second])).toBe('ERR_UNKNOWN_CA')
    expect(verdict([child], [second, first])).toBeNull()
  })

  it('a signature that was changed is refused, for every kind of key', () => {
    for (const algorithm of ['mldsa44', 'mldsa65', 'ecdsa-p256', 'ed25519'] as const) {
      const top = make.craft({ subject: 'top', algorithm, extensions: [make.CA] })
      const good = make.craft({ issuer: top })
      const bad = { ...good, der: make.flipBit(good.der, good.der.length * 8 - 9) }
      const allowedSchemes = [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES]
      expect(verdict([bad], [top], { allowedSchemes })).toBe('ERR_CERTIFICATE_SIGNATURE')
    }
  })

  it('a signature algorithm that the key of the issuer cannot have is a bad signature', () => {
    const mldsa65 = fromHex('300b0609608648016503040312')
    const odd = make.craft({ issuer: root, innerAlgorithm: mldsa65 })
    expect(verdict([odd], [root])).toBe('ERR_CERTIFICATE_SIGNATURE')
  })
})

describe('algorithms', () => {
  const classicalRoot = make.craft({ subject: 'old', algorithm: 'ecdsa-p256', extensions: [make.CA] })

  it('a classical leaf key is refused unless it is allowed', () => {
    const own = make.craft({ issuer: root, algorithm: 'ecdsa-p256' })
    expect(verdict([own], [root])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    expect(verdict([own], [root], { allowedSchemes: [...MLDSA_SCHEMES, 'ecdsa_secp256r1_sha256'] })).toBeNull()
  })

  it('a classical signature over an ML-DSA leaf is refused unless it is allowed', () => {
    const own = make.craft({ issuer: classicalRoot })
    expect(verdict([own], [classicalRoot])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    expect(verdict([own], [classicalRoot], { allowedSchemes: [...MLDSA_SCHEMES, 'ecdsa_secp256r1_sha256'] })).toBeNull()
  })

  it('each ML-DSA level is allowed by itself', () => {
    expect(verdict([leaf, middle], [root], { allowedSchemes: ['mldsa65', 'mldsa87'] })).toBe(
      'ERR_UNSUPPORTED_CERTIFICATE',
    )
    expect(verdict([leaf, middle], [root], { allowedSchemes: ['mldsa44'] })).toBeNull()
  })

  it('schemes that only certificates may have do not make a leaf key acceptable (RFC 9846 4.3.3)', () => {
    const rsaEncryption = fromHex('300d06092a864886f70d0101010500')
    const smallKey = fromHex('0309003006020103020103')
    const own = make.craft({ issuer: root, subjectPublicKeyInfo: encodeDer(0x30, rsaEncryption, smallKey) })
    expect(verdict([own], [root], { allowedSchemes: ['mldsa44', 'rsa_pkcs1_sha256'] })).toBe(
      'ERR_UNSUPPORTED_CERTIFICATE',
    )
  })

  it('what the provider cannot verify is not accepted', () => {
    const crypto = { ...nodeProvider, supportsSignatureScheme: (scheme: string) => scheme !== 'mldsa44' }
    expect(verdict([leaf, middle], [root], { crypto })).toBe('ERR_UNSUPPORTED_CERTIFICATE')
  })

  it('unknown kinds of keys and signatures are refused', () => {
    const keyOnP521 = fromHex('3016301006072a8648ce3d020106052b8104002303020004')
    expect(verdict([make.craft({ issuer: root, subjectPublicKeyInfo: keyOnP521 })], [root])).toBe(
      'ERR_UNSUPPORTED_CERTIFICATE',
    )
    const sha1WithRsa = fromHex('300d06092a864886f70d0101050500')
    expect(verdict([make.craft({ issuer: root, innerAlgorithm: sha1WithRsa })], [root])).toBe(
      'ERR_UNSUPPORTED_CERTIFICATE',
    )
  })
})

describe('what a certificate may be used for', () => {
  it('a leaf whose keyUsage lacks digitalSignature is refused (RFC 9846 4.5.2)', () => {
    expect(verdict([leafWith(make.keyUsage('04'))], [root])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    expect(verdict([leafWith(make.keyUsage('84'))], [root])).toBeNull()
    expect(verdict([leafWith()], [root])).toBeNull()
  })

  it('an ML-DSA key neither encrypts nor agrees on keys (RFC 9881 5)', () => {
    for (const bits of ['a0', '90', '88', '81']) {
      expect(verdict([leafWith(make.keyUsage(bits))], [root])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    }
    const decipherOnly = make.extension('0603551d0f', '0303078080', true)
    expect(verdict([leafWith(decipherOnly)], [root])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    const top = make.craft({ subject: 'top', extensions: [make.CA, make.keyUsage('24')] })
    expect(verdict([make.craft({ issuer: top })], [top])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
  })

  it('extendedKeyUsage, where present, has the purpose or any (RFC 5280 4.2.1.12)', () => {
    const anyPurpose = make.extension('0603551d25', '30060604551d2500')
    expect(verdict([leafWith(make.SERVER_AUTH)], [root])).toBeNull()
    expect(verdict([leafWith(make.CLIENT_AUTH)], [root])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    expect(verdict([leafWith(make.CLIENT_AUTH)], [root], { usage: 'client' })).toBeNull()
    expect(verdict([leafWith(make.SERVER_AUTH)], [root], { usage: 'client' })).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    expect(verdict([leafWith(anyPurpose)], [root])).toBeNull()
  })

  it('an authority that is limited to purposes hands down no other', () => {
    const limited = make.craft({ subject: 'limited', issuer: root, extensions: [make.CA, make.CLIENT_AUTH] })
    const own = make.craft({ issuer: limited })
    expect(verdict([own, limited], [root])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    expect(verdict([own, limited], [root], { usage: 'client' })).toBeNull()
  })

  it('an issuer is an authority with keyCertSign (RFC 5280 6.1.4 k and n)', () => {
    const notCa = make.extension('0603551d13', '3000', true)
    for (const extensions of [[], [notCa], [make.CA, make.keyUsage('80')]]) {
      const between = make.craft({ subject: 'between', issuer: root, extensions })
      expect(verdict([make.craft({ issuer: between }), between], [root])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    }
  })

  it('a path length limits the authorities below, of which self-issued ones do not count (RFC 5280 4.2.1.9)', () => {
    const top = make.craft({ subject: 'top', extensions: [make.pathLength(1)] })
    const second = make.craft({ subject: 'second', issuer: top, extensions: [make.CA] })
    const again = make.craft({ subject: 'second', issuer: second, extensions: [make.CA] })
    const third = make.craft({ subject: 'third', issuer: second, extensions: [make.CA] })
    expect(verdict([make.craft({ issuer: second }), second], [top])).toBeNull()
    expect(verdict([make.craft({ issuer: again }), again, second], [top])).toBeNull()
    expect(verdict([make.craft({ issuer: third }), third, second], [top])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
  })

  it('a critical extension that is not known is refused, wherever it stands (RFC 5280 4.2)', () => {
    const unknown = (critical: boolean) => make.extension('06032a0304', '0500', critical)
    expect(verdict([leafWith(unknown(true))], [root])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    expect(verdict([leafWith(unknown(false))], [root])).toBeNull()
    const top = make.craft({ subject: 'top', extensions: [make.CA, unknown(true)] })
    expect(verdict([make.craft({ issuer: top })], [top])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
  })
})

describe('name constraints (RFC 5280 4.2.1.10)', () => {
  const under = (constraints: Uint8Array, ...names: (string | Uint8Array)[]) => {
    const top = make.craft({ subject: 'top', extensions: [make.CA, constraints] })
    return verdict([make.craft({ issuer: top, extensions: names.length > 0 ? [make.altNames(...names)] : [] })], [top])
  }
  const OUTSIDE = 'ERR_UNSUPPORTED_CERTIFICATE'
  const tenNet = fromHex('0a000000ff000000')

  it.each<[string, Uint8Array, (string | Uint8Array)[], string | null]>([
    ['permitted: the domain itself', make.nameConstraints(['example.com'], []), ['example.com'], null],
    ['permitted: below, in any case', make.nameConstraints(['Example.com'], []), ['a.EXAMPLE.com'], null],
    ['permitted: another', make.nameConstraints(['example.com'], []), ['example.org'], OUTSIDE],
    ['permitted: a mere suffix', make.nameConstraints(['example.com'], []), ['badexample.com'], OUTSIDE],
    ['permitted: one of two names', make.nameConstraints(['example.com'], []), ['example.com', 'x.org'], OUTSIDE],
    ['permitted: with a leading dot, below', make.nameConstraints(['.example.com'], []), ['a.example.com'], null],
    ['permitted: with a leading dot, itself', make.nameConstraints(['.example.com'], []), ['example.com'], OUTSIDE],
    ['permitted: a wildcard within', make.nameConstraints(['example.com'], []), ['*.example.com'], null],
    ['permitted: a wildcard above', make.nameConstraints(['a.example.com'], []), ['*.example.com'], OUTSIDE],
    ['permitted: nothing of that form', make.nameConstraints(['example.com'], []), [fromHex('0a000001')], null],
    ['permitted: no names at all', make.nameConstraints(['example.com'], []), [], null],
    ['permitted: the network', make.nameConstraints([tenNet], []), [fromHex('0a010203')], null],
    ['permitted: outside the network', make.nameConstraints([tenNet], []), [fromHex('0b010203')], OUTSIDE],
    ['permitted: another address family', make.nameConstraints([tenNet], []), [fromHex('00'.repeat(16))], OUTSIDE],
    ['excluded: the domain', make.nameConstraints([], ['example.com']), ['a.example.com'], OUTSIDE],
    ['excluded: another', make.nameConstraints([], ['example.com']), ['example.org'], null],
    [
      'excluded: a wildcard that reaches into it',
      make.nameConstraints([], ['a.example.com']),
      ['*.example.com'],
      OUTSIDE,
    ],
    ['excluded: a wildcard beside it', make.nameConstraints([], ['a.b.example.com']), ['*.example.com'], null],
    ['excluded: everything', make.nameConstraints([], ['']), ['example.com'], OUTSIDE],
    ['excluded beats permitted', make.nameConstraints(['example.com'], ['a.example.com']), ['a.example.com'], OUTSIDE],
    [
      'e-mail: the mailbox',
      make.nameConstraints([make.email('a@Example.com')], []),
      [make.email('a@example.COM')],
      null,
    ],
    [
      'e-mail: its local part is exact',
      make.nameConstraints([make.email('a@x.org')], []),
      [make.email('A@x.org')],
      OUTSIDE,
    ],
    ['e-mail: all of a host', make.nameConstraints([make.email('x.org')], []), [make.email('a@x.org')], null],
    ['e-mail: a host below', make.nameConstraints([make.email('x.org')], []), [make.email('a@b.x.org')], OUTSIDE],
    ['e-mail: hosts below a dot', make.nameConstraints([make.email('.x.org')], []), [make.email('a@b.x.org')], null],
    ['e-mail: the host of the dot', make.nameConstraints([make.email('.x.org')], []), [make.email('a@x.org')], OUTSIDE],
    ['e-mail: excluded', make.nameConstraints([], [make.email('x.org')]), [make.email('a@x.org')], OUTSIDE],
    ['e-mail: no mailbox at all', make.nameConstraints([], [make.email('x.org')]), [make.email('x.org')], OUTSIDE],
    ['URI: the host', make.nameConstraints([make.uri('x.org')], []), [make.uri('https://u@X.org:1/y')], null],
    ['URI: a host below', make.nameConstraints([make.uri('x.org')], []), [make.uri('https://b.x.org/')], OUTSIDE],
    ['URI: hosts below a dot', make.nameConstraints([make.uri('.x.org')], []), [make.uri('https://b.x.org')], null],
    ['URI: another host', make.nameConstraints([], [make.uri('x.org')]), [make.uri('https://y.org?x.org')], null],
    ['URI: excluded', make.nameConstraints([], [make.uri('x.org')]), [make.uri('https://x.org')], OUTSIDE],
    ['URI: without a host', make.nameConstraints([make.uri('x.org')], []), [make.uri('urn:x')], OUTSIDE],
    ['URI: with an address', make.nameConstraints([], [make.uri('x.org')]), [make.uri('https://1.2.3.4/')], OUTSIDE],
    [
      'URI: that programs read differently',
      make.nameConstraints([], [make.uri('x.org')]),
      [make.uri('https://x%2eorg')],
      OUTSIDE,
    ],
    ['URI: nothing of that form', make.nameConstraints([make.uri('x.org')], []), ['example.com'], null],
    ['a form not weighed here', make.nameConstraints([fromHex('88012a')], []), [fromHex('88012a')], OUTSIDE],
    [
      'a form not weighed here, of which there is no name',
      make.nameConstraints([fromHex('88012a')], []),
      ['x.org'],
      null,
    ],
    ['another form not weighed here', make.nameConstraints([fromHex('88012a')], []), [fromHex('a003020101')], null],
  ])('%s', (_, constraints, names, code) => {
    expect(under(constraints, ...names)).toBe(code)
  })

  const organization = (text: string, tag?: number) => make.part(make.ORGANIZATION, text, tag)
  const inOrganization = (text: string, tag?: number) => make.directory(encodeDer(0x30, organization(text, tag)))

  it.each<[string, Uint8Array, Uint8Array[], string | null]>([
    ['within', make.nameConstraints([inOrganization('Bank')], []), [organization('Bank')], null],
    ['of another organisation', make.nameConstraints([inOrganization('Bank')], []), [organization('Other')], OUTSIDE],
    ['above', make.nameConstraints([inOrganization('Bank')], []), [], OUTSIDE],
    ['in another string type', make.nameConstraints([inOrganization('Bank', 0x13)], []), [organization('Bank')], null],
    ['excluded', make.nameConstraints([], [inOrganization('Bank')]), [organization('Bank')], OUTSIDE],
    [
      'excluded, written otherwise',
      make.nameConstraints([], [inOrganization('Bank')]),
      [organization(' bANK', 0x13)],
      OUTSIDE,
    ],
  ])('a subject that is %s', (_, constraints, parts, code) => {
    const top = make.craft({ subject: 'top', extensions: [make.CA, constraints] })
    const subjectName = encodeDer(0x30, ...parts, make.part(make.COMMON_NAME, 'x'))
    expect(verdict([make.craft({ issuer: top, subjectName })], [top])).toBe(code)
  })

  it('directory names among the alternative names are held to them too, and an empty subject is not', () => {
    const top = make.craft({
      subject: 'top',
      extensions: [make.CA, make.nameConstraints([inOrganization('Bank')], [])],
    })
    const leafFor = (text: string) =>
      make.craft({ issuer: top, subjectName: fromHex('3000'), extensions: [make.altNames(inOrganization(text))] })
    expect(verdict([leafFor('Bank')], [top])).toBeNull()
    expect(verdict([leafFor('Other')], [top])).toBe(OUTSIDE)
  })

  it('an e-mail address in the subject is held to them', () => {
    const top = make.craft({ subject: 'top', extensions: [make.CA, make.nameConstraints([make.email('x.org')], [])] })
    const leafOf = (address: string) =>
      make.craft({ issuer: top, subjectName: encodeDer(0x30, make.part(make.EMAIL_ADDRESS, address, 0x16)) })
    expect(verdict([leafOf('a@x.org')], [top])).toBeNull()
    expect(verdict([leafOf('a@y.org')], [top])).toBe(OUTSIDE)
  })

  it('hold for everything below, self-issued intermediates excepted', () => {
    const constraints = make.nameConstraints(['example.com'], [])
    const top = make.craft({ subject: 'top', extensions: [make.CA, constraints] })
    const stray = [make.CA, make.altNames('example.org')]
    const between = make.craft({ subject: 'between', issuer: top, extensions: stray })
    const renewed = make.craft({ subject: 'top', issuer: top, extensions: stray })
    expect(verdict([make.craft({ issuer: between }), between], [top])).toBe(OUTSIDE)
    expect(verdict([make.craft({ issuer: renewed }), renewed], [top])).toBeNull()
  })
})

describe('cost', () => {
  it('name constraints of an authority that nobody trusts are never weighed', () => {
    const many = (count: number, suffix: string) => Array.from({ length: count }, (_, i) => `n${i}.${suffix}`)
    const constraints = make.nameConstraints([], many(3000, 'example'))
    const stranger = make.craft({ subject: 'stranger', extensions: [make.CA, constraints] })
    const inward = make.craft({ issuer: stranger, extensions: [make.altNames(...many(3000, 'example'))] })
    expect(verdict([inward, stranger], [root])).toBe('ERR_UNKNOWN_CA')
    expect(verdict([inward], [stranger])).toBe('ERR_UNSUPPORTED_CERTIFICATE')
  })
})

describe('what a refusal says', () => {
  const fault = (...parameters: Parameters<typeof verify>) => {
    try {
      verify(...parameters)
    } catch (error) {
      const found = chainFault(error)
      return [(error as TrefoilError).code, found?.rule, found?.certificate?.subject.text ?? null]
    }
    return null
  }
  const expired = { notBefore: '20250101000000Z', notAfter: '20251231235959Z' }
  const cross = (issuer: make.Crafted, options: make.CraftOptions = {}) =>
    make.craft({ subject: 'middle', key: middle.key, issuer, extensions: [make.CA], ...options })

  it('is the rule, where it stands, and the certificate that breaks it', () => {
    const old = make.craft({ subject: 'old', issuer: root, ...expired })
    expect(fault([old], [root])).toEqual(['ERR_CERTIFICATE_EXPIRED', 'not expired', 'CN=old'])
    expect(fault([], [root])).toEqual(['ERR_CERTIFICATE_REQUIRED', 'has a certificate', null])
    expect(CHAIN_RULES['not expired']).toBe('RFC 5280 6.1.3 a 2')
    expect(chainFault(new Error())).toBeNull()
  })

  it('is about the path that came nearest to trust, whatever the order of the certificates', () => {
    const stranger = make.craft({ subject: 'stranger', extensions: [make.CA] })
    const [lapsed, foreign] = [cross(root, expired), cross(stranger)]
    for (const chain of [
      [leaf, lapsed, foreign],
      [leaf, foreign, lapsed],
    ]) {
      expect(fault(chain, [root])).toEqual(['ERR_CERTIFICATE_EXPIRED', 'not expired', 'CN=middle'])
    }
  })

  it('a broken rule tells more than a signature that does not verify', () => {
    const impostor = make.craft({ subject: 'middle', issuer: root, extensions: [make.CA] })
    const lapsed = cross(root, expired)
    for (const chain of [
      [leaf, lapsed, impostor],
      [leaf, impostor, lapsed],
    ]) {
      expect(fault(chain, [root])?.[0]).toBe('ERR_CERTIFICATE_EXPIRED')
    }
    expect(fault([leaf, impostor], [root])?.[0]).toBe('ERR_CERTIFICATE_SIGNATURE')
  })

  it('an expired cross-signed authority does not spoil a path that avoids it', () => {
    const oldRoot = make.craft({ subject: 'old root', extensions: [make.CA], ...expired })
    const lapsed = cross(oldRoot)
    for (const chain of [
      [leaf, lapsed, middle],
      [leaf, middle, lapsed],
      [leaf, cross(root, expired), middle],
    ]) {
      expect(verify(chain, [oldRoot, root]).path.at(-1)?.subject.text).toBe('CN=root')
    }
  })

  it('does not repeat at length, or let act on a terminal, what the peer wrote', () => {
    const own = make.craft({
      subject: `\u001b[31m\u202e${'x'.repeat(5000)}`,
      issuer: root,
      notAfter: '20260102000000Z',
    })
    expect(() => verify([own], [root])).toThrow(/CN=\\1b\[31m\\e2\\80\\aex+…/)
    expect(() => verify([own], [root])).not.toThrow(/x{300}/)
  })
})

describe('a store of many anchors', () => {
  it('costs one signature check, whoever else bears the name', () => {
    const twins = Array.from({ length: 200 }, (_, i) => {
      const id = (0x1000 + i).toString(16)
      const key = make.generate('ed25519')
      return { id, crafted: make.craft({ subject: 'twin', key, extensions: [make.CA, make.keyId(id)] }) }
    })
    const { id, crafted } = twins[150] as (typeof twins)[0]
    const own = make.craft({ issuer: crafted, extensions: [make.issuerKeyId(id)] })
    const store = anchors(root, ...twins.map((twin) => twin.crafted))
    expect(store.issuersOf(parseCertificate(own.der)).map(({ der }) => der)).toEqual([crafted.der])
    const allowedSchemes = [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES]
    expect(verify([own], [], { anchors: store, allowedSchemes }).path).toHaveLength(2)
    // Without a key identifier all of the name are possible, and no more than twenty are tried.
    expect(verdict([make.craft({ issuer: crafted })], [], { anchors: store, allowedSchemes })).toBe(
      'ERR_CERTIFICATE_CHAIN_TOO_LONG',
    )
  })

  it('counts an anchor once that is given twice', () => {
    expect(anchors(root, middle, root).certificates).toHaveLength(2)
  })
})

describe('the form of the leaf', () => {
  it('is X.509 version 3 (RFC 9846 4.5.2)', () => {
    const old = make.craft({ issuer: root, version: new Uint8Array() })
    expect(verdict([old], [root], { usage: 'client' })).toBe('ERR_UNSUPPORTED_CERTIFICATE')
  })
})

describe('schemes of the leaf and of certificates', () => {
  const classicalRoot = make.craft({ subject: 'old', algorithm: 'ecdsa-p256', extensions: [make.CA] })
  const mixed = { allowedSchemes: [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES], leafSchemes: MLDSA_SCHEMES }

  it('may differ: an ML-DSA leaf under a classical root, and no classical leaf', () => {
    expect(verdict([make.craft({ issuer: classicalRoot })], [classicalRoot], mixed)).toBeNull()
    const own = make.craft({ issuer: classicalRoot, algorithm: 'ed25519' })
    expect(verdict([own], [classicalRoot], mixed)).toBe('ERR_UNSUPPORTED_CERTIFICATE')
  })
})

describe('the name of the server', () => {
  it('is checked when given, and only then', () => {
    expect(verdict([leaf, middle], [root], { serverName: 'example.com' })).toBeNull()
    expect(verdict([leaf, middle], [root], { serverName: '127.0.0.1' })).toBeNull()
    expect(verdict([leaf, middle], [root], { serverName: 'example.org' })).toBe('ERR_CERTIFICATE_NAME_MISMATCH')
    expect(verdict([leaf, middle], [root], { serverName: '127.0.0.2' })).toBe('ERR_CERTIFICATE_NAME_MISMATCH')
    expect(verdict([leaf, middle], [root])).toBeNull()
  })

  it('is never sought in the common name', () => {
    const named = make.craft({ subject: 'example.com', issuer: root })
    expect(verdict([named], [root], { serverName: 'example.com' })).toBe('ERR_CERTIFICATE_NAME_MISMATCH')
  })
})
