/** The caller's options once checked and settled (`readProfile.ts`): what both roles work from. */
import type { HashAlgorithm } from '../../crypto/provider.js'
import type { KeySource } from '../../qkd/keySource.js'
import type { QkdBootstrap } from './bootstrap.js'

export interface AuthPsk {
  readonly identity: Uint8Array
  readonly key: Uint8Array
  readonly importer: boolean
  readonly context: Uint8Array | null
  readonly hash: HashAlgorithm
}

export interface QkdProfile {
  readonly source: KeySource
  readonly localSaeId: string
  /** A client has exactly one. */
  readonly peerSaeIds: readonly string[]
  readonly policy: 'require' | 'prefer'
  readonly importer: boolean
  /** Null: that of the auth PSK, or SHA-256. */
  readonly hash: HashAlgorithm | null
  /** Null: no bound but the tickets' lifetime. */
  readonly resumption: { readonly maxAge: number; readonly maxResumptions: number } | null
  /** Null: certificates and auth PSKs, where configured, are for every session. */
  readonly bootstrap: QkdBootstrap | null
}

export interface PskProfile {
  readonly psks: readonly AuthPsk[]
  /** Null without QKD, or when it is off. */
  readonly qkd: QkdProfile | null
  /** PSKs go with certificate authentication (RFC 9973). */
  readonly certificateMode: boolean
  readonly certificates: boolean
  readonly requireClientCertificate: boolean
}

/** A PSK has at least 128 bits (RFC 9257 section 6); so has a QKD key that stands for one. */
export const MIN_KEY_LENGTH = 16

/** The hash of the EPSK made with a QKD key. */
export function epskHash(qkd: QkdProfile, psk: AuthPsk | null): HashAlgorithm {
  return qkd.hash ?? psk?.hash ?? 'SHA-256'
}
