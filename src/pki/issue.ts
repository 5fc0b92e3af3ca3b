/**
 * A small certificate authority: self-signed roots, intermediates and leaves, ML-DSA by default (RFC 9881) and
 * classical on request. What it writes is what OpenSSL 3.5 reads.
 */
import { toHex } from '../bytes.js'
import type { CryptoProvider, SigningKey } from '../crypto/provider.js'
import type { KeyAlgorithm } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { type Certificate, isSelfIssued, parseCertificate } from './certificate.js'
import { buildCertificate, commonNameSubject } from './certificateBuilder.js'
import type { CertificateUsage } from './certificateChecks.js'
import { parseSubjectAltName } from './issueNames.js'
import { writePem } from './pem.js'
import { loadPrivateKey, wipePrivateKey } from './privateKey.js'
import { writePrivateKeyPem } from './privateKeyWriter.js'
import { encodePublicKey } from './publicKey.js'
import { loadCertificates } from './trustAnchors.js'

/** Kinds of keys that are generated and certified here. */
export type IssuedAlgorithm = Exclude<KeyAlgorithm, 'rsa' | 'rsa-pss'>

/** A certificate with its private key. */
export interface CertifiedKey {
  /** PEM: the certificate itself first, then its intermediates, without the root. */
  readonly certificatePem: string
  /** PEM PKCS#8; ML-DSA in the seed form. A secret. */
  readonly privateKeyPem: string
  readonly certificateDer: Uint8Array
  readonly algorithm: KeyAlgorithm
}

interface ValidityOptions {
  /** First moment of validity in milliseconds of the Unix epoch; five minutes before `now` unless given. */
  readonly notBefore?: number | undefined
  /** Days of validity, counted from `notBefore` (or from `now`): 3650 for an authority, 365 for a leaf unless given. */
  readonly days?: number | undefined
  readonly crypto: CryptoProvider
  /** Milliseconds of the Unix epoch; the system's clock unless given. */
  readonly now?: number | undefined
}

export interface CertificateAuthorityOptions extends ValidityOptions {
  readonly commonName: string
  readonly algorithm?: IssuedAlgorithm | undefined
  /** How many authorities may stand between this one and a leaf; any number unless given. */
  readonly pathLength?: number | undefined
}

export interface IssueOptions extends ValidityOptions {
  /** The issuer, whose own intermediates the new certificate carries along. */
  readonly ca: CertifiedKey
  /** At most 64 characters; the first of `subjectAltNames` that fits unless given. */
  readonly commonName?: string | undefined
  /** DNS names, IP addresses, `URI:…` and `email:…`. */
  readonly subjectAltNames?: readonly string[] | undefined
  readonly algorithm?: IssuedAlgorithm | undefined
  /** What a leaf is for; both unless given. */
  readonly usage?: readonly CertificateUsage[] | undefined
  /** Makes an intermediate authority instead of a leaf. */
  readonly isCa?: boolean | undefined
  readonly pathLength?: number | undefined
}

const DEFAULT_ALGORITHM = 'mldsa65'
const AUTHORITY_DAYS = 3650
const LEAF_DAYS = 365
const DAY = 86_400_000
/** Clocks differ: a certificate made now must be good at once everywhere. */
const BACKDATE = 300_000
const MAX_COMMON_NAME_LENGTH = 64

/**
 * A self-signed authority.
 * @throws TrefoilError ERR_INVALID_OPTION for a name or a validity that cannot be written
 */
export function createCertificateAuthority(options: CertificateAuthorityOptions): CertifiedKey {
  const { commonName, crypto } = options
  const algorithm = options.algorithm ?? DEFAULT_ALGORITHM
  const { key, privateKeyPem } = generateKey(algorithm, crypto)
  try {
    const subjectPublicKeyInfo = encodePublicKey(algorithm, key.publicKey)
    const keyIdentifier = identifyKey(key.publicKey, crypto)
    const certificateDer = buildCertificate({
      signer: key,
      issuer: commonNameSubject(checkCommonName(commonName)),
      subject: commonNameSubject(commonName),
      subjectPublicKeyInfo,
      subjectKeyIdentifier: keyIdentifier,
      authorityKeyIdentifier: keyIdentifier,
      subjectAltNames: [],
      role: { kind: 'authority', pathLength: checkPathLength(options.pathLength) },
      ...validity(options, AUTHORITY_DAYS, null),
      crypto,
    })
    return { certificatePem: writePem('CERTIFICATE', certificateDer), privateKeyPem, certificateDer, algorithm }
  } finally {
    key.wipe()
  }
}

/**
 * A certificate from `ca`, with a fresh key.
 * @throws TrefoilError ERR_INVALID_OPTION for a name or a validity that cannot be written, or when `ca` is no
 *   authority; ERR_INVALID_KEY when its key is unusable
 */
export function issueCertificate(options: IssueOptions): CertifiedKey {
  const { ca, crypto, isCa = false } = options
  const issuer = checkAuthority(ca)
  const algorithm = options.algorithm ?? DEFAULT_ALGORITHM
  const names = (options.subjectAltNames ?? []).map(parseSubjectAltName)
  const commonName = checkCommonName(options.commonName ?? firstName(options.subjectAltNames ?? []))
  const signer = loadPrivateKey(ca.privateKeyPem, crypto)
  const { key, privateKeyPem } = generateKey(algorithm, crypto)
  try {
    const certificateDer = buildCertificate({
      signer,
      issuer: issuer.subject.der,
      subject: commonNameSubject(commonName),
      subjectPublicKeyInfo: encodePublicKey(algorithm, key.publicKey),
      subjectKeyIdentifier: identifyKey(key.publicKey, crypto),
      authorityKeyIdentifier:
        issuer.extensions.subjectKeyIdentifier ?? identifyKey(issuer.publicKeyInfo.publicKey, crypto),
      subjectAltNames: names,
      role: isCa
        ? { kind: 'authority', pathLength: checkPathLength(options.pathLength) }
        : { kind: 'leaf', usage: options.usage ?? ['server', 'client'] },
      ...validity(options, isCa ? AUTHORITY_DAYS : LEAF_DAYS, issuer),
      crypto,
    })
    // The root is what the other side has already; sending it would be waste.
    const above = loadCertificates(ca.certificatePem).filter((der) => !isSelfIssued(parseCertificate(der)))
    const certificatePem = [certificateDer, ...above].map((der) => writePem('CERTIFICATE', der)).join('')
    return { certificatePem, privateKeyPem, certificateDer, algorithm }
  } finally {
    signer.wipe()
    key.wipe()
  }
}

/**
 * Puts a certificate and a key from PEM texts together, for an authority kept in files.
 * @throws TrefoilError ERR_INVALID_OPTION, ERR_INVALID_KEY when either is unusable or they do not belong together
 */
export function loadCertifiedKey(certificatePem: string, privateKeyPem: string, crypto: CryptoProvider): CertifiedKey {
  const [certificateDer] = loadCertificates(certificatePem) as [Uint8Array, ...Uint8Array[]]
  const key = loadPrivateKey(privateKeyPem, crypto)
  key.wipe()
  const { algorithm, publicKey } = parseCertificate(certificateDer).publicKeyInfo
  if (algorithm !== key.algorithm || toHex(publicKey) !== toHex(key.publicKey)) {
    throw new TrefoilError('ERR_INVALID_KEY', 'the private key does not belong to the certificate')
  }
  return { certificatePem, privateKeyPem, certificateDer, algorithm }
}

function generateKey(algorithm: IssuedAlgorithm, crypto: CryptoProvider): { key: SigningKey; privateKeyPem: string } {
  const material = crypto.generateSigningKey(algorithm)
  const key = crypto.signingKey(material)
  const privateKeyPem = writePrivateKeyPem(material)
  wipePrivateKey(material)
  return { key, privateKeyPem }
}

/** RFC 7093 2 method 1: the left 160 bits of SHA-256 over the key. */
function identifyKey(publicKey: Uint8Array, crypto: CryptoProvider): Uint8Array {
  return crypto.hash('SHA-256', publicKey).slice(0, 20)
}

function checkAuthority(ca: CertifiedKey): Certificate {
  const certificate = parseCertificate(ca.certificateDer)
  const { basicConstraints, keyUsage } = certificate.extensions
  if (basicConstraints?.cA !== true || (keyUsage !== null && !keyUsage.has('keyCertSign'))) {
    throw new TrefoilError('ERR_INVALID_OPTION', `${certificate.subject.text} is no certificate authority`)
  }
  return certificate
}

function validity(
  { notBefore, days, now = Date.now() }: ValidityOptions,
  defaultDays: number,
  issuer: Certificate | null,
): { notBefore: number; notAfter: number } {
  const start = notBefore ?? now - BACKDATE
  const end = (notBefore ?? now) + (days ?? defaultDays) * DAY
  // Unless told otherwise, nothing outlives its issuer.
  const notAfter =
    days === undefined && issuer !== null && issuer.notAfter > start ? Math.min(end, issuer.notAfter) : end
  if (!(notAfter > start && (days ?? 1) > 0 && start >= Date.UTC(1950, 0) && notAfter < Date.UTC(10000, 0))) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'the validity of the certificate is empty or cannot be written')
  }
  return { notBefore: start, notAfter }
}

function checkCommonName(commonName: string): string {
  if (commonName.length > 0 && commonName.length <= MAX_COMMON_NAME_LENGTH) return commonName
  throw new TrefoilError('ERR_INVALID_OPTION', `a common name has 1 to ${MAX_COMMON_NAME_LENGTH} characters`)
}

function firstName(subjectAltNames: readonly string[]): string {
  const name = subjectAltNames.find((text) => text.length <= MAX_COMMON_NAME_LENGTH)
  if (name !== undefined) return name
  throw new TrefoilError('ERR_INVALID_OPTION', 'a certificate needs a common name or an alternative name')
}

function checkPathLength(pathLength: number | undefined): number | null {
  if (pathLength === undefined) return null
  if (Number.isInteger(pathLength) && pathLength >= 0 && pathLength < 128) return pathLength
  throw new TrefoilError('ERR_INVALID_OPTION', 'a path length is a whole number from 0 to 127')
}
