/**
 * Requests for certificates (PKCS#10, RFC 2986), with the extensions that they ask for (RFC 2985 5.4.2). A request says
 * what its maker would like, and its signature that they have the key; what it is granted is the authority's business.
 */
import { AsnArray, AsnPropTypes, BitString } from '@peculiar/asn1-schema'
import { EMPTY } from '../bytes.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { algorithmIdentifier, signatureSchemes } from './algorithms.js'
import { declareList, declareSequence, Element, ObjectIdentifier } from './asn1Types.js'
import { AlgorithmIdentifier, Extensions, Name, SubjectPublicKeyInfo } from './certificateTypes.js'
import { type CertificateExtensions, NO_EXTENSIONS, readExtensions } from './extensions.js'
import { type DistinguishedName, readName } from './name.js'
import { asPemText, readPem } from './pem.js'
import { type PublicKeyInfo, readPublicKey } from './publicKey.js'
import { DerError, decoding, readValue } from './strictAsn1.js'
import { wholeOctets } from './strings.js'

export interface CertificateRequest {
  readonly der: Uint8Array
  /** The signed octets, exactly as they stand in `der`. */
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: string
  /** As in {@link Certificate}. */
  readonly signatureSchemes: readonly SignatureSchemeName[]
  readonly signature: Uint8Array
  readonly subject: DistinguishedName
  readonly publicKeyInfo: PublicKeyInfo
  /** What is asked for. */
  readonly extensions: CertificateExtensions
}

export class AttributeValues extends AsnArray<Element> {}
declareList(AttributeValues, 'set', Element)

export class Attribute {
  type = new ObjectIdentifier()
  values = new AttributeValues()
}
declareSequence(Attribute, { type: { type: ObjectIdentifier }, values: { type: AttributeValues } })

class Attributes extends AsnArray<Attribute> {}
declareList(Attributes, 'set', Attribute)

export class CertificationRequestInfo {
  version = 0
  subject = new Name()
  subjectRaw = EMPTY
  subjectPKInfo = new SubjectPublicKeyInfo()
  subjectPKInfoRaw = EMPTY
  attributes = new Attributes()
}
declareSequence(CertificationRequestInfo, {
  version: { type: AsnPropTypes.Integer },
  subject: { type: Name, raw: true },
  subjectPKInfo: { type: SubjectPublicKeyInfo, raw: true },
  attributes: { type: Attributes, context: 0, implicit: true },
})

export class CertificationRequest {
  certificationRequestInfo = new CertificationRequestInfo()
  certificationRequestInfoRaw = EMPTY
  signatureAlgorithm = new AlgorithmIdentifier()
  signatureAlgorithmRaw = EMPTY
  signature = new BitString()
}
declareSequence(CertificationRequest, {
  certificationRequestInfo: { type: CertificationRequestInfo, raw: true },
  signatureAlgorithm: { type: AlgorithmIdentifier, raw: true },
  signature: { type: BitString },
})

/** RFC 2985 5.4.2. */
export const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
const LABELS = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']

/**
 * The request in a PEM text (the first one of the text) or in DER. Its signature is not checked here.
 * @throws TrefoilError ERR_INVALID_OPTION when there is none, or it is malformed
 */
export function loadCertificateRequest(input: string | Uint8Array): CertificateRequest {
  const text = asPemText(input)
  const der = text === null ? (input as Uint8Array) : readPem(text).find(({ label }) => LABELS.includes(label))?.der
  if (der === undefined) throw new TrefoilError('ERR_INVALID_OPTION', 'the text holds no PEM certificate request')
  return decoding('ERR_INVALID_OPTION', 'the certificate request', () => Object.freeze(readRequest(der.slice())))
}

function readRequest(der: Uint8Array): CertificateRequest {
  const request = readValue(der, CertificationRequest)
  const info = request.certificationRequestInfo
  // RFC 2986 4.1: version 1, which is encoded as 0.
  if (info.version !== 0) throw new DerError(`its version is ${info.version}`)
  const algorithm = algorithmIdentifier(request.signatureAlgorithm, request.signatureAlgorithmRaw)
  return {
    der,
    tbs: request.certificationRequestInfoRaw,
    signatureAlgorithm: algorithm.objectIdentifier,
    signatureSchemes: signatureSchemes(algorithm),
    signature: wholeOctets(request.signature),
    subject: readName(info.subject, info.subjectRaw),
    publicKeyInfo: readPublicKey(info.subjectPKInfo, info.subjectPKInfoRaw),
    extensions: readRequested(info.attributes),
  }
}

/** Other attributes (a challenge password, for one) are passed over. */
function readRequested(attributes: readonly Attribute[]): CertificateExtensions {
  const asked = attributes.filter(({ type }) => type.text === EXTENSION_REQUEST)
  const [only] = asked
  if (only === undefined) return NO_EXTENSIONS
  const [value] = only.values
  if (asked.length > 1 || only.values.length !== 1 || value === undefined) {
    throw new DerError('it asks for extensions more than once')
  }
  return readExtensions(readValue(value.encoding, Extensions))
}
