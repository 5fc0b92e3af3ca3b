/** Our own certificates with their keys: loaded once, checked to belong together, ready to be chosen from. */
import type { CryptoProvider } from '../crypto/provider.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { type Certificate, isSelfIssued, loadCertificates, parseCertificate } from '../pki/index.js'
import type { Pem, SecureContextOptions } from './contextOptions.js'
import { isPem, keyList, type LocalSigner, type PrivateKeyOption, resolveKey, usableSchemes } from './keyOption.js'
import type { Policy } from './policy.js'

export interface LoadedCredential {
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[]
  readonly leaf: Certificate
  readonly key: LocalSigner
  /** What the key may sign a handshake with, most preferred first. */
  readonly schemes: readonly SignatureSchemeName[]
  /** The schemes of the signatures inside the chain, one list of possible names for each certificate. */
  readonly chainSchemes: readonly (readonly SignatureSchemeName[])[]
  /** The names of all issuers in the chain (DER). */
  readonly authorities: readonly Uint8Array[]
}

/** @throws TrefoilError ERR_INVALID_OPTION, and what the certificates and keys themselves are refused with */
export function loadCredentials(
  options: SecureContextOptions,
  policy: Policy,
  crypto: CryptoProvider,
): LoadedCredential[] {
  const { cert, key, passphrase } = options
  const certs = cert === undefined ? [] : pemList(cert, 'cert')
  const keys = keyList(key)
  if (certs.length !== keys.length) {
    throw new TrefoilError(
      'ERR_INVALID_OPTION',
      `cert holds ${certs.length} chains and key ${keys.length} keys; each chain needs its own key`,
    )
  }
  return certs.map((pem, i) => {
    const chain = loadCertificates(pem)
    const certificates = chain.map(parseCertificate)
    const leaf = certificates[0]
    if (leaf === undefined) throw new TrefoilError('ERR_INVALID_OPTION', 'cert holds no certificate')
    const own = resolveKey(keys[i] as PrivateKeyOption, leaf, passphrase, crypto)
    return Object.freeze({
      chain,
      leaf,
      key: own.signer,
      schemes: usableSchemes(leaf.publicKeyInfo.schemes, own, policy, crypto),
      // RFC 9846 4.3.3: the signatures of self-signed certificates are not validated, so no one need know them.
      chainSchemes: certificates
        .filter((certificate) => !isSelfIssued(certificate))
        .map((certificate) => certificate.signatureSchemes),
      authorities: certificates.map(({ issuer }) => issuer.der),
    })
  })
}

/** @throws TrefoilError ERR_INVALID_OPTION unless it is PEM, or an array of it */
export function pemList(value: Pem | readonly Pem[], name: string): readonly Pem[] {
  const values = isPem(value) ? [value] : value
  if (!Array.isArray(values) || !values.every(isPem)) {
    throw new TrefoilError('ERR_INVALID_OPTION', `${name} must be PEM as a string or octets, or an array of those`)
  }
  return values
}
