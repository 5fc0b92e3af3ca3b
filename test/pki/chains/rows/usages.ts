/** What certificates may be used for: basicConstraints, keyUsage, extendedKeyUsage, critical extensions, versions. */
import * as make from '../../craft.js'
import { authority, leaf, type Shape } from '../certify.js'
import { bad, good, type Made, type Row } from '../row.js'

const root = () => authority('root')
const own = (shape: Shape) => (): Made => ({ chain: [leaf(root(), shape)], anchors: [root()] })
const below =
  (shape: Shape, leafShape: Shape = {}) =>
  (): Made => {
    const middle = authority('middle', { issuer: root(), ...shape })
    return { chain: [leaf(middle, leafShape), middle], anchors: [root()] }
  }
const underRoot = (shape: Shape) => (): Made => {
  const top = authority('top', shape)
  return { chain: [leaf(top)], anchors: [top] }
}
const unfit = (
  rule:
    | 'may sign a handshake'
    | 'for this purpose'
    | 'issuer is an authority'
    | 'issuer may sign certificates'
    | 'path length'
    | 'critical extensions known'
    | 'usage fits ML-DSA'
    | 'version 3',
) => ['ERR_UNSUPPORTED_CERTIFICATE', rule] as const
const usage = (bits: string) => ({ keyUsage: make.extension('0603551d0f', bits, true) })
const unknown = (critical: boolean) => ({ more: [make.extension('06032a0304', '0500', critical)] })
const anyPurpose = make.extension('0603551d25', '30060604551d2500')
const V1 = { version: new Uint8Array(), extensions: [] }

export const USAGES: readonly Row[] = [
  good('client', 'a client certificate', own({ purposes: make.CLIENT_AUTH }), { usage: 'client' }),
  good(
    'no-usage',
    'neither keyUsage nor extendedKeyUsage: nothing is limited',
    own({ keyUsage: null, purposes: null }),
  ),
  good('any-purpose', 'extendedKeyUsage says any (RFC 5280 4.2.1.12)', own({ purposes: anyPurpose }), {
    difference: 'OpenSSL wants the purpose of a TLS server by name',
  }),
  good('purpose-of-authority', 'an authority for servers alone, and a server', below({ purposes: make.SERVER_AUTH })),
  good('authority-as-server', 'an authority shows its own certificate', () => {
    const both = authority('both', { issuer: root(), ...usage('03020186'), names: make.altNames('bank.example') })
    return { chain: [both], anchors: [root()] }
  }),
  good('unknown-extension', 'an unknown extension that is not critical', own(unknown(false))),
  good(
    'policies-critical',
    'critical certificate policies, of which any will do',
    own({ more: [make.extension('0603551d20', '3007300506032a0304', true)] }),
  ),
  good('path-length-reached', 'as many authorities as the root allows', () => {
    const top = authority('top', { basicConstraints: make.pathLength(1) })
    const [upper] = [authority('upper', { issuer: top })]
    return { chain: [leaf(upper), upper], anchors: [top] }
  }),
  good('self-issued-beyond', 'a self-issued authority does not count (RFC 5280 4.2.1.9)', () => {
    const top = authority('top', { basicConstraints: make.pathLength(0) })
    const renewed = authority('top', { issuer: top, keyOf: 'top renewed' })
    return { chain: [leaf(renewed), renewed], anchors: [top] }
  }),
  bad(
    'no-digital-signature',
    'keyUsage without digitalSignature',
    unfit('may sign a handshake'),
    own(usage('03020106')),
  ),
  bad(
    'client-only',
    'a certificate for clients, shown by a server',
    unfit('for this purpose'),
    own({ purposes: make.CLIENT_AUTH }),
  ),
  bad(
    'server-only',
    'a certificate for servers, shown by a client',
    unfit('for this purpose'),
    own({ purposes: make.SERVER_AUTH }),
    { usage: 'client' },
  ),
  bad(
    'other-purpose',
    'a certificate for signing code',
    unfit('for this purpose'),
    own({ purposes: make.extension('0603551d25', '300a06082b06010505070303') }),
  ),
  bad(
    'authority-for-clients',
    'an authority for clients alone, and a server',
    unfit('for this purpose'),
    below({ purposes: make.CLIENT_AUTH }),
  ),
  bad(
    'root-for-clients',
    'a root for clients alone, and a server',
    unfit('for this purpose'),
    underRoot({ purposes: make.CLIENT_AUTH }),
  ),
  bad(
    'no-basic-constraints',
    'an issuer without basicConstraints',
    unfit('issuer is an authority'),
    below({ basicConstraints: null }),
  ),
  bad(
    'not-an-authority',
    'an issuer whose basicConstraints say no',
    unfit('issuer is an authority'),
    below({ basicConstraints: make.extension('0603551d13', '3000', true) }),
  ),
  bad('old-root', 'a root of version 1', unfit('issuer is an authority'), underRoot(V1), {
    difference: 'OpenSSL takes a self-signed certificate of version 1 as an authority',
  }),
  bad('old-leaf', 'a leaf of version 1 (RFC 9846 4.5.2)', unfit('version 3'), own(V1), {
    usage: 'client',
    difference: 'OpenSSL does not ask for version 3',
  }),
  bad(
    'no-cert-sign',
    'an issuer whose keyUsage lacks keyCertSign',
    unfit('issuer may sign certificates'),
    below(usage('03020780')),
  ),
  bad(
    'mldsa-encrypts',
    'an ML-DSA key for key encipherment (RFC 9881 5)',
    unfit('usage fits ML-DSA'),
    own(usage('030205a0')),
    {
      difference: 'OpenSSL does not hold ML-DSA keys to the keyUsage of RFC 9881 5',
    },
  ),
  bad(
    'mldsa-authority-agrees',
    'an ML-DSA authority for key agreement (RFC 9881 5)',
    unfit('usage fits ML-DSA'),
    below(usage('0302010e')),
    {
      difference: 'OpenSSL does not hold ML-DSA keys to the keyUsage of RFC 9881 5',
    },
  ),
  bad('unknown-critical', 'an unknown critical extension', unfit('critical extensions known'), own(unknown(true))),
  bad(
    'unknown-critical-above',
    'an unknown critical extension of the intermediate',
    unfit('critical extensions known'),
    below(unknown(true)),
  ),
  bad(
    'unknown-critical-root',
    'an unknown critical extension of the root',
    unfit('critical extensions known'),
    underRoot(unknown(true)),
  ),
  bad(
    'policy-constraints',
    'critical policy constraints, which are not weighed here',
    unfit('critical extensions known'),
    below({ more: [make.extension('0603551d24', '3003800100', true)] }),
    {
      difference:
        'OpenSSL knows the extension, and passes over it because no policy is asked for; to us it is one not known',
    },
  ),
  bad('path-length', 'more authorities than the root allows', unfit('path length'), () => {
    const top = authority('top', { basicConstraints: make.pathLength(0) })
    const middle = authority('middle', { issuer: top })
    return { chain: [leaf(middle), middle], anchors: [top] }
  }),
  bad('path-length-below', 'more authorities than the intermediate allows', unfit('path length'), () => {
    const upper = authority('upper', { issuer: root(), basicConstraints: make.pathLength(0) })
    const lower = authority('lower', { issuer: upper })
    return { chain: [leaf(lower), lower, upper], anchors: [root()] }
  }),
  bad(
    'path-length-without-ca',
    'a path length in a certificate that is no CA',
    ['ERR_BAD_CERTIFICATE', 'well-formed'],
    own({ basicConstraints: make.extension('0603551d13', '3003020100', true) }),
    { difference: 'OpenSSL does not look for it; RFC 5280 4.2.1.9 says that it must not be' },
  ),
  bad(
    'key-usage-empty',
    'a keyUsage that allows nothing (RFC 5280 4.2.1.3)',
    ['ERR_BAD_CERTIFICATE', 'well-formed'],
    own({ keyUsage: make.extension('0603551d0f', '030100', true) }),
  ),
]
