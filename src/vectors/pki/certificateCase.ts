/** One certificate of a PEM file. */
import type { CryptoProvider } from '../../crypto/provider.js'
import type { SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import { signatureSchemeUnder } from '../../pki/certificateSignature.js'
import { type Certificate, isSelfIssued, isSignedBy, type PemBlock, parseCertificate } from '../../pki/index.js'
import { nativeOf } from '../check/native.js'
import { expectThat, outcomeOf, skip } from '../check/outcome.js'
import type { VectorCase } from '../format.js'
import { nativeVerify } from './nativeFeature.js'
import { unlessRefused } from './refused.js'

export function certificateCase(id: string, { der }: PemBlock, blocks: readonly PemBlock[]): VectorCase {
  return {
    id,
    ...nativeOf(() => nativeVerify(findIssuer(parseCertificate(der), blocks)?.publicKeyInfo.algorithm)),
    run: (provider) =>
      outcomeOf(() => {
        const certificate = unlessRefused(() => parseCertificate(der))
        const issuer = findIssuer(certificate, blocks)
        if (issuer === null) return skip('read, but its issuer is not in the file')
        checkSignature(certificate, issuer, provider)
      }),
  }
}

function checkSignature(certificate: Certificate, issuer: Certificate, provider: CryptoProvider): void {
  const scheme: SignatureSchemeName | undefined = signatureSchemeUnder(certificate, issuer)
  if (scheme === undefined) skip('read, but no signature can be by the key of its issuer, which is of another kind')
  if (!provider.supportsSignatureScheme(scheme)) skip(`${provider.name} has no ${scheme}`)
  const by = certificate === issuer ? 'its own key' : `the key of ${issuer.subject.text}`
  expectThat(isSignedBy(certificate, issuer, provider), `the certificate is not signed by ${by}`)
}

/** Itself, or another certificate of the file. */
function findIssuer(certificate: Certificate, blocks: readonly PemBlock[]): Certificate | null {
  if (isSelfIssued(certificate)) return certificate
  const others = blocks.filter(({ label }) => label === 'CERTIFICATE').flatMap(({ der }) => readable(der))
  return others.find(({ subject }) => subject.text === certificate.issuer.text) ?? null
}

function readable(der: Uint8Array): Certificate[] {
  try {
    return [parseCertificate(der)]
  } catch {
    return []
  }
}
