/**
 * The names in a peer's certificate. ETSI GS QKD 014 5.1 says that SAE and KME IDs are taken from there, not where they
 * stand; deployments use the common name or the subjectAltName.
 */
import type { PeerCertificate } from 'node:tls'

export type CertificateNameKind = 'common-name' | 'dns' | 'uri'

/** All names of one kind; none when the certificate holds them in a form that leaves doubt. */
export function certificateNames(certificate: PeerCertificate, kind: CertificateNameKind): string[] {
  if (kind === 'common-name') {
    // Node gives an array where the subject has several.
    const name: unknown = certificate.subject?.CN
    return typeof name === 'string' ? [name] : []
  }
  const text = certificate.subjectaltname ?? ''
  // Node puts names that contain separators in quotation marks. Nobody needs such an ID, and splitting them is risky.
  if (text.includes('"')) return []
  const prefix = kind === 'dns' ? 'DNS:' : 'URI:'
  return text
    .split(', ')
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
}
