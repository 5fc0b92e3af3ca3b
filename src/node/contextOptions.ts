/** What `createSecureContext` takes, and with it `connect` and `createServer`. Names follow node:tls. */
import type { CryptoProvider } from '../crypto/provider.js'
import type { Passphrase } from '../pki/index.js'
import type { Pem, PrivateKeyOption } from './keyOption.js'
import type { PolicyOptions } from './policy.js'

/** A list of IANA names: an array, or one string with ':' or ',' between the names. Most preferred first. */
export type NameList = string | readonly string[]

export interface SecureContextOptions {
  /** Trust anchors. Without them no certificate is accepted: the system's roots issue nothing post-quantum. */
  readonly ca?: Pem | readonly Pem[] | undefined
  /**
   * Own chain, leaf first; an array gives several, each with the key at the same place in `key`. Which one a peer is shown
   * depends on the name it asks for and on what it can verify.
   */
  readonly cert?: Pem | readonly Pem[] | undefined
  /** Private key of `cert`: PEM or DER, encrypted or not, a KeyObject, or an external signer. */
  readonly key?: PrivateKeyOption | readonly PrivateKeyOption[] | undefined
  /** For encrypted keys that come without their own. */
  readonly passphrase?: Passphrase | undefined
  readonly policy?: PolicyOptions | undefined
  /** Named groups, such as 'X25519MLKEM768'. */
  readonly groups?: NameList | undefined
  /** Cipher suites, such as 'TLS_AES_256_GCM_SHA384'. */
  readonly ciphers?: NameList | undefined
  /** Signature schemes, such as 'mldsa65'. */
  readonly sigalgs?: NameList | undefined
  /** Where the primitives come from; default: the running Node's, with noble for what it lacks. */
  readonly crypto?: CryptoProvider | undefined
}
