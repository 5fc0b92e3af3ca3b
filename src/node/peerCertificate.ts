/** Certificates as node:tls shows them. */
import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls'

/** The chain's leaf in the form of tls.TLSSocket.getPeerCertificate; with `detailed`, linked to its issuers. */
export function toPeerCertificate(chain: readonly Uint8Array[], detailed: boolean): PeerCertificate {
  const certificates = (detailed ? chain : chain.slice(0, 1)).map(toLegacyObject)
  for (const [i, certificate] of certificates.entries()) {
    const issuer = certificates[i + 1]
    if (issuer !== undefined) certificate.issuerCertificate = issuer
  }
  return certificates[0] as PeerCertificate
}

/** Like node:tls, which shows an empty object when there is no certificate. */
export function noCertificate(): PeerCertificate {
  return {} as PeerCertificate
}

function toLegacyObject(der: Uint8Array): DetailedPeerCertificate {
  return new X509Certificate(der).toLegacyObject() as unknown as DetailedPeerCertificate
}
