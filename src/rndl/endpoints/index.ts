/** Both ends of a scenario: in this process, or in processes of their own. */

export { assembleRun, type Played } from './assembleRun.js'
export type { Belongings } from './belongings.js'
export { Ensemble, type EnsembleOptions } from './ensemble.js'
export type { ConnectionFacts, EndFacts, KeptSession } from './facts.js'
export { type Materials, makeMaterials } from './materials.js'
export { clientOptions, type Means, serverOptions } from './options.js'
export { type Hooks, playBoth, type RecordOptions, recordRun, type Side } from './recordRun.js'
export { EXPORTER, RESUMED, type Script, SESSION, scriptFor, scriptOf } from './script.js'
export { noting } from './sources.js'
