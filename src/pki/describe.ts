/** A certificate in words, for people and for `getPeerCertificate`. */
import { sha256 } from '@noble/hashes/sha2.js'
import { toHex } from '../bytes.js'
import { parseCertificate } from './certificate.js'
import { formatGeneralName } from './generalName.js'

export interface CertificateDescription {
  /** Names in one line, for instance `O=IETF, CN=LAMPS WG`. */
  readonly subject: string
  readonly issuer: string
  /** Hex. */
  readonly serialNumber: string
  /** ISO 8601 in UTC, to the second. */
  readonly notBefore: string
  readonly notAfter: string
  /** As node:tls writes them: `DNS:localhost`, `IP Address:127.0.0.1`. */
  readonly subjectAltNames: readonly string[]
  /** For instance `mldsa65`, or the dotted object identifier of an algorithm that is not known here. */
  readonly keyAlgorithm: string
  /** Octets of the subjectPublicKey. */
  readonly publicKeyLength: number
  /** The IANA name of the signature scheme, or a dotted object identifier. */
  readonly signatureAlgorithm: string
  /** Octets of the signature. */
  readonly signatureLength: number
  readonly isCa: boolean
  /** How many authorities may stand below this one; null when there is no limit or it is none. */
  readonly pathLength: number | null
  /** Names of the bits; null when the extension is absent (and so nothing is limited). */
  readonly keyUsage: readonly string[] | null
  /** `serverAuth`, `clientAuth` and so on, or dotted object identifiers; null when absent. */
  readonly extendedKeyUsage: readonly string[] | null
  /** Hex, or null when absent. */
  readonly keyIds: { readonly subject: string | null; readonly authority: string | null }
  /** SHA-256 over the certificate, in hex. */
  readonly fingerprint: string
}

/** RFC 5280 4.2.1.12. */
const PURPOSES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.3': 'codeSigning',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
  '2.5.29.37.0': 'anyExtendedKeyUsage',
}

/** @throws TrefoilError ERR_BAD_CERTIFICATE when the certificate is malformed */
export function describeCertificate(der: Uint8Array): CertificateDescription {
  const certificate = parseCertificate(der)
  const { extensions, publicKeyInfo, signatureSchemes } = certificate
  return {
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    serialNumber: toHex(certificate.serialNumber),
    notBefore: isoSeconds(certificate.notBefore),
    notAfter: isoSeconds(certificate.notAfter),
    subjectAltNames: extensions.subjectAltNames.map(formatGeneralName),
    keyAlgorithm: publicKeyInfo.algorithm ?? publicKeyInfo.objectIdentifier,
    publicKeyLength: publicKeyInfo.publicKey.length,
    signatureAlgorithm: signatureSchemes[0] ?? certificate.signatureAlgorithm,
    signatureLength: certificate.signature.length,
    isCa: extensions.basicConstraints?.cA ?? false,
    pathLength: extensions.basicConstraints?.pathLength ?? null,
    keyUsage: extensions.keyUsage && [...extensions.keyUsage],
    extendedKeyUsage: extensions.extendedKeyUsage?.map((purpose) => PURPOSES[purpose] ?? purpose) ?? null,
    keyIds: {
      subject: hexOrNull(extensions.subjectKeyIdentifier),
      authority: hexOrNull(extensions.authorityKeyIdentifier),
    },
    fingerprint: toHex(sha256(der)),
  }
}

const hexOrNull = (octets: Uint8Array | null): string | null => octets && toHex(octets)
const isoSeconds = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z')
