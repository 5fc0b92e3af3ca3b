import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/bytes.js'
import { MLDSA_SCHEMES } from '../../src/crypto/index.js'
import type { CryptoProvider } from '../../src/crypto/provider.js'
import {
  encodePrivateKey,
  encodePublicKey,
  isSignedBy,
  issueCertificate,
  loadCertificates,
  loadCertifiedKey,
  loadPrivateKey,
  loadPublicKey,
  loadTrustAnchors,
  parseCertificate,
  parsePrivateKey,
  parsePublicKey,
  readPem,
  verifyChain,
} from '../../src/pki/index.js'
import { PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'
import { describeVectors, vectorsFolder } from '../support/vectors.js'

const folder = join(vectorsFolder() ?? '', 'pki')
const read = (...path: string[]): string => readFileSync(join(folder, ...path), 'latin1')
const firstCertificate = (pem: string) => parseCertificate(loadCertificates(pem)[0] as Uint8Array)
const LEVELS = ['44', '65', '87'] as const

describeVectors('RFC 9881 appendix C', () => {
  describe.each(PROVIDERS)('$name', (crypto) => {
    it.each(LEVELS)('ML-DSA-%s: the certificate is signed by its own key, and the keys are that key', (level) => {
      const certificate = firstCertificate(read('rfc9881', `ML-DSA-${level}.crt`))
      expect(isSignedBy(certificate, certificate, crypto)).toBe(true)
      const fromFile = parsePublicKey(readPem(read('rfc9881', `ML-DSA-${level}.pub`))[0]?.der as Uint8Array)
      expect(toHex(fromFile.der)).toBe(toHex(certificate.publicKeyInfo.der))
      for (const form of ['seed', 'expanded', 'both']) {
        const key = loadPrivateKey(read('rfc9881', `ML-DSA-${level}-${form}.priv`), crypto)
        expect(key.algorithm).toBe(`mldsa${level}`)
        expect(toHex(key.publicKey)).toBe(toHex(certificate.publicKeyInfo.publicKey))
        expect(toHex(encodePublicKey(key.algorithm, key.publicKey))).toBe(toHex(certificate.publicKeyInfo.der))
      }
    })
  })

  it.each(LEVELS)('ML-DSA-%s: what we write of a seed are the 54 octets of the example', (level) => {
    const pem = read('rfc9881', `ML-DSA-${level}-seed.priv`)
    expect(toHex(encodePrivateKey(parsePrivateKey(pem)))).toBe(toHex(readPem(pem)[0]?.der as Uint8Array))
    expect(readPem(pem)[0]?.der).toHaveLength(54)
  })

  it.each(LEVELS)('ML-DSA-%s: a key in the expanded form alone is written as it was read', (level) => {
    const pem = read('rfc9881', `ML-DSA-${level}-expanded.priv`)
    expect(toHex(encodePrivateKey(parsePrivateKey(pem)))).toBe(toHex(readPem(pem)[0]?.der as Uint8Array))
  })

  it.each([
    [1, /not that of its seed/],
    [2, /another public key \(tr\)/],
    [3, /a t0 that does not follow/],
  ])('the inconsistent key bad-ML-DSA-44-%i is refused', (number, reason) => {
    const load = () => parsePrivateKey(read('rfc9881', `bad-ML-DSA-44-${number}.priv`))
    expect(refusal(load)).toBe('ERR_INVALID_KEY')
    expect(load).toThrow(reason)
  })
})

describeVectors('RFC 9935 appendix C', () => {
  it('a certificate with an ML-KEM key is read, but its key is of no kind that signs', () => {
    const { publicKeyInfo } = firstCertificate(read('rfc9935', 'ML-KEM-768.crt'))
    expect(publicKeyInfo.algorithm).toBeNull()
    expect(publicKeyInfo.objectIdentifier).toBe('2.16.840.1.101.3.4.4.2')
    expect(publicKeyInfo.publicKey).toHaveLength(1184)
    const fromFile = parsePublicKey(readPem(read('rfc9935', 'ML-KEM-768.pub'))[0]?.der as Uint8Array)
    expect([fromFile.algorithm, toHex(fromFile.der)]).toEqual([null, toHex(publicKeyInfo.der)])
  })

  it.each(PROVIDERS)('$name: as a leaf below its issuer it is refused for its key, not for its path', (crypto) => {
    const verify = (chain: string[]) => () =>
      verifyChain({
        chain: chain.flatMap(loadCertificates),
        anchors: loadTrustAnchors(read('rfc9881', 'ML-DSA-65.crt')),
        time: Date.UTC(2026, 6, 1),
        usage: 'server',
        allowedSchemes: MLDSA_SCHEMES,
        crypto,
      })
    expect(refusal(verify([read('rfc9935', 'ML-KEM-768.crt')]))).toBe('ERR_UNSUPPORTED_CERTIFICATE')
  })

  it('a public key for ML-KEM cannot be pinned', () => {
    expect(refusal(() => loadPublicKey(read('rfc9935', 'ML-KEM-768.pub')))).toBe('ERR_UNSUPPORTED_ALGORITHM')
  })

  it.each(['seed', 'expanded', 'both'])('an ML-KEM private key in the %s form signs nothing and is refused', (form) => {
    const load = () => parsePrivateKey(read('rfc9935', `ML-KEM-768-${form}.priv`))
    expect(refusal(load)).toBe('ERR_UNSUPPORTED_ALGORITHM')
  })
})

describeVectors('IETF hackathon certificates', () => {
  const implementations = readdirSync(join(folder, 'hackathon'))
  const cases = implementations.flatMap((implementation) => LEVELS.map((level) => [implementation, level] as const))

  describe.each(PROVIDERS)('$name', (crypto) => {
    it.each(cases)('%s ML-DSA-%s: the self-signed certificate verifies', (implementation, level) => {
      const certificate = firstCertificate(read('hackathon', implementation, `ML-DSA-${level}_ta.pem`))
      expect(isSignedBy(certificate, certificate, crypto)).toBe(true)
    })
  })

  // Botan's keys are refused, as the last test here has it.
  const withKeys = cases.filter(([implementation]) => implementation !== 'botan')
  it.each(withKeys)('%s ML-DSA-%s: what its key certifies is accepted below it', (implementation, level) => {
    const crypto = PROVIDERS[1] as CryptoProvider
    const pem = read('hackathon', implementation, `ML-DSA-${level}_ta.pem`)
    const key = read('hackathon', implementation, `ML-DSA-${level}_seed_priv.pem`)
    const { notBefore } = firstCertificate(pem)
    const terms = { subjectAltNames: ['leaf.test'], algorithm: 'mldsa44', notBefore, days: 1, crypto } as const
    const leaf = issueCertificate({ ca: loadCertifiedKey(pem, key, crypto), ...terms })
    const { path } = verifyChain({
      chain: [leaf.certificateDer],
      anchors: loadTrustAnchors(pem),
      time: notBefore + 60_000,
      usage: 'server',
      serverName: 'leaf.test',
      allowedSchemes: MLDSA_SCHEMES,
      crypto,
    })
    expect(path).toHaveLength(2)
  })

  it.each(cases)('%s ML-DSA-%s: the private keys are those of the certificate', (implementation, level) => {
    const { publicKeyInfo } = firstCertificate(read('hackathon', implementation, `ML-DSA-${level}_ta.pem`))
    const files = readdirSync(join(folder, 'hackathon', implementation))
    const forms = ['seed', 'both', 'expandedkey'].filter((form) => files.includes(`ML-DSA-${level}_${form}_priv.pem`))
    expect(forms).not.toEqual([])
    for (const form of forms) {
      const load = () =>
        loadPrivateKey(
          read('hackathon', implementation, `ML-DSA-${level}_${form}_priv.pem`),
          PROVIDERS[0] as CryptoProvider,
        )
      if (implementation === 'botan') expect(load).toThrow(/old draft form/)
      else expect(toHex(load().publicKey)).toBe(toHex(publicKeyInfo.publicKey))
    }
  })
})

describeVectors('BoringSSL chain of three levels', () => {
  const [leaf, intermediate, root] = ['leaf', 'intermediate', 'root'].map((role) =>
    read('boringssl-chain', `mldsa-${role}.pem`),
  ) as [string, string, string]
  const verify = (crypto: CryptoProvider, time: number, chain = [leaf, intermediate]) =>
    verifyChain({
      chain: chain.flatMap(loadCertificates),
      anchors: loadTrustAnchors(root),
      time,
      usage: 'server',
      allowedSchemes: MLDSA_SCHEMES,
      crypto,
    })

  it.each([leaf, intermediate, root])('each of the three is valid from 5 to 7 April 2026', (pem) => {
    const { notBefore, notAfter } = firstCertificate(pem)
    expect([notBefore, notAfter]).toEqual([Date.UTC(2026, 3, 5, 7), Date.UTC(2026, 3, 7, 7)])
  })

  it.each(PROVIDERS)('$name: verifies within its two days', (crypto) => {
    const { path, publicKey } = verify(crypto, Date.UTC(2026, 3, 6))
    expect(path.map(({ subject }) => subject.text)).toEqual(['CN=Leaf', 'CN=Intermediate', 'CN=Root'])
    expect(publicKey.algorithm).toBe('mldsa44')
  })

  it.each([
    [Date.UTC(2026, 3, 5, 7) - 1, 'ERR_CERTIFICATE_NOT_YET_VALID'],
    [Date.UTC(2026, 3, 5, 7), null],
    [Date.UTC(2026, 3, 7, 7) + 999, null],
    [Date.UTC(2026, 3, 7, 7, 0, 1), 'ERR_CERTIFICATE_EXPIRED'],
  ])('its validity has both ends within (RFC 5280 4.1.2.5): %i gives %s', (time, code) => {
    expect(refusal(() => verify(PROVIDERS[1] as CryptoProvider, time))).toBe(code)
  })

  it('leads nowhere without the intermediate', () => {
    expect(refusal(() => verify(PROVIDERS[1] as CryptoProvider, Date.UTC(2026, 3, 6), [leaf]))).toBe('ERR_UNKNOWN_CA')
  })
})

describeVectors('BoringSSL public keys', () => {
  const block = (file: string, label: string): Uint8Array =>
    readPem(read('boringssl-spki', file)).find((candidate) => candidate.label === label)?.der as Uint8Array

  describe.each(PROVIDERS)('$name', (crypto) => {
    it.each(['44', '65'] as const)('mldsa-%s: the signature over the data verifies', (level) => {
      const file = `mldsa-${level}.pem`
      const { algorithm, publicKey, der } = parsePublicKey(block(file, 'PUBLIC KEY'))
      expect(algorithm).toBe(`mldsa${level}`)
      expect(toHex(der)).toContain(toHex(block(file, 'ALGORITHM')))
      const key = crypto.verifyingKey(`mldsa${level}`, publicKey)
      // The block holds a BIT STRING: tag, four octets of length in all, and the count of unused bits.
      const signature = block(file, 'SIGNATURE').subarray(5)
      expect(key.verify(`mldsa${level}`, block(file, 'DATA'), signature)).toBe(true)
    })
  })

  it.each(['44', '65'])('mldsa-%s with NULL parameters is refused (RFC 9881 2)', (level) => {
    const der = block(`mldsa-${level}-spki-params-null.pem`, 'PUBLIC KEY')
    expect(() => parsePublicKey(der)).toThrow(/parameters where it must have none/)
  })
})
