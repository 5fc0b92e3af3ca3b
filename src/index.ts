/**
 * Trefoil: TLS 1.3 whose secrecy rests on X25519, ML-KEM and a QKD key, and holds while any one of them does. The names
 * are those of node:tls, so that a program moves over by changing its import.
 *
 * - {@link connect}, {@link createServer}: clients and servers; options beyond node:tls are `psk`, `qkd`, `policy`.
 * - `socket.protection` ({@link Protection}): what the keys rest on and who is authenticated by what.
 * - {@link Agent}: for http.request and https.request. Servers, HTTP/2 and fetch: `trefoil/https`, `trefoil/http2` and
 *   `trefoil/undici`.
 * - {@link createTunnel}: any TCP service over Trefoil. Metrics of tunnels and servers: `trefoil/metrics`.
 * - Key sources for the option `qkd` come from `trefoil/qkd`, certificates can be made with `trefoil/pki`.
 *
 * Every error is a {@link TrefoilError} with a `code`, whom to blame, and the alert sent or received.
 */

export type { AlertName } from './alerts.js'
export { type Blame, type ErrorCode, TrefoilError } from './errors.js'
export type { AcceptPeer, AcceptPeerAnswer, PeerFacts } from './node/acceptPeer.js'
export type { ALPNCallback, ALPNQuestion } from './node/applicationProtocols.js'
export type { CheckServerIdentity } from './node/certificates.js'
export { connect } from './node/connect.js'
export type { ConnectionClose, HandshakeTrace } from './node/connectionChannels.js'
export type { NameList, Pem, SecureContextOptions } from './node/contextOptions.js'
export type { ExternalSigner } from './node/externalSigner.js'
export { Agent, type AgentOptions } from './node/http/agent.js'
export type { KeyLookupOptions, KeyLookupStatistics } from './node/keyLookups/index.js'
export type { PemWithPassphrase, PrivateKeyOption } from './node/keyOption.js'
export {
  checkServerIdentity,
  DEFAULT_CIPHERS,
  DEFAULT_ECDH_CURVE,
  DEFAULT_MAX_VERSION,
  DEFAULT_MIN_VERSION,
  getCiphers,
  rootCertificates,
} from './node/nodeTls.js'
export type { NodeTlsOptions, SecureVersion } from './node/nodeTlsOptions.js'
export type { ConnectionOptions, ServerOptions, SNICallback, TLSOptions } from './node/options.js'
export type { PolicyOptions } from './node/policy.js'
export type { Protection } from './node/protection.js'
export {
  type AuthenticatedBy,
  type Authentication,
  type BootstrapEntry,
  type BootstrapPeer,
  type FoundPsk,
  type KeyTrace,
  type PskLookup,
  type PskOption,
  type PskQuestion,
  QkdBootstrap,
  type QkdBootstrapOptions,
  type QkdOption,
  type QkdPolicy,
  type QkdResumption,
  type ResumptionBound,
  type SessionStore,
  type SessionStoreOptions,
  type TicketKeyOption,
} from './node/psk/index.js'
export type { RawPublicKey } from './node/rawKeys/peer.js'
export type { PublicKeyInput } from './node/rawKeys/publicKeys.js'
export type { PinnedKey, RawKeyTrustOptions } from './node/rawKeys/trust.js'
export type { WebOfTrust } from './node/rawKeys/webOfTrust.js'
export { createSecureContext, type SecureContext } from './node/secureContext.js'
export { createServer, type SecureConnectionListener, Server } from './node/server.js'
export { TLSSocket } from './node/tlsSocket.js'
export {
  type ClientTunnelOptions,
  createTunnel,
  type ServerTunnelOptions,
  type Tunnel,
  type TunnelAddress,
  type TunnelClientTls,
  type TunnelClosed,
  type TunnelConnection,
  type TunnelEvents,
  type TunnelFailure,
  type TunnelOctets,
  type TunnelOpened,
  type TunnelOptions,
  type TunnelServerTls,
  type TunnelStatistics,
} from './node/tunnel/index.js'
export { type WorkerSigner, type WorkerSignerOptions, workerSigner } from './node/workerSigner.js'
export type { DeliveryLink, KeySource, KeySourceStatus, QkdKey } from './qkd/keySource.js'
