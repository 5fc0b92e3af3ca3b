/** Which certificates are there, in what order, and where they lead. */
import * as make from '../../craft.js'
import { ALWAYS, authority, certify, FUTURE, leaf, PAST } from '../certify.js'
import { bad, good, type Row } from '../row.js'

const root = () => authority('root')
const middle = (shape = {}) => authority('middle', { issuer: root(), ...shape })
const upper = () => authority('upper', { issuer: root() })
const lower = () => authority('lower', { issuer: upper() })
const stranger = () => authority('stranger')
const noKeyIds = { keyId: null, issuerKeyId: null }

export const PATHS: readonly Row[] = [
  good('root-leaf', 'a leaf right under the root', () => ({ chain: [leaf(root())], anchors: [root()] })),
  good('intermediate', 'an intermediate between', () => ({ chain: [leaf(middle()), middle()], anchors: [root()] })),
  good('disorder', 'intermediates in the wrong order', () => ({
    chain: [leaf(lower()), upper(), lower()],
    anchors: [root()],
  })),
  good('root-sent', 'the root is sent along', () => ({ chain: [leaf(middle()), middle(), root()], anchors: [root()] })),
  good('stranger-sent', 'a certificate that does not belong there', () => ({
    chain: [leaf(middle()), stranger(), middle()],
    anchors: [root()],
  })),
  good('sent-twice', 'an intermediate is sent twice', () => ({
    chain: [leaf(middle()), middle(), middle()],
    anchors: [root()],
  })),
  good('ten-certificates', 'as many certificates as are looked at', () => ({
    chain: tower(9),
    anchors: [authority('floor 9')],
  })),
  good(
    'expired-cross-root',
    'cross-signed: the older root has expired, the newer one is good',
    () => ({
      chain: [leaf(middle()), middle({ issuer: authority('old root', PAST) }), middle()],
      anchors: [authority('old root', PAST), root()],
    }),
    { difference: 'OpenSSL follows the certificates in the order sent, and does not go back when that path fails' },
  ),
  good('expired-cross-certificate', 'cross-signed: the first cross-certificate has expired', () => ({
    chain: [leaf(middle()), middle(PAST), middle()],
    anchors: [root()],
  })),
  good(
    'foreign-cross-certificate',
    'cross-signed: the first cross-certificate is of a root not trusted here',
    () => ({
      chain: [leaf(middle()), middle({ issuer: stranger() }), middle()],
      anchors: [root()],
    }),
    { difference: 'OpenSSL follows the certificates in the order sent, and does not go back when that path fails' },
  ),
  good('namesakes-with-key-ids', 'two roots of one name, told apart by key identifiers', () => ({
    chain: [leaf(root())],
    anchors: [authority('root', { keyOf: 'other root' }), root()],
  })),
  good(
    'namesakes-without-key-ids',
    'two roots of one name, which only the signature tells apart',
    () => ({
      chain: [leaf(authority('root', noKeyIds), noKeyIds)],
      anchors: [authority('root', { keyOf: 'other root', ...noKeyIds }), authority('root', noKeyIds)],
    }),
    {
      difference:
        'OpenSSL takes the first issuer whose name and key identifiers fit, and does not go back when its signature is another',
    },
  ),
  good(
    'anchor-is-intermediate',
    'the anchor is an intermediate',
    () => ({
      chain: [leaf(middle()), middle()],
      anchors: [middle()],
    }),
    {
      difference:
        'OpenSSL wants a self-signed certificate at the end unless partial chains are allowed; RFC 5280 6.1 lets an anchor be any key',
    },
  ),
  good('pinned', 'a self-signed leaf that is itself the anchor', () => ({
    chain: [leaf(undefined)],
    anchors: [leaf(undefined)],
  })),
  good('renewed-root', 'the root was renewed with its key; the old one is sent', () => ({
    chain: [leaf(root()), authority('root', { ...ALWAYS, notAfter: '20300101000000Z' })],
    anchors: [root()],
  })),

  bad('unknown-root', 'the root is not trusted', ['ERR_UNKNOWN_CA', 'leads to a trust anchor'], () => ({
    chain: [leaf(middle()), middle(), root()],
    anchors: [stranger()],
  })),
  bad('missing-intermediate', 'the intermediate is not sent', ['ERR_UNKNOWN_CA', 'leads to a trust anchor'], () => ({
    chain: [leaf(middle())],
    anchors: [root()],
  })),
  bad(
    'self-signed',
    'a self-signed leaf that is not the anchor',
    ['ERR_UNKNOWN_CA', 'leads to a trust anchor'],
    () => ({
      chain: [leaf(undefined)],
      anchors: [root()],
    }),
  ),
  bad(
    'wrong-key-id',
    'the issuer named has another key identifier',
    ['ERR_UNKNOWN_CA', 'leads to a trust anchor'],
    () => ({
      chain: [leaf(root(), { issuerKeyId: make.issuerKeyId('aabbccdd') })],
      anchors: [root()],
    }),
  ),
  bad(
    'name-in-other-case',
    "the issuer's name is written in other letters",
    ['ERR_UNKNOWN_CA', 'leads to a trust anchor'],
    () => ({
      chain: [leaf(root(), { issuerName: make.name('ROOT') })],
      anchors: [root()],
    }),
    {
      difference:
        'OpenSSL folds case before it compares names; we compare encodings, as RFC 5280 4.1.2.6 asks authorities to repeat them',
    },
  ),
  bad(
    'impostor',
    'a root of the trusted name, with another key',
    ['ERR_CERTIFICATE_SIGNATURE', 'signature verifies'],
    () => ({
      chain: [leaf(authority('root', { keyOf: 'impostor' }), { issuerKeyId: null })],
      anchors: [root()],
    }),
  ),
  bad('signed-by-leaf', 'issued by a leaf', ['ERR_UNSUPPORTED_CERTIFICATE', 'issuer is an authority'], () => {
    const issuing = leaf(root(), { basicConstraints: NOT_AN_AUTHORITY })
    return {
      chain: [certify('below', { issuer: issuing, names: make.altNames('bank.example') }), issuing],
      anchors: [root()],
    }
  }),
  bad(
    'pinned-leaf-issues',
    'issued by a leaf that is an anchor',
    ['ERR_UNSUPPORTED_CERTIFICATE', 'issuer is an authority'],
    () => {
      const pinned = leaf(undefined)
      return { chain: [certify('below', { issuer: pinned, names: make.altNames('bank.example') })], anchors: [pinned] }
    },
  ),
  bad(
    'eleven-certificates',
    'a chain of eleven certificates',
    ['ERR_CERTIFICATE_CHAIN_TOO_LONG', 'chain is short'],
    () => ({
      chain: tower(10),
      anchors: [authority('floor 10')],
    }),
    { difference: 'OpenSSL looks at a hundred; we stop at ten, before any signature is checked' },
  ),
  bad(
    'huge-chain',
    'a hundred kilobytes of certificates',
    ['ERR_CERTIFICATE_CHAIN_TOO_LONG', 'chain is short'],
    () => ({
      chain: [leaf(root()), ...Array.from({ length: 24 }, () => stranger())],
      anchors: [root()],
    }),
    { difference: 'OpenSSL takes a list of this length; we stop at ten certificates' },
  ),
  bad('cycle', 'two authorities that certified each other', ['ERR_UNKNOWN_CA', 'leads to a trust anchor'], () => {
    const [one, two] = [authority('one'), authority('two')]
    return {
      chain: [leaf(one), authority('one', { issuer: two }), authority('two', { issuer: one })],
      anchors: [root()],
    }
  }),
  bad(
    'maze',
    'three authorities that certified one another three times each',
    ['ERR_CERTIFICATE_CHAIN_TOO_LONG', 'search is bounded'],
    () => {
      const names = ['x', 'y', 'z']
      const cross = (name: string, notAfter: string) =>
        names.filter((other) => other !== name).map((other) => authority(name, { issuer: authority(other), notAfter }))
      const walls = names.flatMap((name) => cross(name, ALWAYS.notAfter))
      return {
        chain: [
          leaf(authority('x')),
          ...walls,
          ...cross('x', '20980101000000Z'),
          authority('y', { issuer: authority('x'), notAfter: '20970101000000Z' }),
        ],
        anchors: [root()],
      }
    },
  ),
  bad(
    'no-certificate',
    'no certificate at all',
    ['ERR_CERTIFICATE_REQUIRED', 'has a certificate'],
    () => ({ chain: [], anchors: [root()], signer: leaf(root()) }),
    { usage: 'client' },
  ),

  bad('leaf-expired', 'the leaf has expired', ['ERR_CERTIFICATE_EXPIRED', 'not expired'], () => ({
    chain: [leaf(root(), PAST)],
    anchors: [root()],
  })),
  bad('leaf-too-early', 'the leaf is not valid yet', ['ERR_CERTIFICATE_NOT_YET_VALID', 'valid already'], () => ({
    chain: [leaf(root(), FUTURE)],
    anchors: [root()],
  })),
  bad('intermediate-expired', 'the intermediate has expired', ['ERR_CERTIFICATE_EXPIRED', 'not expired'], () => ({
    chain: [leaf(middle()), middle(PAST)],
    anchors: [root()],
  })),
  bad(
    'intermediate-too-early',
    'the intermediate is not valid yet',
    ['ERR_CERTIFICATE_NOT_YET_VALID', 'valid already'],
    () => ({
      chain: [leaf(middle()), middle(FUTURE)],
      anchors: [root()],
    }),
  ),
  bad('root-expired', 'the root has expired', ['ERR_CERTIFICATE_EXPIRED', 'not expired'], () => ({
    chain: [leaf(root())],
    anchors: [authority('root', PAST)],
  })),
  bad('time-backwards', 'the validity ends before it begins', ['ERR_CERTIFICATE_EXPIRED', 'not expired'], () => ({
    chain: [leaf(root(), { notBefore: '200101000000Z', notAfter: '190101000000Z' })],
    anchors: [root()],
  })),
  good('end-of-time', 'valid to the end of the year 9999 (RFC 5280 4.1.2.5)', () => ({
    chain: [leaf(root(), { notAfter: '99991231235959Z' })],
    anchors: [root()],
  })),
  good('generalized-time', 'a year below 2050 as GeneralizedTime', () => ({
    chain: [leaf(root(), { notBefore: '20200101000000Z' })],
    anchors: [root()],
  })),
]

const NOT_AN_AUTHORITY = null

/** A leaf under so many authorities, one on top of the other; the last one is the anchor. */
function tower(height: number): make.Crafted[] {
  let above = authority(`floor ${height}`)
  const floors: make.Crafted[] = []
  for (let floor = height - 1; floor > 0; floor--) {
    above = authority(`floor ${floor}`, { issuer: above })
    floors.unshift(above)
  }
  return [leaf(above), ...floors, authority(`floor ${height}`)]
}
