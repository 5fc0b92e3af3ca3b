/** What a single certificate must satisfy for its place in a chain, apart from signatures (RFC 5280 6.1, RFC 9881 5). */
import { SIGNATURE_SCHEMES, type SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { type Certificate, isSelfIssued } from './certificate.js'
import type { KeyUsage } from './extensions.js'
import { brief } from './name.js'
import { checkNameConstraints } from './nameConstraints.js'

/** What the leaf is used for. */
export type CertificateUsage = 'server' | 'client'

/** RFC 5280 4.2.1.12. */
const KEY_PURPOSES: Readonly<Record<CertificateUsage, string>> = {
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
}
const ANY_KEY_PURPOSE = '2.5.29.37.0'

const SIGNING_USAGES: readonly KeyUsage[] = ['digitalSignature', 'nonRepudiation', 'keyCertSign', 'cRLSign']
const ENCRYPTING_USAGES: readonly KeyUsage[] = [
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'encipherOnly',
  'decipherOnly',
]

/** Checks that hold for every certificate of the path, the anchor included. */
export function checkCertificate(certificate: Certificate, time: number): void {
  const { extensions, subject, notBefore, notAfter } = certificate
  const [unknown] = extensions.unknownCritical
  // RFC 5280 4.2: a critical extension that is not understood is a refusal.
  if (unknown !== undefined)
    throw unsupported(`${brief(subject.text)} has a critical extension not known here (${unknown})`)
  if (time < notBefore) {
    throw new TrefoilError(
      'ERR_CERTIFICATE_NOT_YET_VALID',
      `the certificate of ${brief(subject.text)} is valid only from ${new Date(notBefore).toISOString()} on`,
    )
  }
  // RFC 5280 4.1.2.5: the last second is still within.
  if (time >= notAfter + 1000) {
    throw new TrefoilError(
      'ERR_CERTIFICATE_EXPIRED',
      `the certificate of ${brief(subject.text)} expired at ${new Date(notAfter).toISOString()}`,
    )
  }
  checkMldsaKeyUsage(certificate)
}

/** What the peer's own certificate must allow. */
export function checkLeaf(
  leaf: Certificate,
  usage: CertificateUsage,
  allowedSchemes: readonly SignatureSchemeName[],
): void {
  const { keyUsage } = leaf.extensions
  const { schemes } = leaf.publicKeyInfo
  if (!schemes.some((scheme) => SIGNATURE_SCHEMES[scheme].inHandshake && allowedSchemes.includes(scheme))) {
    throw unsupported(`the peer's certificate has a key of a kind that is not accepted (${keyText(leaf)})`)
  }
  // RFC 9846 4.5.2: the key signs the handshake.
  if (keyUsage !== null && !keyUsage.has('digitalSignature')) {
    throw unsupported("the peer's certificate does not allow its key to sign a handshake (no digitalSignature)")
  }
  checkKeyPurpose(leaf, usage)
}

/**
 * What a certificate must allow to issue the last one of `below`, which runs from the leaf upwards.
 * An anchor is held to the same rules: a pinned leaf does not become an authority by being trusted.
 */
export function checkIssuer(issuer: Certificate, below: readonly Certificate[], usage: CertificateUsage): void {
  const { basicConstraints, keyUsage } = issuer.extensions
  // RFC 5280 6.1.4 k
  if (basicConstraints?.cA !== true)
    throw unsupported(`${brief(issuer.subject.text)} issued a certificate but is no CA`)
  // RFC 5280 6.1.4 n
  if (keyUsage !== null && !keyUsage.has('keyCertSign')) {
    throw unsupported(`${brief(issuer.subject.text)} issued a certificate but may not (no keyCertSign)`)
  }
  // RFC 5280 4.2.1.9: self-issued intermediates and the leaf do not count.
  const intermediates = below.slice(1).filter((certificate) => !isSelfIssued(certificate)).length
  if (basicConstraints.pathLength !== null && intermediates > basicConstraints.pathLength) {
    throw unsupported(
      `${brief(issuer.subject.text)} allows ${basicConstraints.pathLength} authorities below it, not more`,
    )
  }
  // An authority that is limited to purposes hands down no other; so do all TLS stacks read it.
  checkKeyPurpose(issuer, usage)
}

/**
 * Checks the names on a whole path, leaf first, against the constraints of the authorities on it. Only for paths whose
 * signatures hold: a stranger could make it costly.
 */
export function checkNamesOnPath(path: readonly Certificate[]): void {
  for (const [height, { extensions }] of path.entries()) {
    if (extensions.nameConstraints === null) continue
    for (const [index, certificate] of path.slice(0, height).entries()) {
      // RFC 5280 6.1.4 b and c: self-issued intermediates are exempt, the leaf never is.
      if (index === 0 || !isSelfIssued(certificate)) checkNameConstraints(extensions.nameConstraints, certificate)
    }
  }
}

/** RFC 5280 4.2.1.12: absent means any purpose. */
function checkKeyPurpose(certificate: Certificate, usage: CertificateUsage): void {
  const purposes = certificate.extensions.extendedKeyUsage
  if (purposes === null || purposes.includes(KEY_PURPOSES[usage]) || purposes.includes(ANY_KEY_PURPOSE)) return
  throw unsupported(
    `the certificate of ${brief(certificate.subject.text)} is not for a TLS ${usage} (extendedKeyUsage)`,
  )
}

/** RFC 9881 5: an ML-DSA key signs something, and neither encrypts nor agrees on keys. */
function checkMldsaKeyUsage(certificate: Certificate): void {
  const { keyUsage } = certificate.extensions
  if (keyUsage === null || certificate.publicKeyInfo.algorithm?.startsWith('mldsa') !== true) return
  if (SIGNING_USAGES.some((use) => keyUsage.has(use)) && !ENCRYPTING_USAGES.some((use) => keyUsage.has(use))) return
  throw unsupported(`the certificate of ${brief(certificate.subject.text)} has a keyUsage that no ML-DSA key can have`)
}

function keyText({ publicKeyInfo }: Certificate): string {
  return publicKeyInfo.algorithm ?? publicKeyInfo.objectIdentifier
}

const unsupported = (message: string): TrefoilError => new TrefoilError('ERR_UNSUPPORTED_CERTIFICATE', message)
