/** What follows from what in a run, computed from what its endpoints did. */
export { type DerivationGraph, derivationGraph } from './derivationGraph.js'
export { type ExpandedLabel, readExpandedLabel } from './hkdfLabel.js'
export { minimalLeaks, thingKey } from './minimalLeaks.js'
export { type NonceReuse, nonceReuse, type SharedKey, sharedKeys } from './nonceReuse.js'
export { picture } from './picture.js'
export { type Unexplained, unexplained } from './unexplained.js'
