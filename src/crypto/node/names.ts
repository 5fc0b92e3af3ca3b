/** What OpenSSL calls the things that TLS calls otherwise. */
import type { AeadAlgorithm, HashAlgorithm } from '../cipherSuites.js'

export const HASH_NAMES = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' } as const satisfies Record<
  HashAlgorithm | 'SHA-512',
  string
>

export const AEAD_NAMES = {
  'AES-128-GCM': 'aes-128-gcm',
  'AES-256-GCM': 'aes-256-gcm',
  'CHACHA20-POLY1305': 'chacha20-poly1305',
} as const satisfies Record<AeadAlgorithm, string>

export const CURVE_NAMES = { 'P-256': 'prime256v1', 'P-384': 'secp384r1' } as const
