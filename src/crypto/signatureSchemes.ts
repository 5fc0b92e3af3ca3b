/**
 * Signature schemes by their IANA names. ML-DSA: draft-ietf-tls-mldsa (pure ML-DSA, empty context, FIPS 204).
 * Classical: RFC 9846 section 4.3.3; accepted only when the policy allows classical authentication.
 */

export type KeyAlgorithm =
  | 'mldsa44'
  | 'mldsa65'
  | 'mldsa87'
  | 'ecdsa-p256'
  | 'ecdsa-p384'
  | 'ed25519'
  /** rsaEncryption keys */
  | 'rsa'
  /** id-RSASSA-PSS keys */
  | 'rsa-pss'

interface SignatureScheme {
  readonly codePoint: number
  /** The only kind of key that makes such signatures. */
  readonly key: KeyAlgorithm
  /** The hash applied before signing, null for schemes that take the message itself. */
  readonly hash: 'SHA-256' | 'SHA-384' | 'SHA-512' | null
  readonly classical: boolean
  /** False for PKCS#1 v1.5, which TLS 1.3 allows in certificates but not in CertificateVerify. */
  readonly inHandshake: boolean
}

export const SIGNATURE_SCHEMES = {
  mldsa65: { codePoint: 0x0905, key: 'mldsa65', hash: null, classical: false, inHandshake: true },
  mldsa87: { codePoint: 0x0906, key: 'mldsa87', hash: null, classical: false, inHandshake: true },
  mldsa44: { codePoint: 0x0904, key: 'mldsa44', hash: null, classical: false, inHandshake: true },
  ecdsa_secp256r1_sha256: {
    codePoint: 0x0403,
    key: 'ecdsa-p256',
    hash: 'SHA-256',
    classical: true,
    inHandshake: true,
  },
  ecdsa_secp384r1_sha384: {
    codePoint: 0x0503,
    key: 'ecdsa-p384',
    hash: 'SHA-384',
    classical: true,
    inHandshake: true,
  },
  ed25519: { codePoint: 0x0807, key: 'ed25519', hash: null, classical: true, inHandshake: true },
  rsa_pss_rsae_sha256: { codePoint: 0x0804, key: 'rsa', hash: 'SHA-256', classical: true, inHandshake: true },
  rsa_pss_rsae_sha384: { codePoint: 0x0805, key: 'rsa', hash: 'SHA-384', classical: true, inHandshake: true },
  rsa_pss_rsae_sha512: { codePoint: 0x0806, key: 'rsa', hash: 'SHA-512', classical: true, inHandshake: true },
  rsa_pss_pss_sha256: { codePoint: 0x0809, key: 'rsa-pss', hash: 'SHA-256', classical: true, inHandshake: true },
  rsa_pss_pss_sha384: { codePoint: 0x080a, key: 'rsa-pss', hash: 'SHA-384', classical: true, inHandshake: true },
  rsa_pss_pss_sha512: { codePoint: 0x080b, key: 'rsa-pss', hash: 'SHA-512', classical: true, inHandshake: true },
  rsa_pkcs1_sha256: { codePoint: 0x0401, key: 'rsa', hash: 'SHA-256', classical: true, inHandshake: false },
  rsa_pkcs1_sha384: { codePoint: 0x0501, key: 'rsa', hash: 'SHA-384', classical: true, inHandshake: false },
  rsa_pkcs1_sha512: { codePoint: 0x0601, key: 'rsa', hash: 'SHA-512', classical: true, inHandshake: false },
} as const satisfies Record<string, SignatureScheme>

export type SignatureSchemeName = keyof typeof SIGNATURE_SCHEMES

export function isSignatureScheme(name: string): name is SignatureSchemeName {
  return Object.hasOwn(SIGNATURE_SCHEMES, name)
}

const ALL = Object.keys(SIGNATURE_SCHEMES) as SignatureSchemeName[]

/** The profile's own schemes, most preferred first. */
export const MLDSA_SCHEMES: readonly SignatureSchemeName[] = ALL.filter((name) => !SIGNATURE_SCHEMES[name].classical)
/** Classical schemes, for peers whose CA issues nothing else yet. */
export const CLASSICAL_SCHEMES: readonly SignatureSchemeName[] = ALL.filter((name) => SIGNATURE_SCHEMES[name].classical)

const BY_CODE_POINT = new Map<number, SignatureSchemeName>(ALL.map((name) => [SIGNATURE_SCHEMES[name].codePoint, name]))

export function schemeByCodePoint(codePoint: number): SignatureSchemeName | undefined {
  return BY_CODE_POINT.get(codePoint)
}
