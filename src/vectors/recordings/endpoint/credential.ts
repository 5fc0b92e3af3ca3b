/** The recorded side's certificate and its key, or, where the key was not recorded, its recorded signature. */
import { fromHex } from '../../../bytes.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import type { MldsaAlgorithm } from '../../../crypto/signatureKeys.js'
import { SIGNATURE_SCHEMES, type SignatureSchemeName, schemeByCodePoint } from '../../../crypto/signatureSchemes.js'
import { parseCertificate } from '../../../pki/index.js'
import { decodeCertificate } from '../../../tls/messages/certificate.js'
import { decodeCertificateVerify } from '../../../tls/messages/certificateVerify.js'
import type { Credential } from '../../../tls/requests.js'
import { messageOf, messagesOf } from '../messages.js'
import type { RecordedIdentity, Recording, Role } from '../recording.js'

export function credentialOf(crypto: CryptoProvider, recording: Recording, role: Role): Credential | null {
  const { values } = recording
  const seed = role === 'client' ? values.clientSigningKeySeed : values.serverSigningKeySeed
  const codePoint = role === 'client' ? values.clientSignatureScheme : values.serverSignatureScheme
  if (seed !== undefined && codePoint !== undefined) return fromSeed(crypto, recording.identities, seed, codePoint)
  if (!messagesOf(recording).some(({ from, type }) => from === role && type === 'certificate_verify')) return null
  const { algorithm, signature } = decodeCertificateVerify(messageOf(recording, role, 'certificate_verify').body)
  const { entries } = decodeCertificate(messageOf(recording, role, 'certificate').body)
  return {
    certificateChain: entries.map(({ certificate }) => certificate),
    signatureScheme: schemeByCodePoint(algorithm) as SignatureSchemeName,
    signer: { sign: () => signature },
  }
}

/** A deterministic signer: the recorded CertificateVerify comes out again. */
function fromSeed(
  crypto: CryptoProvider,
  identities: readonly RecordedIdentity[],
  seed: string,
  codePoint: string,
): Credential {
  const scheme = schemeByCodePoint(Number.parseInt(codePoint, 16)) as SignatureSchemeName
  const { key: algorithm } = SIGNATURE_SCHEMES[scheme]
  const key = crypto.signingKey({ algorithm: algorithm as MldsaAlgorithm, seed: fromHex(seed) })
  const certificate = identities
    .map((identity) => fromHex(identity.certificate))
    .find((der) => parseCertificate(der).publicKeyInfo.algorithm === algorithm)
  if (certificate === undefined) throw new Error(`the recordings have no ${algorithm} identity`)
  const sign = (name: SignatureSchemeName, message: Uint8Array) => key.sign(name, message, { deterministic: true })
  return { certificateChain: [certificate], signatureScheme: scheme, signer: { sign } }
}
