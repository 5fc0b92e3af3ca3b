/** The types that private keys are written in, declared to the ASN.1 library. */
import { AsnPropTypes, BitString, OctetString } from '@peculiar/asn1-schema'
import { EMPTY } from '../bytes.js'
import { declareChoice, declareSequence, ElementList, ObjectIdentifier } from './asn1Types.js'
import { AlgorithmIdentifier } from './certificateTypes.js'

/** RFC 5958 2: PKCS#8, with a public key from version 2 on. */
export class OneAsymmetricKey {
  version: number | string = 0
  privateKeyAlgorithm = new AlgorithmIdentifier()
  privateKeyAlgorithmRaw = EMPTY
  privateKey = new OctetString()
  attributes: ElementList | undefined
  publicKey: ArrayBuffer | undefined
}
declareSequence(OneAsymmetricKey, {
  version: { type: AsnPropTypes.Integer },
  privateKeyAlgorithm: { type: AlgorithmIdentifier, raw: true },
  privateKey: { type: OctetString },
  attributes: { type: ElementList, context: 0, implicit: true, optional: true },
  publicKey: { type: AsnPropTypes.BitString, context: 1, implicit: true, optional: true },
})

/** RFC 5915 3. Of its parameters, RFC 5480 2.1.1 allows named curves alone. */
export class EcPrivateKey {
  version: number | string = 1
  privateKey = new OctetString()
  parameters: ObjectIdentifier | undefined
  publicKey: BitString | undefined
}
declareSequence(EcPrivateKey, {
  version: { type: AsnPropTypes.Integer },
  privateKey: { type: OctetString },
  parameters: { type: ObjectIdentifier, context: 0, optional: true },
  publicKey: { type: BitString, context: 1, optional: true },
})

export class MldsaBoth {
  seed = new OctetString()
  expandedKey = new OctetString()
}
declareSequence(MldsaBoth, { seed: { type: OctetString }, expandedKey: { type: OctetString } })

/** RFC 9881 6: ML-DSA-44-PrivateKey and its sisters. */
export class MldsaPrivateKey {
  seed: OctetString | undefined
  expandedKey: OctetString | undefined
  both: MldsaBoth | undefined
}
declareChoice(MldsaPrivateKey, {
  seed: { type: OctetString, context: 0, implicit: true },
  expandedKey: { type: OctetString },
  both: { type: MldsaBoth },
})
