/** The recorded side's certificate and its key, or, where the key was not recorded, its recorded signature. */
import { fromHex } from '../../../bytes.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import type { MldsaAlgorithm } from '../../../crypto/signatureKeys.js'
import { SIGNATURE_SCHEMES, type SignatureSchemeName, schemeByCodePoint } from '../../../crypto/signatureSchemes.js'
import { decodeCertificate } from '../../../tls/messages/certificate.js'
import { decodeCertificateVerify } from '../../../tls/messages/certificateVerify.js'
import type { Credential, Signer } from '../../../tls/requests.js'
import { messageOf, messagesOf } from '../messages.js'
import type { Recording, Role } from '../recording.js'

export function credentialOf(crypto: CryptoProvider, recording: Recording, role: Role): Credential | null {
  if (!messagesOf(recording).some(({ from, type }) => from === role && type === 'certificate_verify')) return null
  const { algorithm, signature } = decodeCertificateVerify(messageOf(recording, role, 'certificate_verify').body)
  const { entries } = decodeCertificate(messageOf(recording, role, 'certificate').body)
  const { values } = recording
  const seed = role === 'client' ? values.clientSigningKeySeed : values.serverSigningKeySeed
  const scheme = schemeByCodePoint(algorithm)
  if (scheme === undefined) throw new Error(`the ${role} signs by a scheme that is unknown here`)
  return {
    certificateChain: entries.map(({ certificate }) => certificate),
    signatureScheme: scheme,
    signer: seed === undefined ? { sign: () => signature } : deterministicSigner(crypto, scheme, fromHex(seed)),
  }
}

/** By such a signer the recorded CertificateVerify comes out again. */
function deterministicSigner(crypto: CryptoProvider, scheme: SignatureSchemeName, seed: Uint8Array): Signer {
  const key = crypto.signingKey({ algorithm: SIGNATURE_SCHEMES[scheme].key as MldsaAlgorithm, seed })
  return { sign: (name, message) => key.sign(name, message, { deterministic: true }) }
}
