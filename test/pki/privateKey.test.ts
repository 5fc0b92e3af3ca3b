import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '../../src/bytes.js'
import { nobleProvider, nodeProvider } from '../../src/crypto/index.js'
import {
  encodePrivateKey,
  encodePublicKey,
  loadPrivateKey,
  parsePrivateKey,
  parsePublicKey,
  readPem,
  wipePrivateKey,
  writePem,
  writePrivateKeyPem,
} from '../../src/pki/index.js'
import { PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'
import { encodeDer } from './encodeDer.js'

const pkcs8 = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const spki = (key: KeyObject): string => toHex(key.export({ type: 'spki', format: 'der' }))

/** PKCS#8 around the content of the private key. */
const wrap = (identifier: string, content: string, version = '020100'): Uint8Array =>
  encodeDer(0x30, fromHex(version), fromHex(identifier), encodeDer(0x04, fromHex(content)))

const MLDSA44 = '300b0609608648016503040311'
const ED25519 = '300506032b6570'
const SEED = '07'.repeat(32)

describe.each(PROVIDERS)('private keys with $name', (crypto) => {
  it.each(['mldsa44', 'mldsa65', 'mldsa87', 'ecdsa-p256', 'ecdsa-p384', 'ed25519'] as const)(
    '%s: what is written is read back',
    (algorithm) => {
      const material = crypto.generateSigningKey(algorithm)
      const key = crypto.signingKey(material)
      const pem = writePrivateKeyPem(material)
      expect(toHex(loadPrivateKey(pem, crypto).publicKey)).toBe(toHex(key.publicKey))
      expect(parsePrivateKey(encodePrivateKey(material))).toEqual(material)
      expect(parsePrivateKey(utf8(pem))).toEqual(material)
      const der = encodePublicKey(algorithm, key.publicKey)
      expect(parsePublicKey(der)).toMatchObject({ algorithm, publicKey: key.publicKey, der })
    },
  )

  it.each([
    ['ecdsa-p256', 'P-256'],
    ['ecdsa-p384', 'P-384'],
  ] as const)('%s: keys of OpenSSL, in PKCS#8 and in SEC 1 with its parameters', (algorithm, namedCurve) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
    const sec1 = privateKey.export({ type: 'sec1', format: 'pem' }).toString()
    const parameters = writePem('EC PARAMETERS', fromHex('06082a8648ce3d030107'))
    for (const pem of [pkcs8(privateKey), sec1, parameters + sec1]) {
      const key = loadPrivateKey(pem, crypto)
      expect(key.algorithm).toBe(algorithm)
      expect(toHex(encodePublicKey(algorithm, key.publicKey))).toBe(spki(publicKey))
    }
  })

  it('ed25519: keys of OpenSSL', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const key = loadPrivateKey(pkcs8(privateKey), crypto)
    expect(toHex(encodePublicKey('ed25519', key.publicKey))).toBe(spki(publicKey))
  })
})

describe('PKCS#8 (RFC 5958 2)', () => {
  const attributes = 'a00d300b0603551d0f310403020080'
  const publicKey = `812100${'09'.repeat(32)}`
  const key = (version: string, rest: string) =>
    parsePrivateKey(encodeDer(0x30, fromHex(`0201${version}${ED25519}04220420${SEED}${rest}`)))

  it('may carry attributes, and in version 2 a public key; neither is looked into', () => {
    const plain = { algorithm: 'ed25519', seed: fromHex(SEED) }
    expect(key('00', attributes)).toEqual(plain)
    expect(key('01', publicKey)).toEqual(plain)
    expect(key('01', attributes + publicKey)).toEqual(plain)
    expect(refusal(() => key('00', publicKey))).toBe('ERR_INVALID_KEY')
    expect(refusal(() => key('01', publicKey + attributes))).toBe('ERR_INVALID_KEY')
  })
})

describe('RSA keys, for which there is only node:crypto', () => {
  it('PKCS#8 and PKCS#1', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
    for (const pem of [pkcs8(privateKey), pkcs1]) {
      const key = loadPrivateKey(pem, nodeProvider)
      expect(key.algorithm).toBe('rsa')
      expect(toHex(encodePublicKey('rsa', key.publicKey))).toBe(spki(publicKey))
      expect(refusal(() => loadPrivateKey(pem, nobleProvider))).toBe('ERR_UNSUPPORTED_ALGORITHM')
    }
  })

  it.each([
    ['sha256', ['rsa_pss_pss_sha256']],
    ['sha384', ['rsa_pss_pss_sha384']],
    ['sha512', ['rsa_pss_pss_sha512']],
  ] as const)('RSA-PSS restricted to %s makes only %j (RFC 4055 3.1)', (hash, schemes) => {
    // The type asks for text, node:crypto for a number.
    const saltLength = (Number(hash.slice(3)) / 8) as unknown as string
    const options = { modulusLength: 2048, hashAlgorithm: hash, mgf1HashAlgorithm: hash, saltLength }
    const { privateKey, publicKey } = generateKeyPairSync('rsa-pss', options)
    expect(parsePublicKey(publicKey.export({ type: 'spki', format: 'der' })).schemes).toEqual(schemes)
    expect(parsePrivateKey(pkcs8(privateKey)).algorithm).toBe('rsa-pss')
  })
})

describe('a private key is refused', () => {
  it.each<[string, Uint8Array]>([
    ['with NULL parameters (RFC 9881 2)', wrap('300d06096086480165030403110500', `8020${SEED}`)],
    ['with a seed that is too short', wrap(MLDSA44, `801f${SEED.slice(2)}`)],
    ['with a seed that is too long', wrap(MLDSA44, `8021${SEED}07`)],
    ['with octets behind the seed', wrap(MLDSA44, `8020${SEED}00`)],
    ['with a seed under another tag', wrap(MLDSA44, `8120${SEED}`)],
    ['with the seed as bare octets, an old draft form', wrap(MLDSA44, SEED)],
    ['with an empty key', wrap(MLDSA44, '')],
    ['with a version that does not exist', wrap(MLDSA44, `8020${SEED}`, '020102')],
    ['with a public key in version 1', concat(wrap(MLDSA44, `8020${SEED}`), fromHex('8100'))],
    ['of Ed25519 with NULL (RFC 8410 3)', wrap('300706032b65700500', `0420${SEED}`)],
    ['of Ed25519 with 31 octets', wrap(ED25519, `041f${SEED.slice(2)}`)],
    ['of P-256 with 31 octets', wrap('301306072a8648ce3d020106082a8648ce3d030107', `3024020101041f${SEED.slice(2)}`)],
    [
      'of P-256 that says P-384 inside',
      wrap('301306072a8648ce3d020106082a8648ce3d030107', `302e0201010420${SEED}a00706052b81040022`),
    ],
    ['that is no key at all', utf8('hello')],
    ['that is empty', new Uint8Array()],
  ])('%s', (_, der) => {
    expect(refusal(() => parsePrivateKey(der))).toBe('ERR_INVALID_KEY')
  })

  it.each<[string, string]>([
    ['encrypted in PKCS#8', writePem('ENCRYPTED PRIVATE KEY', fromHex('3000'))],
    [
      'encrypted in the old way',
      '-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nMHcC\n-----END EC PRIVATE KEY-----\n',
    ],
    ['that is only a certificate', writePem('CERTIFICATE', fromHex('3000'))],
    ['that is no PEM', 'hello'],
    ['whose block is not closed', '-----BEGIN PRIVATE KEY-----\nMHcC\n'],
    ['whose block is closed by another', '-----BEGIN PRIVATE KEY-----\nMHcC\n-----END CERTIFICATE-----\n'],
  ])('%s', (_, pem) => {
    expect(refusal(() => parsePrivateKey(pem))).toBe('ERR_INVALID_KEY')
  })

  it.each<[string, Uint8Array]>([
    ['of an unknown algorithm', wrap('300506032b6571', `0420${SEED}`)],
    ['of an unknown curve', wrap('301006072a8648ce3d020106052b81040023', `30250201010420${SEED}`)],
  ])('%s as unsupported', (_, der) => {
    expect(refusal(() => parsePrivateKey(der))).toBe('ERR_UNSUPPORTED_ALGORITHM')
  })

  it('never with its octets in the message', () => {
    for (const content of [`8120${SEED}`, SEED, `8021${SEED}07`]) {
      expect(() => parsePrivateKey(wrap(MLDSA44, content))).not.toThrow(/0707/)
    }
  })

  it('whatever arrives, never with another error', () => {
    const seedForm = wrap(MLDSA44, `8020${SEED}`)
    fc.assert(
      fc.property(fc.nat(seedForm.length), fc.nat(8), fc.uint8Array({ maxLength: 8 }), (start, length, filler) => {
        const der = concat(seedForm.subarray(0, start), filler, seedForm.subarray(start + length))
        refusal(() => parsePrivateKey(der))
        refusal(() => parsePrivateKey(writePem('PRIVATE KEY', der)))
      }),
    )
  })
})

describe('forgetting', () => {
  it('wipes the material, whatever its kind', () => {
    const seed = fromHex(SEED)
    wipePrivateKey({ algorithm: 'mldsa44', seed })
    const scalar = fromHex(SEED)
    wipePrivateKey({ algorithm: 'ecdsa-p256', scalar })
    const pkcs1 = fromHex(SEED)
    wipePrivateKey({ algorithm: 'rsa', pkcs1 })
    expect(concat(seed, scalar, pkcs1).every((octet) => octet === 0)).toBe(true)
  })
})

describe('PEM (RFC 7468)', () => {
  it('passes over text around blocks, and reads both kinds of line ends', () => {
    const block = writePem('CERTIFICATE', fromHex('010203'))
    const text = `subject=/CN=x\n${block}between\r\n${block.replaceAll('\n', '\r\n')}after`
    expect(readPem(text)).toEqual(Array(2).fill({ label: 'CERTIFICATE', der: fromHex('010203') }))
    expect(readPem('nothing here')).toEqual([])
  })

  it.each([
    ['another character', 'AQ*D'],
    ['padding that is missing', 'AQI'],
    ['padding in the middle', 'AQ==AQID'],
    ['stray bits', 'AQJ='.replace('J', 'B')],
    ['a header', 'X: y\n\nAQID'],
    ['a BEGIN inside', '-----BEGIN CERTIFICATE-----\nAQID'],
  ])('refuses %s inside', (_, body) => {
    const code = refusal(() => readPem(`-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`))
    expect(code).toBe('ERR_INVALID_OPTION')
  })

  it('reads back whatever it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (der) => {
        const pem = writePem('X Y', der)
        expect(readPem(pem)).toEqual([{ label: 'X Y', der: new Uint8Array(der) }])
        expect(Math.max(...pem.split('\n').map((line) => line.length))).toBeLessThanOrEqual(64)
      }),
    )
  })
})
