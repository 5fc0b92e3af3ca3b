/** What a deployment permits beyond the post-quantum profile, and what it insists on besides. All off unless asked for by name. */
import { TrefoilError } from '../errors.js'

export interface PolicyOptions {
  /** Offer and accept x25519, secp256r1 and secp384r1: such a session is open to whoever records it today. */
  readonly allowClassicalKeyExchange?: boolean | undefined
  /** Accept ECDSA, Ed25519 and RSA in certificates and handshakes. Authentication is of the moment. */
  readonly allowClassicalAuthentication?: boolean | undefined
  /**
   * Accept ECDSA, Ed25519 and RSA signatures inside certificates, while the handshake itself must be signed with
   * ML-DSA: for ML-DSA certificates from an authority that is classical still. `allowClassicalAuthentication` includes it.
   */
  readonly allowClassicalCertificateSignatures?: boolean | undefined
  /**
   * Use no QKD key that came over a link whose tape a quantum computer would open, or by a way that the key source
   * does not tell (`QkdKey.delivery`). Such a key is burnt.
   */
  readonly requirePostQuantumDelivery?: boolean | undefined
}

export interface Policy {
  readonly allowClassicalKeyExchange: boolean
  readonly allowClassicalAuthentication: boolean
  readonly allowClassicalCertificateSignatures: boolean
  readonly requirePostQuantumDelivery: boolean
}

export const STRICT_POLICY: Policy = Object.freeze({
  allowClassicalKeyExchange: false,
  allowClassicalAuthentication: false,
  allowClassicalCertificateSignatures: false,
  requirePostQuantumDelivery: false,
})

/** @throws TrefoilError ERR_INVALID_OPTION for an unknown name: a misspelt permission must not pass in silence */
export function resolvePolicy(options: PolicyOptions = {}): Policy {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(STRICT_POLICY, name)) {
      throw new TrefoilError('ERR_INVALID_OPTION', `policy has no rule named ${name}`)
    }
    if (value !== undefined && typeof value !== 'boolean') {
      throw new TrefoilError('ERR_INVALID_OPTION', `policy ${name} must be true or false`)
    }
  }
  const allowClassicalAuthentication =
    options.allowClassicalAuthentication ?? STRICT_POLICY.allowClassicalAuthentication
  return Object.freeze({
    allowClassicalKeyExchange: options.allowClassicalKeyExchange ?? STRICT_POLICY.allowClassicalKeyExchange,
    allowClassicalAuthentication,
    allowClassicalCertificateSignatures:
      allowClassicalAuthentication ||
      (options.allowClassicalCertificateSignatures ?? STRICT_POLICY.allowClassicalCertificateSignatures),
    requirePostQuantumDelivery: options.requirePostQuantumDelivery ?? STRICT_POLICY.requirePostQuantumDelivery,
  })
}
