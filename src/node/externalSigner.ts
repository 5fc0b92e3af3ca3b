/** A certificate key that is elsewhere (HSM, cloud key service, another thread): only its signatures come here. */
import { copy } from '../bytes.js'
import type { VerifyingKey } from '../crypto/provider.js'
import type { KeyAlgorithm, SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import type { LocalSigner } from './keyOption.js'

/** Given as `key` beside the `cert` whose private key it holds. */
export interface ExternalSigner {
  /**
   * The signature for one handshake. Many may be asked for at once; meanwhile other connections go on.
   *
   * `message` is the whole input of CertificateVerify (RFC 9846 4.5.3), at most 146 octets, not yet hashed: ML-DSA and
   * Ed25519 sign it as it is, for the others the scheme names the hash. The signature has the form that TLS sends: ECDSA
   * in DER, RSASSA-PSS with a salt as long as the hash, ML-DSA pure with the empty context.
   *
   * `signal` is aborted when nobody waits for the signature any more: the socket was destroyed, its transport broke, or
   * `handshakeTimeout` is over.
   *
   * What it throws ends the handshake with ERR_SIGNER. Only TrefoilErrors of that code keep their text, since that of
   * others may hold what is not for our logs. A signature that the certificate's key does not verify never leaves us.
   */
  sign(
    scheme: SignatureSchemeName,
    message: Uint8Array,
    options: { readonly signal: AbortSignal },
  ): Uint8Array | Promise<Uint8Array>
  /**
   * Of which kind its key is, and the public half in the form of `SigningKey.publicKey`. When given, another certificate is
   * refused before the first handshake; where there is none (`rawPublicKey`), they are needed.
   */
  readonly algorithm?: KeyAlgorithm | undefined
  readonly publicKey?: Uint8Array | undefined
  /** The schemes that it can make, when they are fewer than those of the certificate's key. */
  readonly schemes?: readonly SignatureSchemeName[] | undefined
}

export function isExternalSigner(value: unknown): value is ExternalSigner {
  return typeof value === 'object' && value !== null && typeof (value as Partial<ExternalSigner>).sign === 'function'
}

/**
 * Checks what comes back, at the price of one verification: without it a signer with the wrong key or a fault in its
 * arithmetic would look to us like a peer that complains, and a faulty RSA or ECDSA signature can give the key away.
 */
export function verifiedSigner(signer: ExternalSigner, certificateKey: VerifyingKey): LocalSigner {
  return {
    async sign(scheme, message, { signal }) {
      const signature = await askFor(signer, scheme, message, signal)
      if (!certificateKey.verify(scheme, message, signature)) {
        throw new TrefoilError('ERR_SIGNER', `the signer's ${scheme} signature does not fit the certificate`)
      }
      return signature
    },
  }
}

async function askFor(
  signer: ExternalSigner,
  scheme: SignatureSchemeName,
  message: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  let signature: unknown
  try {
    signature = await signer.sign(scheme, copy(message), { signal })
  } catch (thrown) {
    if (thrown instanceof TrefoilError && thrown.code === 'ERR_SIGNER') throw thrown
    throw new TrefoilError('ERR_SIGNER', 'the signer of our certificate key failed')
  }
  if (!(signature instanceof Uint8Array)) {
    throw new TrefoilError('ERR_SIGNER', 'the signer of our certificate key gave no octets')
  }
  return copy(signature)
}
