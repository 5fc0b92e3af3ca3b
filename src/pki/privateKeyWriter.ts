/** Writing private keys as PKCS#8 (RFC 5958; RFC 9881 6 for ML-DSA; RFC 8410 7 for Ed25519; RFC 5915 for EC). */
import { OctetString } from '@peculiar/asn1-schema'
import { fromHex, wipe } from '../bytes.js'
import type { PrivateKeyMaterial } from '../crypto/provider.js'
import { KEY_IDENTIFIERS } from './algorithms.js'
import { AlgorithmIdentifier } from './certificateTypes.js'
import { encryptPrivateKey } from './encryptedPrivateKey.js'
import { encodeMldsaPrivateKey } from './mldsaPrivateKey.js'
import { writePem } from './pem.js'
import type { PrivateKeyOptions } from './privateKey.js'
import { EcPrivateKey, OneAsymmetricKey } from './privateKeyTypes.js'
import { readValue, writeValue } from './strictAsn1.js'

/** PKCS#8 DER; ML-DSA in the seed form, 54 octets, or expanded where the material has no seed (RFC 9881 6). */
export function encodePrivateKey(material: PrivateKeyMaterial): Uint8Array {
  const key = encodeKey(material)
  const whole = new OneAsymmetricKey()
  whole.privateKeyAlgorithm = readValue(fromHex(KEY_IDENTIFIERS[material.algorithm]), AlgorithmIdentifier)
  whole.privateKey = new OctetString(key)
  const der = writeValue(whole)
  wipe(key, new Uint8Array(whole.privateKey.buffer))
  return der
}

/**
 * PKCS#8 PEM. With a passphrase encrypted as OpenSSL reads it: PBES2 (RFC 8018 6.2) with AES-256-CBC and 600,000
 * iterations of PBKDF2-HMAC-SHA-256, a quarter of a second in which nothing else runs.
 * @throws TrefoilError ERR_INVALID_OPTION for a passphrase that is empty, or neither text nor octets
 */
export function writePrivateKeyPem(material: PrivateKeyMaterial, { passphrase }: PrivateKeyOptions = {}): string {
  const der = encodePrivateKey(material)
  const pem =
    passphrase === undefined
      ? writePem('PRIVATE KEY', der)
      : writePem('ENCRYPTED PRIVATE KEY', encryptPrivateKey(der, passphrase))
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
    default:
      return encodeMldsaPrivateKey(material)
  }
}
