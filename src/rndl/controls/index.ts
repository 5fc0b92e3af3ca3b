/**
 * Endpoints that are broken on purpose, and what the harness says of them. `control.ts` tells how to add one, and what is
 * exported from `sabotage/` breaks it.
 */
export { CHECKS, type Check, type CheckName } from './checks/index.js'
export type { Control } from './control.js'
export {
  type Evidence,
  type EvidenceOptions,
  gatherEvidence,
  type Probes,
  type Subject,
  soundEndpoints,
} from './evidence.js'
export { type ControlsReport, type Finding, findings, type RunControlsOptions, runControls } from './runControls.js'
export { withExtract, withLabels, withMacs, withSecrets } from './sabotage/hooks.js'
export { breakClientKeys, breakSecrets, type Exchanged } from './sabotage/keyExchange.js'
export { changeKeys } from './sabotage/keySources.js'
export type { Lineage } from './sabotage/lineage.js'
export {
  breakMacs,
  type Expand,
  type Extract,
  type MacRule,
  type MacUse,
  type Tools,
  type WithoutPsk,
} from './sabotage/macs.js'
export { repeatNonces } from './sabotage/records.js'
export { AFTER_RETRY, MUTUAL_CERTIFICATES, type Specimen, WHOLE_SESSION } from './specimens.js'
export { CONTROLS } from './table.js'
