/** A certificate with the common name of another, and its issuer's, from an authority made a moment ago. */
import { EMPTY } from '../../bytes.js'
import { defaultProvider } from '../../crypto/index.js'
import { TrefoilError } from '../../errors.js'
import { createCertificateAuthority, issueCertificate, loadCertificates, parseCertificate } from '../../pki/index.js'

interface Twin {
  readonly cert: string
  readonly key: string
}

/** Null when the certificate cannot be read here, which is no reason not to examine a key manager that reads it. */
export function foreignTwin(pem: Uint8Array): Twin | null {
  try {
    return makeTwin(pem)
  } catch (error) {
    if (error instanceof TrefoilError) return null
    throw error
  }
}

function makeTwin(pem: Uint8Array): Twin {
  const crypto = defaultProvider()
  const { subject, issuer } = parseCertificate(loadCertificates(pem)[0] ?? EMPTY)
  // ECDSA, since every TLS stack can read it, and the refusal should not be for want of that.
  const algorithm = 'ecdsa-p256'
  const ca = createCertificateAuthority({ commonName: commonName(issuer) ?? 'foreign CA', algorithm, crypto })
  const name = commonName(subject) ?? 'foreign'
  const twin = issueCertificate({ ca, commonName: name, algorithm, usage: ['client'], crypto })
  return { cert: twin.certificatePem, key: twin.privateKeyPem }
}

/** At most 64 characters (RFC 5280 appendix A.1). */
function commonName({ attributes }: ReturnType<typeof parseCertificate>['subject']): string | null {
  const name = attributes.find(({ type }) => type === 'CN')?.value
  return name === undefined || name === '' ? null : name.slice(0, 64)
}
