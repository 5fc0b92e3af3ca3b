/** Every CertificateVerify of a recording, checked with the key of the certificate before it. */
import { EMPTY } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { type SignatureSchemeName, schemeByCodePoint } from '../../crypto/signatureSchemes.js'
import { certificateKey, parseCertificate } from '../../pki/index.js'
import { decodeCertificate } from '../../tls/messages/certificate.js'
import { certificateVerifyInput, decodeCertificateVerify } from '../../tls/messages/certificateVerify.js'
import { expectThat, skip } from '../check/outcome.js'
import { messagesOf, transcriptHashOf } from './messages.js'
import type { Recording, Role } from './recording.js'

export interface Proof {
  readonly from: Role
  readonly scheme: SignatureSchemeName
  /** DER. */
  readonly certificate: Uint8Array
  readonly signature: Uint8Array
  transcriptHash(crypto: CryptoProvider): Uint8Array
}

/** @throws Error when one has no certificate, or a scheme that is unknown here */
export function proofsOf(recording: Recording): readonly Proof[] {
  const messages = messagesOf(recording)
  return messages.flatMap(({ from, type, body }, index) => {
    if (type !== 'certificate_verify') return []
    const before = messages.slice(0, index)
    const { algorithm, signature } = decodeCertificateVerify(body)
    const certificate = before.find((message) => message.type === 'certificate' && message.from === from)
    const [leaf] = decodeCertificate(certificate?.body ?? EMPTY).entries
    const scheme = schemeByCodePoint(algorithm)
    if (leaf === undefined || scheme === undefined)
      throw new Error(`${recording.id} has a proof that cannot be checked`)
    const transcriptHash = (crypto: CryptoProvider) => transcriptHashOf(crypto, recording.values.hash, before)
    return [{ from, scheme, certificate: leaf.certificate, signature, transcriptHash }]
  })
}

/** It must verify as the role that sent it, and not as the other (RFC 9846 4.5.3). */
export function checkProof(crypto: CryptoProvider, proof: Proof): void {
  const { from, scheme, certificate, signature } = proof
  if (!crypto.supportsSignatureScheme(scheme)) skip(`${crypto.name} has no ${scheme}`)
  const key = certificateKey(parseCertificate(certificate), crypto)
  const transcriptHash = proof.transcriptHash(crypto)
  const verifiesAs = (role: Role) => key.verify(scheme, certificateVerifyInput(role, transcriptHash), signature)
  expectThat(verifiesAs(from), `the signature does not verify as that of the ${from}`)
  const other = from === 'client' ? 'server' : 'client'
  expectThat(!verifiesAs(other), `the signature verifies as that of the ${other}`)
}
