/**
 * AlgorithmIdentifiers, as whole encodings. Comparing whole encodings leaves no room for parameters that should not be
 * there (RFC 9881 2: ML-DSA has none, not even NULL).
 */
import { toHex } from '../bytes.js'
import type { KeyAlgorithm, SignatureSchemeName } from '../crypto/signatureSchemes.js'
import type { AlgorithmIdentifier as AlgorithmIdentifierType } from './certificateTypes.js'
import { DerError } from './strictAsn1.js'

interface KeyIdentifier {
  readonly algorithm: KeyAlgorithm
  /** The signature schemes that such a key may make. */
  readonly schemes: readonly SignatureSchemeName[]
}

/** RFC 4055 3.1: the parameters of RSASSA-PSS with one hash throughout and a salt as long as the hash. */
function pssIdentifiers(hashOid: string, saltLength: string): string[] {
  // RFC 4055 2.1: the hash's own parameters are NULL or absent, and both must be understood.
  const withNull = `300d0609${hashOid}0500`
  const without = `300b0609${hashOid}`
  return [
    `304106092a864886f70d01010a3034a00f${withNull}a11c301a06092a864886f70d010108${withNull}a2030201${saltLength}`,
    `303d06092a864886f70d01010a3030a00d${without}a11a301806092a864886f70d010108${without}a2030201${saltLength}`,
  ]
}

const PSS_SHA256 = pssIdentifiers('608648016503040201', '20')
const PSS_SHA384 = pssIdentifiers('608648016503040202', '30')
const PSS_SHA512 = pssIdentifiers('608648016503040203', '40')

const MLDSA44 = '300b0609608648016503040311'
const MLDSA65 = '300b0609608648016503040312'
const MLDSA87 = '300b0609608648016503040313'
const ED25519 = '300506032b6570'

/** The encoding that each kind of key gets when we write one. */
export const KEY_IDENTIFIERS: Readonly<Record<KeyAlgorithm, string>> = {
  mldsa44: MLDSA44,
  mldsa65: MLDSA65,
  mldsa87: MLDSA87,
  'ecdsa-p256': '301306072a8648ce3d020106082a8648ce3d030107',
  'ecdsa-p384': '301006072a8648ce3d020106052b81040022',
  ed25519: ED25519,
  rsa: '300d06092a864886f70d0101010500',
  'rsa-pss': '300b06092a864886f70d01010a',
}

const KEYS = new Map<string, KeyIdentifier>([
  [MLDSA44, { algorithm: 'mldsa44', schemes: ['mldsa44'] }],
  [MLDSA65, { algorithm: 'mldsa65', schemes: ['mldsa65'] }],
  [MLDSA87, { algorithm: 'mldsa87', schemes: ['mldsa87'] }],
  [KEY_IDENTIFIERS['ecdsa-p256'], { algorithm: 'ecdsa-p256', schemes: ['ecdsa_secp256r1_sha256'] }],
  [KEY_IDENTIFIERS['ecdsa-p384'], { algorithm: 'ecdsa-p384', schemes: ['ecdsa_secp384r1_sha384'] }],
  [ED25519, { algorithm: 'ed25519', schemes: ['ed25519'] }],
  [
    KEY_IDENTIFIERS.rsa,
    {
      algorithm: 'rsa',
      schemes: [
        'rsa_pss_rsae_sha256',
        'rsa_pss_rsae_sha384',
        'rsa_pss_rsae_sha512',
        'rsa_pkcs1_sha256',
        'rsa_pkcs1_sha384',
        'rsa_pkcs1_sha512',
      ],
    },
  ],
  [
    KEY_IDENTIFIERS['rsa-pss'],
    { algorithm: 'rsa-pss', schemes: ['rsa_pss_pss_sha256', 'rsa_pss_pss_sha384', 'rsa_pss_pss_sha512'] },
  ],
  // RFC 4055 3.1: parameters in the key restrict it to that hash.
  ...PSS_SHA256.map((hex) => [hex, { algorithm: 'rsa-pss', schemes: ['rsa_pss_pss_sha256'] }] as const),
  ...PSS_SHA384.map((hex) => [hex, { algorithm: 'rsa-pss', schemes: ['rsa_pss_pss_sha384'] }] as const),
  ...PSS_SHA512.map((hex) => [hex, { algorithm: 'rsa-pss', schemes: ['rsa_pss_pss_sha512'] }] as const),
])

/** Signature algorithms of certificates; which scheme it is may depend on the signer's kind of key. */
const SIGNATURES = new Map<string, readonly SignatureSchemeName[]>([
  [MLDSA44, ['mldsa44']],
  [MLDSA65, ['mldsa65']],
  [MLDSA87, ['mldsa87']],
  ['300a06082a8648ce3d040302', ['ecdsa_secp256r1_sha256']],
  ['300a06082a8648ce3d040303', ['ecdsa_secp384r1_sha384']],
  [ED25519, ['ed25519']],
  ['300d06092a864886f70d01010b0500', ['rsa_pkcs1_sha256']],
  ['300d06092a864886f70d01010c0500', ['rsa_pkcs1_sha384']],
  ['300d06092a864886f70d01010d0500', ['rsa_pkcs1_sha512']],
  ...PSS_SHA256.map((hex) => [hex, ['rsa_pss_rsae_sha256', 'rsa_pss_pss_sha256']] as const),
  ...PSS_SHA384.map((hex) => [hex, ['rsa_pss_rsae_sha384', 'rsa_pss_pss_sha384']] as const),
  ...PSS_SHA512.map((hex) => [hex, ['rsa_pss_rsae_sha512', 'rsa_pss_pss_sha512']] as const),
])

/** RFC 9881 2 and RFC 8410 3: no parameters, so anything more is malformed and not merely unknown. */
const WITHOUT_PARAMETERS = new Set([
  '2.16.840.1.101.3.4.3.17',
  '2.16.840.1.101.3.4.3.18',
  '2.16.840.1.101.3.4.3.19',
  '1.3.101.112',
])

export interface AlgorithmIdentifier {
  readonly objectIdentifier: string
  /** The whole encoding in hex: what the tables are keyed by. */
  readonly hex: string
}

/**
 * @param encoding the octets that `value` was read from
 * @throws DerError when ML-DSA or Ed25519 carry parameters
 */
export function algorithmIdentifier(value: AlgorithmIdentifierType, encoding: Uint8Array): AlgorithmIdentifier {
  const objectIdentifier = value.algorithm.text
  if (value.parameters !== undefined && WITHOUT_PARAMETERS.has(objectIdentifier)) {
    throw new DerError(`the algorithm ${objectIdentifier} has parameters where it must have none`)
  }
  return { objectIdentifier, hex: toHex(encoding) }
}

/** What kind of key an AlgorithmIdentifier stands for; undefined when we know none. */
export function keyIdentifier(identifier: AlgorithmIdentifier): KeyIdentifier | undefined {
  return KEYS.get(identifier.hex)
}

/** The schemes that a certificate's signature algorithm may mean; empty when we know none. */
export function signatureSchemes(identifier: AlgorithmIdentifier): readonly SignatureSchemeName[] {
  return SIGNATURES.get(identifier.hex) ?? []
}

/** The AlgorithmIdentifier that a certificate carries when it is signed with this scheme. */
export function signatureIdentifier(scheme: SignatureSchemeName): string | undefined {
  for (const [hex, schemes] of SIGNATURES) if (schemes.includes(scheme)) return hex
  return undefined
}
