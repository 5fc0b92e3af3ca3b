/** Cipher suites of TLS 1.3 (RFC 9846 appendix B.4). The CCM suites are left out: nobody needs them here. */

export type HashAlgorithm = 'SHA-256' | 'SHA-384'
export type AeadAlgorithm = 'AES-128-GCM' | 'AES-256-GCM' | 'CHACHA20-POLY1305'

interface CipherSuite {
  readonly codePoint: number
  readonly aead: AeadAlgorithm
  readonly hash: HashAlgorithm
  readonly keyLength: number
  /** Octets of the hash's output. */
  readonly hashLength: number
  /** Records that one key may protect before it must be replaced (RFC 9846 section 5.5). */
  readonly recordLimit: number
}

/** 2^24.5 full-size records for AES-GCM: about 24 million. */
const AES_GCM_RECORD_LIMIT = 2 ** 24.5
/** ChaCha20-Poly1305 is bounded by the sequence number alone; we stop at what a double counts exactly. */
const CHACHA_RECORD_LIMIT = 2 ** 53 - 1

export const CIPHER_SUITES = {
  TLS_AES_256_GCM_SHA384: {
    codePoint: 0x1302,
    aead: 'AES-256-GCM',
    hash: 'SHA-384',
    keyLength: 32,
    hashLength: 48,
    recordLimit: AES_GCM_RECORD_LIMIT,
  },
  TLS_CHACHA20_POLY1305_SHA256: {
    codePoint: 0x1303,
    aead: 'CHACHA20-POLY1305',
    hash: 'SHA-256',
    keyLength: 32,
    hashLength: 32,
    recordLimit: CHACHA_RECORD_LIMIT,
  },
  TLS_AES_128_GCM_SHA256: {
    codePoint: 0x1301,
    aead: 'AES-128-GCM',
    hash: 'SHA-256',
    keyLength: 16,
    hashLength: 32,
    recordLimit: AES_GCM_RECORD_LIMIT,
  },
} as const satisfies Record<string, CipherSuite>

export type CipherSuiteName = keyof typeof CIPHER_SUITES

/** The profile's order of preference. */
export const DEFAULT_CIPHER_SUITES: readonly CipherSuiteName[] = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
]

export function isCipherSuite(name: string): name is CipherSuiteName {
  return Object.hasOwn(CIPHER_SUITES, name)
}

const BY_CODE_POINT = new Map<number, CipherSuiteName>(
  (Object.keys(CIPHER_SUITES) as CipherSuiteName[]).map((name) => [CIPHER_SUITES[name].codePoint, name]),
)

export function cipherSuiteByCodePoint(codePoint: number): CipherSuiteName | undefined {
  return BY_CODE_POINT.get(codePoint)
}

/** Octets of a hash's output. */
export function hashLength(hash: HashAlgorithm): number {
  return hash === 'SHA-256' ? 32 : 48
}
