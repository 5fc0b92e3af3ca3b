/**
 * One X.509 certificate (RFC 5280 4.1), parsed once into an immutable value. Parsing judges form only; whether the
 * certificate may be trusted is `verifyChain`'s business.
 */
import { equalBytes } from '../bytes.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { readAlgorithmIdentifier, signatureSchemes } from './algorithms.js'
import {
  constructedTag,
  contextTag,
  DerError,
  DerReader,
  decoding,
  insideOnly,
  readBitStringOctets,
  readSmallInteger,
  readTime,
  readUnsigned,
  TAG,
} from './der.js'
import { type CertificateExtensions, NO_EXTENSIONS, readExtensions } from './extensions.js'
import { type DistinguishedName, readName } from './name.js'
import { type PublicKeyInfo, readPublicKey } from './publicKey.js'

export interface Certificate {
  readonly der: Uint8Array
  /** The signed octets, exactly as they stand in `der`. */
  readonly tbs: Uint8Array
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

/** RFC 5280 4.1.2.2: at most 20 octets, before which a zero may stand to keep the number positive. */
const MAX_SERIAL_LENGTH = 21

/**
 * Parses a DER certificate. Takes a copy, so the input may be reused.
 * @throws TrefoilError ERR_BAD_CERTIFICATE when it is not DER of RFC 5280's form
 */
export function parseCertificate(der: Uint8Array): Certificate {
  return decoding('ERR_BAD_CERTIFICATE', 'the certificate', () => readCertificate(der.slice()))
}

/** Whether issuer and subject are the same name (RFC 5280 3.2: self-issued). */
export function isSelfIssued(certificate: Certificate): boolean {
  return equalBytes(certificate.issuer.der, certificate.subject.der)
}

function readCertificate(der: Uint8Array): Certificate {
  const outer = insideOnly(der)
  const tbs = outer.element(TAG.SEQUENCE)
  const outerAlgorithm = outer.element(TAG.SEQUENCE).encoding
  const signature = readBitStringOctets(outer.content(TAG.BIT_STRING))
  outer.end()

  const reader = new DerReader(tbs.content)
  const version = readVersion(reader.optional(constructedTag(0)))
  const serialNumber = readUnsigned(reader.content(TAG.INTEGER))
  if (serialNumber.length > MAX_SERIAL_LENGTH) throw new DerError('its serial number is longer than 20 octets')
  const innerAlgorithm = reader.element(TAG.SEQUENCE).encoding
  // RFC 5280 4.1.1.2: both places name the same algorithm; only one of them is signed.
  if (!equalBytes(outerAlgorithm, innerAlgorithm)) throw new DerError('it names two different signature algorithms')
  const signatureAlgorithm = readAlgorithmIdentifier(innerAlgorithm)
  const issuer = readName(reader.element(TAG.SEQUENCE).encoding)
  // RFC 5280 4.1.2.4: an issuer has a name.
  if (issuer.attributes.length === 0) throw new DerError('its issuer has no name')
  const validity = reader.inside()
  const notBefore = readTime(validity.element())
  const notAfter = readTime(validity.element())
  validity.end()
  const subject = readName(reader.element(TAG.SEQUENCE).encoding)
  const publicKeyInfo = readPublicKey(reader.element(TAG.SEQUENCE).encoding)
  const extensions = readOptionalFields(reader, version)
  return {
    der,
    tbs: tbs.encoding,
    signatureAlgorithm: signatureAlgorithm.objectIdentifier,
    signatureSchemes: signatureSchemes(signatureAlgorithm),
    signature,
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKeyInfo,
    extensions,
  }
}

/** RFC 5280 4.1.2.1: absent is 1; 1 itself is never encoded. */
function readVersion(content: Uint8Array | null): 1 | 2 | 3 {
  if (content === null) return 1
  const reader = new DerReader(content)
  const version = readSmallInteger(reader.content(TAG.INTEGER)) + 1
  reader.end()
  if (version !== 2 && version !== 3) throw new DerError('its version does not exist')
  return version
}

/** RFC 5280 4.1.2.8 and 4.1.2.9: unique identifiers from version 2 on, extensions in version 3. */
function readOptionalFields(reader: DerReader, version: 1 | 2 | 3): CertificateExtensions {
  if (version >= 2) {
    reader.optional(contextTag(1))
    reader.optional(contextTag(2))
  }
  const extensions = version === 3 ? reader.optional(constructedTag(3)) : null
  reader.end()
  return extensions === null ? NO_EXTENSIONS : readExtensions(extensions)
}
