/**
 * Whether a session may be resumed under the profile of now: never into something the profile would have refused as a
 * full handshake. PSKs that were withdrawn, peers that were dropped, certificates that have expired and QKD keys that have
 * grown old take the sessions made with them along.
 */
import { equalBytes } from '../../bytes.js'
import { parseCertificate } from '../../pki/index.js'
import type { CertificateType } from '../../tls/index.js'
import type { AuthPsk, PskProfile, QkdProfile, ResumptionLimit } from './profile.js'
import type { PskSource } from './source.js'

export interface SessionFacts {
  readonly source: PskSource | null
  readonly fullHandshakeAt: number
  /** DER chain by which the peer was authenticated. */
  readonly peerCertificateChain: readonly Uint8Array[] | null
  readonly peerCertificateType: CertificateType | null
  /** Whether we showed a certificate ourselves. */
  readonly localCertificateShown: boolean
}

/** Two hosts that share ticket keys, or one whose clock was set back, may disagree by this many milliseconds. */
export const CLOCK_SKEW = 60_000

export function clientMayResume(profile: PskProfile, session: SessionFacts, now: number): boolean {
  const { psks, qkd, certificateMode } = profile
  if (!isYoung(profile, session, now) || !stillValid(session, now)) return false
  const authenticatedByPsk = !certificateMode && (psks.length > 0 || qkd !== null)
  // A session that a PSK authenticated says nothing about the certificate we want to see, and the reverse.
  if (!authenticatedByPsk && session.peerCertificateChain === null) return false
  // Of several keys the one that we offer: a server may have dropped the others, and where the ticket goes alone, a
  // refusal of it would end the connection.
  const offered = psks.map((psk): AuthPsk => ({ ...psk, keys: [psk.keys[0]] }))
  if (psks.length > 0 && !hasConfiguredPsk(offered, session.source)) return false
  if (authenticatedByPsk && psks.length === 0 && session.source?.mode !== 'qkd') return false
  // Under `prefer` a session made when the key source was down must not keep it from being asked again.
  if (qkd !== null && (session.source?.freshQkdAt ?? null) === null) return false
  return fitsQkd(qkd, session.source, now)
}

export function serverMayResume(profile: PskProfile, session: SessionFacts, now: number): boolean {
  const { hasPsks, qkd, certificateMode, certificates, requireClientCertificate } = profile
  const { source } = session
  if (!isYoung(profile, session, now) || !stillValid(session, now)) return false
  if (requireClientCertificate && session.peerCertificateChain === null) return false
  const usedPsk = source !== null && source.pskIdentity !== null
  const needsPsk = hasPsks && (!certificates || certificateMode || qkd?.policy === 'require')
  if ((usedPsk || needsPsk) && !hasConfiguredPsk(profile.psks, source)) return false
  // A client that came with the PSK alone would not have been let in beside certificates (RFC 9973).
  if (certificateMode && !session.localCertificateShown) return false
  // A server without certificates had none when it made the session, unless it has been configured anew since.
  if (!certificates && (source === null || source.mode === null)) return false
  return fitsQkd(qkd, source, now)
}

function isYoung({ resumption }: PskProfile, { source, fullHandshakeAt }: SessionFacts, now: number): boolean {
  return isWithin(resumption, now - fullHandshakeAt, source)
}

/**
 * A session ends with the certificate that authenticates its peer: else tickets would outlive it for ever. A raw key is
 * judged where it is known what is accepted of it.
 */
function stillValid({ peerCertificateChain, peerCertificateType }: SessionFacts, now: number): boolean {
  const leaf = peerCertificateChain?.[0]
  if (leaf === undefined || peerCertificateType === 'RawPublicKey') return true
  try {
    // The last second counts whole (RFC 5280 4.1.2.5).
    return now < parseCertificate(leaf).notAfter + 1000
  } catch {
    return false
  }
}

/** Whether the auth PSK of the session is still there, with the key of then, for the two ends of then. */
function hasConfiguredPsk(psks: readonly AuthPsk[], source: PskSource | null): boolean {
  if (source === null) return false
  const { pskIdentity, pskTag, pskEnds, mode } = source
  if (pskIdentity === null || pskTag === null) return false
  return psks.some(({ identity, keys, ends }) => {
    const sameEnds = mode !== 'psk' || (ends?.localId === pskEnds?.localId && ends?.peerId === pskEnds?.peerId)
    return sameEnds && equalBytes(identity, pskIdentity) && keys.some(({ tag }) => equalBytes(tag, pskTag))
  })
}

function fitsQkd(qkd: QkdProfile | null, source: PskSource | null, now: number): boolean {
  const freshAt = source?.freshQkdAt ?? null
  if (source !== null && freshAt !== null) {
    // Made with a QKD key: the link must still be the one configured.
    if (qkd === null || source.keySourceName !== qkd.source.name || source.localSaeId !== qkd.localSaeId) return false
    if (source.peerSaeId === null || !qkd.peerSaeIds.includes(source.peerSaeId)) return false
  }
  const bound = qkd?.resumption ?? null
  if (bound === null) return true
  const age = freshAt === null ? Number.POSITIVE_INFINITY : now - freshAt
  return isWithin(bound, age, source)
}

function isWithin({ maxAge, maxResumptions }: ResumptionLimit, age: number, source: PskSource | null): boolean {
  const count = source?.resumed?.count ?? 0
  return maxAge > 0 && age < maxAge && age > -CLOCK_SKEW && count < maxResumptions
}
