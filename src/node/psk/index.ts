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
  ResumptionBound,
} from './options.js'
export { pskFor } from './pskFor.js'
export type {
  ServerConnectionOptions,
  ServerConnectionPsks,
  ServerPskOptions,
  ServerPsks,
} from './serverPskOptions.js'
export { createServerPsks } from './serverPsks.js'
export { parseSession, serializeSession } from './session.js'
export { resolveSessionStore, type SessionStore, type SessionStoreOptions } from './sessionStore.js'
export { type FullHandshake, type PskNames, type PskSource, type Resumed, toPskSource } from './source.js'
export { type TicketKeyOption, TicketKeys, type TicketKeysOptions } from './ticketKeys.js'
