import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMPTY } from '../../../src/bytes.js'
import {
  decodeApplicationProtocols,
  encodeApplicationProtocols,
} from '../../../src/tls/extensions/applicationProtocols.js'
import {
  decodeCertificateType,
  decodeCertificateTypes,
  encodeCertificateType,
  encodeCertificateTypes,
} from '../../../src/tls/extensions/certificateType.js'
import { decodeCodePoints, encodeCodePoints } from '../../../src/tls/extensions/codePointList.js'
import {
  decodeClientKeyShares,
  decodeSelectedGroup,
  decodeServerKeyShare,
  encodeClientKeyShares,
  encodeSelectedGroup,
  encodeServerKeyShare,
  type KeyShareEntry,
} from '../../../src/tls/extensions/keyShare.js'
import {
  decodeOfferedPsks,
  decodeSelectedIdentity,
  encodeOfferedPsks,
  encodeSelectedIdentity,
  fillBinders,
  type OfferedPsks,
  truncateClientHello,
} from '../../../src/tls/extensions/preSharedKey.js'
import * as scalars from '../../../src/tls/extensions/scalars.js'
import { decodeServerName, encodeServerName } from '../../../src/tls/extensions/serverName.js'
import { type Codec, describeCodec, octets, u16, u32 } from '../../support/codecs.js'

const codePoints = (prefix: 1 | 2): Codec<number[]> => ({
  values: fc.array(u16, { minLength: 1, maxLength: prefix === 1 ? 127 : 300 }),
  encode: (list) => encodeCodePoints(prefix, list),
  decode: (data) => decodeCodePoints(prefix, data, 'a list'),
})

const share = fc.record({ group: u16, keyExchange: octets(1, 100) })

const clientKeyShares: Codec<readonly KeyShareEntry[]> = {
  values: fc.uniqueArray(share, { maxLength: 6, selector: ({ group }) => group }),
  encode: encodeClientKeyShares,
  decode: decodeClientKeyShares,
  refusals: ['ERR_ILLEGAL_PARAMETER'],
}

const offeredPsks: Codec<OfferedPsks> = {
  values: fc.record({
    identities: fc.array(fc.record({ identity: octets(1, 60), obfuscatedTicketAge: u32 }), {
      minLength: 1,
      maxLength: 4,
    }),
    binders: fc.array(octets(32, 48), { minLength: 1, maxLength: 4 }),
  }),
  encode: encodeOfferedPsks,
  decode: decodeOfferedPsks,
}

const protocols: Codec<string[]> = {
  values: fc
    .array(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 5 })
    .map((names) => names.map((name) => String.fromCharCode(...name))),
  encode: encodeApplicationProtocols,
  decode: decodeApplicationProtocols,
}

const serverName: Codec<string> = {
  values: fc.domain(),
  encode: encodeServerName,
  decode: (data) => decodeServerName(data) ?? '',
  refusals: ['ERR_ILLEGAL_PARAMETER'],
}

const codec = <T>(values: fc.Arbitrary<T>, encode: Codec<T>['encode'], decode: Codec<T>['decode']): Codec<T> => ({
  values,
  encode,
  decode,
  refusals: ['ERR_ILLEGAL_PARAMETER'],
})

describeCodec('a list of code points', codePoints(2))
describeCodec('a list of versions', codePoints(1))
describeCodec('key_share of a client', clientKeyShares)
describeCodec('key_share of a server', codec(share, encodeServerKeyShare, decodeServerKeyShare))
describeCodec('key_share of a retry', codec(u16, encodeSelectedGroup, decodeSelectedGroup))
describeCodec('pre_shared_key of a client', offeredPsks)
describeCodec('pre_shared_key of a server', codec(u16, encodeSelectedIdentity, decodeSelectedIdentity))
describeCodec('application_layer_protocol_negotiation', protocols)
describeCodec('server_name', serverName)
describeCodec(
  'supported_versions of a server',
  codec(u16, scalars.encodeSelectedVersion, scalars.decodeSelectedVersion),
)
describeCodec(
  'psk_key_exchange_modes',
  codec(
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 20 }),
    scalars.encodePskKeyExchangeModes,
    scalars.decodePskKeyExchangeModes,
  ),
)
describeCodec(
  'client_certificate_type and server_certificate_type of a client',
  codec(
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 255 }),
    encodeCertificateTypes,
    decodeCertificateTypes,
  ),
)
describeCodec(
  'client_certificate_type and server_certificate_type of a server',
  codec(fc.integer({ min: 0, max: 255 }), encodeCertificateType, decodeCertificateType),
)
describeCodec('cookie', codec(octets(1, 200), scalars.encodeCookie, scalars.decodeCookie))
describeCodec(
  'record_size_limit',
  codec(fc.integer({ min: 64, max: 0xffff }), scalars.encodeRecordSizeLimit, scalars.decodeRecordSizeLimit),
)
describeCodec(
  'certificate_authorities',
  codec(
    fc.array(octets(1, 40), { minLength: 1, maxLength: 5 }) as fc.Arbitrary<Uint8Array[]>,
    scalars.encodeCertificateAuthorities,
    scalars.decodeCertificateAuthorities,
  ),
)
describeCodec(
  'an extension without a body',
  codec(
    fc.constant(true as const),
    () => EMPTY,
    (data) => scalars.decodeEmpty(data, 'it'),
  ),
)

describe('certificate types (RFC 7250 section 3)', () => {
  it('are a list of octets in a ClientHello, and one octet in EncryptedExtensions', () => {
    expect([...encodeCertificateTypes([2, 0])]).toEqual([2, 2, 0])
    expect([...encodeCertificateType(2)]).toEqual([2])
    expect(decodeCertificateTypes(Uint8Array.of(3, 1, 2, 224))).toEqual([1, 2, 224])
  })
})

describe('a ClientHello with pre-shared keys', () => {
  it('is cut just before its list of binders, and takes binders of the same lengths back (RFC 9846 4.3.11.2)', () => {
    fc.assert(
      fc.property(offeredPsks.values, octets(0, 40), (offered, before) => {
        const hello = Uint8Array.from([...before, ...encodeOfferedPsks(offered)])
        const lengths = offered.binders.map(({ length }) => length)
        const cut = truncateClientHello(hello, lengths)
        // What is left ends with the last identity's age.
        const identities = encodeOfferedPsks({ ...offered, binders: [] }).subarray(0, -2)
        expect(cut).toEqual(Uint8Array.from([...before, ...identities]))
        expect(fillBinders(hello, offered.binders)).toEqual(hello)
        const others = offered.binders.map((binder) => binder.map((octet) => octet ^ 0xff))
        expect(decodeOfferedPsks(fillBinders(hello, others).subarray(before.length)).binders).toEqual(others)
      }),
    )
  })
})
