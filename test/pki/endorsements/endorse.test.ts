import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.js'
import { TrefoilError } from '../../../src/errors.js'
import { endorse, loadEndorsements, readPem, writeEndorsementPem } from '../../../src/pki/index.js'
import { refusal } from '../../support/refusal.js'
import { DAY, introduce, NAME, NOW, person, vouch } from './web.js'

const alice = person('alice')
const bob = person('bob')
const ENDORSEMENT = vouch('alice', 'bob')

describe('endorse', () => {
  const terms = { endorser: alice.key, subject: bob.publicKey, name: NAME, notBefore: NOW - DAY, notAfter: NOW }

  it.each([
    ['Server.Example.', 'server.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['[2001:DB8:0:0::1]', '2001:db8::1'],
    ['127.0.0.1', '127.0.0.1'],
    ['SAE-Alice', 'sae-alice'],
    ['alice@example.org', 'alice@example.org'],
  ])('writes the name %s as %s', (name, written) => {
    expect(endorse({ ...terms, name }).name).toBe(written)
  })

  it.each<readonly [string, Partial<Parameters<typeof endorse>[0]>]>([
    ['an empty name', { name: '' }],
    ['a name with spaces', { name: 'two words' }],
    ['a name of 254 characters', { name: 'a'.repeat(254) }],
    ['its own key', { subject: alice.publicKey }],
    ['a depth of 0', { depth: 0 }],
    ['a depth of 9', { depth: 9 }],
    ['a depth of 1.5', { depth: 1.5 }],
    ['an introducer that is a server too', { depth: 1, purposes: ['server'] }],
    ['no purpose', { purposes: [] }],
    ['a purpose that it does not know', { purposes: ['introducer' as 'server'] }],
    ['an end before now, where its beginning is now', { notBefore: undefined }],
    ['an end before its beginning', { notBefore: NOW, notAfter: NOW - DAY }],
    ['an end in the same second as its beginning', { notBefore: NOW, notAfter: NOW + 999 }],
    ['a time before 1970', { notBefore: -1 }],
    ['no time', { notAfter: Number.NaN }],
    ['a time beyond the year 9999', { notAfter: Date.UTC(10_000, 0, 1) }],
  ])('refuses %s', (_title, change) => {
    expect(refusal(() => endorse({ ...terms, ...change }))).toBe('ERR_INVALID_OPTION')
  })

  it('refuses an endorser whose key is not one of ML-DSA', () => {
    const { key } = person('dora', 'ed25519')
    expect(refusal(() => endorse({ ...terms, endorser: key }))).toBe('ERR_UNSUPPORTED_ALGORITHM')
  })
})

describe('a file of endorsements', () => {
  const other = introduce('bob', 'carol')

  it('is PEM with one block or several, and other blocks are passed over', () => {
    const text = `notes\n${writeEndorsementPem(ENDORSEMENT)}\n-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n${writeEndorsementPem(other)}`
    expect(text).toContain('-----BEGIN TREFOIL ENDORSEMENT-----')
    expect(loadEndorsements(text)).toEqual([ENDORSEMENT, other])
    expect(loadEndorsements(utf8(text))).toEqual([ENDORSEMENT, other])
    expect(readPem(writeEndorsementPem(other))[0]?.der).toEqual(other.encoded)
  })

  it('or the octets of one endorsement', () => {
    expect(loadEndorsements(ENDORSEMENT.encoded)).toEqual([ENDORSEMENT])
  })

  it.each<readonly [string, string | Uint8Array, RegExp]>([
    ['none', 'hello', /no PEM endorsement/],
    ['no octets', new Uint8Array(0), /endorsement 1 of the input cannot be used: it ends too early/],
    [
      'a malformed second one',
      `${writeEndorsementPem(ENDORSEMENT)}-----BEGIN TREFOIL ENDORSEMENT-----\nAQ==\n-----END TREFOIL ENDORSEMENT-----\n`,
      /endorsement 2 of the input cannot be used/,
    ],
  ])('with %s is refused', (_title, input, message) => {
    expect(() => loadEndorsements(input)).toThrow(message)
    expect(() => loadEndorsements(input)).toThrow(TrefoilError)
  })
})
