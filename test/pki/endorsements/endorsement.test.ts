import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '../../../src/bytes.js'
import { nodeProvider } from '../../../src/crypto/index.js'
import { isEndorsedBy, signatureInput } from '../../../src/pki/endorsements/endorsement.js'
import { type Endorsement, endorse, keyId, parseEndorsement } from '../../../src/pki/index.js'
import { certificateVerifyInput } from '../../../src/tls/messages/certificateVerify.js'
import { PROVIDERS } from '../../support/providers.js'
import { DAY, introduce, NAME, NOW, person, vouch } from './web.js'

const alice = person('alice')
const bob = person('bob')
const ENDORSEMENT = vouch('alice', 'bob')
/** Where the fields of ENDORSEMENT stand: lengths of an ML-DSA-44 key, and of NAME. */
const SPKI = 1334
const AT = {
  version: 0,
  endorser: 1,
  keyLength: 33,
  key: 35,
  nameLength: 35 + SPKI,
  name: 36 + SPKI,
  purposes: 36 + SPKI + NAME.length,
  depth: 37 + SPKI + NAME.length,
  notBefore: 38 + SPKI + NAME.length,
  notAfter: 46 + SPKI + NAME.length,
  scheme: 54 + SPKI + NAME.length,
  signatureLength: 56 + SPKI + NAME.length,
}

/** The endorsement with other octets from a place on, or more or fewer of them. */
function changed(at: number, octets: readonly number[], remove = octets.length): Uint8Array {
  const { encoded } = ENDORSEMENT
  return concat(encoded.subarray(0, at), Uint8Array.from(octets), encoded.subarray(at + remove))
}

const reasonOf = (octets: Uint8Array): string | null => {
  try {
    parseEndorsement(octets)
    return null
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

describe('an endorsement', () => {
  it('stands in octets as docs/web-of-trust.md says', () => {
    const { encoded, signature } = ENDORSEMENT
    const seconds = (time: number) => (time / 1000).toString(16).padStart(16, '0')
    expect(toHex(encoded)).toBe(
      [
        '01',
        toHex(keyId(alice.publicKey)),
        '0536',
        toHex(bob.publicKey.der),
        '0e',
        toHex(utf8('server.example')),
        '0300',
        seconds(NOW - 15 * DAY),
        seconds(NOW + 15 * DAY),
        '0904',
        '0974',
        toHex(signature),
      ].join(''),
    )
    expect(encoded).toHaveLength(AT.signatureLength + 2 + 2420)
  })

  it('reads back as what was endorsed', () => {
    expect(parseEndorsement(ENDORSEMENT.encoded)).toEqual(ENDORSEMENT)
    expect(ENDORSEMENT).toMatchObject({ name: NAME, purposes: ['server', 'client'], depth: 0, scheme: 'mldsa44' })
    expect(introduce('alice', 'bob', 3)).toMatchObject({ name: 'bob', purposes: ['introducer'], depth: 3 })
  })

  it('shares no octets with what it was read from', () => {
    const octets = ENDORSEMENT.encoded.slice()
    const read = parseEndorsement(octets)
    octets.fill(0)
    expect(read).toEqual(ENDORSEMENT)
  })

  it.each(PROVIDERS)('$name: is signed by its endorser over the domain and the statement', (crypto) => {
    expect(isEndorsedBy(ENDORSEMENT, alice.publicKey, crypto)).toBe(true)
    expect(isEndorsedBy(ENDORSEMENT, bob.publicKey, crypto)).toBe(false)
    const input = concat(utf8('Trefoil endorsement, version 1\0'), ENDORSEMENT.statement)
    expect(crypto.verifyingKey('mldsa44', alice.key.publicKey).verify('mldsa44', input, ENDORSEMENT.signature)).toBe(
      true,
    )
  })

  it.each(['mldsa44', 'mldsa65', 'mldsa87'] as const)('can be signed with %s', (algorithm) => {
    const { key, publicKey } = person('carol', algorithm)
    const made = endorse({ endorser: key, subject: bob.publicKey, name: NAME, notBefore: NOW - DAY, notAfter: NOW })
    expect(made.scheme).toBe(algorithm)
    expect(isEndorsedBy(made, publicKey, nodeProvider)).toBe(true)
    expect(isEndorsedBy(made, alice.publicKey, nodeProvider)).toBe(false)
  })
})

describe('an endorsement is refused', () => {
  it.each<readonly [string, Uint8Array, string | RegExp]>([
    ['of another version', changed(AT.version, [2]), 'its version is not 1'],
    [
      'with a key that is cut',
      changed(AT.keyLength, [5, 0x35, ...ENDORSEMENT.encoded.subarray(35, 34 + SPKI)], 2 + SPKI),
      /no SubjectPublicKeyInfo/,
    ],
    [
      'with a key whose length is written in BER',
      changed(AT.keyLength, [5, 0x37, 0x30, 0x83, 0x00], 4),
      /no SubjectPublicKeyInfo/,
    ],
    ['with NULL parameters in its key', withNullParameters(), /no SubjectPublicKeyInfo/],
    ['with a key of an algorithm that is not known', withUnknownAlgorithm(), /not known here/],
    ['with an upper-case name', changed(AT.name, [0x53]), 'its name is not well spelt'],
    ['with a name that ends in a dot', changed(AT.name + NAME.length - 1, [0x2e]), 'its name is not well spelt'],
    ['with a space in its name', changed(AT.name, [0x20]), 'its name is not well spelt'],
    ['with a name that is not ASCII', changed(AT.name, [0xe4]), 'its name is not well spelt'],
    ['without a name', changed(AT.nameLength, [0], 1 + NAME.length), 'its name is not well spelt'],
    [
      'with a long name',
      changed(AT.nameLength, [254, ...Array(254).fill(0x61)], 1 + NAME.length),
      'its name is not well spelt',
    ],
    [
      'with another spelling of an address',
      changed(AT.nameLength, [4, ...utf8('0::1')], 1 + NAME.length),
      'its name is not well spelt',
    ],
    ['without a purpose', changed(AT.purposes, [0]), 'its purposes make no sense'],
    ['as introducer and server', changed(AT.purposes, [5, 1]), 'its purposes make no sense'],
    ['with an unknown purpose', changed(AT.purposes, [8]), 'its purposes make no sense'],
    ['with a depth and no introducer', changed(AT.depth, [1]), 'its depth makes no sense'],
    ['as introducer without depth', changed(AT.purposes, [4, 0]), 'its depth makes no sense'],
    ['as introducer with a depth above 8', changed(AT.purposes, [4, 9]), 'its depth makes no sense'],
    [
      'that is never valid',
      changed(AT.notAfter, [...ENDORSEMENT.encoded.subarray(AT.notBefore, AT.notAfter)]),
      /validity/,
    ],
    ['that is valid beyond the year 9999', changed(AT.notAfter, [0xff]), /validity/],
    ['signed with Ed25519', changed(AT.scheme, [0x08, 0x07]), 'its signature is not of ML-DSA'],
    ['signed with an unknown scheme', changed(AT.scheme, [0xff, 0xff]), 'its signature is not of ML-DSA'],
    ['of another parameter set', changed(AT.scheme, [0x09, 0x05]), 'its signature has a wrong length'],
    ['with a short signature', changed(AT.signatureLength, [0x09, 0x73], 3), 'its signature has a wrong length'],
    ['that goes on', changed(ENDORSEMENT.encoded.length, [0]), 'octets are left over after its end'],
  ])('%s', (_title, octets, reason) => {
    expect(reasonOf(octets)).toMatch(reason)
  })

  it('when it ends early, wherever', () => {
    const { encoded } = ENDORSEMENT
    for (let length = 0; length < encoded.length; length++) expect(reasonOf(encoded.subarray(0, length))).not.toBeNull()
  })

  it('or read, whatever octets come, and then is the only encoding of what it says', () => {
    const attempt = (octets: Uint8Array) => {
      if (reasonOf(octets) !== null) return
      expect(toHex(parseEndorsement(octets).encoded)).toBe(toHex(octets))
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), attempt))
    const { encoded } = ENDORSEMENT
    fc.assert(
      fc.property(fc.nat(encoded.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        attempt(encoded.with(at, (encoded[at] as number) ^ change))
      }),
      { numRuns: 500 },
    )
  })

  it('or does not verify, whatever bit of it is turned over', () => {
    const { encoded } = ENDORSEMENT
    // Every octet of the fields, and a sample of the key's and the signature's.
    const places = [...encoded.keys()].filter(
      (at) => at < AT.key + 30 || (at >= AT.nameLength && at < AT.signatureLength + 40) || at % 61 === 0,
    )
    for (const at of places) {
      const octets = encoded.with(at, (encoded[at] as number) ^ (1 << (at % 8)))
      if (reasonOf(octets) !== null) continue
      expect([at, isEndorsedBy(parseEndorsement(octets), alice.publicKey, nodeProvider)]).toEqual([at, false])
    }
  })
})

describe('the signature of an endorsement', () => {
  it('is none on another statement', () => {
    const other = vouch('alice', 'carol')
    const transplanted: Endorsement = { ...other, signature: ENDORSEMENT.signature }
    expect(isEndorsedBy(transplanted, alice.publicKey, nodeProvider)).toBe(false)
  })

  it('is no CertificateVerify, and a CertificateVerify none of an endorsement', () => {
    const { statement, signature } = ENDORSEMENT
    const key = nodeProvider.verifyingKey('mldsa44', alice.key.publicKey)
    for (const role of ['client', 'server'] as const) {
      // The transcript hash is of fixed length; even without that bound the first octets differ.
      const input = certificateVerifyInput(role, statement)
      expect(key.verify('mldsa44', input, signature)).toBe(false)
      const signed = alice.key.sign('mldsa44', input)
      expect(isEndorsedBy({ ...ENDORSEMENT, signature: signed }, alice.publicKey, nodeProvider)).toBe(false)
      expect(input[0]).toBe(0x20)
    }
    expect(signatureInput(statement)[0]).toBe('T'.charCodeAt(0))
  })

  it('is none of a certificate, and that of a certificate none of an endorsement', () => {
    const { statement, signature } = ENDORSEMENT
    const key = nodeProvider.verifyingKey('mldsa44', alice.key.publicKey)
    // What a CA signs is the DER of a TBSCertificate: a SEQUENCE.
    for (const tbs of [statement, concat(Uint8Array.of(0x30, 0x82, 0x05, 0x6f), statement)]) {
      expect(key.verify('mldsa44', tbs, signature)).toBe(false)
      const signed = alice.key.sign('mldsa44', tbs)
      expect(isEndorsedBy({ ...ENDORSEMENT, signature: signed }, alice.publicKey, nodeProvider)).toBe(false)
    }
  })
})

/** As in a key that some libraries write: the algorithm with NULL parameters (RFC 9881 2 wants none). */
function withNullParameters(): Uint8Array {
  const { der } = bob.publicKey
  const identifier = fromHex('300d06096086480165030403110500')
  const content = concat(identifier, der.subarray(4 + 13))
  const key = concat(Uint8Array.of(0x30, 0x82, content.length >> 8, content.length & 0xff), content)
  return changed(AT.keyLength, [key.length >> 8, key.length & 0xff, ...key], 2 + SPKI)
}

function withUnknownAlgorithm(): Uint8Array {
  const at = ENDORSEMENT.encoded.findIndex(
    (_, i) => toHex(ENDORSEMENT.encoded.subarray(i, i + 9)) === '608648016503040311',
  )
  return changed(at + 8, [0x30])
}
