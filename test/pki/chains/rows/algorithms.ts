/** Keys and signatures: what is accepted, what fits together, and what was tampered with. */
import * as make from '../../craft.js'
import { encodeDer } from '../../encodeDer.js'
import { authority, der, type KeyKind, keyOf, leaf, type Shape } from '../certify.js'
import { bad, good, type Made, type Row } from '../row.js'

const root = (kind: KeyKind = 'mldsa44') => authority('root', { kind })
const own = (shape: Shape, kind?: KeyKind) => (): Made => ({ chain: [leaf(root(kind), shape)], anchors: [root(kind)] })
const all = (kind: KeyKind) => own({ kind }, kind)
const classical = { policy: 'classical' } as const
const REFUSED = ['ERR_UNSUPPORTED_CERTIFICATE', 'signature algorithm accepted'] as const
const KEY_REFUSED = ['ERR_UNSUPPORTED_CERTIFICATE', 'key accepted'] as const
const FORGED = ['ERR_CERTIFICATE_SIGNATURE', 'signature verifies'] as const
const MALFORMED = ['ERR_BAD_CERTIFICATE', 'well-formed'] as const
const ourPolicy = { difference: 'our policy: classical algorithms are refused unless they are permitted by name' }

const forge = (crafted: make.Crafted): make.Crafted => ({
  ...crafted,
  der: make.flipBit(crafted.der, 8 * crafted.der.length - 9),
})
const signedAs = (algorithm: string, kind: KeyKind = 'mldsa44') => own({ innerAlgorithm: der(algorithm) }, kind)
const spki = (algorithm: string, key: Uint8Array) => ({
  subjectPublicKeyInfo: encodeDer(0x30, der(algorithm), encodeDer(0x03, Uint8Array.of(0), key)),
})
const publicKey = (kind: KeyKind) => keyOf('leaf', kind).publicKey

const SECP256K1_GENERATOR =
  '0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8'

export const ALGORITHMS: readonly Row[] = [
  good('mldsa65', 'ML-DSA-65 throughout', all('mldsa65')),
  good('mldsa87', 'ML-DSA-87 throughout', all('mldsa87')),
  good('mldsa-mixed', 'an ML-DSA-44 leaf under an ML-DSA-87 root', own({}, 'mldsa87')),
  good('p256', 'ECDSA with P-256, permitted', all('ecdsa-p256'), classical),
  good('p384', 'ECDSA with P-384, permitted', all('ecdsa-p384'), classical),
  good('ed25519', 'Ed25519, permitted', all('ed25519'), classical),
  good('rsa', 'RSA with PKCS#1 v1.5 inside the certificate and PSS in the handshake, permitted', all('rsa'), classical),
  good('rsa-pss', 'an RSASSA-PSS key, permitted', own({ kind: 'rsa-pss' }, 'rsa'), classical),
  good('classical-root', 'an ML-DSA leaf under an ECDSA root, permitted inside certificates', own({}, 'ecdsa-p256'), {
    policy: 'classical certificates',
  }),
  good('rsa-root', 'an ML-DSA leaf under an RSA root, permitted inside certificates', own({}, 'rsa'), {
    policy: 'classical certificates',
  }),
  bad(
    'classical-leaf',
    'an ECDSA leaf under an ML-DSA root, not permitted',
    KEY_REFUSED,
    own({ kind: 'ecdsa-p256' }),
    ourPolicy,
  ),
  bad(
    'classical-authority',
    'an ML-DSA leaf under an ECDSA root, not permitted',
    REFUSED,
    own({}, 'ecdsa-p256'),
    ourPolicy,
  ),
  bad(
    'classical-leaf-in-mixed',
    'an ECDSA leaf, where classical is permitted inside certificates only',
    KEY_REFUSED,
    own({ kind: 'ecdsa-p256' }, 'ecdsa-p256'),
    {
      policy: 'classical certificates',
      ...ourPolicy,
    },
  ),
  bad(
    'classical-link',
    'one classical signature in the middle of an ML-DSA chain',
    REFUSED,
    () => {
      const upper = authority('upper', { issuer: root(), kind: 'ed25519' })
      const lower = authority('lower', { issuer: upper })
      return { chain: [leaf(lower), lower, upper], anchors: [root()] }
    },
    ourPolicy,
  ),
  bad(
    'short-rsa',
    'an RSA root of 1024 bits',
    ['ERR_UNSUPPORTED_CERTIFICATE', 'key long enough'],
    own({ kind: 'rsa' }, 'rsa-short'),
    classical,
  ),
  bad('sha1', 'signed with SHA-1', REFUSED, signedAs('300d06092a864886f70d0101050500', 'rsa'), classical),
  bad(
    'hash-mldsa',
    'HashML-DSA-44 with SHA-512, which RFC 9881 3 forbids',
    REFUSED,
    signedAs('300b0609608648016503040320'),
  ),
  bad('ml-kem-key', 'a leaf whose key is of ML-KEM-768', KEY_REFUSED, () => ({
    chain: [leaf(root(), spki('300b0609608648016503040402', new Uint8Array(1184)))],
    anchors: [root()],
    signer: leaf(root()),
  })),
  bad('unknown-curve', 'a leaf whose key is on secp256k1', KEY_REFUSED, () => ({
    chain: [leaf(root(), spki('301006072a8648ce3d020106052b8104000a', der(SECP256K1_GENERATOR)))],
    anchors: [root()],
    signer: leaf(root()),
  })),
  bad('other-level', 'says ML-DSA-65, signed by an ML-DSA-44 key', FORGED, signedAs('300b0609608648016503040312')),

  bad('leaf-forged', "one bit of the leaf's signature is another", FORGED, () => {
    const good = leaf(root())
    return { chain: [forge(good)], anchors: [root()], signer: good }
  }),
  bad('intermediate-forged', "one bit of the intermediate's signature is another", FORGED, () => {
    const middle = authority('middle', { issuer: root() })
    return { chain: [leaf(middle), forge(middle)], anchors: [root()] }
  }),
  bad('name-forged', 'one letter of the name was changed after signing', FORGED, () => {
    const good = leaf(root(), { names: make.altNames('bang.example') })
    const at = Buffer.from(good.der).indexOf('bang.example')
    return { chain: [good.der.with(at + 3, 'k'.charCodeAt(0))], anchors: [root()], signer: good }
  }),
  bad('signed-by-itself', 'signed with its own key in the name of the root', FORGED, () => {
    const pretended = { ...root(), key: keyOf('leaf') }
    return { chain: [leaf(pretended, { issuerKeyId: null })], anchors: [root()] }
  }),
  bad(
    'signature-cut',
    'an ML-DSA signature that is one octet short',
    FORGED,
    own({ signature: (tbs) => keyOf('root').sign('mldsa44', tbs, { deterministic: true }).slice(0, -1) }),
  ),
  bad('signature-empty', 'no signature at all', FORGED, own({ signature: () => new Uint8Array() })),
  bad(
    'ecdsa-forged',
    'one bit of an ECDSA signature is another',
    FORGED,
    () => {
      const good = leaf(root('ecdsa-p256'), { kind: 'ecdsa-p256' })
      return { chain: [forge(good)], anchors: [root('ecdsa-p256')], signer: good }
    },
    classical,
  ),

  bad(
    'two-algorithms',
    'the algorithm outside the signature is another than inside',
    MALFORMED,
    own({ outerAlgorithm: der('300b0609608648016503040312') }),
  ),
  bad(
    'null-in-signature',
    'NULL parameters for ML-DSA in the signature (RFC 9881 2)',
    MALFORMED,
    signedAs('300d06096086480165030403110500'),
    { difference: 'OpenSSL does not look at the parameters of a signature algorithm that has none' },
  ),
  bad('null-in-key', 'NULL parameters for ML-DSA in the key (RFC 9881 2)', MALFORMED, () => ({
    chain: [leaf(root(), spki('300d06096086480165030403110500', publicKey('mldsa44')))],
    anchors: [root()],
  })),
  bad('key-too-short', 'an ML-DSA key that is one octet short', MALFORMED, () => ({
    chain: [leaf(root(), spki('300b0609608648016503040311', publicKey('mldsa44').slice(1)))],
    anchors: [root()],
    signer: leaf(root()),
  })),
  bad('wrapped-key', 'an ML-DSA key inside another OCTET STRING (RFC 9881 4)', MALFORMED, () => ({
    chain: [leaf(root(), spki('300b0609608648016503040311', encodeDer(0x04, publicKey('mldsa44'))))],
    anchors: [root()],
    signer: leaf(root()),
  })),
  bad(
    'rsa-without-null',
    'sha256WithRSAEncryption without its NULL (RFC 4055 5)',
    REFUSED,
    signedAs('300b06092a864886f70d01010b', 'rsa'),
    {
      ...classical,
      difference: 'OpenSSL takes it with or without; RFC 4055 5 lets only the key identifier go without',
    },
  ),
]
