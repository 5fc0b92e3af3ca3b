/** A server's use of the bootstrap register: who may come with the QKD key alone, and who has proved itself. */
import type { SelectPskRequest } from '../../tls/requests.js'
import type { AuthenticatedBy, Authentication, BootstrapPeer } from './bootstrap.js'
import type { KnownPsk, KnownQkdPsk } from './identityTable.js'
import type { PskProfile, QkdProfile } from './profile.js'
import type { PskSource } from './source.js'

/** Whether the profile lets a client in with this identity, and what it brings besides. */
export function isAdmitted(profile: PskProfile, known: KnownPsk, request: SelectPskRequest): boolean {
  const { certificateMode, requireClientCertificate } = profile
  if (standsAlone(profile, known, request)) return bootstrapOf(profile, known) !== null
  if (certificateMode) return request.withCertificate
  // A handshake by PSK alone asks for no certificate (RFC 9846 4.4.2), so it may not get round one that is required.
  return !requireClientCertificate
}

/** The proof that an admitted client rests on because it comes with the QKD key alone; null when it does not. */
export function admittedBy(profile: PskProfile, known: KnownPsk, request: SelectPskRequest): Authentication | null {
  return standsAlone(profile, known, request) ? bootstrapOf(profile, known) : null
}

/** Enters a client that proved who it is just now, with a fresh QKD key mixed in. */
export function rememberClient(
  { qkd }: PskProfile,
  source: PskSource | null,
  chain: readonly Uint8Array[] | null,
): void {
  if (!qkd?.bootstrap || source === null || source.peerSaeId === null) return
  if (source.resumed !== null || source.bootstrap !== null) return
  const by: AuthenticatedBy = chain !== null ? 'certificate' : source.mode === 'psk+qkd' ? 'psk' : 'qkd'
  qkd.bootstrap.remember(peerOf(qkd, source.peerSaeId), by)
}

/** Whether the QKD key comes without the certificate or auth PSK that this server wants of strangers. */
function standsAlone(
  { hasPsks, certificateMode }: PskProfile,
  known: KnownPsk,
  { withCertificate }: SelectPskRequest,
): known is KnownQkdPsk {
  return known.mode === 'qkd' && (hasPsks || (certificateMode && !withCertificate))
}

/** An entry counts only if it was made by what first contact would take under the profile of now. */
function bootstrapOf(profile: PskProfile, { peerSaeId }: KnownQkdPsk): Authentication | null {
  const { qkd } = profile
  const entry = qkd?.bootstrap?.find(peerOf(qkd, peerSaeId)) ?? null
  return entry !== null && suffices(profile, entry.by) ? entry : null
}

function suffices({ hasPsks, certificateMode, requireClientCertificate }: PskProfile, by: AuthenticatedBy): boolean {
  if (requireClientCertificate) return by === 'certificate'
  if (!hasPsks) return true
  return by === 'psk' || (certificateMode && by === 'certificate')
}

function peerOf({ source, localSaeId }: QkdProfile, peerSaeId: string): BootstrapPeer {
  return { keySource: source.name, localSaeId, peerSaeId, serverName: null }
}
