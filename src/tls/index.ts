/**
 * `trefoil/tls`: the protocol core without I/O. A {@link Connection} takes octets and answers and gives octets,
 * requests and events; a {@link Driver} joins it to handlers and a transport. The key schedule and the PSK importer
 * stand on their own and can be used and tested by themselves.
 */
export type { ClientConfig, CommonConfig, Limits, ServerConfig } from './config.js'
export { DEFAULT_LIMITS } from './config.js'
export { Connection } from './connection.js'
export type { DefaultHandlers } from './defaultHandlers.js'
export { defaultHandlers, nothingToOffer } from './defaultHandlers.js'
export type { DriverSink } from './driver.js'
export { Driver } from './driver.js'
export type { ConnectionEvent, HandshakeSummary, Output } from './events.js'
export type { CertificateType } from './extensions/certificateType.js'
export type { MessageSubstitution } from './handshakeChannel.js'
export { hkdfExpandLabel, hkdfExtract } from './hkdf.js'
export type {
  BinderLabel,
  ClientApplicationTrafficSecret,
  ClientHandshakeTrafficSecret,
  ExporterSecret,
  ResumptionSecret,
  Secret,
  ServerApplicationTrafficSecret,
  ServerHandshakeTrafficSecret,
  TrafficKeys,
  TrafficSecret,
} from './keySchedule.js'
export {
  BINDER_LABELS,
  EarlySecret,
  exportKeyingMaterial,
  finishedVerifyData,
  HandshakeSecret,
  MainSecret,
  nextTrafficSecret,
  resumptionPsk,
  trafficKeys,
} from './keySchedule.js'
export type { ClientStateName, ServerStateName } from './messageOrder.js'
export { CLIENT_MESSAGE_ORDER, SERVER_MESSAGE_ORDER } from './messageOrder.js'
export type { ImportedIdentity } from './psk/importedIdentity.js'
export { decodeImportedIdentity, encodeImportedIdentity, TARGET_KDF, TARGET_TLS13 } from './psk/importedIdentity.js'
export type { ExternalPsk, ImportedPsk } from './psk/importer.js'
export { combineAuthPskWithQkdKey, importPsk, importPskFor } from './psk/importer.js'
export type { ImporterContext, KeyKind } from './psk/importerContext.js'
export { decodeImporterContext, encodeImporterContext } from './psk/importerContext.js'
export { RecordProtection } from './recordProtection.js'
export type * from './requests.js'
