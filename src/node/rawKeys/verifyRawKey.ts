/** The core's question about a raw public key, and the question of a session whether its raw key is still good. */
import { toHex } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { type PublicKeyInfo, parsePublicKey } from '../../pki/index.js'
import type { VerifyCertificateRequest } from '../../tls/index.js'
import type { Resumed } from '../psk/index.js'
import type { SecureContext } from '../secureContext.js'

/** For one connection: remembers the names that its peer's key stood for. */
export class RawKeyVerifier {
  readonly #context: () => SecureContext
  readonly #peer: 'client' | 'server'
  readonly #name: string | null
  readonly #names = new Map<string, readonly string[]>()

  /**
   * @param context asked each time: SNI may bring another than the first
   * @param name the server that is asked for; null on a server
   */
  constructor(context: () => SecureContext, peer: 'client' | 'server', name: string | null) {
    this.#context = context
    this.#peer = peer
    this.#name = name
  }

  /**
   * The key, known to be the peer's if it can sign.
   * @throws TrefoilError ERR_BAD_CERTIFICATE when it is malformed, ERR_UNSUPPORTED_CERTIFICATE when it is of a kind that
   *   is not accepted, ERR_UNTRUSTED_KEY
   */
  verify({ certificateChain }: Pick<VerifyCertificateRequest, 'certificateChain'>): void {
    const { rawKeyTrust } = this.#context()
    const key = this.parse(certificateChain)
    if (rawKeyTrust === null) {
      throw new TrefoilError('ERR_UNTRUSTED_KEY', `${this.#peer} showed a raw public key, and none is trusted`)
    }
    const names = rawKeyTrust.identify(key, { peer: this.#peer, name: this.#name, time: Date.now() })
    this.#names.set(toHex(key.der), names)
  }

  /** @throws TrefoilError ERR_BAD_CERTIFICATE, ERR_UNSUPPORTED_CERTIFICATE */
  parse([der]: readonly Uint8Array[]): PublicKeyInfo & { readonly algorithm: NonNullable<PublicKeyInfo['algorithm']> } {
    const key = parsePublicKey(der as Uint8Array)
    const { algorithm } = key
    const { signatureSchemes } = this.#context()
    if (algorithm === null || !key.schemes.some((scheme) => signatureSchemes.includes(scheme))) {
      const kind = algorithm ?? key.objectIdentifier
      throw new TrefoilError(
        'ERR_UNSUPPORTED_CERTIFICATE',
        `${this.#peer} showed a raw public key of kind ${kind}, which is not accepted here`,
      )
    }
    return { ...key, algorithm }
  }

  /** The names that a verified key stands for. */
  namesOf(der: Uint8Array): readonly string[] {
    return this.#names.get(toHex(der)) ?? []
  }

  /**
   * Whether a session may be resumed as far as it rests on a raw key: only if that would be accepted if it were shown
   * now. A chain is not judged again, but counts only where chains are still accepted.
   */
  mayResume(session: Pick<Resumed, 'peerCertificateChain' | 'peerCertificateType'>): boolean {
    const { peerCertificateChain, peerCertificateType } = session
    if (peerCertificateChain === null) return true
    if (peerCertificateType !== 'RawPublicKey') {
      const { anchors, rawKeyTrust } = this.#context()
      return anchors !== null || rawKeyTrust === null
    }
    try {
      this.verify({ certificateChain: peerCertificateChain })
      return true
    } catch (error) {
      if (error instanceof TrefoilError) return false
      throw error
    }
  }
}
