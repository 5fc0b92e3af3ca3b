import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/bytes.js'
import {
  keyFingerprint,
  keyId,
  loadPublicKey,
  parseFingerprint,
  readPem,
  writePublicKeyPem,
} from '../../src/pki/index.js'
import { refusal } from '../support/refusal.js'
import { describeVectors, vectorsFolder } from '../support/vectors.js'
import { person } from './endorsements/web.js'

const key = person('alice').publicKey

describe('a public key of the caller', () => {
  it('is read from PEM and from DER, and written as PEM', () => {
    const pem = writePublicKeyPem(key)
    expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----\n/)
    expect(loadPublicKey(pem)).toEqual(key)
    expect(loadPublicKey(Buffer.from(`a word before\n${pem}`))).toEqual(key)
    expect(loadPublicKey(key.der)).toEqual(key)
  })

  it('goes by the SHA-256 of its SubjectPublicKeyInfo', () => {
    expect(keyFingerprint(key)).toBe(`sha256:${toHex(sha256(key.der))}`)
    expect(parseFingerprint(keyFingerprint(key))).toEqual(keyId(key))
    expect(parseFingerprint(keyFingerprint(key).toUpperCase().replace('SHA', 'sha'))).toEqual(keyId(key))
    for (const text of ['', 'sha256:', `sha256:${'0'.repeat(63)}`, `sha1:${'0'.repeat(64)}`]) {
      expect(parseFingerprint(text)).toBeNull()
    }
  })

  it.each<readonly [string, string | Uint8Array]>([
    ['there is none', 'hello'],
    ['there are two', writePublicKeyPem(key).repeat(2)],
    ['something follows it', Uint8Array.from([...key.der, 0])],
    ['it ends early', key.der.subarray(0, -1)],
    ['it is empty', new Uint8Array(0)],
    ['it is a certificate', '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n'],
  ])('is refused where %s', (_title, input) => {
    expect(refusal(() => loadPublicKey(input))).toBe('ERR_INVALID_KEY')
  })

  it('is refused where it signs nothing that is known here', () => {
    const der = key.der.slice()
    const arc = toHex(der).indexOf('608648016503040311') / 2 + 8
    der[arc] = 0x30
    expect(refusal(() => loadPublicKey(der))).toBe('ERR_UNSUPPORTED_ALGORITHM')
  })
})

describeVectors('public keys of BoringSSL', () => {
  const read = (name: string) => readFileSync(join(vectorsFolder() ?? '', 'pki/boringssl-spki', name), 'latin1')

  it.each(['44', '65'])('ML-DSA-%s without parameters is read', (level) => {
    const loaded = loadPublicKey(read(`mldsa-${level}.pem`))
    expect(loaded.algorithm).toBe(`mldsa${level}`)
    expect(loaded.der).toEqual(readPem(read(`mldsa-${level}.pem`))[0]?.der)
  })

  it.each(['44', '65'])('ML-DSA-%s with NULL parameters is refused: one key has one encoding (RFC 9881 2)', (level) => {
    expect(refusal(() => loadPublicKey(read(`mldsa-${level}-spki-params-null.pem`)))).toBe('ERR_INVALID_KEY')
  })
})
