/** What a connection is configured with. Plain data, frozen by its owner; nothing here changes during a handshake. */
import type { CipherSuiteName } from '../crypto/cipherSuites.js'
import type { NamedGroupName } from '../crypto/groups.js'
import type { CryptoProvider } from '../crypto/provider.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'

export interface CommonConfig {
  readonly crypto: CryptoProvider
  /** Most preferred first. */
  readonly cipherSuites: readonly CipherSuiteName[]
  /** Most preferred first. */
  readonly groups: readonly NamedGroupName[]
  /** Accepted in the peer's CertificateVerify, most preferred first. */
  readonly signatureSchemes: readonly SignatureSchemeName[]
  /** Accepted inside certificates (signature_algorithms_cert); absent: the same as signatureSchemes. */
  readonly certificateSignatureSchemes?: readonly SignatureSchemeName[]
  /** The largest TLSInnerPlaintext we accept, 64 to 16,385 octets (RFC 8449); absent: the extension is not sent. */
  readonly recordSizeLimit?: number
  /** Emit `keylog` events (RFC 9850). */
  readonly keylog?: boolean
  readonly limits?: Partial<Limits>
}

export interface ClientConfig extends CommonConfig {
  /** DNS name sent as SNI and checked in the certificate; null sends none. IP literals are never sent (RFC 6066 3). */
  readonly serverName: string | null
  /** Groups for which a share goes into the first ClientHello; default: the first of `groups`. Empty asks for a retry. */
  readonly keyShareGroups?: readonly NamedGroupName[]
  readonly applicationProtocols?: readonly string[]
  /** Send a 32-octet session id and a dummy change_cipher_spec (RFC 9846 appendix E.4); default true. */
  readonly middleboxCompatibility?: boolean
  /** Ask for, and report, session tickets; default true. */
  readonly tickets?: boolean
  /** Sprinkle reserved values over the ClientHello (RFC 8701); default true. */
  readonly grease?: boolean
}

export interface ServerConfig extends CommonConfig {
  readonly clientCertificate?: 'no' | 'request' | 'require'
  /** Whether this server has certificates at all. */
  readonly hasCertificate: boolean
  /** Tickets per full handshake, 0 to 8; default 2. A resumed handshake gets one. */
  readonly tickets?: number
  /** Seconds; default 7,200; at most 604,800. */
  readonly ticketLifetime?: number
  /** Key (32 octets) for cookies in HelloRetryRequest; absent: no cookie. */
  readonly cookieKey?: Uint8Array
  /** Answer every first ClientHello with a retry that carries a cookie. Needs `cookieKey`. */
  readonly alwaysRetry?: boolean
  /** DER names for certificate_authorities in CertificateRequest. */
  readonly certificateAuthorities?: readonly Uint8Array[]
}

export interface Limits {
  /** Octets of any handshake message but a ClientHello. */
  readonly handshakeMessageLength: number
  readonly clientHelloLength: number
  /** Certificates in a chain. */
  readonly chainLength: number
  /** Records protected by one key before we send a KeyUpdate; never above the suite's own limit. */
  readonly recordsPerKey: number
  /** KeyUpdates accepted from the peer without application data between them. */
  readonly consecutiveKeyUpdates: number
}

export const DEFAULT_LIMITS: Limits = {
  handshakeMessageLength: 128 * 1024,
  clientHelloLength: 64 * 1024,
  chainLength: 10,
  recordsPerKey: Number.POSITIVE_INFINITY,
  consecutiveKeyUpdates: 32,
}
