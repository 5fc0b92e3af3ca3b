/** What a provider is asked to do in a handshake, one call after the other. */
import type { AeadAlgorithm, HashAlgorithm } from '../../crypto/provider.js'
import type { SignatureSchemeName } from '../../crypto/signatureSchemes.js'

export type Operation =
  | { readonly kind: 'random'; readonly length: number }
  /** One-shot. */
  | { readonly kind: 'hash'; readonly hash: HashAlgorithm; readonly length: number }
  /** Of a running hash. */
  | { readonly kind: 'update'; readonly hash: HashAlgorithm; readonly length: number }
  | { readonly kind: 'digest'; readonly hash: HashAlgorithm }
  | { readonly kind: 'hmac key'; readonly hash: HashAlgorithm }
  /** `label` of HKDF-Expand-Label (RFC 9846 7.1) without "tls13 "; null for HKDF-Extract, Finished and binders. */
  | { readonly kind: 'hmac'; readonly hash: HashAlgorithm; readonly label: string | null; readonly length: number }
  | { readonly kind: 'aead key'; readonly algorithm: AeadAlgorithm }
  /** `length` of what is protected, `trailer` (the inner content type) included. */
  | { readonly kind: 'seal'; readonly algorithm: AeadAlgorithm; readonly length: number }
  | { readonly kind: 'open'; readonly algorithm: AeadAlgorithm; readonly length: number }
  | { readonly kind: ExchangeKind; readonly name: string }
  | { readonly kind: 'verifying key'; readonly algorithm: string }
  | { readonly kind: 'sign' | 'verify'; readonly scheme: SignatureSchemeName; readonly length: number }

/** A curve's `respond` is a key pair and an agreement in one. */
export type ExchangeKind =
  | 'mlkem generate'
  | 'mlkem encapsulate'
  | 'mlkem decapsulate'
  | 'curve generate'
  | 'curve agree'
  | 'curve respond'

/** Called around each operation; gives back what `work` gives. */
export type Measure = <T>(operation: Operation, work: () => T) => T

/** The label in an HkdfLabel structure; null when the octets are none. */
export function labelIn(octets: Uint8Array): string | null {
  const length = octets[2] ?? 0
  const name = octets.subarray(3, 3 + length)
  if (name.length < PREFIX.length || name.length !== length) return null
  const text = String.fromCharCode(...name)
  return text.startsWith(PREFIX) ? text.slice(PREFIX.length) : null
}

const PREFIX = 'tls13 '
