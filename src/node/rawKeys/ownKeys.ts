/** Our own raw public keys (RFC 7250): what is shown in place of a chain, and who signs for it. */
import type { CryptoProvider } from '../../crypto/provider.js'
import type { SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import { TrefoilError } from '../../errors.js'
import { encodePublicKey, parsePublicKey } from '../../pki/index.js'
import type { Credential, SelectCertificateRequest } from '../../tls/index.js'
import type { SecureContextOptions } from '../contextOptions.js'
import type { LoadedCredential } from '../credentials.js'
import { boundTo, keyList, type LocalSigner, resolveKey, usableSchemes } from '../keyOption.js'
import type { Policy } from '../policy.js'

export interface RawKeyCredential {
  /** DER. */
  readonly publicKeyInfo: Uint8Array
  readonly key: LocalSigner
  /** What the key may sign a handshake with, most preferred first. */
  readonly schemes: readonly SignatureSchemeName[]
}

/** @throws TrefoilError ERR_INVALID_OPTION, ERR_INVALID_KEY, ERR_UNSUPPORTED_ALGORITHM */
export function loadRawKeys(
  { key, passphrase }: SecureContextOptions,
  policy: Policy,
  crypto: CryptoProvider,
): RawKeyCredential[] {
  const keys = keyList(key)
  if (keys.length === 0) throw new TrefoilError('ERR_INVALID_OPTION', 'rawPublicKey needs key')
  return keys.map((option) => {
    const own = resolveKey(option, null, passphrase, crypto)
    const publicKeyInfo = encodePublicKey(own.algorithm, own.publicKey)
    const { schemes } = parsePublicKey(publicKeyInfo)
    return Object.freeze({ publicKeyInfo, key: own.signer, schemes: usableSchemes(schemes, own, policy, crypto) })
  })
}

/** The key of a certificate of ours, for peers that would rather see it bare. */
export function rawKeyOf({ leaf, key, schemes }: LoadedCredential): RawKeyCredential {
  return Object.freeze({ publicKeyInfo: leaf.publicKeyInfo.der, key, schemes })
}

/** The first that can sign with a scheme that the peer verifies, by our order of schemes. */
export function selectRawKey(
  { signatureSchemes }: SelectCertificateRequest,
  credentials: readonly RawKeyCredential[],
  { preference, signal }: { readonly preference: readonly SignatureSchemeName[]; readonly signal: AbortSignal },
): Credential | null {
  for (const { publicKeyInfo, key, schemes } of credentials) {
    const possible = schemes.filter((scheme) => signatureSchemes.includes(scheme))
    const signatureScheme = preference.find((scheme) => possible.includes(scheme)) ?? possible[0]
    if (signatureScheme === undefined) continue
    return { certificateChain: [publicKeyInfo], signatureScheme, signer: boundTo(signal, key) }
  }
  return null
}
