/** The caller's options once checked and settled (`readProfile.ts`): what both roles work from. */
import type { HashAlgorithm } from '../../crypto/provider.js'
import type { KeySource } from '../../qkd/keySource.js'
import type { QkdBootstrap } from './bootstrap.js'
import type { PskLookup } from './options.js'

export interface AuthPsk {
  readonly identity: Uint8Array
  /** One, or the few that are valid while a key is being replaced; a client offers the first. */
  readonly keys: readonly [PskKey, ...PskKey[]]
  readonly importer: boolean
  /** Null: not bound to names. */
  readonly ends: PskEnds | null
  readonly context: Uint8Array | null
  readonly hash: HashAlgorithm
}

export interface PskKey {
  readonly octets: Uint8Array
  /** Tells keys apart in sessions, once the octets are wiped. */
  readonly tag: Uint8Array
}

/** The names that an auth PSK by itself is bound to. */
export interface PskEnds {
  readonly localId: string
  readonly peerId: string
  /** The TLS client's of the two. */
  readonly initiatorId: string
  /** The TLS server's. */
  readonly responderId: string
}

export interface ResumptionLimit {
  /** Milliseconds. */
  readonly maxAge: number
  readonly maxResumptions: number
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
  readonly resumption: ResumptionLimit | null
  /** Null: certificates and auth PSKs, where configured, are for every session. */
  readonly bootstrap: QkdBootstrap | null
}

export interface PskProfile {
  /** Of a server that looks them up: those found for one ClientHello. */
  readonly psks: readonly AuthPsk[]
  /** Whether there are auth PSKs at all, be they listed or looked up. */
  readonly hasPsks: boolean
  /** Null: `psks` is all. */
  readonly lookup: PskLookup | null
  /** Null without QKD, or when it is off. */
  readonly qkd: QkdProfile | null
  /** Of any session, since the full handshake that it began with. */
  readonly resumption: ResumptionLimit
  /** PSKs go with certificate authentication (RFC 9973). */
  readonly certificateMode: boolean
  readonly certificates: boolean
  readonly requireClientCertificate: boolean
}

/** The octets of all its keys, to be wiped. */
export function keyOctets(psks: readonly AuthPsk[]): Uint8Array[] {
  return psks.flatMap(({ keys }) => keys.map(({ octets }) => octets))
}

/** A PSK has at least 128 bits (RFC 9257 section 6); so has a QKD key that stands for one. */
export const MIN_KEY_LENGTH = 16

/** The hash of the EPSK made with a QKD key. */
export function epskHash(qkd: QkdProfile, psk: AuthPsk | null): HashAlgorithm {
  return qkd.hash ?? psk?.hash ?? 'SHA-256'
}
