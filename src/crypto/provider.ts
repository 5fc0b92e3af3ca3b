/**
 * What the rest of Trefoil asks of cryptography. Two implementations: `noble` (portable) and `node` (node:crypto for
 * what the running Node has, noble for the rest). Both pass the same vectors.
 *
 * Conventions: inputs are never kept or changed unless said; outputs are fresh arrays that the caller may wipe.
 */
import type { AeadAlgorithm, CipherSuiteName, HashAlgorithm } from './cipherSuites.js'
import type { NamedGroupName } from './groups.js'
import type { KeyAlgorithm, SignatureSchemeName } from './signatureSchemes.js'

export type { AeadAlgorithm, HashAlgorithm } from './cipherSuites.js'

export interface CryptoProvider {
  readonly name: string

  /** Fresh octets from the system's generator. Only drivers call this; the protocol core asks its driver. */
  randomBytes(length: number): Uint8Array

  /** One-shot hash. */
  hash(algorithm: HashAlgorithm, data: Uint8Array): Uint8Array
  /** A hash that is fed piecemeal and read on the way (the transcript). */
  createHash(algorithm: HashAlgorithm): RunningHash
  /** HMAC key that is used several times; imported once, since imports cost more than the MAC itself. */
  hmacKey(algorithm: HashAlgorithm, key: Uint8Array): MacKey

  /** A record-protection key: 12-octet nonces, 16-octet tags. @throws RangeError on a wrong key length */
  aead(algorithm: AeadAlgorithm, key: Uint8Array): Aead

  supportsGroup(group: NamedGroupName): boolean
  supportsCipherSuite(suite: CipherSuiteName): boolean
  supportsSignatureScheme(scheme: SignatureSchemeName): boolean

  /**
   * The client's half of a key exchange. With `seed` (`clientSeedLength` octets of the group's table row) the result
   * is a function of the seed: for vectors and for the harness; without it the provider draws its own randomness.
   */
  generateKeyShare(group: NamedGroupName, seed?: Uint8Array): KeyShare
  /**
   * The server's half: takes the client's share, returns its own and the shared secret.
   * @throws TrefoilError ERR_BAD_KEY_SHARE when the share has a wrong length, fails the FIPS 203 7.2 check, is not a
   *   point of the curve, or gives the all-zero X25519 secret
   */
  respondToKeyShare(group: NamedGroupName, clientShare: Uint8Array, seed?: Uint8Array): KeyShareResponse

  /**
   * A public key as it stands in a SubjectPublicKeyInfo: ML-DSA raw octets, an uncompressed EC point, 32 octets of
   * Ed25519, or the DER RSAPublicKey.
   * @throws TrefoilError ERR_BAD_CERTIFICATE when the octets are no such key
   */
  verifyingKey(algorithm: KeyAlgorithm, publicKey: Uint8Array): VerifyingKey
  /** @throws TrefoilError ERR_INVALID_KEY when the material is no such key */
  signingKey(material: PrivateKeyMaterial): SigningKey
  /** A fresh key pair. RSA is not generated here. */
  generateSigningKey(algorithm: Exclude<KeyAlgorithm, 'rsa' | 'rsa-pss'>): PrivateKeyMaterial
}

export interface RunningHash {
  update(data: Uint8Array): void
  /** The hash of everything fed so far. Feeding may go on afterwards. */
  digest(): Uint8Array
}

export interface MacKey {
  mac(data: Uint8Array): Uint8Array
  /** Forgets the key as far as the runtime lets us. */
  wipe(): void
}

export interface Aead {
  /**
   * Encrypts content ‖ trailer and writes ciphertext ‖ tag to `out`, which is exactly 16 octets longer than both.
   * `out` must not overlap the inputs.
   */
  seal(nonce: Uint8Array, aad: Uint8Array, content: Uint8Array, trailer: Uint8Array, out: Uint8Array): void
  /**
   * The same as pieces that follow one another, as they come out of the cipher: for contents so long that putting them
   * together would be a large part of the cost.
   */
  sealInPieces(nonce: Uint8Array, aad: Uint8Array, content: Uint8Array, trailer: Uint8Array): readonly Uint8Array[]
  /** The plaintext, or null when the tag does not fit (or `sealed` is shorter than a tag). */
  open(nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null
  wipe(): void
}

export interface KeyShare {
  readonly group: NamedGroupName
  /** What goes into the key_share extension. */
  readonly publicShare: Uint8Array
  /**
   * The shared secret (RFC 10024 order for hybrids). May be called once; forgets the private half.
   * @throws TrefoilError ERR_BAD_KEY_SHARE as for `respondToKeyShare`
   */
  agree(serverShare: Uint8Array): Uint8Array
  wipe(): void
}

export interface KeyShareResponse {
  readonly serverShare: Uint8Array
  readonly sharedSecret: Uint8Array
}

export interface VerifyingKey {
  readonly algorithm: KeyAlgorithm
  /** As given to `verifyingKey`. */
  readonly publicKey: Uint8Array
  /** False for any wrong, malformed or wrongly sized signature, and for a scheme that does not fit the key. */
  verify(scheme: SignatureSchemeName, message: Uint8Array, signature: Uint8Array): boolean
}

export interface SigningKey {
  readonly algorithm: KeyAlgorithm
  /** The public half, in the form of `verifyingKey`. */
  readonly publicKey: Uint8Array
  /** `deterministic`: ML-DSA without hedging (FIPS 204 rnd = 0), for vectors. @throws TrefoilError ERR_SIGNER */
  sign(scheme: SignatureSchemeName, message: Uint8Array, options?: { readonly deterministic?: boolean }): Uint8Array
  wipe(): void
}

/** Private keys as the crypto layer takes them; PKCS#8 and PEM are `pki`'s business. */
export type PrivateKeyMaterial =
  /** ML-DSA: the 32-octet seed ξ (FIPS 204 5.1). Ed25519: the 32-octet private key (RFC 8032 5.1.5). */
  | { readonly algorithm: 'mldsa44' | 'mldsa65' | 'mldsa87' | 'ed25519'; readonly seed: Uint8Array }
  /**
   * ML-DSA without its seed: the private key of FIPS 204 7.2 (2560, 4032 or 4896 octets). Its parts are held against one
   * another before it signs. Signed with by noble on every Node.
   */
  | { readonly algorithm: 'mldsa44' | 'mldsa65' | 'mldsa87'; readonly expandedKey: Uint8Array }
  /** The scalar, big-endian, 32 or 48 octets. */
  | { readonly algorithm: 'ecdsa-p256' | 'ecdsa-p384'; readonly scalar: Uint8Array }
  /** The DER RSAPrivateKey (RFC 8017 A.1.2). */
  | { readonly algorithm: 'rsa' | 'rsa-pss'; readonly pkcs1: Uint8Array }
