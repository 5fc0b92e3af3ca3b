import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex } from '../../src/bytes.js'
import { CLASSICAL_SCHEMES, MLDSA_SCHEMES, nodeProvider } from '../../src/crypto/index.js'
import { SIGNATURE_SCHEMES, type SignatureSchemeName } from '../../src/crypto/signatureSchemes.js'
import {
  type Certificate,
  createCertificateAuthority,
  describeCertificate,
  isSignedBy,
  issueCertificate,
  loadTrustAnchors,
  parseCertificate,
  parsePublicKey,
  verifyChain,
} from '../../src/pki/index.js'
import { refusal } from '../support/refusal.js'
import * as make from './craft.js'
import { encodeDer } from './encodeDer.js'

const crypto = nodeProvider
const ALGORITHMS = ['mldsa44', 'mldsa65', 'mldsa87', 'ecdsa-p256', 'ecdsa-p384', 'ed25519'] as const

/** What both OpenSSL and we say about a certificate, in one form. */
function openSslView(certificate: X509Certificate | Certificate) {
  if (certificate instanceof X509Certificate) {
    const { serialNumber, validFrom, validTo, ca } = certificate
    return {
      serialNumber: BigInt(`0x${serialNumber}`),
      validFrom: Date.parse(validFrom),
      validTo: Date.parse(validTo),
      ca,
    }
  }
  const { serialNumber, notBefore, notAfter, extensions } = certificate
  return {
    serialNumber: BigInt(`0x${toHex(serialNumber)}`),
    validFrom: notBefore,
    validTo: notAfter,
    ca: extensions.basicConstraints?.cA ?? false,
  }
}

describe('a certificate', () => {
  it.each(ALGORITHMS)('with a key of kind %s reads the same as with OpenSSL', (algorithm) => {
    const ca = createCertificateAuthority({ commonName: 'authority', algorithm, pathLength: 2, crypto })
    const names = ['example.com', '127.0.0.1', 'URI:urn:a', 'email:a@b.c']
    const issued = issueCertificate({ ca, algorithm, subjectAltNames: names, crypto })
    for (const der of [ca.certificateDer, issued.certificateDer]) {
      const ours = parseCertificate(der)
      const theirs = new X509Certificate(der)
      expect(openSslView(theirs)).toEqual(openSslView(ours))
      expect(theirs.issuer).toBe('CN=authority')
      expect(ours.issuer.text).toBe('CN=authority')
      expect(isSignedBy(ours, parseCertificate(ca.certificateDer), crypto)).toBe(true)
    }
    const theirs = new X509Certificate(issued.certificateDer)
    expect(theirs.keyUsage).toEqual(parseCertificate(issued.certificateDer).extensions.extendedKeyUsage)
    expect(theirs.subjectAltName).toBe(describeCertificate(issued.certificateDer).subjectAltNames.join(', '))
  })

  it('of the public Web reads the same as with OpenSSL: all authorities that Node carries', () => {
    expect(rootCertificates.length).toBeGreaterThan(100)
    for (const pem of rootCertificates) {
      const theirs = new X509Certificate(pem)
      const ours = parseCertificate(theirs.raw)
      expect(openSslView(theirs)).toEqual(openSslView(ours))
      expect(toHex(ours.publicKeyInfo.der)).toBe(toHex(theirs.publicKey.export({ type: 'spki', format: 'der' })))
      // Some are signed with an algorithm that is not taken here, or not with such a key.
      const fits = (scheme: SignatureSchemeName) => SIGNATURE_SCHEMES[scheme].key === ours.publicKeyInfo.algorithm
      if (ours.signatureSchemes.some(fits)) expect(isSignedBy(ours, ours, crypto)).toBe(true)
    }
  })

  it('keeps nothing of its input', () => {
    const { der } = make.craft()
    const input = der.slice()
    const certificate = parseCertificate(input)
    input.fill(0)
    expect(toHex(certificate.der)).toBe(toHex(der))
    expect(certificate.tbs.buffer).toBe(certificate.der.buffer)
  })

  it('describes itself', () => {
    const extensions = [make.CA, make.keyUsage('84'), make.SERVER_AUTH, make.altNames('a.example'), make.keyId('aabb')]
    const { der } = make.craft({ subject: 'a, "b"', extensions })
    expect(describeCertificate(der)).toEqual({
      subject: 'CN=a\\, \\"b\\"',
      issuer: 'CN=a\\, \\"b\\"',
      serialNumber: '40',
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '2027-12-31T23:59:59Z',
      subjectAltNames: ['DNS:a.example'],
      keyAlgorithm: 'mldsa44',
      publicKeyLength: 1312,
      signatureAlgorithm: 'mldsa44',
      signatureLength: 2420,
      isCa: true,
      pathLength: null,
      keyUsage: ['digitalSignature', 'keyCertSign'],
      extendedKeyUsage: ['serverAuth'],
      nameConstraints: null,
      unknownCritical: [],
      keyIds: { subject: 'aabb', authority: null },
      fingerprint: toHex(crypto.hash('SHA-256', der)),
      length: der.length,
    })
  })

  it('says of constraints and unknown critical extensions what stands there', () => {
    const constraints = make.nameConstraints(['x.example', fromHex('0a000000ff000000')], [fromHex('0a0000000f0000ff')])
    const { der } = make.craft({ extensions: [constraints, make.extension('06032a0304', '0500', true)] })
    expect(describeCertificate(der)).toMatchObject({
      nameConstraints: {
        permitted: ['DNS:x.example', 'IP Address:10.0.0.0/8'],
        excluded: ['IP Address:10.0.0.0/15.0.0.255'],
      },
      unknownCritical: ['1.2.3.4'],
    })
  })

  it('may have what DER would leave out but many authorities write: a default of FALSE (X.690 11.5)', () => {
    const notCritical = encodeDer(0x30, fromHex('0603551d11'), fromHex('010100'), fromHex('0405300382016a'))
    const noCa = make.extension('0603551d13', '3003010100')
    const { extensions } = parseCertificate(make.craft({ extensions: [notCritical, noCa] }).der)
    expect(extensions.basicConstraints).toEqual({ cA: false, pathLength: null })
    expect(extensions.subjectAltNames).toEqual([{ kind: 'dns', value: 'j' }])
  })

  it('may have object identifiers with arcs of 128 bits (ITU-T X.667)', () => {
    const large = encodeDer(0x06, fromHex('69'), fromHex(`83${'ff'.repeat(17)}7f`))
    const extensions = [encodeDer(0x30, large, fromHex('0101ff'), fromHex('04020500'))]
    const { unknownCritical } = parseCertificate(make.craft({ extensions }).der).extensions
    expect(unknownCritical).toEqual([`2.25.${2n ** 128n - 1n}`])
  })

  it('may have an authorityKeyIdentifier with issuer and serial number, and names of every form', () => {
    const issuer = encodeDer(0xa1, encodeDer(0xa4, make.name('x')))
    const identifier = encodeDer(0x30, encodeDer(0x80, fromHex('aabb')), issuer, encodeDer(0x82, fromHex('0102')))
    const otherName = encodeDer(0xa0, fromHex('06032a0304'), encodeDer(0xa0, fromHex('0c0161')))
    const directoryName = encodeDer(0xa4, make.name('x'))
    const registeredId = fromHex('88032a0304')
    const names = encodeDer(0x30, otherName, directoryName, registeredId, fromHex('860161'), fromHex('810162'))
    const extensions = [make.extension('0603551d23', identifier), make.extension('0603551d11', names)]
    const parsed = parseCertificate(make.craft({ extensions }).der).extensions
    expect(parsed.authorityKeyIdentifier).toEqual(fromHex('aabb'))
    expect(parsed.subjectAltNames).toEqual([
      { kind: 'other', tag: 0xa0 },
      expect.objectContaining({ kind: 'directory', name: expect.objectContaining({ text: 'CN=x' }) }),
      { kind: 'other', tag: 0x88 },
      { kind: 'uri', value: 'a' },
      { kind: 'email', value: 'b' },
    ])
  })

  it('is parsed once while it is in use, and anew when it is another by a bit', () => {
    const { der } = make.craft({ algorithm: 'ed25519' })
    const parsed = parseCertificate(der)
    expect(parseCertificate(der.slice())).toBe(parsed)
    const other = parseCertificate(make.flipBit(der, der.length * 8 - 1))
    expect(other).not.toBe(parsed)
    expect(toHex(other.signature)).not.toBe(toHex(parsed.signature))
    expect(Object.isFrozen(parsed)).toBe(true)
  })

  it('may be of version 1, without extensions, and then is no authority', () => {
    const { der } = make.craft({ version: new Uint8Array() })
    expect(parseCertificate(der).extensions.basicConstraints).toBeNull()
    expect(refusal(() => parseCertificate(make.craft({ version: new Uint8Array(), extensions: [make.CA] }).der))).toBe(
      'ERR_BAD_CERTIFICATE',
    )
  })
})

describe('a malformed certificate is refused:', () => {
  const good = make.craft({ algorithm: 'ed25519' }).der
  const withOptions = (options: make.CraftOptions) => make.craft({ algorithm: 'ed25519', ...options }).der
  const withExtension = (...extensions: Uint8Array[]) => withOptions({ extensions })
  const oid = '0603551d'
  /** An AlgorithmIdentifier of an unknown algorithm with some parameter. */
  const parameter = (tag: number, ...contents: Uint8Array[]) =>
    encodeDer(0x30, fromHex('06032a0304'), encodeDer(tag, ...contents))
  const longBoolean = parameter(0x01, new Uint8Array(400_000))
  const NULL = fromHex('0500')
  const nested = Array.from({ length: 40 }).reduce<Uint8Array>((inner) => encodeDer(0x30, inner), NULL)
  const longer = fromHex('04810161')
  const stranger = make.craft({ algorithm: 'ed25519' })
  const nameOf = (value: string) =>
    encodeDer(0x30, encodeDer(0x31, encodeDer(0x30, fromHex('0603550403'), fromHex(value))))
  const issuedBy = (subject: Uint8Array) => withOptions({ issuer: { ...stranger, subject } })

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['cut short', good.subarray(0, -1)],
    ['one octet more', concat(good, Uint8Array.of(0))],
    ['an element more', withOptions({ afterTbs: fromHex('0500') })],
    ['an indefinite length (X.690 10.1)', concat(fromHex('3080'), good.subarray(4), fromHex('0000'))],
    ['a length that is longer than need be', concat(fromHex('308300'), good.subarray(2))],
    [
      'two signature algorithms (RFC 5280 4.1.1.2)',
      withOptions({ outerAlgorithm: fromHex('300b0609608648016503040311') }),
    ],
    ['ML-DSA with NULL (RFC 9881 2)', withOptions({ innerAlgorithm: fromHex('300d06096086480165030403110500') })],
    ['a version that does not exist', withOptions({ version: fromHex('a003020103') })],
    ['version 1 written out', withOptions({ version: fromHex('a003020100') })],
    ['a negative serial number', withOptions({ serialNumber: fromHex('020180') })],
    ['a serial number with a zero too many', withOptions({ serialNumber: fromHex('02020001') })],
    ['a serial number of 22 octets', withOptions({ serialNumber: fromHex(`0216${'7f'.repeat(22)}`) })],
    ['a date that does not exist', withOptions({ notAfter: '20270230000000Z' })],
    ['an hour that does not exist', withOptions({ notAfter: '20270228240000Z' })],
    ['a time without seconds', withOptions({ notAfter: '2702280000Z' })],
    ['a time with a fraction', withOptions({ notAfter: '20270228000000.5Z' })],
    ['a time with an offset', withOptions({ notAfter: '20270228000000+0100' })],
    ['a public key of the wrong length', withOptions({ subjectPublicKeyInfo: fromHex('300a300506032b6570030100') })],
    ['an extension twice (RFC 5280 4.2)', withExtension(make.CA, make.CA)],
    [
      'an extension with an element more',
      withExtension(encodeDer(0x30, fromHex(`${oid}13`), fromHex('04023000'), fromHex('0500'))),
    ],
    [
      'a BOOLEAN that is neither 00 nor ff',
      withExtension(encodeDer(0x30, fromHex(`${oid}13`), fromHex('010101'), fromHex('04023000'))),
    ],
    ['basicConstraints with an element more', withExtension(make.extension(`${oid}13`, '30050101ff0500'))],
    ['a path length without cA', withExtension(make.extension(`${oid}13`, '3003020100'))],
    ['a negative path length', withExtension(make.extension(`${oid}13`, '30060101ff0201ff'))],
    ['keyUsage that allows nothing', withExtension(make.extension(`${oid}0f`, '030100'))],
    ['keyUsage with unused bits set', withExtension(make.extension(`${oid}0f`, '030207c1'))],
    ['keyUsage that is no BIT STRING', withExtension(make.extension(`${oid}0f`, '020180'))],
    ['extendedKeyUsage without purposes', withExtension(make.extension(`${oid}25`, '3000'))],
    ['extendedKeyUsage with something else', withExtension(make.extension(`${oid}25`, '30020500'))],
    ['subjectAltName without names', withExtension(make.extension(`${oid}11`, '3000'))],
    ['an iPAddress of three octets', withExtension(make.extension(`${oid}11`, '30058703010203'))],
    ['a dNSName with a zero octet', withExtension(make.altNames('a\0b'))],
    ['a dNSName beyond ASCII', withExtension(make.altNames('ä'))],
    ['a form of name that does not exist', withExtension(make.extension(`${oid}11`, '3003890161'))],
    ['nameConstraints without any', withExtension(make.extension(`${oid}1e`, '3000'))],
    ['an IP constraint without mask', withExtension(make.nameConstraints([fromHex('0a000000')], []))],
    ['a name constraint with a maximum', withExtension(make.extension(`${oid}1e`, '300aa0083006820161810101'))],
    ['a name with a string in pieces (X.690 10.2)', issuedBy(nameOf('2c030c0161'))],
    ['a name that is not UTF-8', issuedBy(nameOf('0c02c080'))],
    ['a name with a PrintableString beyond ASCII', issuedBy(nameOf('1301e4'))],
    ['a name with an empty part (RFC 5280 4.1.2.4)', issuedBy(fromHex('30023100'))],
    ['an issuer without a name (RFC 5280 4.1.2.4)', issuedBy(fromHex('3000'))],
    ['a BOOLEAN that takes the ASN.1 library a minute', withOptions({ innerAlgorithm: longBoolean })],
    ['elements beyond number', withOptions({ innerAlgorithm: parameter(0x30, ...Array(10_000).fill(NULL)) })],
    ['elements nested beyond reason', withOptions({ innerAlgorithm: parameter(0x30, nested) })],
    ['a length that is longer than need be deep inside', withOptions({ innerAlgorithm: parameter(0x30, longer) })],
    ['an object identifier of 65 octets', withExtension(make.extension(`0641${'7f'.repeat(65)}`, '0500'))],
    ['an object identifier with a leading 80', withExtension(make.extension('060455800a01', '0500'))],
  ])('%s', (_, der) => {
    expect(refusal(() => parseCertificate(der))).toBe('ERR_BAD_CERTIFICATE')
  })
})

describe('whatever arrives', () => {
  const ca = createCertificateAuthority({ commonName: 'root', algorithm: 'ed25519', now: make.NOW, crypto })
  const anchors = loadTrustAnchors(ca.certificatePem)
  const issue = (algorithm: 'ed25519' | 'mldsa44') =>
    issueCertificate({ ca, algorithm, subjectAltNames: ['example.com'], now: make.NOW, crypto }).certificateDer
  const verify = (...chain: Uint8Array[]) =>
    refusal(() =>
      verifyChain({
        chain,
        anchors,
        time: make.NOW,
        serverName: 'example.com',
        usage: 'server',
        allowedSchemes: [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES],
        crypto,
      }),
    )

  it('the unchanged certificates verify', () => {
    expect(verify(issue('ed25519'))).toBeNull()
    expect(verify(issue('mldsa44'))).toBeNull()
  })

  it('a certificate with any one bit changed does not verify', { timeout: 120_000 }, () => {
    const der = issue('ed25519')
    const accepted = Array.from({ length: der.length * 8 }, (_, bit) => bit).filter(
      (bit) => verify(make.flipBit(der, bit)) === null,
    )
    expect(accepted).toEqual([])
  })

  it('an ML-DSA certificate with bits changed at random does not verify', () => {
    const der = issue('mldsa44')
    fc.assert(
      fc.property(fc.nat(der.length * 8 - 1), (bit) => verify(make.flipBit(der, bit)) !== null),
      { numRuns: 500 },
    )
  })

  it('a certificate with pieces cut out, doubled or overwritten is refused, and never with another error', () => {
    const der = issue('ed25519')
    const piece = fc.tuple(fc.nat(der.length), fc.nat(40), fc.uint8Array({ maxLength: 40 }))
    fc.assert(
      fc.property(piece, ([start, length, filler]) => {
        const changed = concat(der.subarray(0, start), filler, der.subarray(start + length))
        return toHex(changed) === toHex(der) || verify(changed) !== null
      }),
      { numRuns: 2000 },
    )
  })

  it('random octets, and random octets in a SEQUENCE, are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        expect(verify(octets)).toBe('ERR_BAD_CERTIFICATE')
        expect(verify(encodeDer(0x30, octets))).toBe('ERR_BAD_CERTIFICATE')
        expect(refusal(() => parsePublicKey(octets))).toBe('ERR_BAD_CERTIFICATE')
      }),
    )
  })

  it('random extension values never give another error', () => {
    fc.assert(
      fc.property(fc.constantFrom(14, 15, 17, 19, 30, 32, 35, 37), fc.uint8Array({ maxLength: 40 }), (arc, value) => {
        const oid = `0603551d${arc.toString(16).padStart(2, '0')}`
        const { der } = make.craft({ algorithm: 'ed25519', extensions: [make.extension(oid, value)] })
        expect([null, 'ERR_BAD_CERTIFICATE']).toContain(refusal(() => parseCertificate(der)))
      }),
    )
  })
})
