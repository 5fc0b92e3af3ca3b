/** The identities a client offers, made of auth PSKs, of a QKD key, or of a session. */
import { utf8, wipe } from '../../bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import type { QkdKey } from '../../qkd/keySource.js'
import { type ExternalPsk, importPsk } from '../../tls/psk/importer.js'
import type { ClientSession, OfferedPsk } from '../../tls/requests.js'
import type { Authentication } from './bootstrap.js'
import { pskContext, qkdContext, qkdEpsk } from './externalPsk.js'
import { type AuthPsk, epskHash, type QkdProfile } from './profile.js'
import {
  authPskNote,
  authPskSource,
  type FullHandshake,
  NO_SOURCE,
  type PskSource,
  resumedFrom,
  toPskSource,
} from './source.js'

/** Auth PSKs by themselves, in their order; of several keys under one identity the first. */
export function offerAuthPsks(
  crypto: CryptoProvider,
  psks: readonly AuthPsk[],
  hashes: readonly HashAlgorithm[],
): OfferedPsk[] {
  return psks.flatMap((psk) => {
    const { identity, hash } = psk
    const context = psk.importer ? pskContext(psk) : null
    return identities(crypto, { identity, epsk: psk.keys[0].octets, hash }, context, hashes, authPskSource(psk))
  })
}

/** A QKD key combined with each of `parts`, of which null is the key alone. `key` stays the caller's to wipe. */
export function offerQkdKey(
  crypto: CryptoProvider,
  qkd: QkdProfile,
  parts: readonly (AuthPsk | null)[],
  { keyId, key }: QkdKey,
  hashes: readonly HashAlgorithm[],
  facts: { readonly freshQkdAt: number; readonly bootstrap: Authentication | null },
): OfferedPsk[] {
  const { localSaeId } = qkd
  const [peerSaeId] = qkd.peerSaeIds as readonly [string]
  const keySourceName = qkd.source.name
  const ends = { keySourceName, initiatorSaeId: localSaeId, responderSaeId: peerSaeId }
  return parts.flatMap((psk) => {
    const mode = psk === null ? 'qkd' : 'psk+qkd'
    const source = {
      ...NO_SOURCE,
      mode,
      keyId,
      keySourceName,
      localSaeId,
      peerSaeId,
      ...authPskNote(psk),
      ...facts,
    } as const
    const hash = epskHash(qkd, psk)
    const context = qkd.importer ? qkdContext(ends, psk) : null
    const epsk = qkdEpsk(crypto, hash, psk?.keys[0] ?? null, key)
    const offered = identities(crypto, { identity: utf8(keyId), epsk, hash }, context, hashes, source)
    wipe(epsk)
    return offered
  })
}

/** What a session says of the handshake that it began with. */
export function fullHandshakeOf(session: ClientSession): FullHandshake {
  return {
    fullHandshakeAt: toPskSource(session.pskSource)?.resumed?.fullHandshakeAt ?? session.receivedAt,
    peerCertificateChain: session.serverCertificateChain,
    peerCertificateType: session.serverCertificateType,
    localCertificateShown: session.localCertificateShown,
  }
}

/** A session's ticket. The session stays the caller's to wipe. */
export function offerSession(session: ClientSession, now: number): OfferedPsk {
  const age = Math.max(0, Math.floor(now - session.receivedAt))
  return {
    identity: session.ticket,
    // RFC 9846 4.3.11: the age in milliseconds plus ticket_age_add, modulo 2^32.
    obfuscatedTicketAge: (age + session.ticketAgeAdd) % 2 ** 32,
    psk: new Uint8Array(session.psk),
    hash: session.hash,
    kind: 'resumption',
    source: resumedFrom(toPskSource(session.pskSource), fullHandshakeOf(session)),
  }
}

/** One identity for each KDF hash (RFC 9258 5.1); without a context a raw PSK, which has only the one of its hash. */
function identities(
  crypto: CryptoProvider,
  external: Omit<ExternalPsk, 'context'>,
  context: Uint8Array | null,
  hashes: readonly HashAlgorithm[],
  note: PskSource,
): OfferedPsk[] {
  const common = { obfuscatedTicketAge: 0, source: Object.freeze(note) }
  if (context !== null) {
    return hashes.map((hash) => ({
      ...importPsk(crypto, { ...external, context }, hash),
      ...common,
      hash,
      kind: 'imported',
    }))
  }
  const { identity, epsk, hash } = external
  return hashes.includes(hash) ? [{ identity, psk: new Uint8Array(epsk), ...common, hash, kind: 'external' }] : []
}
