/** Everything a connection needs that does not change between connections: parsed, checked, frozen. */
import { equalBytes } from '../bytes.js'
import type { CipherSuiteName } from '../crypto/cipherSuites.js'
import type { NamedGroupName } from '../crypto/groups.js'
import { defaultProvider } from '../crypto/index.js'
import type { CryptoProvider, SigningKey } from '../crypto/provider.js'
import { SIGNATURE_SCHEMES, type SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import {
  type Certificate,
  loadCertificates,
  loadPrivateKey,
  loadTrustAnchors,
  parseCertificate,
  type TrustAnchors,
  VerifiedChains,
} from '../pki/index.js'
import { resolveCipherSuites, resolveGroups, resolveSignatureSchemes } from './algorithmLists.js'
import { resolveAuthorities } from './authorities.js'
import type { Pem, SecureContextOptions } from './contextOptions.js'
import { type Policy, resolvePolicy } from './policy.js'
import { loadRawKeys, type RawKeyCredential, rawKeyCredential } from './rawKeys/ownKeys.js'
import { type RawKeyTrust, readRawKeyTrust } from './rawKeys/trust.js'

/** Made by `createSecureContext`; its contents are for this library. */
export interface SecureContext {
  readonly policy: Policy
  readonly crypto: CryptoProvider
  readonly cipherSuites: readonly CipherSuiteName[]
  readonly groups: readonly NamedGroupName[]
  /** Accepted in CertificateVerify. */
  readonly signatureSchemes: readonly SignatureSchemeName[]
  /** Accepted inside certificates. */
  readonly certificateSignatureSchemes: readonly SignatureSchemeName[]
  /** Null when `ca` was not given. */
  readonly anchors: TrustAnchors | null
  /** Names of the anchors for certificate_authorities (DER), for each role; empty says nothing. */
  readonly authorities: Readonly<Record<'client' | 'server', readonly Uint8Array[]>>
  /** Chains of peers that were verified lately. */
  readonly verifiedChains: VerifiedChains
  /** In the order given. */
  readonly credentials: readonly LoadedCredential[]
  /** Keys to be shown as they are (RFC 7250), in the order given. */
  readonly rawKeys: readonly RawKeyCredential[]
  /** Null: no raw public key of a peer is accepted. */
  readonly rawKeyTrust: RawKeyTrust | null
}

export interface LoadedCredential {
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[]
  readonly leaf: Certificate
  readonly key: SigningKey
  /** What the key may sign a handshake with, most preferred first. */
  readonly schemes: readonly SignatureSchemeName[]
  /** The schemes of the signatures inside the chain, one list of possible names for each certificate. */
  readonly chainSchemes: readonly (readonly SignatureSchemeName[])[]
}

/**
 * Parses certificates and keys and settles policy and algorithms.
 * @throws TrefoilError ERR_INVALID_OPTION for a wrong option (the sentence names it), ERR_BAD_CERTIFICATE and
 *   ERR_INVALID_KEY for unusable PEM
 */
export function createSecureContext(options: SecureContextOptions = {}): SecureContext {
  const policy = resolvePolicy(options.policy)
  const crypto = options.crypto ?? defaultProvider()
  const schemes = resolveSignatureSchemes(options.sigalgs, options.certificateSigalgs, policy, crypto)
  const rawOnly = options.rawPublicKey === true && options.cert === undefined
  const credentials = rawOnly ? [] : loadCredentials(options, policy, crypto)
  const rawKeys = rawOnly
    ? loadRawKeys(asArray(options.key ?? [], 'key'), policy, crypto)
    : options.rawPublicKey === true
      ? credentials.map(({ key }) => rawKeyCredential(key, policy, crypto))
      : []
  const anchors = options.ca === undefined ? null : loadTrustAnchors(asArray(options.ca, 'ca'))
  return Object.freeze({
    policy,
    crypto,
    cipherSuites: Object.freeze(resolveCipherSuites(options.ciphers, crypto)),
    groups: Object.freeze(resolveGroups(options.groups, policy, crypto)),
    signatureSchemes: Object.freeze(schemes.handshake),
    certificateSignatureSchemes: Object.freeze(schemes.certificates),
    anchors,
    authorities: Object.freeze(resolveAuthorities(anchors, options.sendAuthorities)),
    verifiedChains: new VerifiedChains(),
    credentials: Object.freeze(credentials),
    rawKeys: Object.freeze(rawKeys),
    rawKeyTrust: readRawKeyTrust(options, policy, crypto),
  })
}

function loadCredentials(options: SecureContextOptions, policy: Policy, crypto: CryptoProvider): LoadedCredential[] {
  const certs = options.cert === undefined ? [] : asArray(options.cert, 'cert')
  const keys = options.key === undefined ? [] : asArray(options.key, 'key')
  if (certs.length !== keys.length) {
    throw new TrefoilError(
      'ERR_INVALID_OPTION',
      `cert holds ${certs.length} chains and key ${keys.length} keys; each chain needs its own key`,
    )
  }
  return certs.map((cert, i) => loadCredential(cert, keys[i] as Pem, policy, crypto))
}

function loadCredential(cert: Pem, keyPem: Pem, policy: Policy, crypto: CryptoProvider): LoadedCredential {
  const chain = loadCertificates(cert)
  const certificates = chain.map(parseCertificate)
  const leaf = certificates[0]
  if (leaf === undefined) throw new TrefoilError('ERR_INVALID_OPTION', 'cert holds no certificate')
  const key = loadPrivateKey(keyPem, crypto)
  const { algorithm, publicKey } = leaf.publicKeyInfo
  if (algorithm !== key.algorithm || !equalBytes(publicKey, key.publicKey)) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'key does not belong to the first certificate in cert')
  }
  const schemes = leaf.publicKeyInfo.schemes.filter((scheme) => {
    const { inHandshake, classical } = SIGNATURE_SCHEMES[scheme]
    return inHandshake && crypto.supportsSignatureScheme(scheme) && (!classical || policy.allowClassicalAuthentication)
  })
  if (schemes.length === 0) {
    throw new TrefoilError(
      'ERR_INVALID_OPTION',
      `cert has a key of kind ${algorithm}, which needs policy allowClassicalAuthentication or another provider`,
    )
  }
  const chainSchemes = certificates.map((certificate) => certificate.signatureSchemes)
  return Object.freeze({ chain, leaf, key, schemes, chainSchemes })
}

function asArray(value: Pem | readonly Pem[], name: string): readonly Pem[] {
  const values = typeof value === 'string' || value instanceof Uint8Array ? [value] : value
  if (!Array.isArray(values) || !values.every((item) => typeof item === 'string' || item instanceof Uint8Array)) {
    throw new TrefoilError('ERR_INVALID_OPTION', `${name} must be PEM as a string or octets, or an array of those`)
  }
  return values
}
