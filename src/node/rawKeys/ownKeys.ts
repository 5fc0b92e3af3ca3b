/** Our own raw public keys (RFC 7250): what is shown in place of a chain, and who signs for it. */
import type { CryptoProvider, SigningKey } from '../../crypto/provider.js'
import { SIGNATURE_SCHEMES, type SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import { TrefoilError } from '../../errors.js'
import { encodePublicKey, loadPrivateKey, parsePublicKey } from '../../pki/index.js'
import type { Credential, SelectCertificateRequest } from '../../tls/index.js'
import type { Pem } from '../contextOptions.js'
import type { Policy } from '../policy.js'

export interface RawKeyCredential {
  /** DER. */
  readonly publicKeyInfo: Uint8Array
  readonly key: SigningKey
  /** What the key may sign a handshake with, most preferred first. */
  readonly schemes: readonly SignatureSchemeName[]
}

/** @throws TrefoilError ERR_INVALID_OPTION when the policy or the provider allows no signature with the key */
export function rawKeyCredential(key: SigningKey, policy: Policy, crypto: CryptoProvider): RawKeyCredential {
  const publicKeyInfo = encodePublicKey(key.algorithm, key.publicKey)
  const schemes = parsePublicKey(publicKeyInfo).schemes.filter((scheme) => {
    const { inHandshake, classical } = SIGNATURE_SCHEMES[scheme]
    return inHandshake && crypto.supportsSignatureScheme(scheme) && (!classical || policy.allowClassicalAuthentication)
  })
  if (schemes.length === 0) {
    const message = `key is of kind ${key.algorithm}, which needs policy allowClassicalAuthentication or another provider`
    throw new TrefoilError('ERR_INVALID_OPTION', message)
  }
  return Object.freeze({ publicKeyInfo, key, schemes })
}

/** @throws TrefoilError ERR_INVALID_OPTION, ERR_INVALID_KEY */
export function loadRawKeys(keys: readonly Pem[], policy: Policy, crypto: CryptoProvider): RawKeyCredential[] {
  if (keys.length === 0) throw new TrefoilError('ERR_INVALID_OPTION', 'rawPublicKey needs key')
  return keys.map((key) => rawKeyCredential(loadPrivateKey(key, crypto), policy, crypto))
}

/** The first that can sign with a scheme that the peer verifies, by our order of schemes. */
export function selectRawKey(
  { signatureSchemes }: SelectCertificateRequest,
  credentials: readonly RawKeyCredential[],
  preference: readonly SignatureSchemeName[],
): Credential | null {
  for (const { publicKeyInfo, key, schemes } of credentials) {
    const possible = schemes.filter((scheme) => signatureSchemes.includes(scheme))
    const signatureScheme = preference.find((scheme) => possible.includes(scheme)) ?? possible[0]
    if (signatureScheme !== undefined) return { certificateChain: [publicKeyInfo], signatureScheme, signer: key }
  }
  return null
}
