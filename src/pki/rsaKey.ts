/** How long an RSA key is (RFC 8017 A.1.1). */
import { AsnIntegerArrayBufferConverter, AsnPropTypes } from '@peculiar/asn1-schema'
import { declareSequence } from './asn1Types.js'
import { readValue } from './strictAsn1.js'

class RsaPublicKey {
  modulus = new ArrayBuffer(0)
  publicExponent = new ArrayBuffer(0)
}
declareSequence(RsaPublicKey, {
  modulus: { type: AsnPropTypes.Integer, converter: AsnIntegerArrayBufferConverter },
  publicExponent: { type: AsnPropTypes.Integer, converter: AsnIntegerArrayBufferConverter },
})

/**
 * Bits of the modulus.
 * @throws DerError when the octets are no RSAPublicKey
 */
export function rsaModulusBits(publicKey: Uint8Array): number {
  const octets = new Uint8Array(readValue(publicKey, RsaPublicKey).modulus)
  const first = octets.findIndex((octet) => octet !== 0)
  return first < 0 ? 0 : 8 * (octets.length - first) - (Math.clz32(octets[first] as number) - 24)
}
