/** Everything a connection needs that does not change between connections: parsed, checked, frozen. */
import type { CipherSuiteName } from '../crypto/cipherSuites.js'
import type { NamedGroupName } from '../crypto/groups.js'
import { defaultProvider } from '../crypto/index.js'
import type { CryptoProvider } from '../crypto/provider.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { type TrustAnchors, VerifiedChains } from '../pki/index.js'
import { resolveCipherSuites, resolveGroups, resolveSignatureSchemes } from './algorithmLists.js'
import { resolveAuthorities } from './authorities.js'
import type { SecureContextOptions } from './contextOptions.js'
import { type LoadedCredential, loadCredentials, pemList } from './credentials.js'
import { knownAnchors } from './knownAnchors.js'
import { checkNodeTlsOptions, groupList } from './nodeTlsOptions.js'
import { type Policy, resolvePolicy } from './policy.js'
import { loadRawKeys, type RawKeyCredential, rawKeyOf } from './rawKeys/ownKeys.js'
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

/**
 * Parses certificates and keys and settles policy and algorithms.
 * @throws TrefoilError ERR_INVALID_OPTION for a wrong option (the sentence names it), ERR_BAD_CERTIFICATE,
 *   ERR_INVALID_KEY and ERR_UNSUPPORTED_ALGORITHM for unusable certificates and keys
 */
export function createSecureContext(options: SecureContextOptions = {}): SecureContext {
  checkNodeTlsOptions(options)
  const policy = resolvePolicy(options.policy)
  const crypto = options.crypto ?? defaultProvider()
  const schemes = resolveSignatureSchemes(options.sigalgs, options.certificateSigalgs, policy, crypto)
  const rawOnly = options.rawPublicKey === true && options.cert === undefined
  const credentials = rawOnly ? [] : loadCredentials(options, policy, crypto)
  const rawKeys = rawOnly
    ? loadRawKeys(options, policy, crypto)
    : options.rawPublicKey === true
      ? credentials.map(rawKeyOf)
      : []
  const known = options.ca === undefined ? null : knownAnchors(pemList(options.ca, 'ca'))
  const anchors = known?.anchors ?? null
  return Object.freeze({
    policy,
    crypto,
    cipherSuites: Object.freeze(resolveCipherSuites(options.ciphers, crypto)),
    groups: Object.freeze(resolveGroups(groupList(options.groups, options.ecdhCurve), policy, crypto)),
    signatureSchemes: Object.freeze(schemes.handshake),
    certificateSignatureSchemes: Object.freeze(schemes.certificates),
    anchors,
    authorities: Object.freeze(resolveAuthorities(anchors, options.sendAuthorities)),
    verifiedChains: known?.verifiedChains ?? new VerifiedChains(),
    credentials: Object.freeze(credentials),
    rawKeys: Object.freeze(rawKeys),
    rawKeyTrust: readRawKeyTrust(options, policy, crypto),
  })
}

/** Tells a context from the options that one is made of. */
export function isSecureContext(value: SecureContext | SecureContextOptions): value is SecureContext {
  return 'verifiedChains' in value
}
