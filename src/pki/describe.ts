/** Certificates, requests and keys in words, for people and for `getPeerCertificate`. */
import { sha256 } from '@noble/hashes/sha2.js'
import { toHex } from '../bytes.js'
import { parseCertificate } from './certificate.js'
import type { CertificateRequest } from './certificateRequest.js'
import type { CertificateExtensions } from './extensions.js'
import { formatGeneralName, type GeneralName } from './generalName.js'
import { formatIp } from './ip.js'
import type { PublicKeyInfo } from './publicKey.js'

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
  /** Subtrees in words, such as `DNS:example.com`; null when absent. */
  readonly nameConstraints: { readonly permitted: readonly string[]; readonly excluded: readonly string[] } | null
  /** Object identifiers of critical extensions that are not known here: no chain with this certificate is accepted. */
  readonly unknownCritical: readonly string[]
  /** Hex, or null when absent. */
  readonly keyIds: { readonly subject: string | null; readonly authority: string | null }
  /** SHA-256 over the certificate, in hex. */
  readonly fingerprint: string
  /** Octets of the certificate. */
  readonly length: number
}

export interface PublicKeyDescription {
  readonly keyAlgorithm: string
  /** Octets of the subjectPublicKey. */
  readonly publicKeyLength: number
  /** SHA-256 over the subjectPublicKey, its first 20 octets in hex: the key identifier that we write (RFC 7093 2). */
  readonly keyId: string
}

export interface RequestDescription extends PublicKeyDescription {
  readonly subject: string
  /** The names that are asked for. */
  readonly subjectAltNames: readonly string[]
  readonly signatureAlgorithm: string
  readonly signatureLength: number
  /** Whether it asks to be an authority. */
  readonly isCa: boolean
  readonly keyUsage: readonly string[] | null
  readonly extendedKeyUsage: readonly string[] | null
  /** Octets of the request. */
  readonly length: number
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
    ...describeUsage(extensions),
    pathLength: extensions.basicConstraints?.pathLength ?? null,
    nameConstraints: extensions.nameConstraints && {
      permitted: extensions.nameConstraints.permitted.map(formatSubtree),
      excluded: extensions.nameConstraints.excluded.map(formatSubtree),
    },
    unknownCritical: extensions.unknownCritical,
    keyIds: {
      subject: hexOrNull(extensions.subjectKeyIdentifier),
      authority: hexOrNull(extensions.authorityKeyIdentifier),
    },
    fingerprint: toHex(sha256(der)),
    length: der.length,
  }
}

/** What a request asks for. Says nothing of its signature. */
export function describeRequest(request: CertificateRequest): RequestDescription {
  const { extensions, signatureSchemes, signature, der } = request
  return {
    subject: request.subject.text,
    subjectAltNames: extensions.subjectAltNames.map(formatGeneralName),
    ...describePublicKey(request.publicKeyInfo),
    signatureAlgorithm: signatureSchemes[0] ?? request.signatureAlgorithm,
    signatureLength: signature.length,
    ...describeUsage(extensions),
    length: der.length,
  }
}

export function describePublicKey(info: PublicKeyInfo): PublicKeyDescription {
  const { algorithm, objectIdentifier, publicKey } = info
  return {
    keyAlgorithm: algorithm ?? objectIdentifier,
    publicKeyLength: publicKey.length,
    keyId: toHex(sha256(publicKey).subarray(0, 20)),
  }
}

function describeUsage({ basicConstraints, keyUsage, extendedKeyUsage }: CertificateExtensions) {
  return {
    isCa: basicConstraints?.cA ?? false,
    keyUsage: keyUsage && [...keyUsage],
    extendedKeyUsage: extendedKeyUsage?.map((purpose) => PURPOSES[purpose] ?? purpose) ?? null,
  }
}

/** An address and its mask as `10.0.0.0/8`, or with the mask in full where it is no prefix. */
function formatSubtree(name: GeneralName): string {
  if (name.kind !== 'ip') return formatGeneralName(name)
  const half = name.address.length / 2
  const mask = name.address.subarray(half)
  const bits = [...mask].map((octet) => octet.toString(2).padStart(8, '0')).join('')
  const suffix = /^1*0*$/.test(bits) ? String(bits.indexOf('0') < 0 ? bits.length : bits.indexOf('0')) : formatIp(mask)
  return `IP Address:${formatIp(name.address.subarray(0, half))}/${suffix}`
}

const hexOrNull = (octets: Uint8Array | null): string | null => octets && toHex(octets)
const isoSeconds = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z')
