/** What a connection is configured with. Plain data, frozen by its owner; nothing here changes during a handshake. */
import type { CipherSuiteName } from '../crypto/cipherSuites.js'
import type { NamedGroupName } from '../crypto/groups.js'
import type { CryptoProvider } from '../crypto/provider.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import type { CertificateType } from './extensions/certificateType.js'
import { SMALLEST_RECORD_SIZE_LIMIT } from './extensions/scalars.js'
import { MAX_TICKET_LIFETIME } from './messages/newSessionTicket.js'
import { MAX_INNER_PLAINTEXT_LENGTH } from './wire/record.js'

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
  /** DER names for certificate_authorities (RFC 9846 4.3.4), in ClientHello or CertificateRequest; at most 65,535 octets. */
  readonly certificateAuthorities?: readonly Uint8Array[]
  /**
   * The largest TLSInnerPlaintext we accept, 64 to 16,385 octets (RFC 8449). Absent: a client does not send the
   * extension, a server answers it with the most there is.
   */
  readonly recordSizeLimit?: number
  /**
   * Certificate types, most preferred first (RFC 7250): for the server's end, what a server can show and a client
   * accepts; for the client's, what a client can show and a server accepts. Default: X.509 alone.
   */
  readonly serverCertificateTypes?: readonly CertificateType[]
  readonly clientCertificateTypes?: readonly CertificateType[]
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
  /** Tickets per full handshake, 0 to 8; default 2. A resumed handshake gets one. */
  readonly tickets?: number
  /** Seconds; default 7,200; at most 604,800. */
  readonly ticketLifetime?: number
  /** Key (32 octets) for cookies in HelloRetryRequest; absent: no cookie. */
  readonly cookieKey?: Uint8Array
  /** Answer every first ClientHello with a retry that carries a cookie. Needs `cookieKey`. */
  readonly alwaysRetry?: boolean
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

const MAX_TICKETS = 8

/** What would put an illegal message on the wire. @throws TrefoilError ERR_INVALID_OPTION */
export function checkConfig(config: CommonConfig & Partial<ServerConfig>): void {
  const { recordSizeLimit = MAX_INNER_PLAINTEXT_LENGTH, ticketLifetime = 0, cookieKey, alwaysRetry } = config
  if (!isWithin(recordSizeLimit, SMALLEST_RECORD_SIZE_LIMIT, MAX_INNER_PLAINTEXT_LENGTH)) {
    invalid(`a record size limit has ${SMALLEST_RECORD_SIZE_LIMIT} to ${MAX_INNER_PLAINTEXT_LENGTH} octets`)
  }
  if (!isWithin(ticketLifetime, 0, MAX_TICKET_LIFETIME)) invalid('a ticket lives for at most seven days')
  if (typeof config.tickets === 'number' && !isWithin(config.tickets, 0, MAX_TICKETS)) {
    invalid(`a handshake gives at most ${MAX_TICKETS} tickets`)
  }
  for (const types of [config.serverCertificateTypes, config.clientCertificateTypes]) {
    if (types?.length === 0) invalid('a list of certificate types is empty')
  }
  if (alwaysRetry === true && cookieKey === undefined) invalid('a retry without a cookie key would change nothing')
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

function invalid(message: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', message)
}
