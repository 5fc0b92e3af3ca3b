/**
 * Where a PSK came from, as far as its owner may know: what `socket.protection` reports, and what a session must
 * remember so that the policy can judge it later. Holds no secret.
 */
import { EMPTY } from '../../bytes.js'
import type { CertificateType } from '../../tls/extensions/certificateType.js'
import type { KeyKind } from '../../tls/psk/importerContext.js'
import type { Reader } from '../../tls/wire/reader.js'
import { encode } from '../../tls/wire/writer.js'
import type { Authentication } from './bootstrap.js'
import { readText, readTime, writeText, writeTime } from './fields.js'
import type { AuthPsk } from './profile.js'

export interface PskSource {
  /** What the PSK was made of. Null: it is a ticket of a session that had certificates and no PSK. */
  readonly mode: KeyKind | null
  /** key_ID as the key manager spelled it. */
  readonly keyId: string | null
  readonly keySourceName: string | null
  readonly localSaeId: string | null
  readonly peerSaeId: string | null
  /** Identity of the auth PSK. */
  readonly pskIdentity: Uint8Array | null
  /** Which of its keys it was (`PskKey.tag`). */
  readonly pskTag: Uint8Array | null
  /** The names that an auth PSK by itself is bound to. */
  readonly pskEnds: PskNames | null
  /** When the QKD key was fetched, in milliseconds since the epoch; a resumed session keeps the time. */
  readonly freshQkdAt: number | null
  /** Under `qkd.bootstrap`, with the QKD key alone: how the peer had proved itself before. Not kept in sessions. */
  readonly bootstrap: Authentication | null
  /** Set when the PSK is a ticket. */
  readonly resumed: Resumed | null
}

/** As `localId` and `peerId` of the option `psk`. */
export interface PskNames {
  readonly localId: string
  readonly peerId: string
}

export interface Resumed {
  /** Resumptions since the full handshake, this one included. */
  readonly count: number
  /** Milliseconds since the epoch. */
  readonly fullHandshakeAt: number
  /** DER chain by which the peer was authenticated in the full handshake, leaf first; null: it was not. */
  readonly peerCertificateChain: readonly Uint8Array[] | null
  /** Whether that is a chain or one raw public key (RFC 7250); null: neither. */
  readonly peerCertificateType: CertificateType | null
  /** Whether we showed a certificate in the full handshake. */
  readonly localCertificateShown: boolean
}

/** What a session says of the full handshake behind it. */
export type FullHandshake = Omit<Resumed, 'count'>

/** A session of a plain certificate handshake. */
export const NO_SOURCE: PskSource = Object.freeze({
  mode: null,
  keyId: null,
  keySourceName: null,
  localSaeId: null,
  peerSaeId: null,
  pskIdentity: null,
  pskTag: null,
  pskEnds: null,
  freshQkdAt: null,
  bootstrap: null,
  resumed: null,
})

/** The note on an auth PSK by itself, with the key that a client offers. */
export function authPskSource(psk: AuthPsk): PskSource {
  return Object.freeze({ ...NO_SOURCE, mode: 'psk', ...authPskNote(psk), pskEnds: namesOf(psk) })
}

/** What the note on any PSK says of the auth PSK in it. */
export function authPskNote(psk: AuthPsk | null): Pick<PskSource, 'pskIdentity' | 'pskTag'> {
  return { pskIdentity: psk?.identity ?? null, pskTag: psk?.keys[0].tag ?? null }
}

function namesOf({ ends }: AuthPsk): PskNames | null {
  return ends && Object.freeze({ localId: ends.localId, peerId: ends.peerId })
}

/** The note on a handshake that resumes a session with the note `source`. */
export function resumedFrom(source: PskSource | null, full: FullHandshake): PskSource {
  const { fullHandshakeAt, peerCertificateChain, peerCertificateType, localCertificateShown } = full
  const count = (source?.resumed?.count ?? 0) + 1
  const resumed = { count, fullHandshakeAt, peerCertificateChain, peerCertificateType, localCertificateShown }
  return Object.freeze({ ...(source ?? NO_SOURCE), resumed })
}

/** The note of a core's summary or session. The core hands back what these handlers gave it, unread. */
export function toPskSource(note: unknown): PskSource | null {
  return (note ?? null) as PskSource | null
}

const MODES: readonly (KeyKind | null)[] = [null, 'psk', 'qkd', 'psk+qkd']

/**
 *     struct {
 *       uint8  mode;                  // 0 none, 1 psk, 2 qkd, 3 psk+qkd
 *       opaque key_id<0..2^16-1>;     // UTF-8; every string is empty where the note has null
 *       opaque key_source_name<0..2^16-1>;
 *       opaque local_sae_id<0..2^16-1>;
 *       opaque peer_sae_id<0..2^16-1>;
 *       opaque psk_identity<0..2^16-1>;
 *       opaque psk_tag<0..255>;
 *       opaque psk_local_id<0..2^16-1>;
 *       opaque psk_peer_id<0..2^16-1>;
 *       uint64 fresh_qkd_at;          // milliseconds since the epoch, 0 without QKD
 *       uint32 resumptions;
 *     } PskSource;
 *
 * What else the full handshake left behind stands in the session that holds this.
 */
export function encodePskSource(source: PskSource | null): Uint8Array {
  if (source === null) return EMPTY
  return encode((writer) => {
    writer.u8(MODES.indexOf(source.mode))
    for (const text of [source.keyId, source.keySourceName, source.localSaeId, source.peerSaeId]) {
      writeText(writer, text)
    }
    writer.opaque(2, source.pskIdentity ?? EMPTY)
    writer.opaque(1, source.pskTag ?? EMPTY)
    writeText(writer, source.pskEnds?.localId ?? null)
    writeText(writer, source.pskEnds?.peerId ?? null)
    writeTime(writer, source.freshQkdAt ?? 0)
    writer.u32(source.resumed?.count ?? 0)
  })
}

/** Reads what {@link encodePskSource} wrote; `full` comes from the session around it. */
export function readPskSource(reader: Reader, full: FullHandshake): PskSource {
  const mode = MODES[reader.u8()]
  if (mode === undefined) return reader.fail('has an unknown PSK mode')
  const [keyId, keySourceName] = [readText(reader), readText(reader)]
  const [localSaeId, peerSaeId] = [readText(reader), readText(reader)]
  const pskIdentity = copyOrNull(reader.opaque(2))
  const pskTag = copyOrNull(reader.opaque(1))
  const [localId, peerId] = [readText(reader), readText(reader)]
  const freshQkdAt = readTime(reader)
  const count = reader.u32()
  return Object.freeze({
    mode,
    keyId,
    keySourceName,
    localSaeId,
    peerSaeId,
    pskIdentity,
    pskTag,
    pskEnds: localId === null || peerId === null ? null : Object.freeze({ localId, peerId }),
    freshQkdAt: freshQkdAt === 0 ? null : freshQkdAt,
    bootstrap: null,
    resumed: count === 0 ? null : { count, ...full },
  })
}

function copyOrNull(octets: Uint8Array): Uint8Array | null {
  return octets.length === 0 ? null : new Uint8Array(octets)
}
