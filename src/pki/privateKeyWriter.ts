/** Writing private keys as PKCS#8 (RFC 5958; RFC 9881 6 for ML-DSA; RFC 8410 7 for Ed25519; RFC 5915 for EC). */
import { OctetString } from '@peculiar/asn1-schema'
import { fromHex, wipe } from '../bytes.js'
import type { PrivateKeyMaterial } from '../crypto/provider.js'
import { KEY_IDENTIFIERS } from './algorithms.js'
import { AlgorithmIdentifier } from './certificateTypes.js'
import { writePem } from './pem.js'
import { EcPrivateKey, MldsaPrivateKey, OneAsymmetricKey } from './privateKeyTypes.js'
import { readValue, writeValue } from './strictAsn1.js'

/** PKCS#8 DER; ML-DSA in the seed form, 54 octets (RFC 9881 6). */
export function encodePrivateKey(material: PrivateKeyMaterial): Uint8Array {
  const key = encodeKey(material)
  const whole = new OneAsymmetricKey()
  whole.privateKeyAlgorithm = readValue(fromHex(KEY_IDENTIFIERS[material.algorithm]), AlgorithmIdentifier)
  whole.privateKey = new OctetString(key)
  const der = writeValue(whole)
  wipe(key, new Uint8Array(whole.privateKey.buffer))
  return der
}

/** PKCS#8 PEM. */
export function writePrivateKeyPem(material: PrivateKeyMaterial): string {
  const der = encodePrivateKey(material)
  const pem = writePem('PRIVATE KEY', der)
  wipe(der)
  return pem
}

/** The content of PKCS#8's privateKey, a fresh copy. */
function encodeKey(material: PrivateKeyMaterial): Uint8Array {
  switch (material.algorithm) {
    case 'ed25519':
      return writeValue(new OctetString(material.seed))
    case 'ecdsa-p256':
    case 'ecdsa-p384': {
      const key = new EcPrivateKey()
      key.privateKey = new OctetString(material.scalar)
      return writeValue(key)
    }
    case 'rsa':
    case 'rsa-pss':
      return material.pkcs1.slice()
    default: {
      const key = new MldsaPrivateKey()
      key.seed = new OctetString(material.seed)
      return writeValue(key)
    }
  }
}
