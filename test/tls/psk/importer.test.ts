import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../src/bytes.js'
import type { HashAlgorithm } from '../../../src/crypto/provider.js'
import { decodeImportedIdentity, TARGET_KDF, TARGET_TLS13 } from '../../../src/tls/psk/importedIdentity.js'
import { combineAuthPskWithQkdKey, type ExternalPsk, importPsk, importPskFor } from '../../../src/tls/psk/importer.js'
import { PROVIDERS } from '../../support/providers.js'

const TARGETS: readonly HashAlgorithm[] = ['SHA-256', 'SHA-384']

const EXTERNAL: ExternalPsk = {
  identity: fromHex('0102'),
  epsk: fromHex('00112233445566778899aabbccddeeff'),
  hash: 'SHA-256',
  context: fromHex('c0ffee'),
}

describe.each(PROVIDERS)('the importer with $name', (provider) => {
  it.each(TARGETS)('gives as many octets as %s has (RFC 9258 5.2)', (target) => {
    expect(importPsk(provider, EXTERNAL, target).psk).toHaveLength(target === 'SHA-256' ? 32 : 48)
  })

  it('names TLS 1.3 and the KDF in the identity (RFC 9258 5.1)', () => {
    const { identity } = importPsk(provider, EXTERNAL, 'SHA-384')
    expect(decodeImportedIdentity(identity)).toEqual({
      externalIdentity: EXTERNAL.identity,
      context: EXTERNAL.context,
      targetProtocol: TARGET_TLS13,
      targetKdf: TARGET_KDF['SHA-384'],
    })
  })

  it.each<[string, Partial<ExternalPsk>]>([
    ['identity', { identity: fromHex('0103') }],
    ['context', { context: fromHex('c0ffef') }],
    ['key', { epsk: fromHex('00112233445566778899aabbccddeefe') }],
    ['hash', { hash: 'SHA-384' }],
  ])('gives another PSK for another %s', (_, change) => {
    const changed = importPsk(provider, { ...EXTERNAL, ...change }, 'SHA-256')
    expect(toHex(changed.psk)).not.toBe(toHex(importPsk(provider, EXTERNAL, 'SHA-256').psk))
  })

  it('derives from every octet of the identity on the wire', () => {
    const { identity, psk } = importPsk(provider, EXTERNAL, 'SHA-256')
    for (let i = 0; i < identity.length; i++) {
      const tampered = identity.slice()
      tampered[i] = (tampered[i] as number) ^ 1
      expect(toHex(importPskFor(provider, EXTERNAL, tampered, 'SHA-256').psk)).not.toBe(toHex(psk))
    }
  })

  it('leaves the EPSK as it was', () => {
    const epsk = EXTERNAL.epsk.slice()
    importPsk(provider, EXTERNAL, 'SHA-256')
    expect(EXTERNAL.epsk).toEqual(epsk)
  })

  it('combines auth PSK and QKD key so that either changes the EPSK, and their order counts', () => {
    const [a, b, c] = ['aa', 'bb', 'cc'].map((octet) => fromHex(octet.repeat(32))) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    const combine = (psk: Uint8Array, key: Uint8Array) => toHex(combineAuthPskWithQkdKey(provider, 'SHA-256', psk, key))
    const results = [combine(a, b), combine(c, b), combine(a, c), combine(b, a)]
    expect(new Set(results).size).toBe(results.length)
  })

  it('combines as HKDF-Extract does (RFC 5869 A.1)', () => {
    const salt = fromHex('000102030405060708090a0b0c')
    const prk = combineAuthPskWithQkdKey(provider, 'SHA-256', salt, fromHex('0b'.repeat(22)))
    expect(toHex(prk)).toBe('077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5')
  })
})
