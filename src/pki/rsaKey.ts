/** How long an RSA key is (RFC 8017 A.1.1). */
import { AsnIntegerArrayBufferConverter, AsnPropTypes } from '@peculiar/asn1-schema'
import { declareSequence } from './asn1Types.js'
import { DerError, readValue } from './strictAsn1.js'

class RsaPublicKey {
  modulus = new ArrayBuffer(0)
  publicExponent = new ArrayBuffer(0)
}
declareSequence(RsaPublicKey, {
  modulus: { type: AsnPropTypes.Integer, converter: AsnIntegerArrayBufferConverter },
  publicExponent: { type: AsnPropTypes.Integer, converter: AsnIntegerArrayBufferConverter },
})

/** Bits. Less is worth less than 112 bits of security (NIST SP 800-57 part 1, table 2). */
export const SMALLEST_RSA_MODULUS = 2048

/** Whether an RSAPublicKey is shorter than is accepted, or none at all. */
export function isTooShort(publicKey: Uint8Array): boolean {
  return (modulusBits(publicKey) ?? 0) < SMALLEST_RSA_MODULUS
}

/** Bits of the modulus; null for octets that are no RSAPublicKey. */
export function modulusBits(publicKey: Uint8Array): number | null {
  try {
    return rsaModulusBits(publicKey)
  } catch (error) {
    if (error instanceof DerError) return null
    throw error
  }
}

function rsaModulusBits(publicKey: Uint8Array): number {
  const octets = new Uint8Array(readValue(publicKey, RsaPublicKey).modulus)
  const first = octets.findIndex((octet) => octet !== 0)
  return first < 0 ? 0 : 8 * (octets.length - first) - (Math.clz32(octets[first] as number) - 24)
}
