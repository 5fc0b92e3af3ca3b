/** Every CertificateVerify of every trace, checked with the key of the certificate before it. */
import { describe, expect, it } from 'vitest'
import { type CryptoProvider, SIGNATURE_SCHEMES, schemeByCodePoint } from '../../../src/crypto/index.js'
import { certificateKey, parseCertificate } from '../../../src/pki/index.js'
import { decodeCertificate } from '../../../src/tls/messages/certificate.js'
import { certificateVerifyInput, decodeCertificateVerify } from '../../../src/tls/messages/certificateVerify.js'
import { PROVIDERS } from '../../support/providers.js'
import { allTraces, isCompleted, messagesOf, type Trace, transcriptHashOf } from '../../support/traces.js'
import { describeVectors } from '../../support/vectors.js'

describeVectors('the CertificateVerify messages of recorded handshakes', () => {
  const proofs = allTraces().filter(isCompleted).flatMap(proofsOf)

  it('are 24, of which 6 are classical', () => {
    expect(proofs).toHaveLength(24)
    expect(proofs.filter(({ scheme }) => SIGNATURE_SCHEMES[scheme].classical)).toHaveLength(6)
  })

  describe.each(PROVIDERS)('with the $name provider', (provider) => {
    it.for(proofs)(
      'verify as the role that sent them, and not as the other: $id, $from, $scheme',
      (proof, { skip }) => {
        if (!provider.supportsSignatureScheme(proof.scheme)) skip(`${provider.name} has no ${proof.scheme}`)
        const { from, scheme, certificate, signature } = proof
        const key = certificateKey(parseCertificate(certificate), provider)
        const transcriptHash = proof.transcriptHash(provider)
        expect(key.verify(scheme, certificateVerifyInput(from, transcriptHash), signature)).toBe(true)
        const otherRole = from === 'client' ? 'server' : 'client'
        expect(key.verify(scheme, certificateVerifyInput(otherRole, transcriptHash), signature)).toBe(false)
      },
    )
  })
})

/** What each CertificateVerify of a trace proves, and with which certificate. */
function proofsOf(trace: Trace) {
  const messages = messagesOf(trace)
  return messages.flatMap(({ from, type, body }, index) => {
    if (type !== 'certificate_verify') return []
    const before = messages.slice(0, index)
    const { algorithm, signature } = decodeCertificateVerify(body)
    const certificates = before.filter((message) => message.type === 'certificate' && message.from === from)
    const [leaf] = decodeCertificate(certificates[0]?.body ?? new Uint8Array(0)).entries
    const scheme = schemeByCodePoint(algorithm)
    if (leaf === undefined || scheme === undefined) throw new Error(`${trace.id} has a proof that cannot be checked`)
    const transcriptHash = (crypto: CryptoProvider) => transcriptHashOf(crypto, trace.values.hash, before)
    return [{ id: trace.id, from, scheme, certificate: leaf.certificate, signature, transcriptHash }]
  })
}
