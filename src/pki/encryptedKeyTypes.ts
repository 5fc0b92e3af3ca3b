/** The types that encrypted private keys are written in, declared to the ASN.1 library. */
import { AsnPropTypes, OctetString } from '@peculiar/asn1-schema'
import { declareSequence } from './asn1Types.js'
import { AlgorithmIdentifier } from './certificateTypes.js'

/** RFC 5958 3. */
export class EncryptedPrivateKeyInfo {
  encryptionAlgorithm = new AlgorithmIdentifier()
  encryptedData = new OctetString()
}
declareSequence(EncryptedPrivateKeyInfo, {
  encryptionAlgorithm: { type: AlgorithmIdentifier },
  encryptedData: { type: OctetString },
})

/** RFC 8018 A.4. */
export class Pbes2Parameters {
  keyDerivationFunc = new AlgorithmIdentifier()
  encryptionScheme = new AlgorithmIdentifier()
}
declareSequence(Pbes2Parameters, {
  keyDerivationFunc: { type: AlgorithmIdentifier },
  encryptionScheme: { type: AlgorithmIdentifier },
})

/** RFC 8018 A.2, with the salt in the form that is in use. Absent, `prf` is HMAC-SHA-1. */
export class Pbkdf2Parameters {
  salt = new OctetString()
  iterationCount: number | string = 0
  keyLength: number | string | undefined
  prf: AlgorithmIdentifier | undefined
}
declareSequence(Pbkdf2Parameters, {
  salt: { type: OctetString },
  iterationCount: { type: AsnPropTypes.Integer },
  keyLength: { type: AsnPropTypes.Integer, optional: true },
  prf: { type: AlgorithmIdentifier, optional: true },
})

/** RFC 7914 7.1. */
export class ScryptParameters {
  salt = new OctetString()
  costParameter: number | string = 0
  blockSize: number | string = 0
  parallelization: number | string = 0
  keyLength: number | string | undefined
}
declareSequence(ScryptParameters, {
  salt: { type: OctetString },
  costParameter: { type: AsnPropTypes.Integer },
  blockSize: { type: AsnPropTypes.Integer },
  parallelization: { type: AsnPropTypes.Integer },
  keyLength: { type: AsnPropTypes.Integer, optional: true },
})
