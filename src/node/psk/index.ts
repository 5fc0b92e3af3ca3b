/** PSKs for the sockets: auth PSKs, QKD keys and tickets behind the core's requests. */
export {
  type AuthenticatedBy,
  type Authentication,
  type BootstrapEntry,
  type BootstrapPeer,
  QkdBootstrap,
  type QkdBootstrapOptions,
} from './bootstrap.js'
export { type ClientPskOptions, type ClientPsks, createClientPsks } from './clientPsks.js'
export type { KeyFetch } from './keyFetcher.js'
export type { KeyTrace } from './keyTrace.js'
export type {
  FoundPsk,
  PskLookup,
  PskOption,
  PskOptions,
  PskQuestion,
  QkdOption,
  QkdPolicy,
  QkdResumption,
} from './options.js'
export { pskFor } from './pskFor.js'
export {
  createServerPsks,
  type ServerConnectionOptions,
  type ServerConnectionPsks,
  type ServerPskOptions,
  type ServerPsks,
} from './serverPsks.js'
export { parseSession, serializeSession } from './session.js'
export { type FullHandshake, type PskNames, type PskSource, type Resumed, toPskSource } from './source.js'
export { TicketKeys, type TicketKeysOptions } from './ticketKeys.js'
