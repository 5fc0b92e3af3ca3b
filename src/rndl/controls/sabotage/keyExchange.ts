/** Breaks key exchanges from outside: what X25519MLKEM768 gives, and where its ephemeral keys come from (RFC 10024). */
import type { CryptoProvider } from '../../../crypto/provider.js'

/** One exchange by its components; the endpoints of controls use X25519MLKEM768 alone. */
export interface Exchanged {
  readonly mlkemSecret: Uint8Array
  readonly curveSecret: Uint8Array
  readonly ciphertext: Uint8Array
}

/** FIPS 203 table 3. */
const CIPHERTEXT_LENGTH = 1088
const MLKEM_SECRET_LENGTH = 32

/** @param combine what both ends take for the shared secret */
export function breakSecrets(
  provider: CryptoProvider,
  combine: (exchanged: Exchanged, provider: CryptoProvider) => Uint8Array,
): CryptoProvider {
  const combined = (secret: Uint8Array, serverShare: Uint8Array): Uint8Array => {
    const mlkemSecret = secret.subarray(0, MLKEM_SECRET_LENGTH)
    const curveSecret = secret.subarray(MLKEM_SECRET_LENGTH)
    return combine({ mlkemSecret, curveSecret, ciphertext: serverShare.subarray(0, CIPHERTEXT_LENGTH) }, provider)
  }
  return {
    ...provider,
    generateKeyShare(group, seed) {
      const share = provider.generateKeyShare(group, seed)
      return { ...share, agree: (serverShare) => combined(share.agree(serverShare), serverShare) }
    },
    respondToKeyShare(group, clientShare, seed) {
      const { serverShare, sharedSecret } = provider.respondToKeyShare(group, clientShare, seed)
      return { serverShare, sharedSecret: combined(sharedSecret, serverShare) }
    },
  }
}

/** @param seedOf what the client's ephemeral keys are made from: d ‖ z ‖ scalar, 96 octets */
export function breakClientKeys(
  provider: CryptoProvider,
  seedOf: (provider: CryptoProvider) => Uint8Array,
): CryptoProvider {
  return { ...provider, generateKeyShare: (group) => provider.generateKeyShare(group, seedOf(provider)) }
}
