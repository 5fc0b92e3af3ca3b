/** Everything a connection needs that does not change between connections: parsed, checked, frozen. */
import { toHex } from '../bytes.js'
import type { CipherSuiteName } from '../crypto/cipherSuites.js'
import type { NamedGroupName } from '../crypto/groups.js'
import { defaultProvider } from '../crypto/index.js'
import type { CryptoProvider } from '../crypto/provider.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { loadTrustAnchors, type TrustAnchors } from '../pki/index.js'
import { resolveCipherSuites, resolveGroups, resolveSignatureSchemes } from './algorithmLists.js'
import type { SecureContextOptions } from './contextOptions.js'
import { type LoadedCredential, loadCredentials, pemList } from './credentials.js'
import { type Policy, resolvePolicy } from './policy.js'

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
  /** Their names (DER), as hints for clients with several certificates; none when they are too many to be sent. */
  readonly authorities: readonly Uint8Array[]
  /** In the order given. */
  readonly credentials: readonly LoadedCredential[]
}

/**
 * Parses certificates and keys and settles policy and algorithms.
 * @throws TrefoilError ERR_INVALID_OPTION for a wrong option (the sentence names it), ERR_BAD_CERTIFICATE,
 *   ERR_INVALID_KEY and ERR_UNSUPPORTED_ALGORITHM for unusable certificates and keys
 */
export function createSecureContext(options: SecureContextOptions = {}): SecureContext {
  const policy = resolvePolicy(options.policy)
  const crypto = options.crypto ?? defaultProvider()
  const schemes = resolveSignatureSchemes(options.sigalgs, policy, crypto)
  const anchors = options.ca === undefined ? null : loadTrustAnchors(pemList(options.ca, 'ca'))
  return Object.freeze({
    policy,
    crypto,
    cipherSuites: Object.freeze(resolveCipherSuites(options.ciphers, crypto)),
    groups: Object.freeze(resolveGroups(options.groups, policy, crypto)),
    signatureSchemes: Object.freeze(schemes.handshake),
    certificateSignatureSchemes: Object.freeze(schemes.certificates),
    anchors,
    authorities: Object.freeze(authorityNames(anchors)),
    credentials: Object.freeze(loadCredentials(options, policy, crypto)),
  })
}

/** Octets of names that a CertificateRequest carries; a list of all public roots would be longer. */
const MAX_AUTHORITIES_LENGTH = 8192

function authorityNames(anchors: TrustAnchors | null): Uint8Array[] {
  const names = new Map(anchors?.certificates.map(({ subject }) => [toHex(subject.der), subject.der]))
  const length = [...names.values()].reduce((total, name) => total + 2 + name.length, 0)
  return length > MAX_AUTHORITIES_LENGTH ? [] : [...names.values()]
}
