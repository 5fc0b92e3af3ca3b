/** `socket.protection`: what the keys of a connection rest on, and who is authenticated by what. */
import { fromUtf8, toHex } from '../bytes.js'
import type { CipherSuiteName } from '../crypto/cipherSuites.js'
import { NAMED_GROUPS, type NamedGroupName } from '../crypto/groups.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import type { DeliveryLink } from '../qkd/keySource.js'
import type { CertificateType, HandshakeSummary } from '../tls/index.js'
import { type AuthenticatedBy, type Authentication, type KeyFetch, type PskSource, toPskSource } from './psk/index.js'

/** Frozen. Times in milliseconds, sizes in octets. */
export interface Protection {
  readonly keyExchange: {
    readonly group: NamedGroupName
    readonly x25519: boolean
    readonly mlkem: 'ML-KEM-768' | 'ML-KEM-1024' | null
  }
  /** The QKD key that entered the key schedule; of a resumed session, the one that entered its first handshake. */
  readonly qkd: {
    readonly keyId: string
    readonly source: string | null
    readonly localSaeId: string | null
    readonly peerSaeId: string | null
    /** How the key came to us; null when its source cannot tell, and in a resumed session. */
    readonly delivery: DeliveryLink | null
  } | null
  /**
   * The auth PSK; its identity as text, or in hex when it is not UTF-8. The names are those it is bound to by itself
   * (`localId`, `peerId` of the option), null where there are none, and beside a QKD key, where SAE IDs take their place.
   */
  readonly psk: { readonly identity: string; readonly localId: string | null; readonly peerId: string | null } | null
  readonly authentication: {
    /** Null: the peer is not authenticated. */
    readonly peer: AuthenticatedBy | null
    /** The scheme of the peer's CertificateVerify in this handshake. */
    readonly scheme: SignatureSchemeName | null
    readonly local: AuthenticatedBy | null
    readonly localScheme: SignatureSchemeName | null
    /**
     * In what form the peer showed the key that `certificate` stands for: an X.509 chain, or a raw public key
     * (RFC 7250) that is pinned or endorsed. Null when it showed none. A resumed session keeps that of its first handshake.
     */
    readonly certificateType: CertificateType | null
    /** Under `qkd.bootstrap`, for a peer known by the QKD key alone: how and when it had proved itself before. */
    readonly bootstrap: Authentication | null
  }
  readonly cipher: CipherSuiteName
  readonly resumed: boolean
  /** When the QKD key was fetched, in milliseconds since the epoch. */
  readonly freshQkdAt: number | null
  readonly handshake: {
    readonly bytesSent: number
    readonly bytesReceived: number
    /** From the first ClientHello (client) or the accepted transport (server) to the last Finished. */
    readonly milliseconds: number
    /** The part of it spent waiting for the key manager. */
    readonly kmeMilliseconds: number
  }
}

export interface HandshakeFacts {
  readonly summary: HandshakeSummary
  /** False when the peer's certificate was let pass without being verified. */
  readonly peerVerified: boolean
  readonly milliseconds: number
  readonly keyFetch: KeyFetch
}

export function describeProtection({ summary, peerVerified, milliseconds, keyFetch }: HandshakeFacts): Protection {
  const { group, cipherSuite } = summary
  const { curve, mlkem } = NAMED_GROUPS[group]
  const source = toPskSource(summary.psk?.source)
  return Object.freeze({
    keyExchange: Object.freeze({ group, x25519: curve === 'X25519', mlkem }),
    qkd: describeQkd(source, keyFetch.delivery),
    psk: describePsk(source),
    authentication: Object.freeze({
      peer: peerVerified ? authenticatedPeer(summary, source) : null,
      scheme: summary.peerSignatureScheme,
      local: authenticatedLocal(summary, source),
      localScheme: summary.localSignatureScheme,
      certificateType: peerShown(summary).type,
      bootstrap: source?.bootstrap ?? null,
    }),
    cipher: cipherSuite,
    resumed: summary.psk?.kind === 'resumption',
    freshQkdAt: source?.freshQkdAt ?? null,
    handshake: Object.freeze({
      bytesSent: summary.bytesSent,
      bytesReceived: summary.bytesReceived,
      milliseconds: toMicroseconds(milliseconds),
      kmeMilliseconds: toMicroseconds(keyFetch.milliseconds),
    }),
  })
}

export interface PeerShown {
  /** Null: no certificate. */
  readonly type: CertificateType | null
  /** The chain, leaf first, or the one raw public key. */
  readonly chain: readonly Uint8Array[] | null
}

/** By what the peer is known: what it showed in this handshake, or in the one whose session is resumed. */
export function peerShown(summary: HandshakeSummary): PeerShown {
  const resumed = toPskSource(summary.psk?.source)?.resumed
  const { peerCertificateChain: chain, peerCertificateType: type } =
    summary.peerCertificateChain === null && resumed ? resumed : summary
  return { type, chain }
}

function authenticatedPeer(summary: HandshakeSummary, source: PskSource | null): AuthenticatedBy | null {
  return peerShown(summary).chain !== null ? 'certificate' : byPsk(source)
}

function authenticatedLocal(summary: HandshakeSummary, source: PskSource | null): AuthenticatedBy | null {
  const shown = summary.localCertificateChain !== null || source?.resumed?.localCertificateShown === true
  return shown ? 'certificate' : byPsk(source)
}

function byPsk(source: PskSource | null): AuthenticatedBy | null {
  if (source === null || source.mode === null) return null
  return source.mode === 'qkd' ? 'qkd' : 'psk'
}

function describePsk(source: PskSource | null): Protection['psk'] {
  if (source === null || source.pskIdentity === null) return null
  const { localId = null, peerId = null } = source.pskEnds ?? {}
  return Object.freeze({ identity: readable(source.pskIdentity), localId, peerId })
}

function describeQkd(source: PskSource | null, delivery: DeliveryLink | null): Protection['qkd'] {
  if (source === null || source.keyId === null) return null
  const { keyId, keySourceName, localSaeId, peerSaeId } = source
  return Object.freeze({
    keyId,
    source: keySourceName,
    localSaeId,
    peerSaeId,
    delivery: source.resumed ? null : delivery,
  })
}

function readable(identity: Uint8Array): string {
  try {
    return fromUtf8(identity)
  } catch {
    return toHex(identity)
  }
}

function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}
