/** What `createSecureContext` takes, and with it `connect` and `createServer`. Names follow node:tls. */
import type { CryptoProvider } from '../crypto/provider.js'
import type { Passphrase } from '../pki/index.js'
import type { PrivateKeyOption } from './keyOption.js'
import type { NodeTlsOptions } from './nodeTlsOptions.js'
import type { PolicyOptions } from './policy.js'
import type { RawKeyTrustOptions } from './rawKeys/trust.js'

/** PEM text, as a string or as the octets of a file; of private keys DER octets too. */
export type Pem = string | Uint8Array

/** A list of IANA names: an array, or one string with ':' or ',' between the names. Most preferred first. */
export type NameList = string | readonly string[]

export interface SecureContextOptions extends RawKeyTrustOptions, NodeTlsOptions {
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
  /**
   * Show the bare public half of `key` (RFC 7250) to peers that accept it; `cert` may then be left out, and with it the
   * same keys serve in both forms. What is accepted of the peer is for `pinnedKeys` or `trust` to say.
   */
  readonly rawPublicKey?: boolean | undefined
  readonly policy?: PolicyOptions | undefined
  /** Named groups, such as 'X25519MLKEM768'. */
  readonly groups?: NameList | undefined
  /** Cipher suites, such as 'TLS_AES_256_GCM_SHA384'. */
  readonly ciphers?: NameList | undefined
  /** Signature schemes, such as 'mldsa65', for handshakes and, unless `certificateSigalgs` says otherwise, certificates. */
  readonly sigalgs?: NameList | undefined
  /** Signature schemes accepted inside certificates (signature_algorithms_cert, RFC 9846 4.3.3). */
  readonly certificateSigalgs?: NameList | undefined
  /**
   * Tell the peer the names of the trust anchors (certificate_authorities, RFC 9846 4.3.4), so that it can choose among
   * its certificates. Unless given, a server that asks for certificates does if they are 32 at most, and a client, whose
   * hello can be read by all, does not.
   */
  readonly sendAuthorities?: boolean | undefined
  /** Where the primitives come from; default: the running Node's, with noble for what it lacks. */
  readonly crypto?: CryptoProvider | undefined
}
