/** The types of RFC 5280 4.2.1 that the ASN.1 library does not declare, or declares so that something would be lost. */
import { AsnArray, AsnIntegerArrayBufferConverter, AsnPropTypes, OctetString } from '@peculiar/asn1-schema'
import { declareList, declareSequence, Element, ElementList, ObjectIdentifier } from './asn1Types.js'

export class BasicConstraints {
  /** No default, as for criticality: an explicit FALSE is widespread. */
  cA: boolean | undefined
  /** Text when it has four octets. */
  pathLenConstraint: number | string | undefined
}
declareSequence(BasicConstraints, {
  cA: { type: AsnPropTypes.Boolean, optional: true },
  pathLenConstraint: { type: AsnPropTypes.Integer, optional: true },
})

export class ExtendedKeyUsage extends AsnArray<ObjectIdentifier> {}
declareList(ExtendedKeyUsage, 'sequence', ObjectIdentifier)

/** RFC 5280 4.2.1.1; the names are not looked into. */
export class AuthorityKeyIdentifier {
  keyIdentifier: OctetString | undefined
  authorityCertIssuer: ElementList | undefined
  authorityCertSerialNumber: ArrayBuffer | undefined
}
declareSequence(AuthorityKeyIdentifier, {
  keyIdentifier: { type: OctetString, context: 0, implicit: true, optional: true },
  authorityCertIssuer: { type: ElementList, context: 1, implicit: true, optional: true },
  authorityCertSerialNumber: {
    type: AsnPropTypes.Integer,
    converter: AsnIntegerArrayBufferConverter,
    context: 2,
    implicit: true,
    optional: true,
  },
})

/** RFC 5280 4.2.1.10: minimum is zero (and so not encoded) and maximum absent, so neither may stand there. */
export class GeneralSubtree {
  base = new Element()
}
declareSequence(GeneralSubtree, { base: { type: Element } })

export class GeneralSubtrees extends AsnArray<GeneralSubtree> {}
declareList(GeneralSubtrees, 'sequence', GeneralSubtree)

export class NameConstraintsType {
  permittedSubtrees: GeneralSubtrees | undefined
  excludedSubtrees: GeneralSubtrees | undefined
}
declareSequence(NameConstraintsType, {
  permittedSubtrees: { type: GeneralSubtrees, context: 0, implicit: true, optional: true },
  excludedSubtrees: { type: GeneralSubtrees, context: 1, implicit: true, optional: true },
})
