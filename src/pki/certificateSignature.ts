/** Checks one certificate's signature with the key of another. */
import type { CryptoProvider, VerifyingKey } from '../crypto/provider.js'
import { SIGNATURE_SCHEMES, type SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import type { Certificate } from './certificate.js'
import { brief } from './name.js'

/** What has a key: a certificate, or a request for one. */
type KeyHolder = Pick<Certificate, 'publicKeyInfo' | 'subject'>
/** What was signed. */
type Signed = Pick<Certificate, 'tbs' | 'signature' | 'signatureSchemes'>

/**
 * Imported keys, for as long as their certificate lives: those of trust anchors are imported once and for all.
 * A provider's key is bound to that provider.
 */
const importedKeys = new WeakMap<KeyHolder, { readonly crypto: CryptoProvider; readonly key: VerifyingKey }>()

/**
 * The certificate's public key, imported.
 * @throws TrefoilError ERR_UNSUPPORTED_CERTIFICATE when it is of an unknown kind, ERR_BAD_CERTIFICATE when it is no key
 */
export function certificateKey(certificate: KeyHolder, crypto: CryptoProvider): VerifyingKey {
  const known = importedKeys.get(certificate)
  if (known?.crypto === crypto) return known.key
  const { algorithm, objectIdentifier, publicKey } = certificate.publicKeyInfo
  if (algorithm === null) {
    throw new TrefoilError(
      'ERR_UNSUPPORTED_CERTIFICATE',
      `the certificate of ${brief(certificate.subject.text)} has a key of an algorithm not known here (${objectIdentifier})`,
    )
  }
  const key = crypto.verifyingKey(algorithm, publicKey)
  importedKeys.set(certificate, { crypto, key })
  return key
}

/** The scheme of the certificate's signature if `issuer` made it; undefined when its kind of key cannot have. */
export function signatureSchemeUnder(certificate: Signed, issuer: KeyHolder): SignatureSchemeName | undefined {
  const { algorithm, schemes } = issuer.publicKeyInfo
  return certificate.signatureSchemes.find(
    (scheme) => SIGNATURE_SCHEMES[scheme].key === algorithm && schemes.includes(scheme),
  )
}

/**
 * Whether `issuer`'s key made the signature of `certificate` over its tbs octets as they stand (RFC 5280 6.1.3 a 1;
 * RFC 9881 3 for ML-DSA: pure, empty context). Says nothing about trust.
 * @throws TrefoilError ERR_BAD_CERTIFICATE when the issuer's key is no such key
 */
export function isSignedBy(certificate: Signed, issuer: KeyHolder, crypto: CryptoProvider): boolean {
  const scheme = signatureSchemeUnder(certificate, issuer)
  if (scheme === undefined) return false
  return certificateKey(issuer, crypto).verify(scheme, certificate.tbs, certificate.signature)
}
