/**
 * One X.509 certificate (RFC 5280 4.1), parsed once into an immutable value. Parsing judges form only; whether the
 * certificate may be trusted is `verifyChain`'s business.
 */
import { equalBytes } from '../bytes.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { algorithmIdentifier, signatureSchemes } from './algorithms.js'
import { CertificateType, type TBSCertificate } from './certificateTypes.js'
import { type CertificateExtensions, NO_EXTENSIONS, readExtensions } from './extensions.js'
import { type DistinguishedName, readName } from './name.js'
import { ParsingCache } from './parsingCache.js'
import { type PublicKeyInfo, readPublicKey } from './publicKey.js'
import { DerError, decoding, readValue } from './strictAsn1.js'
import { wholeOctets } from './strings.js'

/** Its octets are for reading only: parsed certificates are shared by all who ask for them. */
export interface Certificate {
  readonly der: Uint8Array
  /** The signed octets, exactly as they stand in `der`. */
  readonly tbs: Uint8Array
  /** 1, 2 or 3. */
  readonly version: number
  /** Object identifier of the signature's algorithm. */
  readonly signatureAlgorithm: string
  /** The schemes that it may mean, depending on the signer's kind of key; empty when it is unknown here. */
  readonly signatureSchemes: readonly SignatureSchemeName[]
  readonly signature: Uint8Array
  /** Content octets of the INTEGER, at most 21. */
  readonly serialNumber: Uint8Array
  readonly issuer: DistinguishedName
  readonly subject: DistinguishedName
  /** First and last second of the validity, in milliseconds of the Unix epoch. */
  readonly notBefore: number
  readonly notAfter: number
  readonly publicKeyInfo: PublicKeyInfo
  readonly extensions: CertificateExtensions
}

/** Octets (RFC 5280 4.1.2.2), without the zero that may stand before them to keep the number positive. */
const MAX_SERIAL_LENGTH = 20

const recentlyParsed = new ParsingCache<Certificate>()

/**
 * Parses a DER certificate. Takes a copy, so the input may be reused. The same octets may give the same object.
 * @throws TrefoilError ERR_BAD_CERTIFICATE when it is not DER of RFC 5280's form
 */
export function parseCertificate(der: Uint8Array): Certificate {
  return recentlyParsed.get(der, () =>
    decoding('ERR_BAD_CERTIFICATE', 'the certificate', () => Object.freeze(readCertificate(der.slice()))),
  )
}

/** Whether issuer and subject are the same name (RFC 5280 3.2: self-issued). */
export function isSelfIssued(certificate: Certificate): boolean {
  return equalBytes(certificate.issuer.der, certificate.subject.der)
}

function readCertificate(der: Uint8Array): Certificate {
  const certificate = readValue(der, CertificateType)
  const tbs = certificate.tbsCertificate
  // RFC 5280 4.1.1.2: both places name the same algorithm; only one of them is signed.
  if (!equalBytes(certificate.signatureAlgorithmRaw, tbs.signatureRaw)) {
    throw new DerError('it names two different signature algorithms')
  }
  const signatureAlgorithm = algorithmIdentifier(tbs.signature, tbs.signatureRaw)
  const issuer = readName(tbs.issuer, tbs.issuerRaw)
  // RFC 5280 4.1.2.4: an issuer has a name.
  if (issuer.attributes.length === 0) throw new DerError('its issuer has no name')
  return {
    der,
    tbs: certificate.tbsCertificateRaw,
    version: (tbs.version ?? 0) + 1,
    signatureAlgorithm: signatureAlgorithm.objectIdentifier,
    signatureSchemes: signatureSchemes(signatureAlgorithm),
    signature: wholeOctets(certificate.signatureValue),
    serialNumber: readSerialNumber(tbs),
    issuer,
    subject: readName(tbs.subject, tbs.subjectRaw),
    notBefore: wholeSeconds(tbs.validity.notBefore.getTime()),
    notAfter: wholeSeconds(tbs.validity.notAfter.getTime()),
    publicKeyInfo: readPublicKey(tbs.subjectPublicKeyInfo, tbs.subjectPublicKeyInfoRaw),
    extensions: readOptionalFields(tbs),
  }
}

function readSerialNumber({ serialNumber }: TBSCertificate): Uint8Array {
  const octets = new Uint8Array(serialNumber)
  if ((octets[0] as number) >= 0x80) throw new DerError('its serial number is negative')
  const padded = octets[0] === 0
  if (octets.length - Number(padded) > MAX_SERIAL_LENGTH)
    throw new DerError('its serial number is longer than 20 octets')
  return octets
}

/** RFC 5280 4.1.2.5: times have no fractions. All else that they must not have does not survive being written again. */
function wholeSeconds(date: Date): number {
  const time = date.getTime()
  if (time % 1000 !== 0) throw new DerError('a time has a fraction of a second')
  return time
}

/** RFC 5280 4.1.2.1, 4.1.2.8 and 4.1.2.9: unique identifiers from version 2 on, extensions in version 3. */
function readOptionalFields(tbs: TBSCertificate): CertificateExtensions {
  const { version, extensions } = tbs
  // Absent stands for version 1, which itself is never encoded; the encoding counts from zero.
  if (version !== undefined && version !== 1 && version !== 2) throw new DerError('its version does not exist')
  const unique = tbs.issuerUniqueID ?? tbs.subjectUniqueID
  if ((version === undefined && unique !== undefined) || (version !== 2 && extensions !== undefined)) {
    throw new DerError('it has fields that its version does not have')
  }
  return extensions === undefined ? NO_EXTENSIONS : readExtensions(extensions)
}
