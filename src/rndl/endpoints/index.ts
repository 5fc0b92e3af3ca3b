/** Both ends of a scenario: in this process, or in processes of their own. */
export { Ensemble, type EnsembleOptions } from './ensemble.js'
export type { ConnectionFacts, EndFacts, KeptSession } from './facts.js'
export { type Materials, makeMaterials } from './materials.js'
export { clientOptions, type Means, serverOptions } from './options.js'
export { type Hooks, playBoth, type RecordOptions, recordRun, type Side } from './recordRun.js'
export { EXPORTER, RESUMED, type Script, SESSION, scriptOf } from './script.js'
