import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/bytes.js'
import { CLASSICAL_SCHEMES, MLDSA_SCHEMES, nodeProvider } from '../../src/crypto/index.js'
import {
  type CertifiedKey,
  createCertificateAuthority,
  describeCertificate,
  type IssueOptions,
  issueCertificate,
  loadCertificates,
  loadCertifiedKey,
  loadPrivateKey,
  loadTrustAnchors,
  parseCertificate,
  readPem,
  verifyChain,
} from '../../src/pki/index.js'
import { PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'
import { DAY, NOW } from './craft.js'

const crypto = nodeProvider
const root = createCertificateAuthority({ commonName: 'root', crypto, now: NOW })
const issue = (options: Partial<IssueOptions> = {}) =>
  issueCertificate({ ca: root, subjectAltNames: ['localhost'], crypto, now: NOW, ...options })

function verify(made: CertifiedKey, options: { serverName?: string; usage?: 'server' | 'client' } = {}) {
  return verifyChain({
    chain: loadCertificates(made.certificatePem),
    anchors: loadTrustAnchors(root.certificatePem),
    time: NOW,
    usage: 'server',
    allowedSchemes: [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES],
    crypto,
    ...options,
  })
}

describe.each(PROVIDERS)('a chain made with $name', (crypto) => {
  it('verifies for all its names and both usages', () => {
    const intermediate = issue({ isCa: true, pathLength: 0, commonName: 'intermediate', algorithm: 'mldsa44', crypto })
    const names = ['localhost', '*.example.com', '127.0.0.1', '::1', 'URI:spiffe://a/b', 'email:a@b.c']
    const leaf = issue({ ca: intermediate, subjectAltNames: names, algorithm: 'mldsa87', crypto })
    for (const serverName of ['localhost', 'a.example.com', '127.0.0.1', '::1']) {
      expect(verify(leaf, { serverName }).path).toHaveLength(3)
    }
    expect(verify(leaf, { usage: 'client' }).publicKey.algorithm).toBe('mldsa87')
    expect(describeCertificate(leaf.certificateDer).subjectAltNames).toEqual([
      'DNS:localhost',
      'DNS:*.example.com',
      'IP Address:127.0.0.1',
      'IP Address:::1',
      'URI:spiffe://a/b',
      'email:a@b.c',
    ])
  })
})

describe('an authority', () => {
  it('is ML-DSA-65 unless told otherwise, critical in what matters, for ten years', () => {
    expect(describeCertificate(root.certificateDer)).toMatchObject({
      subject: 'CN=root',
      issuer: 'CN=root',
      keyAlgorithm: 'mldsa65',
      signatureAlgorithm: 'mldsa65',
      isCa: true,
      pathLength: null,
      keyUsage: ['keyCertSign', 'cRLSign'],
      extendedKeyUsage: null,
      notBefore: '2026-11-23T11:55:00Z',
      notAfter: '2036-11-20T12:00:00Z',
    })
    const { keyIds } = describeCertificate(root.certificateDer)
    expect(keyIds.subject).toBe(keyIds.authority)
    // basicConstraints and keyUsage, each with a critical flag (RFC 5280 4.2.1.9, 4.2.1.3).
    expect(toHex(root.certificateDer)).toContain('0603551d130101ff')
    expect(toHex(root.certificateDer)).toContain('0603551d0f0101ff')
  })

  it('keeps its path length', () => {
    const made = createCertificateAuthority({ commonName: 'x', pathLength: 0, crypto })
    expect(describeCertificate(made.certificateDer).pathLength).toBe(0)
    for (const pathLength of [-1, 0.5, 128]) {
      expect(refusal(() => createCertificateAuthority({ commonName: 'x', pathLength, crypto }))).toBe(
        'ERR_INVALID_OPTION',
      )
    }
  })
})

describe('a leaf', () => {
  it('has a key of its own, a random positive serial number of 20 octets, and links to its issuer', () => {
    const [one, two] = [issue(), issue()]
    const { serialNumber, extensions, issuer } = parseCertificate(one.certificateDer)
    expect(serialNumber).toHaveLength(20)
    expect(serialNumber[0]).toBeLessThan(0x80)
    expect(toHex(serialNumber)).not.toBe(toHex(parseCertificate(two.certificateDer).serialNumber))
    expect(one.privateKeyPem).not.toBe(two.privateKeyPem)
    const above = parseCertificate(root.certificateDer)
    expect(toHex(issuer.der)).toBe(toHex(above.subject.der))
    expect(extensions.authorityKeyIdentifier).toEqual(above.extensions.subjectKeyIdentifier)
    expect(toHex(loadPrivateKey(one.privateKeyPem, crypto).publicKey)).toBe(
      toHex(parseCertificate(one.certificateDer).publicKeyInfo.publicKey),
    )
  })

  it('serves only what it was made for', () => {
    const server = issue({ usage: ['server'] })
    expect(verify(server).path).toHaveLength(2)
    expect(refusal(() => verify(server, { usage: 'client' }))).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    expect(describeCertificate(server.certificateDer)).toMatchObject({
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['serverAuth'],
      isCa: false,
    })
  })

  it('carries the intermediates of its issuer, and never the root', () => {
    const intermediate = issue({ isCa: true, commonName: 'i' })
    const lower = issue({ ca: intermediate, isCa: true, commonName: 'j' })
    const chain = loadCertificates(issue({ ca: lower }).certificatePem).map(parseCertificate)
    expect(chain.map(({ subject }) => subject.text)).toEqual(['CN=localhost', 'CN=j', 'CN=i'])
    expect(loadCertificates(issue().certificatePem)).toHaveLength(1)
  })

  it('does not outlive its issuer unless told to', () => {
    const brief = createCertificateAuthority({ commonName: 'brief', days: 10, crypto, now: NOW })
    const notAfter = (days?: number) => parseCertificate(issue({ ca: brief, days }).certificateDer).notAfter
    expect(notAfter()).toBe(NOW + 10 * DAY)
    expect(notAfter(20)).toBe(NOW + 20 * DAY)
    expect(parseCertificate(issue().certificateDer).notAfter).toBe(NOW + 365 * DAY)
  })

  it('has UTCTime up to 2049 and GeneralizedTime after (RFC 5280 4.1.2.5)', () => {
    const hexOf = (notBefore: number, days: number) => toHex(issue({ notBefore, days }).certificateDer)
    const text = (time: string) => toHex(new TextEncoder().encode(time))
    expect(hexOf(Date.UTC(2049, 11, 31), 1)).toContain(`170d${text('491231000000Z')}180f${text('20500101000000Z')}`)
  })

  it('may be named by either name, the common name by default the first alternative that fits', () => {
    const subject = (options: Partial<IssueOptions>) => describeCertificate(issue(options).certificateDer).subject
    expect(subject({ subjectAltNames: ['a.example', 'b.example'] })).toBe('CN=a.example')
    expect(subject({ subjectAltNames: [`URI:spiffe://${'a'.repeat(80)}`, '10.0.0.1'] })).toBe('CN=10.0.0.1')
    expect(subject({ subjectAltNames: [], commonName: 'SAE-A' })).toBe('CN=SAE-A')
  })
})

describe('what cannot be issued', () => {
  it.each<[string, Partial<IssueOptions>]>([
    ['no name at all', { subjectAltNames: [] }],
    ['an empty common name', { commonName: '' }],
    ['a common name of 65 characters', { commonName: 'x'.repeat(65) }],
    ['a name that is none', { subjectAltNames: ['exa mple.com'] }],
    ['a wildcard that is not the left-most label', { subjectAltNames: ['a.*.com'] }],
    ['an address that is none', { subjectAltNames: ['IP:1.2.3'] }],
    ['a URI that is none', { subjectAltNames: ['URI:nothing'] }],
    ['an e-mail address that is none', { subjectAltNames: ['email:nobody'] }],
    ['a validity that is empty', { days: 0 }],
    ['a validity beyond the year 9999', { days: 4_000_000 }],
    ['a validity that is no number', { days: Number.NaN }],
    ['from a leaf', { ca: issue() }],
  ])('%s is refused', (_, options) => {
    expect(refusal(() => issue(options))).toBe('ERR_INVALID_OPTION')
  })
})

describe('what an authority may certify', () => {
  const constrained = (permitted: string[], excluded: string[] = []) => {
    const nameConstraints = { permitted, excluded }
    const ca = issue({ isCa: true, commonName: 'constrained', algorithm: 'ed25519', nameConstraints })
    return (...subjectAltNames: string[]) => {
      const leaf = issueCertificate({ ca, commonName: 'x', subjectAltNames, algorithm: 'ed25519', crypto, now: NOW })
      return refusal(() => verify(leaf, { usage: 'client' }))
    }
  }
  const OUTSIDE = 'ERR_UNSUPPORTED_CERTIFICATE'

  it.each<[string, string, string | null, string | null]>([
    ['bank.example', 'a.bank.example', 'bank.example', 'other.example'],
    ['.bank.example', 'a.bank.example', null, 'bank.example'],
    ['DNS:bank.example', 'bank.example', null, 'other.example'],
    ['10.16.0.0/12', '10.16.0.1', '10.31.255.255', '10.32.0.0'],
    ['10.16.5.5/12', '10.16.0.1', null, '10.15.0.1'],
    ['10.1.2.3', '10.1.2.3', null, '10.1.2.4'],
    ['0.0.0.0/0', '10.1.2.3', null, '::1'],
    ['IP:2001:db8::/33', '2001:db8::1', '2001:db8:7fff::1', '2001:db8:8000::1'],
    ['email:bank.example', 'email:a@bank.example', null, 'email:a@b.bank.example'],
    ['email:a@bank.example', 'email:a@bank.example', null, 'email:b@bank.example'],
    ['URI:.bank.example', 'URI:https://a.bank.example/', null, 'URI:https://bank.example/'],
  ])('%s permits %s and %s, and not %s', (constraint, within, alsoWithin, outside) => {
    const under = constrained([constraint])
    expect(under(within)).toBeNull()
    if (alsoWithin !== null) expect(under(alsoWithin)).toBeNull()
    if (outside !== null) expect(under(outside)).toBe(OUTSIDE)
  })

  it('is told by exclusion, too', () => {
    const under = constrained(['bank.example'], ['evil.bank.example', '10.0.0.0/8'])
    expect([under('a.bank.example', '11.0.0.1'), under('evil.bank.example'), under('10.0.0.1')]).toEqual([
      ...[null, OUTSIDE, OUTSIDE],
    ])
  })

  it.each([
    '',
    '*.bank.example',
    'a b',
    '10.0.0.0/33',
    '::/129',
    '10.0.0/8',
    'email:',
    'email:@x',
    'URI:https://x/',
    'IP:x',
    '.',
  ])('cannot be said as %j', (constraint) => {
    expect(refusal(() => constrained([constraint]))).toBe('ERR_INVALID_OPTION')
  })
})

describe('a serial number', () => {
  it('is random, or the one given: positive, in its shortest form, of twenty octets at most', () => {
    const serial = (...octets: number[]) =>
      toHex(
        parseCertificate(issue({ algorithm: 'ed25519', serialNumber: Uint8Array.from(octets) }).certificateDer)
          .serialNumber,
      )
    expect([serial(1), serial(0, 0, 7), serial(0x80), serial(0xff, 1)]).toEqual(['01', '07', '0080', '00ff01'])
    expect(serial(...new Uint8Array(20).fill(0x7f))).toBe('7f'.repeat(20))
    for (const octets of [[], [0], new Uint8Array(20).fill(0x80), new Uint8Array(21).fill(1)]) {
      expect(refusal(() => serial(...octets))).toBe('ERR_INVALID_OPTION')
    }
  })
})

describe('an authority kept in files', () => {
  it('is put together from both, which must belong together', () => {
    const loaded = loadCertifiedKey(root.certificatePem, root.privateKeyPem, crypto)
    expect(verify(issue({ ca: loaded })).path).toHaveLength(2)
    const other = createCertificateAuthority({ commonName: 'root', crypto })
    const mixed = () => loadCertifiedKey(root.certificatePem, other.privateKeyPem, crypto)
    expect(refusal(mixed)).toBe('ERR_INVALID_KEY')
    expect(refusal(() => loadCertifiedKey('', root.privateKeyPem, crypto))).toBe('ERR_INVALID_OPTION')
    expect(refusal(() => loadCertifiedKey(root.certificatePem, '', crypto))).toBe('ERR_INVALID_KEY')
  })
})

describe('trust anchors', () => {
  it('come from one or several texts with one or several certificates each, or from DER', () => {
    const other = createCertificateAuthority({ commonName: 'other', crypto })
    const both = `# two\n${root.certificatePem}\n${other.certificatePem}`
    expect(loadTrustAnchors(both).certificates).toHaveLength(2)
    expect(loadTrustAnchors([root.certificatePem, other.certificateDer]).certificates).toHaveLength(2)
    expect(loadTrustAnchors(new TextEncoder().encode(both)).certificates).toHaveLength(2)
  })

  it('that are unusable are the fault of the caller', () => {
    for (const input of ['', 'x', root.privateKeyPem, new Uint8Array([0x30, 0])]) {
      expect(refusal(() => loadTrustAnchors(input))).toBe('ERR_INVALID_OPTION')
    }
    expect(readPem(root.certificatePem)).toHaveLength(1)
  })
})
