/**
 * A small certificate authority: self-signed roots, intermediates and leaves, ML-DSA by default (RFC 9881) and
 * classical on request. What it writes is what OpenSSL 3.5 reads.
 */
import { equalBytes } from '../bytes.js'
import type { CryptoProvider, SigningKey } from '../crypto/provider.js'
import type { KeyAlgorithm } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { type Certificate, isSelfIssued, parseCertificate } from './certificate.js'
import { buildCertificate, type CertificatePlan, commonNameSubject } from './certificateBuilder.js'
import type { CertificateUsage } from './certificateChecks.js'
import type { Passphrase } from './encryptedPrivateKey.js'
import {
  AUTHORITY_DAYS,
  checkCommonName,
  checkNameConstraints,
  checkPathLength,
  checkSerialNumber,
  firstName,
  LEAF_DAYS,
  type NameConstraintOptions,
  type ValidityOptions,
  validity,
} from './issueChecks.js'
import { parseSubjectAltName } from './issueNames.js'
import { writePem } from './pem.js'
import { loadPrivateKey, type PrivateKeyOptions, wipePrivateKey } from './privateKey.js'
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
  /** For a key that is kept encrypted. */
  readonly passphrase?: Passphrase | undefined
  readonly certificateDer: Uint8Array
  readonly algorithm: KeyAlgorithm
}

/** What an authority may do, for roots and intermediates. */
interface AuthorityOptions {
  /** How many authorities may stand between this one and a leaf; any number unless given. */
  readonly pathLength?: number | undefined
  /** The names that it and the authorities below it may certify; any unless given. */
  readonly nameConstraints?: NameConstraintOptions | undefined
}

interface CommonOptions extends ValidityOptions {
  /** The serial number, big-endian, at most 20 octets; random unless given. */
  readonly serialNumber?: Uint8Array | undefined
  readonly crypto: CryptoProvider
}

export interface CertificateAuthorityOptions extends CommonOptions, AuthorityOptions {
  readonly commonName: string
  readonly algorithm?: IssuedAlgorithm | undefined
}

/** What a certificate under an authority says, whoever has its key. */
export interface CertifyOptions extends CommonOptions, AuthorityOptions {
  /** The issuer, whose own intermediates the new certificate carries along. */
  readonly ca: CertifiedKey
  /** At most 64 characters; the first of `subjectAltNames` that fits unless given. */
  readonly commonName?: string | undefined
  /** DNS names, IP addresses, `URI:…` and `email:…`. */
  readonly subjectAltNames?: readonly string[] | undefined
  /** What a leaf is for; both unless given. */
  readonly usage?: readonly CertificateUsage[] | undefined
  /** Makes an intermediate authority instead of a leaf. */
  readonly isCa?: boolean | undefined
}

export interface IssueOptions extends CertifyOptions {
  readonly algorithm?: IssuedAlgorithm | undefined
}

export const DEFAULT_ALGORITHM = 'mldsa65'

/**
 * A self-signed authority.
 * @throws TrefoilError ERR_INVALID_OPTION for a name or a validity that cannot be written
 */
export function createCertificateAuthority(options: CertificateAuthorityOptions): CertifiedKey {
  const { commonName, crypto } = options
  const algorithm = options.algorithm ?? DEFAULT_ALGORITHM
  const subject = commonNameSubject(checkCommonName(commonName))
  const { key, privateKeyPem } = generateKey(algorithm, crypto)
  try {
    const keyIdentifier = identifyKey(key.publicKey, crypto)
    const certificateDer = buildCertificate({
      signer: key,
      issuer: subject,
      subject,
      subjectPublicKeyInfo: encodePublicKey(algorithm, key.publicKey),
      subjectKeyIdentifier: keyIdentifier,
      authorityKeyIdentifier: keyIdentifier,
      subjectAltNames: [],
      role: authorityRole(options),
      ...validity(options, AUTHORITY_DAYS, null),
      serialNumber: checkSerialNumber(options.serialNumber),
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
  const algorithm = options.algorithm ?? DEFAULT_ALGORITHM
  const { key, privateKeyPem } = generateKey(algorithm, options.crypto)
  try {
    const certified = certifyPublicKey({ algorithm, publicKey: key.publicKey }, options)
    return { ...certified, privateKeyPem, algorithm }
  } finally {
    key.wipe()
  }
}

/**
 * A certificate from `ca` for a key whose private half is elsewhere.
 * @param key in the form of `CryptoProvider.verifyingKey`
 * @throws TrefoilError as {@link issueCertificate}
 */
export function certifyPublicKey(
  key: { readonly algorithm: KeyAlgorithm; readonly publicKey: Uint8Array },
  options: CertifyOptions,
): Pick<CertifiedKey, 'certificatePem' | 'certificateDer'> {
  const { ca, crypto, isCa = false, subjectAltNames = [] } = options
  const issuer = checkAuthority(ca)
  const role: CertificatePlan['role'] = isCa
    ? authorityRole(options)
    : { kind: 'leaf', usage: options.usage ?? ['server', 'client'] }
  const plan: Omit<CertificatePlan, 'signer'> = {
    issuer: issuer.subject.der,
    subject: commonNameSubject(checkCommonName(options.commonName ?? firstName(subjectAltNames))),
    subjectPublicKeyInfo: encodePublicKey(key.algorithm, key.publicKey),
    subjectKeyIdentifier: identifyKey(key.publicKey, crypto),
    authorityKeyIdentifier:
      issuer.extensions.subjectKeyIdentifier ?? identifyKey(issuer.publicKeyInfo.publicKey, crypto),
    subjectAltNames: subjectAltNames.map(parseSubjectAltName),
    role,
    ...validity(options, isCa ? AUTHORITY_DAYS : LEAF_DAYS, issuer),
    serialNumber: checkSerialNumber(options.serialNumber),
    crypto,
  }
  const signer = loadPrivateKey(ca.privateKeyPem, crypto, ca)
  try {
    const certificateDer = buildCertificate({ ...plan, signer })
    // The root is what the other side has already; sending it would be waste.
    const above = loadCertificates(ca.certificatePem).filter((der) => !isSelfIssued(parseCertificate(der)))
    const certificatePem = [certificateDer, ...above].map((der) => writePem('CERTIFICATE', der)).join('')
    return { certificatePem, certificateDer }
  } finally {
    signer.wipe()
  }
}

/**
 * Puts a certificate and a key from PEM texts together, for an authority kept in files.
 * @throws TrefoilError ERR_INVALID_OPTION, ERR_INVALID_KEY when either is unusable or they do not belong together
 */
export function loadCertifiedKey(
  certificatePem: string,
  privateKeyPem: string,
  crypto: CryptoProvider,
  { passphrase }: PrivateKeyOptions = {},
): CertifiedKey {
  const [certificateDer] = loadCertificates(certificatePem) as [Uint8Array, ...Uint8Array[]]
  const key = loadPrivateKey(privateKeyPem, crypto, { passphrase })
  key.wipe()
  const { algorithm, publicKey } = parseCertificate(certificateDer).publicKeyInfo
  if (algorithm !== key.algorithm || !equalBytes(publicKey, key.publicKey)) {
    throw new TrefoilError('ERR_INVALID_KEY', 'the private key does not belong to the certificate')
  }
  return { certificatePem, privateKeyPem, passphrase, certificateDer, algorithm }
}

/** A fresh key, to sign with and to keep. The caller wipes the former. */
export function generateKey(
  algorithm: IssuedAlgorithm,
  crypto: CryptoProvider,
): { key: SigningKey; privateKeyPem: string } {
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

function authorityRole(options: AuthorityOptions): CertificatePlan['role'] {
  return {
    kind: 'authority',
    pathLength: checkPathLength(options.pathLength),
    nameConstraints: checkNameConstraints(options.nameConstraints),
  }
}

function checkAuthority(ca: CertifiedKey): Certificate {
  const certificate = parseCertificate(ca.certificateDer)
  const { basicConstraints, keyUsage } = certificate.extensions
  if (basicConstraints?.cA !== true || (keyUsage !== null && !keyUsage.has('keyCertSign'))) {
    throw new TrefoilError('ERR_INVALID_OPTION', `${certificate.subject.text} is no certificate authority`)
  }
  return certificate
}
