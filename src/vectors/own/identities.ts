/** The keys and certificates of a file: each key belongs to its seed, and each certificate is signed by its issuer. */
import { equalBytes, fromHex } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { encodePublicKey, isSignedBy, parseCertificate } from '../../pki/index.js'
import type { VectorOutcome } from '../format.js'
import { difference, PASSED } from './compare.js'
import type { Identity, TraceFile } from './trace.js'

export function checkIdentity(
  crypto: CryptoProvider,
  identities: TraceFile['identities'],
  identity: Identity,
): VectorOutcome {
  const { algorithm, seed, subjectPublicKeyInfo, certificate, issuer, forged = false } = identity
  const key = crypto.signingKey({ algorithm, seed: fromHex(seed) })
  const info = encodePublicKey(algorithm, key.publicKey)
  if (!equalBytes(info, fromHex(subjectPublicKeyInfo)))
    return { failed: 'subjectPublicKeyInfo is not that of the seed' }
  if (certificate === undefined) return PASSED
  const parsed = parseCertificate(fromHex(certificate))
  if (!equalBytes(parsed.publicKeyInfo.der, info)) return { failed: 'certificate is for another key' }
  const signer = identities[issuer ?? '']
  if (signer?.certificate === undefined) return { failed: 'issuer has no certificate' }
  const signed = isSignedBy(parsed, parseCertificate(fromHex(signer.certificate)), crypto)
  return difference(!forged, signed, 'signature of the certificate') ?? PASSED
}
