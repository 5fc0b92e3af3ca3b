/** What the option `key` takes, and how each form of it comes to sign. */
import { createPublicKey, KeyObject } from 'node:crypto'
import { equalBytes } from '../bytes.js'
import { keyObjectSigningKey } from '../crypto/node/keyObject.js'
import type { CryptoProvider, SigningKey } from '../crypto/provider.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { type Certificate, certificateKey, loadPrivateKey, type Passphrase, parsePublicKey } from '../pki/index.js'
import { type ExternalSigner, isExternalSigner, verifiedSigner } from './externalSigner.js'

/** PEM text, as a string or as the octets of a file; of private keys DER octets too. */
export type Pem = string | Uint8Array

/** A key under a passphrase of its own, as node:tls takes it. */
export interface PemWithPassphrase {
  readonly pem: Pem
  /** Default: the option `passphrase` of the context. */
  readonly passphrase?: Passphrase | undefined
}

/**
 * PEM or DER; a private KeyObject of node:crypto, which is signed with as it is and never exported; or somebody else who
 * signs.
 */
export type PrivateKeyOption = Pem | PemWithPassphrase | KeyObject | ExternalSigner

/** What signs for a certificate of ours. `deterministic` is there for the providers' keys and is not used here. */
export interface LocalSigner {
  sign(
    scheme: SignatureSchemeName,
    message: Uint8Array,
    options: { readonly signal: AbortSignal; readonly deterministic?: boolean },
  ): Uint8Array | Promise<Uint8Array>
}

export interface SignerWithSchemes {
  readonly signer: LocalSigner
  /** The only schemes that it makes, null when the certificate's key alone decides. */
  readonly schemes: readonly SignatureSchemeName[] | null
}

/**
 * @param leaf the certificate that the key belongs to
 * @throws TrefoilError ERR_INVALID_OPTION when it is none of these or belongs to another certificate; ERR_INVALID_KEY and
 *   ERR_UNSUPPORTED_ALGORITHM when it is unusable
 */
export function resolveSigner(
  option: PrivateKeyOption,
  leaf: Certificate,
  passphrase: Passphrase | undefined,
  crypto: CryptoProvider,
): SignerWithSchemes {
  if (isExternalSigner(option)) {
    if (option.publicKey !== undefined) checkBelongs(option.publicKey, leaf)
    return { signer: verifiedSigner(option, certificateKey(leaf, crypto)), schemes: option.schemes ?? null }
  }
  const key = toSigningKey(option, passphrase, crypto)
  if (key.algorithm !== leaf.publicKeyInfo.algorithm) refuseStranger()
  checkBelongs(key.publicKey, leaf)
  return { signer: key, schemes: null }
}

function toSigningKey(
  option: Exclude<PrivateKeyOption, ExternalSigner>,
  passphrase: Passphrase | undefined,
  crypto: CryptoProvider,
): SigningKey {
  if (option instanceof KeyObject) return fromKeyObject(option)
  if (isPem(option)) return loadPrivateKey(option, crypto, { passphrase })
  if (typeof option !== 'object' || option === null || !isPem(option.pem)) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'key must be PEM, { pem, passphrase }, a KeyObject or a signer')
  }
  return loadPrivateKey(option.pem, crypto, { passphrase: option.passphrase ?? passphrase })
}

function fromKeyObject(key: KeyObject): SigningKey {
  if (key.type !== 'private') throw new TrefoilError('ERR_INVALID_KEY', `key is a KeyObject of type ${key.type}`)
  const { algorithm, publicKey } = parsePublicKey(createPublicKey(key).export({ type: 'spki', format: 'der' }))
  if (algorithm === null) {
    throw new TrefoilError(
      'ERR_UNSUPPORTED_ALGORITHM',
      `key is a KeyObject of the unknown kind ${key.asymmetricKeyType}`,
    )
  }
  return keyObjectSigningKey(algorithm, publicKey, key)
}

function checkBelongs(publicKey: Uint8Array, leaf: Certificate): void {
  if (!equalBytes(publicKey, leaf.publicKeyInfo.publicKey)) refuseStranger()
}

function refuseStranger(): never {
  throw new TrefoilError('ERR_INVALID_OPTION', 'key does not belong to the first certificate in cert')
}

export function isPem(value: unknown): value is Pem {
  return typeof value === 'string' || value instanceof Uint8Array
}
