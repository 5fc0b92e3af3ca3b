import { describe, expect, it } from 'vitest'
import type { PskOptions } from '../../../src/node/psk/options.js'
import { readProfile } from '../../../src/node/psk/readProfile.js'
import { createServerPsks } from '../../../src/node/psk/serverPsks.js'
import { refusal } from '../../support/refusal.js'
import { CRYPTO, psk, sites } from './support.js'

const { alice, bob } = sites()
const long = new Uint8Array(0x10000).fill(0x61)

describe('the options of PSKs', () => {
  it.each<[string, PskOptions]>([
    ['a key under 128 bits (RFC 9257 section 6)', { psk: psk('a', { key: new Uint8Array(15) }), certificates: false }],
    ['a key that is a string', { psk: psk('a', { key: 'sixteen octets..' as never }), certificates: false }],
    ['an empty identity', { psk: psk(''), certificates: false }],
    ['an identity over 65,535 octets', { psk: psk('a', { identity: long, importer: false }), certificates: false }],
    [
      'an identity that does not fit once imported',
      { psk: psk('a', { identity: long.slice(8) }), certificates: false },
    ],
    ['a context without an importer', { psk: psk('a', { importer: false, context: long }), certificates: false }],
    ['a key list that is empty', { psk: { ...psk('a'), key: [] }, certificates: false }],
    ['half the names', { psk: psk('a', { localId: 'alice' }), certificates: false }],
    ['one name for both ends', { psk: psk('a', { localId: 'alice', peerId: 'alice' }), certificates: false }],
    ['an unprintable name', { psk: psk('a', { localId: 'alice', peerId: 'b\n' }), certificates: false }],
    ['names of a raw PSK', { psk: psk('a', { localId: 'a', peerId: 'b', importer: false }), certificates: false }],
    ['names beside a context', { psk: psk('a', { localId: 'a', peerId: 'b', context: long }), certificates: false }],
    [
      'two PSKs of one identity and the same names',
      { psk: [1, 2].map(() => psk('a', { localId: 'alice', peerId: 'bob' })), certificates: false },
    ],
    [
      'names that do not fit once imported',
      {
        psk: psk('a', { identity: long.slice(0, 0x7ff0), localId: 'a'.repeat(200), peerId: 'bob' }),
        certificates: false,
      },
    ],
    ['an unknown hash', { psk: psk('a', { hash: 'SHA-512' as never }), certificates: false }],
    ['two PSKs of one identity', { psk: [psk('a'), psk('a', { importer: false })], certificates: false }],
    ['an unknown QKD policy', { qkd: { ...alice.qkd, policy: 'maybe' as never }, certificates: true }],
    ['an empty SAE ID', { qkd: { ...alice.qkd, localSaeId: '' }, certificates: true }],
    ['no peer', { qkd: { ...alice.qkd, peerSaeId: [] }, certificates: true }],
    ['one SAE at both ends', { qkd: { ...alice.qkd, peerSaeId: 'alice' }, certificates: true }],
    ['a client with two peers', { qkd: { ...alice.qkd, peerSaeId: ['bob', 'carol'] }, certificates: true }],
    ['a nameless key source', { qkd: { ...alice.qkd, source: { ...alice.source, name: '' } }, certificates: true }],
    [
      'two hashes for one EPSK',
      { psk: psk('a', { hash: 'SHA-256' }), qkd: { ...alice.qkd, hash: 'SHA-384' }, certificates: false },
    ],
    [
      'several PSKs with raw QKD',
      { psk: [psk('a'), psk('b')], qkd: { ...alice.qkd, importer: false }, certificates: false },
    ],
    ['a negative age', { qkd: { ...alice.qkd, resumption: { maxAgeSeconds: -1 } }, certificates: true }],
    [
      'an age that is no number',
      { qkd: { ...alice.qkd, resumption: { maxAgeSeconds: Number.NaN } }, certificates: true },
    ],
    ['an empty list of PSKs', { psk: [], certificates: true }],
    ['PSK with certificate without a PSK', { pskWithCertificate: true, certificates: true }],
    [
      'PSK with certificate when QKD is off',
      { qkd: { ...alice.qkd, policy: 'off' }, pskWithCertificate: true, certificates: true },
    ],
    ['PSK with certificate without certificates', { psk: psk(), pskWithCertificate: true, certificates: false }],
  ])('refuse %s', (_, options) => {
    expect(refusal(() => readProfile(options, 'client'))).toBe('ERR_INVALID_OPTION')
  })

  it.each<[string, PskOptions]>([
    [
      'raw QKD with several peers',
      { qkd: { ...bob.qkd, importer: false, peerSaeId: ['alice', 'carol'] }, certificates: true },
    ],
    [
      'a foreign context with several peers',
      {
        psk: psk('a', { context: long.slice(0, 9) }),
        qkd: { ...bob.qkd, peerSaeId: ['alice', 'carol'] },
        certificates: false,
      },
    ],
    [
      'a client certificate that no PSK handshake can have',
      { psk: psk(), requireClientCertificate: true, certificates: false },
    ],
    [
      'the same under QKD, certificate or not',
      { psk: psk(), qkd: bob.qkd, requireClientCertificate: true, certificates: true },
    ],
  ])('of a server refuse %s', (_, options) => {
    expect(refusal(() => createServerPsks(options, CRYPTO, null))).toBe('ERR_INVALID_OPTION')
  })

  it('of a server refuse a raw identity that is the imported form of another', async () => {
    const { encodeImportedIdentity } = await import('../../../src/tls/psk/importedIdentity.js')
    const context = Uint8Array.of(1)
    const parts = { externalIdentity: Uint8Array.of(0x61), context, targetProtocol: 0x0304, targetKdf: 1 }
    const identity = encodeImportedIdentity(parts)
    const options = { psk: [psk('a', { context }), psk('b', { identity, importer: false })], certificates: false }
    expect(refusal(() => createServerPsks(options, CRYPTO, null))).toBe('ERR_INVALID_OPTION')
  })

  it.each<[string, PskOptions, boolean]>([
    ['a PSK alone', { psk: psk(), certificates: false }, false],
    ['a PSK beside certificates', { psk: psk(), certificates: true }, false],
    ['a PSK with certificates', { psk: psk(), pskWithCertificate: true, certificates: true }, true],
    ['QKD beside certificates', { qkd: alice.qkd, certificates: true }, true],
    ['QKD without certificates', { qkd: alice.qkd, certificates: false }, false],
    ['PSK and QKD beside certificates', { psk: psk(), qkd: alice.qkd, certificates: true }, false],
    [
      'PSK and QKD with certificates',
      { psk: psk(), qkd: alice.qkd, pskWithCertificate: true, certificates: true },
      true,
    ],
    ['QKD that is off', { qkd: { ...alice.qkd, policy: 'off' }, certificates: true }, false],
  ])('settle on RFC 9973 or not: %s', (_, options, certificateMode) => {
    expect(readProfile(options, 'client').certificateMode).toBe(certificateMode)
  })

  it.each([
    ['Uint8Array', psk()],
    // slice() of a Buffer is a view; the copies are wiped, the caller's key must not be.
    ['Buffer', psk('a', { key: Buffer.from('sixteen octets..') })],
  ])('keep copies of keys, not the arrays given (%s)', (_, given) => {
    const [held] = readProfile({ psk: given, certificates: false }, 'server').psks
    const before = held?.keys[0].octets.slice()
    given.key.fill(0)
    expect(held?.keys[0].octets).toEqual(before)
  })

  it('require QKD unless told otherwise, and then no resumption', () => {
    const { qkd } = readProfile({ qkd: alice.qkd, certificates: true }, 'client')
    expect(qkd).toMatchObject({ policy: 'require', importer: true, resumption: { maxAge: 0 } })
  })
})
