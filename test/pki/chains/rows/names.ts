/** What the certificate is for, by name (RFC 9525), and what names its authorities may certify (RFC 5280 4.2.1.10). */
import { utf8 } from '../../../../src/bytes.js'
import * as make from '../../craft.js'
import { encodeDer } from '../../encodeDer.js'
import { authority, der, HOST, leaf, type Shape, subtreeOfOrganization } from '../certify.js'
import { bad, good, type Made, type Row } from '../row.js'

const root = () => authority('root')
const named =
  (...names: (string | Uint8Array)[]) =>
  (): Made => ({
    chain: [leaf(root(), { names: make.altNames(...names) })],
    anchors: [root()],
  })
const unnamed = (shape: Shape) => (): Made => ({ chain: [leaf(root(), { names: null, ...shape })], anchors: [root()] })
const MISMATCH = ['ERR_CERTIFICATE_NAME_MISMATCH', 'names the server'] as const
const OUTSIDE = ['ERR_UNSUPPORTED_CERTIFICATE', 'name constraints'] as const

/** A leaf under an authority with constraints. */
const under =
  (constraints: Uint8Array, shape: Shape = {}) =>
  (): Made => {
    const constrained = authority('constrained', { issuer: root(), more: [constraints] })
    return { chain: [leaf(constrained, shape), constrained], anchors: [root()] }
  }
const permit = (...bases: (string | Uint8Array)[]) => make.nameConstraints(bases, [])
const exclude = (...bases: (string | Uint8Array)[]) => make.nameConstraints([], bases)
const also = (...names: (string | Uint8Array)[]): Shape => ({ names: make.altNames(HOST, ...names) })
const member = (organization: string): Shape => ({
  subjectName: encodeDer(0x30, make.part(make.ORGANIZATION, organization), make.part(make.COMMON_NAME, 'x')),
})

export const NAMES: readonly Row[] = [
  good('second-name', 'the name is the second of two', named('other.example', HOST)),
  good('letter-case', 'the name is written in other letters', named('Bank.EXAMPLE')),
  good('wildcard', 'a star for the whole left-most label', named('*.bank.example'), { serverName: 'www.bank.example' }),
  good('ipv4', 'an IPv4 address', named(der('0a000001')), { serverName: '10.0.0.1' }),
  good('ipv6', 'an IPv6 address', named(der('20010db8000000000000000000000001')), { serverName: '2001:db8::1' }),
  good('a-label', 'an internationalised name as A-label (RFC 9525 6.3)', named('xn--bnk-qla.example'), {
    serverName: 'xn--bnk-qla.example',
  }),
  good('empty-subject', 'an empty subject, and the name in a critical subjectAltName', () => ({
    chain: [
      leaf(root(), {
        subjectName: der('3000'),
        names: make.extension('0603551d11', encodeDer(0x30, encodeDer(0x82, utf8(HOST))), true),
      }),
    ],
    anchors: [root()],
  })),
  bad('other-name', 'for another host', MISMATCH, named('other.example')),
  bad('name-below', 'for a host below', MISMATCH, named('www.bank.example')),
  bad(
    'common-name-only',
    'the host stands in the common name alone (RFC 9525 2)',
    MISMATCH,
    unnamed({ subjectName: make.name(HOST) }),
    {
      difference: 'Node still looks into the common name where there is no subjectAltName; RFC 9525 forbids it',
    },
  ),
  bad('no-name', 'no name at all', MISMATCH, unnamed({})),
  bad('wildcard-deep', 'a star does not stand for two labels', MISMATCH, named('*.bank.example'), {
    serverName: 'a.b.bank.example',
  }),
  bad('wildcard-itself', 'a star does not stand for no label', MISMATCH, named('*.bank.example')),
  bad('wildcard-partial', 'a star within a label (RFC 9525 6.3)', MISMATCH, named('w*.bank.example'), {
    serverName: 'www.bank.example',
    difference: 'Node takes a star that is part of a label; RFC 9525 6.3 no longer does',
  }),
  bad('wildcard-inside', 'a star that is not left-most', MISMATCH, named('www.*.example'), {
    serverName: 'www.bank.example',
  }),
  bad('wildcard-wide', 'a star above a single label', MISMATCH, named('*.example')),
  bad('other-address', 'for another address', MISMATCH, named(der('0a000002')), { serverName: '10.0.0.1' }),
  bad('address-as-dns', 'the address stands as a dNSName', MISMATCH, named('10.0.0.1'), { serverName: '10.0.0.1' }),
  bad('address-in-uri', 'the host stands in a URI alone', MISMATCH, named(make.uri(`https://${HOST}/`))),
  bad(
    'nul-in-name',
    'a NUL within the dNSName',
    ['ERR_BAD_CERTIFICATE', 'well-formed'],
    named(encodeDer(0x82, utf8(`${HOST}\u0000.evil.example`))),
  ),

  good('dns-permitted', 'within the permitted domain', under(permit('bank.example'))),
  good('dns-not-excluded', 'beside the excluded domain', under(exclude('evil.example'))),
  good(
    'ip-permitted',
    'within the permitted network',
    under(permit(HOST, der('0a000000ff000000')), also(der('0a000001'))),
  ),
  good(
    'email-permitted',
    'a mailbox of the permitted host',
    under(permit(make.email('bank.example')), also(make.email('a@bank.example'))),
  ),
  good(
    'uri-permitted',
    'a URI of a permitted host',
    under(permit(make.uri('.bank.example')), also(make.uri('https://www.bank.example/'))),
  ),
  good(
    'directory-permitted',
    'a subject in the permitted organisation',
    under(permit(subtreeOfOrganization('Bank')), member('Bank')),
  ),
  good(
    'form-without-name',
    'a constraint on a form of which there is no name',
    under(permit(make.email('bank.example'))),
  ),
  bad('dns-outside', 'outside the permitted domain', OUTSIDE, under(permit('other.example'))),
  bad('dns-suffix', 'a permitted domain that is a mere suffix', OUTSIDE, under(permit('ank.example'))),
  bad('dns-excluded', 'within the excluded domain', OUTSIDE, under(exclude('example'))),
  bad(
    'wildcard-reaches',
    'a wildcard that reaches into the excluded domain',
    OUTSIDE,
    under(exclude('evil.bank.example'), also('*.bank.example')),
    {
      difference:
        'OpenSSL compares a wildcard as if it were a name; the host that is excluded would be accepted under it',
    },
  ),
  bad(
    'one-of-two-outside',
    'one of two names is outside',
    OUTSIDE,
    under(permit('bank.example'), also('other.example')),
  ),
  bad(
    'ip-outside',
    'outside the permitted network',
    OUTSIDE,
    under(permit(HOST, der('0a000000ff000000')), also(der('0b000001'))),
  ),
  bad(
    'ip-excluded',
    'within the excluded network',
    OUTSIDE,
    under(exclude(der('0a000000ff000000')), also(der('0a000001'))),
  ),
  bad(
    'email-outside',
    'a mailbox of another host',
    OUTSIDE,
    under(permit(make.email('bank.example')), also(make.email('a@other.example'))),
  ),
  bad(
    'uri-outside',
    'a URI of another host',
    OUTSIDE,
    under(permit(make.uri('bank.example')), also(make.uri('https://other.example/'))),
  ),
  bad(
    'uri-without-host',
    'a URI without a host, where hosts are constrained',
    OUTSIDE,
    under(permit(make.uri('bank.example')), also(make.uri('urn:bank'))),
  ),
  bad(
    'directory-outside',
    'a subject of another organisation',
    OUTSIDE,
    under(permit(subtreeOfOrganization('Bank')), member('Other')),
  ),
  bad(
    'directory-excluded',
    'a subject of the excluded organisation, in other letters',
    OUTSIDE,
    under(exclude(subtreeOfOrganization('Evil Corp')), member('EVIL  corp')),
  ),
  bad(
    'form-not-known',
    'a name of a form that is constrained and cannot be weighed',
    OUTSIDE,
    under(permit(HOST, der('88032a0304')), also(der('88032a0304'))),
  ),
  bad('intermediate-outside', 'an intermediate has a name outside', OUTSIDE, () => {
    const top = authority('top', { issuer: root(), more: [permit('bank.example')] })
    const between = authority('between', { issuer: top, names: make.altNames('other.example') })
    return { chain: [leaf(between), between, top], anchors: [root()] }
  }),
  bad('root-constrains', 'the constraint is in the trust anchor', OUTSIDE, () => {
    const top = authority('top', { more: [permit('other.example')] })
    return { chain: [leaf(top)], anchors: [top] }
  }),
]
