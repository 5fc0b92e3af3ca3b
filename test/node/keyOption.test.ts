/** The forms that the option `key` takes, each in a handshake. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hasFeature } from '../../src/crypto/index.js'
import { mldsaKeyPair } from '../../src/crypto/noble/mldsa.js'
import { createSecureContext, type PrivateKeyOption } from '../../src/index.js'
import { parsePrivateKey, readPem, writePrivateKeyPem } from '../../src/pki/index.js'
import { PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'
import { authority, ca, identity, readAll, serverIdentity, shake, testCa } from './fixtures.js'

const { cert, key: pem } = serverIdentity
const PASSPHRASE = 'open sesame'
const encrypted = writePrivateKeyPem(parsePrivateKey(pem), { passphrase: PASSPHRASE })
const classicalCa = authority('Classical CA', 'ecdsa-p256')
const policy = { allowClassicalAuthentication: true }

function expandedPem(): string {
  const material = parsePrivateKey(pem) as { algorithm: 'mldsa44'; seed: Uint8Array }
  const { secretKey } = mldsaKeyPair('mldsa44', material.seed)
  return writePrivateKeyPem({ algorithm: 'mldsa44', expandedKey: secretKey })
}

describe.each(PROVIDERS)('key with $name', (crypto) => {
  it.each<[string, PrivateKeyOption, string | undefined]>([
    ['PEM in octets', Buffer.from(pem), undefined],
    ['DER', readPem(pem)[0]?.der as Uint8Array, undefined],
    ['the expanded form of ML-DSA', expandedPem(), undefined],
    ['an encrypted key with its passphrase', { pem: encrypted, passphrase: PASSPHRASE }, undefined],
    ['an encrypted key under the passphrase of the context', encrypted, PASSPHRASE],
    ['an encrypted key in an object, under the passphrase of the context', { pem: encrypted }, PASSPHRASE],
    ['a plain key beside a passphrase', pem, PASSPHRASE],
  ])('may be %s', async (_, key, passphrase) => {
    const { client, server } = await shake({ cert, key, passphrase, crypto }, { ca, crypto })
    expect(client.protection?.authentication).toMatchObject({ peer: 'certificate', scheme: 'mldsa44' })
    server.end('signed')
    expect((await readAll(client)).toString()).toBe('signed')
  })

  it('may have a passphrase of its own beside that of the context', () => {
    const other = identity(testCa, ['other.test'])
    const keys = [
      encrypted,
      { pem: writePrivateKeyPem(parsePrivateKey(other.key), { passphrase: 'b' }), passphrase: 'b' },
    ]
    const options = { cert: [cert, other.cert], key: keys, crypto }
    expect(createSecureContext({ ...options, passphrase: PASSPHRASE }).credentials).toHaveLength(2)
    expect(refusal(() => createSecureContext({ ...options, passphrase: 'b' }))).toBe('ERR_INVALID_KEY')
    expect(refusal(() => createSecureContext(options))).toBe('ERR_INVALID_KEY')
  })
})

/** What node:crypto signs with, and cannot hand out: an engine's key looks like this. */
function unexportable(key: KeyObject): KeyObject {
  return Object.defineProperty(key, 'export', {
    value: () => {
      throw new Error('this key cannot leave its place')
    },
  })
}

describe('a KeyObject as key', () => {
  it.each(['ecdsa-p256', 'ecdsa-p384', 'ed25519'] as const)('of %s signs, and is never exported', async (algorithm) => {
    const own = identity(classicalCa, ['127.0.0.1'], algorithm)
    const options = { cert: own.cert, key: unexportable(createPrivateKey(own.key)), policy }
    const { client } = await shake(options, { ca: classicalCa.certificatePem, policy })
    expect(client.authorized).toBe(true)
  })

  for (const algorithm of ['mldsa44', 'mldsa65', 'mldsa87'] as const) {
    it(`of ${algorithm} signs where this Node can`, async (context) => {
      if (!hasFeature(`sign ${algorithm}`)) return context.skip(`this Node has no ${algorithm} keys`)
      const own = identity(testCa, ['127.0.0.1'], algorithm)
      const { client } = await shake({ cert: own.cert, key: unexportable(createPrivateKey(own.key)) }, { ca })
      expect(client.protection?.authentication.scheme).toBe(algorithm)
    })
  }

  it('is refused when it is public, secret, of an unknown kind, or of another certificate', () => {
    const own = identity(classicalCa, ['127.0.0.1'], 'ed25519')
    const load = (key: KeyObject) => refusal(() => createSecureContext({ cert: own.cert, key, policy }))
    const privateKey = createPrivateKey(own.key)
    expect(load(privateKey)).toBeNull()
    expect(load(createPublicKey(privateKey))).toBe('ERR_INVALID_KEY')
    expect(load(generateKeyPairSync('ed448').privateKey)).toBe('ERR_UNSUPPORTED_ALGORITHM')
    expect(load(generateKeyPairSync('ed25519').privateKey)).toBe('ERR_INVALID_OPTION')
    expect(load(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)).toBe('ERR_INVALID_OPTION')
  })
})

it.each<[string, unknown]>([
  ['a number', 5],
  ['null', null],
  ['an empty object', {}],
  ['an object without PEM', { pem: 7 }],
])('%s as key is refused', (_, key) => {
  expect(refusal(() => createSecureContext({ cert, key: key as never }))).toBe('ERR_INVALID_OPTION')
})
