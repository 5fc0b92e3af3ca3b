/** What a server does when none of the offered PSKs can be used. */
import { TrefoilError } from '../../errors.js'
import type { SelectPskRequest } from '../../tls/requests.js'
import type { PskProfile } from './profile.js'

/**
 * @param offersQkdAlone whether one of the identities is that of a QKD key without an auth PSK
 *
 * Null: go on with a certificate. `decoy`: a PSK is all there is, and an unknown identity must look like a wrong binder, so
 * that nobody can probe for identities (RFC 9846 appendix F.6).
 * @throws TrefoilError ERR_POLICY_QKD_REQUIRED, ERR_POLICY_PSK_REQUIRED or ERR_POLICY_CERTIFICATE_MISSING
 */
export function nothingToSelect(
  request: SelectPskRequest,
  profile: PskProfile,
  offersQkdAlone: boolean,
): 'decoy' | null {
  const { hasPsks, qkd, certificateMode, certificates } = profile
  const offered = request.identities.length > 0
  const pskMode = !certificateMode && (hasPsks || qkd !== null)
  if (qkd?.bootstrap && certificateMode && offersQkdAlone && !request.withCertificate) {
    const message = 'client offered a QKD key without certificates before it had met this server with them'
    throw new TrefoilError('ERR_POLICY_CERTIFICATE_MISSING', message)
  }
  if (qkd?.policy === 'require') {
    if (offered && pskMode) return 'decoy'
    throw new TrefoilError('ERR_POLICY_QKD_REQUIRED', 'client offered no PSK that a fresh QKD key went into')
  }
  // A certificate and an auth PSK together were asked for, so neither alone will do.
  if (certificateMode && hasPsks) {
    throw new TrefoilError('ERR_POLICY_PSK_REQUIRED', 'client offered no PSK to go with the certificate (RFC 9973)')
  }
  if (!pskMode) return null
  if (offered && !(certificates && request.certificatePossible)) return 'decoy'
  if (certificates) return null
  throw new TrefoilError('ERR_POLICY_PSK_REQUIRED', 'client offered no PSK, and this server has no certificate')
}
