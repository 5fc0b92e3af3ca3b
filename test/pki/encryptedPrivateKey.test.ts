import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '../../src/bytes.js'
import { nobleProvider } from '../../src/crypto/index.js'
import {
  encodePublicKey,
  loadPrivateKey,
  parsePrivateKey,
  readPem,
  writePem,
  writePrivateKeyPem,
} from '../../src/pki/index.js'
import { PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'
import { encodeDer } from './encodeDer.js'

const PASSPHRASE = 'grüezi 🔑'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = (key: KeyObject): string => toHex(key.export({ type: 'spki', format: 'der' }))
const encrypted = (cipher: string, key = privateKey): string =>
  key.export({ type: 'pkcs8', format: 'pem', cipher, passphrase: PASSPHRASE }).toString()
const derOf = (pem: string): Uint8Array => readPem(pem)[0]?.der as Uint8Array
const example = derOf(encrypted('aes-128-cbc'))

/** Object identifiers, in hex. */
const oid = (content: string): Uint8Array => encodeDer(0x06, fromHex(content))
const [PBES2, PBKDF2, SCRYPT] = ['2a864886f70d01050d', '2a864886f70d01050c', '2b06010401da47040b'] as const
const HMAC = { sha1: '07', sha256: '09', sha384: '0a', sha512: '0b', sha224: '08' } as const
const integer = (value: number): Uint8Array => {
  const hex = value.toString(16)
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  return encodeDer(0x02, fromHex(Number.parseInt(even.slice(0, 2), 16) > 0x7f ? `00${even}` : even))
}

interface Plan {
  readonly scheme?: string
  readonly derivation?: Uint8Array
  readonly cipher?: string
  readonly iv?: Uint8Array
}

/** An EncryptedPrivateKeyInfo whose ciphertext is nonsense: whatever is refused here is refused for its parameters. */
function plan({
  scheme = PBES2 as string,
  derivation = pbkdf2(),
  cipher = '60864801650304012a',
  iv,
}: Plan): Uint8Array {
  const encryption = encodeDer(0x30, oid(cipher), encodeDer(0x04, iv ?? new Uint8Array(16)))
  const parameters = encodeDer(0x30, derivation, encryption)
  return encodeDer(0x30, encodeDer(0x30, oid(scheme), parameters), encodeDer(0x04, new Uint8Array(64)))
}

function pbkdf2({
  salt = 16,
  iterations = 1,
  rest = new Uint8Array() as Uint8Array,
  prf = HMAC.sha256 as string,
} = {}) {
  const algorithm = prf === '' ? new Uint8Array() : encodeDer(0x30, oid(`2a864886f70d02${prf}`), fromHex('0500'))
  const inner = encodeDer(0x30, encodeDer(0x04, new Uint8Array(salt)), integer(iterations), rest, algorithm)
  return encodeDer(0x30, oid(PBKDF2), inner)
}

function scrypt(N: number, r: number, p: number): Uint8Array {
  const inner = encodeDer(0x30, encodeDer(0x04, new Uint8Array(16)), integer(N), integer(r), integer(p))
  return encodeDer(0x30, oid(SCRYPT), inner)
}

describe('an encrypted private key (RFC 8018)', () => {
  it.each(['aes-128-cbc', 'aes-192-cbc', 'aes-256-cbc'])('of node:crypto with %s is read', (cipher) => {
    const pem = encrypted(cipher)
    for (const passphrase of [PASSPHRASE, utf8(PASSPHRASE)]) {
      const key = loadPrivateKey(pem, nobleProvider, { passphrase })
      expect(toHex(encodePublicKey('ecdsa-p256', key.publicKey))).toBe(spki(publicKey))
    }
    expect(parsePrivateKey(derOf(pem), { passphrase: PASSPHRASE }).algorithm).toBe('ecdsa-p256')
  })

  it('of ours is read by node:crypto', () => {
    const pem = writePrivateKeyPem(parsePrivateKey(encrypted('aes-128-cbc'), { passphrase: PASSPHRASE }), {
      passphrase: PASSPHRASE,
    })
    expect(pem).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/)
    const read = createPrivateKey({ key: pem, passphrase: PASSPHRASE })
    expect(spki(createPublicKey(read))).toBe(spki(publicKey))
  })

  it.each(PROVIDERS)('holds ML-DSA keys too, which this Node may not know ($name)', (crypto) => {
    const material = crypto.generateSigningKey('mldsa65')
    const pem = writePrivateKeyPem(material, { passphrase: PASSPHRASE })
    expect(parsePrivateKey(pem, { passphrase: PASSPHRASE })).toEqual(material)
  })

  it.each<[string, unknown]>([
    ['is empty', ''],
    ['has no octets', new Uint8Array(0)],
    ['is a number', 5],
  ])('is not written under a passphrase that %s', (_, passphrase) => {
    const material = { algorithm: 'ed25519', seed: new Uint8Array(32) } as const
    expect(refusal(() => writePrivateKeyPem(material, { passphrase: passphrase as string }))).toBe('ERR_INVALID_OPTION')
  })

  it('is not tried with what is no passphrase', () => {
    expect(refusal(() => parsePrivateKey(example, { passphrase: 5 as never }))).toBe('ERR_INVALID_OPTION')
  })

  it('is encrypted anew each time', () => {
    const material = { algorithm: 'ed25519', seed: new Uint8Array(32) } as const
    expect(writePrivateKeyPem(material, { passphrase: 'x' })).not.toBe(
      writePrivateKeyPem(material, { passphrase: 'x' }),
    )
  })

  it('needs its passphrase, and says the same of a wrong one and of a damaged file', () => {
    const pem = encrypted('aes-256-cbc')
    expect(refusal(() => parsePrivateKey(pem))).toBe('ERR_INVALID_KEY')
    expect(() => parsePrivateKey(pem)).toThrow(/no passphrase was given/)
    const sentences = new Set<string>()
    const damaged = derOf(pem)
    damaged[damaged.length - 20] = (damaged.at(-20) as number) ^ 1
    const shortened = derOf(encrypted('aes-128-cbc')).slice()
    for (const [der, passphrase] of [
      // Of 600 wrong passphrases, two or three leave a padding that is right.
      ...Array.from({ length: 600 }, (_, i) => [example, `wrong ${i}`] as const),
      [damaged, PASSPHRASE] as const,
      [concat(shortened.subarray(0, -16), new Uint8Array(16)), PASSPHRASE] as const,
    ]) {
      try {
        parsePrivateKey(der, { passphrase })
      } catch (error) {
        sentences.add(`${(error as { code: string }).code} ${(error as Error).message} ${(error as Error).cause}`)
      }
    }
    expect([...sentences]).toEqual([
      'ERR_INVALID_KEY the private key cannot be decrypted: the passphrase is wrong, or the file is damaged undefined',
    ])
  })

  it('may be given a passphrase that it does not need', () => {
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(parsePrivateKey(pem, { passphrase: 'x' }).algorithm).toBe('ecdsa-p256')
  })

  it.each([
    ['HMAC-SHA-1, the default that is not written', ''],
    ['HMAC-SHA-256', HMAC.sha256],
    ['HMAC-SHA-384', HMAC.sha384],
    ['HMAC-SHA-512', HMAC.sha512],
  ])('with PBKDF2 and %s is tried', (_, prf) => {
    const der = plan({ derivation: pbkdf2({ prf }) })
    expect(() => parsePrivateKey(der, { passphrase: 'x' })).toThrow(/cannot be decrypted/)
  })

  it('with scrypt is tried', () => {
    expect(() => parsePrivateKey(plan({ derivation: scrypt(16, 8, 1) }), { passphrase: 'x' })).toThrow(/be decrypted/)
  })

  it.each<[string, Plan, RegExp]>([
    ['too many iterations', { derivation: pbkdf2({ iterations: 10_000_001 }) }, /too many/],
    ['more iterations than 32 bits hold', { derivation: pbkdf2({ iterations: 2 ** 50 }) }, /too many/],
    ['no iterations', { derivation: pbkdf2({ iterations: 0 }) }, /out of range/],
    ['an empty salt', { derivation: pbkdf2({ salt: 0 }) }, /salt has 0/],
    ['a salt beyond reason', { derivation: pbkdf2({ salt: 1025 }) }, /salt has 1025/],
    ['another key length', { derivation: pbkdf2({ rest: integer(16) }) }, /not that of its cipher/],
    ['a short initialization vector', { iv: new Uint8Array(8) }, /not 16 octets/],
    ['scrypt with more memory than it is given', { derivation: scrypt(2 ** 20, 8, 1) }, /too much of scrypt/],
    ['scrypt with more work than is done', { derivation: scrypt(2 ** 14, 8, 256) }, /too much of scrypt/],
    ['scrypt with a cost that is no power of 2', { derivation: scrypt(1000, 8, 1) }, /no power of 2/],
  ])('is refused unopened with %s', (_, parameters, reason) => {
    const load = () => parsePrivateKey(plan(parameters), { passphrase: 'x' })
    expect(refusal(load)).toBe('ERR_INVALID_KEY')
    expect(load).toThrow(reason)
  })

  it.each<[string, Plan]>([
    ['PBES1', { scheme: '2a864886f70d010503' }],
    ['DES', { cipher: '2a864886f70d0307' }],
    ['HMAC-SHA-224', { derivation: pbkdf2({ prf: HMAC.sha224 }) }],
    ['PKCS#12 key derivation', { derivation: encodeDer(0x30, oid('2a864886f70d010c0103'), encodeDer(0x30)) }],
  ])('is refused as unsupported with %s', (_, parameters) => {
    expect(refusal(() => parsePrivateKey(plan(parameters), { passphrase: 'x' }))).toBe('ERR_UNSUPPORTED_ALGORITHM')
  })

  it('is refused with one of our errors, whatever stands in it', () => {
    // Where the count of iterations stands is left alone: a large one is legal, and slow.
    const count = toHex(example).indexOf('02020800') / 2
    fc.assert(
      fc.property(fc.nat(example.length - 1), fc.integer({ min: 1, max: 255 }), (index, bits) => {
        if (index >= count && index < count + 4) return
        const der = example.slice()
        der[index] = (der[index] as number) ^ bits
        refusal(() => parsePrivateKey(der, { passphrase: PASSPHRASE }))
        refusal(() => parsePrivateKey(writePem('ENCRYPTED PRIVATE KEY', der), { passphrase: PASSPHRASE }))
      }),
      { numRuns: 200 },
    )
  })
})
