/**
 * `trefoil/qkd`: where QKD keys come from.
 *
 * - {@link etsi014}: client of a key manager (ETSI GS QKD 014 V1.1.1)
 * - {@link skip}: client of a key provider (Secure Key Integration Protocol, an Internet-Draft)
 * - {@link keyBudget}: a pool in advance, quotas and failover over one or several of the others
 * - {@link inProcessPair}, {@link preSharedKeys}: key sources without a key manager
 * - {@link keyFile}: a file of pre-shared keys, made by {@link createKeyFiles} or {@link writeKeyFile}
 * - {@link examineKeyManager}: grades the key manager of anybody
 * - {@link createBb84Link}: a simulated quantum link that makes keys; {@link keyRate}: how many to expect
 * - {@link createKeyManagerPair}, {@link createKeyManager}: embedded key managers for demonstrations and tests
 */
export type { MldsaName, SigningIdentity } from './bb84/authentication.js'
export type { BlockResult } from './bb84/engine.js'
export type { BlockCounts, ByIntensity, SecretLength } from './bb84/finiteKey.js'
export { finiteKeyRate, type KeyRate, keyRate, pulsesForKey } from './bb84/keyRate.js'
export { type Bb84Link, type Bb84LinkEvents, createBb84Link } from './bb84/link.js'
export type { Bb84LinkOptions } from './bb84/linkOptions.js'
export {
  BB84_DEFAULTS,
  type Bb84ParameterOptions,
  type Bb84Parameters,
  bb84Parameters,
} from './bb84/parameters.js'
export { describeReason, type NoKeyReason } from './bb84/reasons.js'
export type { BlockReport } from './bb84/report.js'
export { type SimulateBlockOptions, simulateBlock } from './bb84/simulateBlock.js'
export { type Bb84Authentication, UNAUTHENTICATED } from './bb84/siteAuthentication.js'
export type { Bb84LinkStatus } from './bb84/status.js'
export type { KeyBudgetEvents, SourceFailure } from './budget/events.js'
export { type KeyBudget, keyBudget } from './budget/keyBudget.js'
export type {
  BreakerOptions,
  BudgetedSource,
  KeyBudgetOptions,
  KeyQuota,
  PauseOptions,
  PeerOptions,
} from './budget/options.js'
export type { KeyBudgetStatistics, KeyCounts, PeerStatistics, SourceStatistics } from './budget/statistics.js'
export type { BatchKeySource, KeyBatch } from './budget/supplier.js'
export type { CertificateNameKind } from './certificateNames.js'
export type { Grade } from './doctor/check.js'
export { examineKeyManager } from './doctor/examine.js'
export type { ClientCredentials, ExamineKeyManagerOptions, Finding, KeyManagerReport } from './doctor/options.js'
export { type Etsi014KeySource, type Etsi014Options, etsi014 } from './etsi014/client.js'
export type { ConnectionOptions } from './etsi014/connection.js'
export type { ConnectorOptions } from './etsi014/connector.js'
export type { Etsi014Key, KeyContainer } from './etsi014/keyContainer.js'
export type { KeyIdRequest, KeysRequest, KeysWithIdsRequest, VendorExtension } from './etsi014/requests.js'
export {
  type Etsi014Status,
  type StatusContradiction,
  type StatusExpectation,
  statusContradictions,
} from './etsi014/status.js'
export type { JsonObject } from './etsi014/wire.js'
export { type CreateKeyFilesOptions, createKeyFiles, type WriteKeyFileOptions, writeKeyFile } from './keyFile/create.js'
export { inspectKeyFile, type KeyFileReport } from './keyFile/inspect.js'
export { type KeyFileOptions, type KeyFileSource, keyFile } from './keyFile/source.js'
export type { DeliveryLink, KeyRequestOptions, KeySource, KeySourceStatus, QkdKey } from './keySource.js'
export type { KeyManagerFault } from './kme/faults.js'
export {
  createKeyManager,
  createKeyManagerPair,
  type KeyManager,
  type KeyManagerOptions,
  type KeyManagerPairOptions,
  type KeyManagerSite,
} from './kme/keyManager.js'
export { type KeyMaterialSource, randomKeyMaterial } from './kme/keyMaterial.js'
export { httpsKeyLink, type KeyLink } from './kme/link.js'
export type { KeyLimits, SiteDescription } from './kme/site.js'
export type { KeyDelivery } from './kme/waitingKeys.js'
export { type InProcessPairOptions, inProcessPair } from './pair.js'
export { type PreSharedKeysOptions, preSharedKeys } from './preSharedKeys.js'
export { type SkipKeySource, type SkipOptions, skip } from './skip/client.js'
export type { SkipCapabilities } from './skip/replies.js'
export { keyDeliveryGroups, type MutualTlsCredentials, type Pem } from './tlsOptions.js'
