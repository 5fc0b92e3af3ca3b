/** What the option `key` takes, and how each form of it comes to sign. */
import { createPublicKey, KeyObject } from 'node:crypto'
import { equalBytes } from '../bytes.js'
import { attempt } from '../crypto/attempt.js'
import { keyObjectSigningKey } from '../crypto/node/keyObject.js'
import type { CryptoProvider, SigningKey } from '../crypto/provider.js'
import { type KeyAlgorithm, SIGNATURE_SCHEMES, type SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { type Certificate, loadPrivateKey, type Passphrase, parsePublicKey } from '../pki/index.js'
import type { Signer } from '../tls/index.js'
import type { Pem } from './contextOptions.js'
import { type ExternalSigner, isExternalSigner, verifiedSigner } from './externalSigner.js'
import type { Policy } from './policy.js'

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

/** A key of ours: its public half, and what signs with the other. */
export interface LocalKey {
  readonly algorithm: KeyAlgorithm
  /** In the form of `CryptoProvider.verifyingKey`. */
  readonly publicKey: Uint8Array
  readonly signer: LocalSigner
  /** The only schemes that it makes, null when the kind of key alone decides. */
  readonly schemes: readonly SignatureSchemeName[] | null
}

/**
 * @param leaf the certificate that the key belongs to; null for a key that is shown as it is (RFC 7250)
 * @throws TrefoilError ERR_INVALID_OPTION when it is none of these or belongs to another certificate; ERR_INVALID_KEY and
 *   ERR_UNSUPPORTED_ALGORITHM when it is unusable
 */
export function resolveKey(
  option: PrivateKeyOption,
  leaf: Certificate | null,
  passphrase: Passphrase | undefined,
  crypto: CryptoProvider,
): LocalKey {
  const key = isExternalSigner(option)
    ? fromExternalSigner(option, leaf, crypto)
    : fromSigningKey(toSigningKey(option, passphrase, crypto))
  if (leaf !== null) {
    const { algorithm, publicKey } = leaf.publicKeyInfo
    if (key.algorithm !== algorithm || !equalBytes(key.publicKey, publicKey)) {
      throw new TrefoilError('ERR_INVALID_OPTION', 'key does not belong to the first certificate in cert')
    }
  }
  return key
}

/**
 * What a key may sign handshakes with, most preferred first.
 * @param possible what its kind, and its certificate, allow
 * @throws TrefoilError ERR_INVALID_OPTION when nothing is left
 */
export function usableSchemes(
  possible: readonly SignatureSchemeName[],
  key: LocalKey,
  policy: Policy,
  crypto: CryptoProvider,
): readonly SignatureSchemeName[] {
  const usable = possible.filter((scheme) => {
    const { inHandshake, classical } = SIGNATURE_SCHEMES[scheme]
    const allowed = !classical || policy.allowClassicalAuthentication
    return inHandshake && allowed && crypto.supportsSignatureScheme(scheme) && (key.schemes?.includes(scheme) ?? true)
  })
  if (usable.length > 0) return usable
  throw new TrefoilError(
    'ERR_INVALID_OPTION',
    `key is of kind ${key.algorithm}, which needs policy allowClassicalAuthentication, another provider or another signer`,
  )
}

/** Alone, or in a list. */
export function keyList(key: PrivateKeyOption | readonly PrivateKeyOption[] | undefined): readonly PrivateKeyOption[] {
  return key === undefined ? [] : Array.isArray(key) ? key : [key as PrivateKeyOption]
}

/** The signer of one connection: told when that is given up. */
export function boundTo(signal: AbortSignal, key: LocalSigner): Signer {
  return { sign: (scheme, message) => key.sign(scheme, message, { signal }) }
}

function fromSigningKey(key: SigningKey): LocalKey {
  return { algorithm: key.algorithm, publicKey: key.publicKey, signer: key, schemes: null }
}

/** What the signer says of its key, or else what the certificate says. */
function fromExternalSigner(signer: ExternalSigner, leaf: Certificate | null, crypto: CryptoProvider): LocalKey {
  const algorithm = signer.algorithm ?? leaf?.publicKeyInfo.algorithm
  const publicKey = signer.publicKey ?? leaf?.publicKeyInfo.publicKey
  if (algorithm == null || publicKey === undefined) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'a signer without a certificate needs algorithm and publicKey')
  }
  const verifyingKey = attempt(
    () => crypto.verifyingKey(algorithm, publicKey),
    'ERR_INVALID_OPTION',
    `the signer's publicKey is no ${algorithm} key`,
  )
  return { algorithm, publicKey, signer: verifiedSigner(signer, verifyingKey), schemes: signer.schemes ?? null }
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

export function isPem(value: unknown): value is Pem {
  return typeof value === 'string' || value instanceof Uint8Array
}
