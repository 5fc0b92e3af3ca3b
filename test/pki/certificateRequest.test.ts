import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../src/bytes.js'
import { CLASSICAL_SCHEMES, MLDSA_SCHEMES, nodeProvider } from '../../src/crypto/index.js'
import { TrefoilError } from '../../src/errors.js'
import {
  checkRequest,
  createCertificateAuthority,
  createCertificateRequest,
  type GrantOptions,
  grantRequest,
  type IssuedAlgorithm,
  isSignedBy,
  loadCertificateRequest,
  loadTrustAnchors,
  parseCertificate,
  verifyChain,
} from '../../src/pki/index.js'
import { opensslMissing } from '../support/opensslCli.js'
import { PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'
import * as make from './craft.js'
import { encodeDer } from './encodeDer.js'

const crypto = nodeProvider
const ca = createCertificateAuthority({ commonName: 'root', algorithm: 'mldsa44', crypto })
const NAMES = ['a.bank.example', '10.1.2.3', '2001:db8::1', 'URI:https://a.bank.example/x', 'email:a@bank.example']
const ALL = ['bank.example', '10.0.0.0/8', '2001:db8::/32', 'URI:.bank.example', 'email:bank.example']
const ALGORITHMS = ['mldsa44', 'mldsa65', 'mldsa87', 'ecdsa-p256', 'ecdsa-p384', 'ed25519'] as const

const asked = (subjectAltNames = NAMES, algorithm: IssuedAlgorithm = 'mldsa44', more = {}) =>
  loadCertificateRequest(createCertificateRequest({ subjectAltNames, algorithm, crypto, ...more }).requestDer)
const grant = (options: Omit<GrantOptions, 'ca' | 'crypto'>) =>
  parseCertificate(grantRequest({ ca, crypto, ...options }).certificateDer)
const problem = (step: () => unknown): string | null => {
  try {
    step()
    return null
  } catch (error) {
    if (error instanceof TrefoilError && error.code === 'ERR_INVALID_OPTION') return error.message
    throw error
  }
}

/** A request made by hand: signed by `key` over whatever stands in it. */
function craftRequest(
  attributes: readonly Uint8Array[],
  subject = make.name('crafted'),
  version = '020100',
): Uint8Array {
  const key = make.generate('ed25519')
  const algorithm = fromHex('300506032b6570')
  const spki = encodeDer(0x30, algorithm, encodeDer(0x03, Uint8Array.of(0), key.publicKey))
  const info = encodeDer(0x30, fromHex(version), subject, spki, encodeDer(0xa0, ...attributes))
  return encodeDer(0x30, info, algorithm, encodeDer(0x03, Uint8Array.of(0), key.sign('ed25519', info)))
}
const extensionRequest = (...extensions: Uint8Array[]): Uint8Array =>
  encodeDer(0x30, fromHex('06092a864886f70d01090e'), encodeDer(0x31, encodeDer(0x30, ...extensions)))

describe.each(ALGORITHMS)('a request for a key of %s', (algorithm) => {
  it('says what was asked for, is signed by its key, and is granted a certificate for it', () => {
    const made = createCertificateRequest({ subjectAltNames: NAMES, algorithm, crypto })
    const request = loadCertificateRequest(made.requestPem)
    expect(request.subject.text).toBe('CN=a.bank.example')
    expect(request.extensions.subjectAltNames).toHaveLength(5)
    for (const provider of PROVIDERS) expect(isSignedBy(request, request, provider)).toBe(true)
    const { certificateDer } = grantRequest({ ca, request, allowedNames: ALL, crypto })
    const { leaf } = verifyChain({
      chain: [certificateDer],
      anchors: loadTrustAnchors(ca.certificatePem),
      time: Date.now(),
      serverName: 'a.bank.example',
      usage: 'server',
      allowedSchemes: [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES],
      crypto,
    })
    expect(toHex(leaf.publicKeyInfo.der)).toBe(toHex(request.publicKeyInfo.der))
    expect(leaf.extensions.subjectAltNames).toEqual(request.extensions.subjectAltNames)
  })
})

describe('a request', () => {
  it('may be for a key that is there already', () => {
    const first = createCertificateRequest({ subjectAltNames: ['x.example'], algorithm: 'ed25519', crypto })
    const { privateKeyPem } = first
    const second = createCertificateRequest({ commonName: 'x', privateKeyPem, crypto })
    expect(second.privateKeyPem).toBe(privateKeyPem)
    const keys = [first, second].map(({ requestDer }) => toHex(loadCertificateRequest(requestDer).publicKeyInfo.der))
    expect(keys[0]).toBe(keys[1])
  })

  it('needs a name, and one that can be written', () => {
    expect(refusal(() => createCertificateRequest({ crypto }))).toBe('ERR_INVALID_OPTION')
    expect(refusal(() => createCertificateRequest({ subjectAltNames: ['a b'], crypto }))).toBe('ERR_INVALID_OPTION')
    expect(refusal(() => loadCertificateRequest('no PEM'))).toBe('ERR_INVALID_OPTION')
    expect(refusal(() => loadCertificateRequest(ca.certificatePem))).toBe('ERR_INVALID_OPTION')
  })

  it('with attributes that we do not know is read for the rest', () => {
    const password = encodeDer(
      0x30,
      fromHex('06092a864886f70d010907'),
      encodeDer(0x31, encodeDer(0x0c, utf8('secret'))),
    )
    const request = loadCertificateRequest(craftRequest([password, extensionRequest(make.altNames('x.example'))]))
    expect(request.extensions.subjectAltNames).toEqual([{ kind: 'dns', value: 'x.example' }])
    expect(loadCertificateRequest(craftRequest([])).extensions.subjectAltNames).toEqual([])
  })

  it.each<[string, Uint8Array]>([
    ['another version', craftRequest([], undefined, '020101')],
    ['two lists of extensions', craftRequest([extensionRequest(make.CA), extensionRequest(make.altNames('x.org'))])],
    ['one extension twice', craftRequest([extensionRequest(make.CA, make.CA)])],
    ['octets behind it', Uint8Array.of(...craftRequest([]), 0)],
  ])('with %s is malformed', (_, der) => {
    expect(problem(() => loadCertificateRequest(der))).toMatch(/certificate request is malformed/)
  })

  it('that is another by one bit is malformed or not signed by its key, wherever the bit is', () => {
    const der = craftRequest([extensionRequest(make.altNames('x.example'))])
    checkRequest(loadCertificateRequest(der), crypto)
    for (let bit = 0; bit < 8 * der.length; bit++) {
      const changed = make.flipBit(der, bit)
      expect(problem(() => checkRequest(loadCertificateRequest(changed), crypto))).not.toBeNull()
    }
  })

  it('that is garbage is refused with a code of ours', () => {
    const der = craftRequest([extensionRequest(make.altNames('x.example'))])
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 40 }), fc.uint8Array({ minLength: 1, maxLength: 40 }), (at, length, part) => {
        const start = at % der.length
        const octets = Uint8Array.of(...der.slice(0, start), ...part, ...der.slice(start + length))
        fc.pre(!Buffer.from(octets).equals(der))
        expect(problem(() => checkRequest(loadCertificateRequest(octets), crypto))).not.toBeNull()
      }),
      { numRuns: 300 },
    )
  })
})

describe('what is granted', () => {
  it.each(NAMES.map((name, index) => [name, ALL[index] as string] as const))(
    'of the name %s only as far as it is allowed',
    (name, allowed) => {
      const request = asked([name], 'ed25519', { commonName: 'x' })
      const others = ALL.filter((pattern) => pattern !== allowed)
      const names = (allowedNames: string[]) =>
        grant({ request, commonName: 'x', allowedNames }).extensions.subjectAltNames
      expect(names([allowed])).toEqual(request.extensions.subjectAltNames)
      expect(problem(() => names(others))).toMatch(/asks for the name .* which is not allowed/)
      expect(problem(() => names([]))).toMatch(/not allowed/)
    },
  )

  it('is nothing at all where one of several names is not allowed', () => {
    const request = asked(['a.bank.example', 'a.other.example'])
    expect(problem(() => grant({ request, allowedNames: ['bank.example'] }))).toMatch(/DNS:a.other.example/)
  })

  it('a wildcard only under a domain that is allowed', () => {
    const request = asked(['*.bank.example'])
    expect(grant({ request, allowedNames: ['bank.example'] }).extensions.subjectAltNames).toHaveLength(1)
    expect(problem(() => grant({ request, allowedNames: ['a.bank.example'] }))).toMatch(/not allowed/)
  })

  it('are the names that the authority gives, whatever was asked for', () => {
    const { subject, extensions } = grant({ request: asked(), subjectAltNames: ['given.example'] })
    expect(extensions.subjectAltNames).toEqual([{ kind: 'dns', value: 'given.example' }])
    expect(subject.text).toBe('CN=given.example')
    expect(problem(() => grant({ request: asked(), subjectAltNames: ['x'], allowedNames: ['x'] }))).toMatch(/not both/)
  })

  it('is never the subject that was asked for: a client may be known by it', () => {
    const request = loadCertificateRequest(
      craftRequest([extensionRequest(make.altNames('x.example'))], make.name('SAE-A')),
    )
    expect(grant({ request, allowedNames: ['x.example'] }).subject.text).toBe('CN=x.example')
    expect(grant({ request, allowedNames: ['x.example'], commonName: 'SAE-B' }).subject.text).toBe('CN=SAE-B')
    expect(problem(() => grant({ request: loadCertificateRequest(craftRequest([])) }))).toMatch(/needs a common name/)
  })

  it('is never an authority because the request says so', () => {
    const request = loadCertificateRequest(craftRequest([extensionRequest(make.CA, make.keyUsage('04'))]))
    expect(problem(() => grant({ request, commonName: 'x' }))).toMatch(/asks for a certificate authority/)
    const { basicConstraints } = grant({ request, commonName: 'x', isCa: true, pathLength: 0 }).extensions
    expect(basicConstraints).toEqual({ cA: true, pathLength: 0 })
  })

  it('is what the authority says of usage, not what the request does', () => {
    const request = loadCertificateRequest(craftRequest([extensionRequest(make.keyUsage('20'), make.SERVER_AUTH)]))
    const { keyUsage, extendedKeyUsage } = grant({ request, commonName: 'x', usage: ['client'] }).extensions
    expect([...(keyUsage ?? [])]).toEqual(['digitalSignature'])
    expect(extendedKeyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  })

  it('is nothing for a name that could not be written by ourselves', () => {
    const odd = loadCertificateRequest(craftRequest([extensionRequest(make.altNames('x y.bank.example'))]))
    expect(problem(() => grant({ request: odd, allowedNames: ['bank.example'] }))).toMatch(/no DNS name/)
  })
})

const noOpenssl = opensslMissing()
describe.skipIf(noOpenssl !== null)(`the openssl command${noOpenssl ? ` (skipped: ${noOpenssl})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-request-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const openssl = (...words: string[]): string => {
    const { status, stdout, stderr } = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return stdout + stderr
  }

  it.each(['ecdsa-p256', 'ecdsa-p384', 'ed25519'] as const)('reads and verifies our request for %s', (algorithm) => {
    const { requestPem } = createCertificateRequest({ subjectAltNames: NAMES, algorithm, crypto })
    writeFileSync(join(folder, 'own.csr'), requestPem)
    const text = openssl('req', '-in', 'own.csr', '-noout', '-verify', '-text')
    expect(text).toMatch(/verify OK/)
    expect(text).toMatch(/DNS:a\.bank\.example, IP Address:10\.1\.2\.3/)
  })

  it.each([
    ['RSA', ['rsa:2048'], 'rsa'],
    ['P-256', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'ecdsa-p256'],
    ['Ed25519', ['ed25519'], 'ed25519'],
  ] as const)('makes a request for %s that we grant', (_, key, algorithm) => {
    const names = ['-addext', 'subjectAltName=DNS:a.bank.example,IP:10.1.2.3']
    openssl(
      'req',
      '-new',
      '-nodes',
      '-newkey',
      ...key,
      '-keyout',
      'x.key',
      '-out',
      'x.csr',
      '-subj',
      '/C=CH/CN=x',
      ...names,
    )
    const request = loadCertificateRequest(readFileSync(join(folder, 'x.csr')))
    const leaf = grant({ request, allowedNames: ALL })
    expect(leaf.publicKeyInfo.algorithm).toBe(algorithm)
    expect(leaf.subject.text).toBe('CN=a.bank.example')
    openssl('req', '-new', '-key', 'x.key', '-out', 'bare.csr', '-subj', '/CN=x')
    const bare = loadCertificateRequest(readFileSync(join(folder, 'bare.csr')))
    expect(grant({ request: bare, commonName: 'y' }).extensions.subjectAltNames).toEqual([])
  })

  it('makes a request with a short RSA key, which we do not grant', () => {
    openssl('req', '-new', '-nodes', '-newkey', 'rsa:1024', '-keyout', 'y.key', '-out', 'y.csr', '-subj', '/CN=x')
    const request = loadCertificateRequest(readFileSync(join(folder, 'y.csr')))
    expect(problem(() => grant({ request, commonName: 'x' }))).toMatch(/too short/)
  })
})
