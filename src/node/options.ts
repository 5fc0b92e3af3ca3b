/** What `connect` and `createServer` take. Names follow node:tls wherever it has the notion. */
import type { BlockList, LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TrefoilError } from '../errors.js'
import type { AcceptPeer } from './acceptPeer.js'
import type { ALPNCallback } from './applicationProtocols.js'
import type { CheckServerIdentity } from './certificates.js'
import type { SecureContextOptions } from './contextOptions.js'
import type { KeyLookupOptions } from './keyLookups/index.js'
import type {
  PskLookup,
  PskOption,
  QkdOption,
  ResumptionBound,
  SessionStoreOptions,
  TicketKeyOption,
} from './psk/index.js'
import type { SecureContext } from './secureContext.js'

/** What both ends have in common. */
export interface TLSOptions extends SecureContextOptions {
  /** Made by `createSecureContext`; takes the place of the options it is made of. */
  readonly secureContext?: SecureContext | undefined
  /** Where QKD keys come from and whose they are. */
  readonly qkd?: QkdOption | undefined
  /** How long and how often a session may be resumed; default seven days since its full handshake. */
  readonly resumption?: ResumptionBound | undefined
  /** Certificate and PSK together (RFC 9973); always so with `qkd`, certificates and no `psk`. */
  readonly pskWithCertificate?: boolean | undefined
  /** Application protocols, most preferred first, or as node:tls takes them in octets (RFC 7301 3.1). */
  readonly ALPNProtocols?: readonly string[] | ArrayBufferView | undefined
  /** Milliseconds for the whole handshake, key-manager calls included; default 10,000, 0 waits for ever. */
  readonly handshakeTimeout?: number | undefined
  /** Emit `keylog` events (RFC 9850). They give away everything the connection protects. */
  readonly keylog?: boolean | undefined
  /** Refuse a peer whose certificate does not verify; default true. When false, look at `authorized`. */
  readonly rejectUnauthorized?: boolean | undefined
  /**
   * The last word on every peer, after all other checks and before the handshake is complete: revocation lists, pins,
   * accounts. A peer that is refused gets access_denied, and this side ERR_PEER_REFUSED_BY_CALLER.
   */
  readonly acceptPeer?: AcceptPeer | undefined
  /** Largest plaintext we accept in a record, 64 to 16,385 octets (RFC 8449). */
  readonly recordSizeLimit?: number | undefined
  /** Whether our side may go on sending after the peer has closed its own; default false. */
  readonly allowHalfOpen?: boolean | undefined
  /** Octets buffered each way before back-pressure; default 65,536. */
  readonly highWaterMark?: number | undefined
  /** Told when QKD policy `prefer` goes on without a QKD key because the key source failed. */
  readonly onQkdFallback?: ((error: TrefoilError) => void) | undefined
}

export interface ConnectionOptions extends TLSOptions {
  /** Auth PSKs, offered in this order. */
  readonly psk?: PskOption | readonly PskOption[] | undefined
  /** Default localhost. */
  readonly host?: string | undefined
  readonly port?: number | string | undefined
  /** A Unix domain socket or named pipe instead of host and port. */
  readonly path?: string | undefined
  /** A connected stream to run over, instead of a new TCP connection. */
  readonly socket?: Duplex | undefined
  /**
   * The name asked for (SNI) and looked for in the certificate; default `host`. An IP address is not sent, but must
   * stand in the certificate all the same. An empty string sends none.
   */
  readonly servername?: string | undefined
  /**
   * As in node:tls: takes the place of the name check; an error returned refuses the server. Not asked about raw public
   * keys, whose names are in their pins or endorsements.
   */
  readonly checkServerIdentity?: CheckServerIdentity | undefined
  /**
   * A session from `getSession()` or the `session` event of an earlier connection. Each is offered once (RFC 9846 C.4);
   * given again, it is passed over for a full handshake.
   */
  readonly session?: Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
  /** Idle milliseconds, as `setTimeout`. */
  readonly timeout?: number | undefined
  // Handed to net.connect.
  readonly lookup?: LookupFunction | undefined
  readonly family?: number | undefined
  readonly hints?: number | undefined
  readonly autoSelectFamily?: boolean | undefined
  readonly autoSelectFamilyAttemptTimeout?: number | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
  readonly keepAlive?: boolean | undefined
  readonly keepAliveInitialDelay?: number | undefined
  /** Where the running Node knows these. */
  readonly blockList?: BlockList | undefined
  readonly typeOfService?: number | undefined
  /** Send small writes at once; default true. */
  readonly noDelay?: boolean | undefined
}

/** As in node:tls: answers with the context for a name, or with nothing for the server's own. */
export type SNICallback = (
  servername: string,
  callback: (error: Error | null, context?: SecureContext | undefined) => void,
) => void

export interface ServerOptions extends TLSOptions, KeyLookupOptions, SessionStoreOptions {
  /** Auth PSKs: any of a list, or looked up by their identities. */
  readonly psk?: PskOption | readonly PskOption[] | PskLookup | undefined
  /** Ask clients for a certificate. Without one they are refused, unless `rejectUnauthorized` is false. */
  readonly requestCert?: boolean | undefined
  readonly SNICallback?: SNICallback | undefined
  /** Chooses the application protocol; undefined refuses the client. Not together with `ALPNProtocols`. */
  readonly ALPNCallback?: ALPNCallback | undefined
  /** Seconds that a ticket may be used, 1 to 604,800; default 7,200. */
  readonly sessionTimeout?: number | undefined
  /** Issue and accept tickets; default true. Under QKD policy `require` only as `qkd.resumption` says. */
  readonly tickets?: boolean | undefined
  /**
   * For servers that share tickets: 48 octets as in node:tls, or a list of which the first seals and all open. Without,
   * the server makes keys of its own and changes them by time.
   */
  readonly ticketKeys?: TicketKeyOption | undefined
  /** Handshakes going on at once: in all (default 1,000) and from one address (default 100). */
  readonly maxHandshakes?: number | undefined
  readonly maxHandshakesPerAddress?: number | undefined
  // Handed to net.createServer.
  readonly blockList?: BlockList | undefined
  readonly keepAlive?: boolean | undefined
  readonly keepAliveInitialDelay?: number | undefined
  readonly noDelay?: boolean | undefined
}
