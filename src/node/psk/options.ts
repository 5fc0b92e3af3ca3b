/** What callers say about auth PSKs, QKD and resumption. `profile.ts` checks it; nothing else reads it. */
import type { HashAlgorithm } from '../../crypto/provider.js'
import type { KeySource } from '../../qkd/keySource.js'
import type { QkdBootstrap } from './bootstrap.js'

/** A key both ends got beforehand, shared by exactly one client and one server (RFC 9257 section 6). */
export interface PskOption {
  /** A string stands for its UTF-8. Compared octet by octet; visible on the wire. */
  readonly identity: string | Uint8Array
  /**
   * At least 16 octets, all of them random (RFC 9257 section 6); copied. While a key is being replaced: several, at most
   * four. A server takes any of them, a client offers the first.
   */
  readonly key: Uint8Array | readonly Uint8Array[]
  /** Import it (RFC 9258); default true. False: a raw external PSK, for peers that have no importer. */
  readonly importer?: boolean | undefined
  /**
   * Our own name and the peer's, which the importer binds to their roles (RFC 9257 4.1): the PSK is good from this client
   * to this server alone, neither the other way round nor between two others that have the same key. Both or neither, 1
   * to 256 printable characters, the other way round at the other end. With a QKD key its SAE IDs do this, and these names
   * serve where the PSK stands alone.
   */
  readonly localId?: string | undefined
  readonly peerId?: string | undefined
  /** Importer context that a foreign importer peer expects, instead of ours. */
  readonly context?: Uint8Array | undefined
  /** The hash the key was provisioned for; default SHA-256 (RFC 9258 5.2). */
  readonly hash?: HashAlgorithm | undefined
  /** Client: the only servers, by `servername` or `host`, that it is offered to; default all. A server passes it over. */
  readonly servers?: string | readonly string[] | undefined
}

/** What a server's look-up finds under an identity. */
export type FoundPsk = Omit<PskOption, 'identity' | 'servers'>

/** What a client says, and is not proved yet. */
export interface PskQuestion {
  /** The names that the identity is bound to, as the server sees them; null without. Of a QKD key, the SAE IDs. */
  readonly localId: string | null
  readonly peerId: string | null
  /** The DNS name that the client asked for. */
  readonly servername: string | null
  readonly remoteAddress: string | null
  /** Aborted when the connection is given up. */
  readonly signal: AbortSignal
}

/**
 * A server's PSKs where they are too many for a list, or change: asked for every handshake, a resumed one too. Null: there
 * is none. It may answer later; the handshake waits, within `handshakeTimeout`. Identities that are not 1 to 256
 * printable characters are unknown without being asked for, and of one ClientHello four at most are asked for.
 */
export type PskLookup = (
  identity: string,
  question: PskQuestion,
) => FoundPsk | null | undefined | Promise<FoundPsk | null | undefined>

/**
 * `require`: no session without a fresh QKD key. `prefer`: with one if it is to be had; what was used is reported.
 * `off`: as if `qkd` had not been given.
 */
export type QkdPolicy = 'require' | 'prefer' | 'off'

export interface QkdOption {
  readonly source: KeySource
  readonly localSaeId: string
  /** Client: the server's SAE. Server: the SAE, or all the SAEs, it accepts as clients. */
  readonly peerSaeId: string | readonly string[]
  /** Default `require`. */
  readonly policy?: QkdPolicy | undefined
  /** Import the key (RFC 9258); default true. False: a raw external PSK whose identity is the key_ID. */
  readonly importer?: boolean | undefined
  /** The hash of the EPSK made of the QKD key; default that of the auth PSK, or SHA-256. */
  readonly hash?: HashAlgorithm | undefined
  /**
   * How long a session may live on by tickets without a fresh QKD key. Under `require` none may unless this says so;
   * under `prefer` the tickets' own lifetime is the only bound unless this says more.
   */
  readonly resumption?: QkdResumption | undefined
  /**
   * Certificates or auth PSKs are for first contact alone: with a peer that has proved itself so, later sessions rest on
   * the QKD key for their authentication too. Needs certificates or `psk`, and the importer. Both ends have one.
   */
  readonly bootstrap?: QkdBootstrap | undefined
}

/** How long, and how often, a session may be resumed; `qkd.resumption` says it of the QKD key in it. */
export interface ResumptionBound {
  /** Seconds since the full handshake that it began with; default 604,800, and 0 allows no resumption. */
  readonly maxAgeSeconds?: number | undefined
  /** Default: no bound but the age. */
  readonly maxResumptions?: number | undefined
}

export interface QkdResumption {
  /** Seconds since the QKD key was fetched; 0, the default, allows no resumption. */
  readonly maxAgeSeconds: number
  /** Resumptions on the strength of one QKD key; default: no bound but the age. */
  readonly maxResumptions?: number | undefined
}

export interface PskOptions {
  /** A client offers them in this order; a server accepts any, or looks them up. */
  readonly psk?: PskOption | readonly PskOption[] | PskLookup | undefined
  readonly qkd?: QkdOption | undefined
  readonly resumption?: ResumptionBound | undefined
  /** Certificate and PSK together (RFC 9973). Always so with `qkd`, `certificates` and no `psk`. */
  readonly pskWithCertificate?: boolean | undefined
  /** Client: has trust anchors. Server: has a certificate. */
  readonly certificates: boolean
  /** Server: no session without a verified client certificate, whatever the client's PSK or ticket. */
  readonly requireClientCertificate?: boolean | undefined
  /** Server: issue and accept tickets; default true. */
  readonly tickets?: boolean | undefined
}
