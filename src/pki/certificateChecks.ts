/** What a single certificate must satisfy for its place in a chain, apart from signatures (RFC 5280 6.1, RFC 9881 5). */
import { SIGNATURE_SCHEMES, type SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { type Certificate, isSelfIssued } from './certificate.js'
import { type ChainRule, chainError, noteFault } from './chainRules.js'
import type { KeyUsage } from './extensions.js'
import { brief } from './name.js'
import { checkNameConstraints } from './nameConstraints.js'
import { modulusBits, SMALLEST_RSA_MODULUS } from './rsaKey.js'

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
  if (unknown !== undefined) {
    const message = `${brief(subject.text)} has a critical extension not known here (${unknown})`
    throw unsupported('critical extensions known', certificate, message)
  }
  if (time < notBefore) {
    throw chainError(
      'valid already',
      certificate,
      'ERR_CERTIFICATE_NOT_YET_VALID',
      `the certificate of ${brief(subject.text)} is valid only from ${new Date(notBefore).toISOString()} on`,
    )
  }
  // RFC 5280 4.1.2.5: the last second is still within.
  if (time >= notAfter + 1000) {
    throw chainError(
      'not expired',
      certificate,
      'ERR_CERTIFICATE_EXPIRED',
      `the certificate of ${brief(subject.text)} expired at ${new Date(notAfter).toISOString()}`,
    )
  }
  checkMldsaKeyUsage(certificate)
  checkRsaKey(certificate)
}

/** What the peer's own certificate must allow. */
export function checkLeaf(
  leaf: Certificate,
  usage: CertificateUsage,
  allowedSchemes: readonly SignatureSchemeName[],
): void {
  const { keyUsage } = leaf.extensions
  const { schemes } = leaf.publicKeyInfo
  // RFC 9846 4.5.2: X.509v3. Older versions cannot say what a certificate is for.
  if (leaf.version !== 3) {
    throw unsupported('version 3', leaf, `the peer's certificate is of version ${leaf.version}, and not of version 3`)
  }
  if (!schemes.some((scheme) => SIGNATURE_SCHEMES[scheme].inHandshake && allowedSchemes.includes(scheme))) {
    const message = `the peer's certificate has a key of a kind that is not accepted (${keyText(leaf)})`
    throw unsupported('key accepted', leaf, message)
  }
  // RFC 9846 4.5.2: the key signs the handshake.
  if (keyUsage !== null && !keyUsage.has('digitalSignature')) {
    const message = "the peer's certificate does not allow its key to sign a handshake (no digitalSignature)"
    throw unsupported('may sign a handshake', leaf, message)
  }
  checkKeyPurpose(leaf, usage)
}

/**
 * What a certificate must allow to issue the last one of `below`, which runs from the leaf upwards.
 * An anchor is held to the same rules: a pinned leaf does not become an authority by being trusted.
 */
export function checkIssuer(issuer: Certificate, below: readonly Certificate[], usage: CertificateUsage): void {
  const { basicConstraints, keyUsage } = issuer.extensions
  const name = brief(issuer.subject.text)
  // RFC 5280 6.1.4 k; a certificate older than version 3 cannot say that it is one.
  if (basicConstraints?.cA !== true) {
    throw unsupported('issuer is an authority', issuer, `${name} issued a certificate but is no CA`)
  }
  // RFC 5280 6.1.4 n
  if (keyUsage !== null && !keyUsage.has('keyCertSign')) {
    const message = `${name} issued a certificate but may not (no keyCertSign)`
    throw unsupported('issuer may sign certificates', issuer, message)
  }
  // RFC 5280 4.2.1.9: self-issued intermediates and the leaf do not count.
  const intermediates = below.slice(1).filter((certificate) => !isSelfIssued(certificate)).length
  if (basicConstraints.pathLength !== null && intermediates > basicConstraints.pathLength) {
    const message = `${name} allows ${basicConstraints.pathLength} authorities below it, not more`
    throw unsupported('path length', issuer, message)
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
      if (index > 0 && isSelfIssued(certificate)) continue
      try {
        checkNameConstraints(extensions.nameConstraints, certificate)
      } catch (error) {
        if (error instanceof TrefoilError) noteFault(error, 'name constraints', certificate)
        throw error
      }
    }
  }
}

/** RFC 5280 4.2.1.12: absent means any purpose. */
function checkKeyPurpose(certificate: Certificate, usage: CertificateUsage): void {
  const purposes = certificate.extensions.extendedKeyUsage
  if (purposes === null || purposes.includes(KEY_PURPOSES[usage]) || purposes.includes(ANY_KEY_PURPOSE)) return
  const message = `the certificate of ${brief(certificate.subject.text)} is not for a TLS ${usage} (extendedKeyUsage)`
  throw unsupported('for this purpose', certificate, message)
}

/** RFC 9881 5: an ML-DSA key signs something, and neither encrypts nor agrees on keys. */
function checkMldsaKeyUsage(certificate: Certificate): void {
  const { keyUsage } = certificate.extensions
  if (keyUsage === null || certificate.publicKeyInfo.algorithm?.startsWith('mldsa') !== true) return
  if (SIGNING_USAGES.some((use) => keyUsage.has(use)) && !ENCRYPTING_USAGES.some((use) => keyUsage.has(use))) return
  const message = `the certificate of ${brief(certificate.subject.text)} has a keyUsage that no ML-DSA key can have`
  throw unsupported('usage fits ML-DSA', certificate, message)
}

function checkRsaKey(certificate: Certificate): void {
  const { algorithm, publicKey } = certificate.publicKeyInfo
  if (algorithm !== 'rsa' && algorithm !== 'rsa-pss') return
  const name = brief(certificate.subject.text)
  const bits = modulusBits(publicKey)
  if (bits === null) {
    throw chainError('well-formed', certificate, 'ERR_BAD_CERTIFICATE', `the RSA key of ${name} is malformed`)
  }
  if (bits < SMALLEST_RSA_MODULUS) {
    throw unsupported(
      'key long enough',
      certificate,
      `the RSA key of ${name} has ${bits} bits; ${SMALLEST_RSA_MODULUS} are the least`,
    )
  }
}

function keyText({ publicKeyInfo }: Certificate): string {
  return publicKeyInfo.algorithm ?? publicKeyInfo.objectIdentifier
}

const unsupported = (rule: ChainRule, certificate: Certificate, message: string): TrefoilError =>
  chainError(rule, certificate, 'ERR_UNSUPPORTED_CERTIFICATE', message)
