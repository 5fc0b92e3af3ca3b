/**
 * The types of RFC 5280 4.1, declared to the ASN.1 library. Its own declarations serve for writing; for reading they
 * lose too much: an explicit FALSE, large arcs, the octets of names and algorithms, the form of an unknown parameter.
 */
import { AsnArray, AsnIntegerArrayBufferConverter, AsnPropTypes, BitString, OctetString } from '@peculiar/asn1-schema'
import { Validity } from '@peculiar/asn1-x509'
import { EMPTY } from '../bytes.js'
import { declareList, declareSequence, Element, ObjectIdentifier } from './asn1Types.js'

export class AlgorithmIdentifier {
  algorithm = new ObjectIdentifier()
  parameters: Element | undefined
}
declareSequence(AlgorithmIdentifier, {
  algorithm: { type: ObjectIdentifier },
  parameters: { type: Element, optional: true },
})

export class AttributeTypeAndValue {
  type = new ObjectIdentifier()
  value = new Element()
}
declareSequence(AttributeTypeAndValue, { type: { type: ObjectIdentifier }, value: { type: Element } })

export class RelativeDistinguishedName extends AsnArray<AttributeTypeAndValue> {}
declareList(RelativeDistinguishedName, 'set', AttributeTypeAndValue)

export class Name extends AsnArray<RelativeDistinguishedName> {}
declareList(Name, 'sequence', RelativeDistinguishedName)

export class SubjectPublicKeyInfo {
  algorithm = new AlgorithmIdentifier()
  /** Raw: the octets as they stand in the input. */
  algorithmRaw = EMPTY
  subjectPublicKey = new BitString()
}
declareSequence(SubjectPublicKeyInfo, {
  algorithm: { type: AlgorithmIdentifier, raw: true },
  subjectPublicKey: { type: BitString },
})

export class Extension {
  extnID = new ObjectIdentifier()
  /** No default: an explicit FALSE is not DER (X.690 11.5), but it does no harm and some authorities write it. */
  critical: boolean | undefined
  extnValue = new OctetString()
}
declareSequence(Extension, {
  extnID: { type: ObjectIdentifier },
  critical: { type: AsnPropTypes.Boolean, optional: true },
  extnValue: { type: OctetString },
})

export class Extensions extends AsnArray<Extension> {}
declareList(Extensions, 'sequence', Extension)

export class TBSCertificate {
  version: number | undefined
  serialNumber = new ArrayBuffer(0)
  signature = new AlgorithmIdentifier()
  signatureRaw = EMPTY
  issuer = new Name()
  issuerRaw = EMPTY
  validity = new Validity()
  subject = new Name()
  subjectRaw = EMPTY
  subjectPublicKeyInfo = new SubjectPublicKeyInfo()
  subjectPublicKeyInfoRaw = EMPTY
  issuerUniqueID: ArrayBuffer | undefined
  subjectUniqueID: ArrayBuffer | undefined
  extensions: Extensions | undefined
}
declareSequence(TBSCertificate, {
  version: { type: AsnPropTypes.Integer, context: 0, optional: true },
  serialNumber: { type: AsnPropTypes.Integer, converter: AsnIntegerArrayBufferConverter },
  signature: { type: AlgorithmIdentifier, raw: true },
  issuer: { type: Name, raw: true },
  validity: { type: Validity },
  subject: { type: Name, raw: true },
  subjectPublicKeyInfo: { type: SubjectPublicKeyInfo, raw: true },
  issuerUniqueID: { type: AsnPropTypes.BitString, context: 1, implicit: true, optional: true },
  subjectUniqueID: { type: AsnPropTypes.BitString, context: 2, implicit: true, optional: true },
  extensions: { type: Extensions, context: 3, optional: true },
})

export class CertificateType {
  tbsCertificate = new TBSCertificate()
  tbsCertificateRaw = EMPTY
  signatureAlgorithm = new AlgorithmIdentifier()
  signatureAlgorithmRaw = EMPTY
  signatureValue = new BitString()
}
declareSequence(CertificateType, {
  tbsCertificate: { type: TBSCertificate, raw: true },
  signatureAlgorithm: { type: AlgorithmIdentifier, raw: true },
  signatureValue: { type: BitString },
})
