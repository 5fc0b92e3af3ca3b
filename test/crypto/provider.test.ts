import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  CIPHER_SUITES,
  type CipherSuiteName,
  defaultProvider,
  hasFeature,
  nodeProvider,
  SIGNATURE_SCHEMES,
  type SignatureSchemeName,
} from '../../src/crypto/index.js'
import { ALL_PROVIDERS } from '../support/providers.js'

const [major = 0] = process.versions.node.split('.').map(Number)

describe('providers', () => {
  it('the default is the one for Node', () => {
    expect(defaultProvider()).toBe(nodeProvider)
  })

  it('the portable one imports nothing of Node, directly or through what it imports', () => {
    const seen = new Set<string>()
    const visit = (url: URL) => {
      if (seen.has(url.href)) return
      seen.add(url.href)
      for (const [, specifier = ''] of readFileSync(url, 'utf8').matchAll(/from '([^']+)'/g)) {
        expect([url.pathname, specifier.startsWith('node:')]).toEqual([url.pathname, false])
        if (specifier.startsWith('.')) visit(new URL(specifier.replace(/\.js$/, '.ts'), url))
      }
    }
    const folder = new URL('../../src/crypto/noble/', import.meta.url)
    for (const file of readdirSync(fileURLToPath(folder))) visit(new URL(file, folder))
    expect(seen.size).toBeGreaterThan(8)
  })

  it.each(ALL_PROVIDERS)('$name knows every suite and says no to what is none', (provider) => {
    for (const suite of Object.keys(CIPHER_SUITES) as CipherSuiteName[]) {
      expect(provider.supportsCipherSuite(suite)).toBe(true)
    }
    for (const scheme of Object.keys(SIGNATURE_SCHEMES) as SignatureSchemeName[]) {
      const isRsa = SIGNATURE_SCHEMES[scheme].key.startsWith('rsa')
      expect(provider.supportsSignatureScheme(scheme)).toBe(provider.name !== 'noble' || !isRsa)
    }
    expect(provider.supportsCipherSuite('TLS_AES_128_CCM_SHA256' as CipherSuiteName)).toBe(false)
    expect(provider.supportsSignatureScheme('rsa_pkcs1_sha1' as SignatureSchemeName)).toBe(false)
  })
})

describe('features of the running Node', () => {
  it('the classical ones are native everywhere', () => {
    const features = ['SHA-256', 'SHA-384', 'AES-128-GCM', 'AES-256-GCM', 'CHACHA20-POLY1305'] as const
    for (const feature of features) expect(hasFeature(feature)).toBe(true)
    for (const feature of ['X25519', 'P-256', 'P-384', 'ed25519', 'ecdsa-p256', 'ecdsa-p384'] as const) {
      expect(hasFeature(feature)).toBe(true)
    }
  })

  it(`ML-KEM and ML-DSA are native from Node 24 on (this is ${process.version})`, () => {
    for (const feature of ['ML-KEM-768', 'ML-KEM-1024', 'sign mldsa44', 'sign mldsa65', 'sign mldsa87'] as const) {
      expect([feature, hasFeature(feature)]).toEqual([feature, major >= 24])
    }
  })
})
