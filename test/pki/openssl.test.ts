/** Certificates and keys across implementations: OpenSSL 3.5 inside Node 24 and 26, and the openssl command. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { toHex } from '../../src/bytes.js'
import { CLASSICAL_SCHEMES, MLDSA_SCHEMES, nodeProvider } from '../../src/crypto/index.js'
import {
  createCertificateAuthority,
  createCertificateRequest,
  encodePublicKey,
  issueCertificate,
  loadCertificateRequest,
  loadCertificates,
  loadCertifiedKey,
  loadPrivateKey,
  loadTrustAnchors,
  parseCertificate,
  verifyChain,
} from '../../src/pki/index.js'
import { type PeerMajor, peerBinary, peerMissing } from '../support/nodePeer.js'
import { opensslMissing } from '../support/opensslCli.js'
import { refusal } from '../support/refusal.js'

const crypto = nodeProvider
const ALGORITHMS = ['mldsa44', 'mldsa65', 'mldsa87', 'ecdsa-p256', 'ecdsa-p384', 'ed25519'] as const
const names = ['localhost', '127.0.0.1', '::1', 'URI:urn:sae:a']

interface PeerReport {
  readonly subject: string
  readonly subjectAltName: string
  readonly ca: boolean
  readonly issued: boolean
  readonly verifies: boolean
  readonly keyFits: boolean
  readonly names: readonly (string | null)[]
  readonly purposes: readonly string[]
  readonly serialNumber: string
  readonly validTo: string
  readonly validFrom: string
}

/** Runs a small script in another Node with JSON in and out. */
function ask<T>(node: PeerMajor, script: string, input: unknown): T {
  const { NODE_OPTIONS: _, ...env } = process.env
  const program = fileURLToPath(new URL(`./${script}`, import.meta.url))
  const options = { input: JSON.stringify(input), encoding: 'utf8', env } as const
  const { stdout, stderr, status } = spawnSync(peerBinary(node) as string, [program], options)
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as T
}

for (const node of [24, 26] as const) {
  const missing = peerMissing(node)
  describe.skipIf(missing !== null)(`OpenSSL 3.5 in Node ${node}${missing ? ` (skipped: ${missing})` : ''}`, () => {
    it.each(ALGORITHMS)('reads and verifies our %s certificates, and takes our keys', (algorithm) => {
      const ca = createCertificateAuthority({ commonName: 'root', algorithm, pathLength: 0, crypto })
      const leaf = issueCertificate({ ca, algorithm, subjectAltNames: names, days: 9000, crypto })
      const input = { ca: ca.certificatePem, certificate: leaf.certificatePem, key: leaf.privateKeyPem }
      const report = ask<PeerReport>(node, 'readCertificate.mjs', input)
      const ours = parseCertificate(leaf.certificateDer)
      expect(report).toEqual({
        subject: 'CN=localhost',
        subjectAltName: 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, URI:urn:sae:a',
        ca: true,
        issued: true,
        verifies: true,
        keyFits: true,
        names: ['localhost', '127.0.0.1', '::1', null],
        purposes: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
        serialNumber: toHex(ours.serialNumber).toUpperCase(),
        validFrom: new Date(ours.notBefore).toISOString(),
        validTo: new Date(ours.notAfter).toISOString(),
      })
    })

    it.each(['mldsa44', 'mldsa65', 'mldsa87'] as const)('verifies our request for a key of %s', (algorithm) => {
      const { requestDer } = createCertificateRequest({ subjectAltNames: names, algorithm, crypto })
      const { tbs, signature, publicKeyInfo } = loadCertificateRequest(requestDer)
      const [data, signed, publicKey] = [tbs, signature, publicKeyInfo.der].map(toHex)
      expect(ask(node, 'verifySignature.mjs', { data, signature: signed, publicKey })).toEqual({ verifies: true })
    })

    it.each(['ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'])('makes %s keys that we read', (type) => {
      const made = ask<{ key: string; publicKey: string }>(node, 'makeKey.mjs', { type })
      const key = loadPrivateKey(made.key, crypto)
      expect(key.algorithm).toBe(type.replaceAll('-', ''))
      expect(toHex(encodePublicKey(key.algorithm, key.publicKey))).toBe(made.publicKey)
    })
  })
}

const noOpenssl = opensslMissing()
describe.skipIf(noOpenssl !== null)(`the openssl command${noOpenssl ? ` (skipped: ${noOpenssl})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-openssl-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const openssl = (...words: string[]): void => {
    const { status, stderr } = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  }
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

  it.each([
    ['RSA, PKCS#1 v1.5', ['rsa:2048'], ['-sha256'], 'rsa'],
    [
      'RSA, PSS signature',
      ['rsa:2048'],
      ['-sha384', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest'],
      'rsa',
    ],
    ['RSASSA-PSS key', ['rsa-pss'], ['-sha256', '-sigopt', 'rsa_pss_saltlen:digest'], 'rsa-pss'],
    ['P-256', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], ['-sha256'], 'ecdsa-p256'],
    ['P-384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], ['-sha384'], 'ecdsa-p384'],
    ['Ed25519', ['ed25519'], [], 'ed25519'],
  ] as const)('makes a chain that we verify: %s', (_, key, signing, algorithm) => {
    const common = ['req', '-x509', '-nodes', '-newkey', ...key, ...signing, '-days', '30']
    openssl(...common, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/C=CH/O=Test/CN=root')
    const extensions = [
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-addext',
      'basicConstraints=critical,CA:FALSE',
    ]
    openssl(
      ...common,
      '-keyout',
      'leaf.key',
      '-out',
      'leaf.pem',
      '-subj',
      '/CN=leaf',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      ...extensions,
    )
    const verify = (allowedSchemes = [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES], serverName = '127.0.0.1') =>
      verifyChain({
        chain: loadCertificates(read('leaf.pem')),
        anchors: loadTrustAnchors(read('ca.pem')),
        time: Date.now(),
        serverName,
        usage: 'server',
        allowedSchemes,
        crypto,
      })
    const { leaf, path } = verify()
    expect(path.map(({ subject }) => subject.text)).toEqual(['CN=leaf', 'C=CH, O=Test, CN=root'])
    expect(leaf.publicKeyInfo.algorithm).toBe(algorithm)
    expect(toHex(loadPrivateKey(read('leaf.key'), crypto).publicKey)).toBe(toHex(leaf.publicKeyInfo.publicKey))
    expect(refusal(() => verify([...MLDSA_SCHEMES]))).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    expect(refusal(() => verify(undefined, 'example.com'))).toBe('ERR_CERTIFICATE_NAME_MISMATCH')
  })

  it.each(['ecdsa-p256', 'ecdsa-p384', 'ed25519'] as const)(
    'verifies our %s chain with an intermediate',
    (algorithm) => {
      const ca = createCertificateAuthority({ commonName: 'root', algorithm, crypto })
      const intermediate = issueCertificate({
        ca,
        commonName: 'intermediate',
        isCa: true,
        pathLength: 0,
        algorithm,
        crypto,
      })
      const leaf = issueCertificate({ ca: intermediate, subjectAltNames: names, algorithm, crypto })
      writeFileSync(join(folder, 'root.pem'), ca.certificatePem)
      writeFileSync(join(folder, 'chain.pem'), leaf.certificatePem)
      const check = (host: string) =>
        openssl(
          'verify',
          '-x509_strict',
          '-purpose',
          'sslserver',
          '-verify_hostname',
          host,
          '-CAfile',
          'root.pem',
          '-untrusted',
          'chain.pem',
          'chain.pem',
        )
      check('localhost')
      expect(() => check('example.com')).toThrow()
    },
  )

  it('holds what our authorities certify to the name constraints that we wrote', () => {
    const algorithm = 'ecdsa-p256'
    const nameConstraints = {
      permitted: ['bank.example', '10.0.0.0/8', 'URI:.bank.example'],
      excluded: ['x.bank.example'],
    }
    const ca = createCertificateAuthority({ commonName: 'root', algorithm, nameConstraints, crypto })
    writeFileSync(join(folder, 'root.pem'), ca.certificatePem)
    const check = (...subjectAltNames: string[]) => {
      writeFileSync(
        join(folder, 'own.pem'),
        issueCertificate({ ca, subjectAltNames, algorithm, crypto }).certificatePem,
      )
      openssl('verify', '-x509_strict', '-CAfile', 'root.pem', 'own.pem')
    }
    check('a.bank.example', '10.1.2.3', 'URI:https://a.bank.example/')
    for (const name of ['a.other.example', 'x.bank.example', '11.0.0.1', 'URI:https://bank.example/']) {
      expect(() => check(name)).toThrow(/permitted subtree violation|excluded subtree violation/)
    }
  })

  it('makes authorities that we issue under, whatever kinds of strings their names have', () => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', 'ca.key']
    const subject = ['-utf8', '-subj', '/C=CH/DC=example/O=Zürich/CN=root/emailAddress=a@b.c']
    openssl('req', '-x509', '-nodes', ...key, '-out', 'ca.pem', ...subject)
    const ca = loadCertifiedKey(read('ca.pem'), read('ca.key'), crypto)
    const leaf = issueCertificate({ ca, subjectAltNames: names, crypto })
    const { path } = verifyChain({
      chain: [leaf.certificateDer],
      anchors: loadTrustAnchors(ca.certificatePem),
      time: Date.now(),
      usage: 'client',
      allowedSchemes: [...MLDSA_SCHEMES, 'ecdsa_secp256r1_sha256'],
      crypto,
    })
    expect(path[1]?.subject.text).toBe('C=CH, DC=example, O=Zürich, CN=root, emailAddress=a@b.c')
  })
})
