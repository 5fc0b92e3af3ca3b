/** Endpoints that are broken on purpose, and what the harness says of them. */
export type { Check, CheckName } from './checks/index.js'
export { CHECKS } from './checks/index.js'
export type { Control } from './control.js'
export { type Evidence, gatherEvidence } from './evidence.js'
export { type Finding, findings, type RunControlsOptions, runControls } from './runControls.js'
export { CONTROLS } from './table.js'
