/**
 * `trefoil/vectors`: runs known-answer files through what Trefoil computes with (ACVP, Wycheproof, RFC texts, recorded
 * handshakes, imported PSKs, certificates and keys, and Trefoil's own traces), with every provider. A file is known by its
 * contents. `trefoil vectors` is the command of it; docs/vectors.md tells what each kind of file is checked for.
 */
export type { VectorCase, VectorFormat, VectorOutcome } from './format.js'
export { recogniseVectors, vectorFormats } from './formats.js'
export { differenceOf, type VectorDifference } from './run/difference.js'
export {
  type PathWithoutVectors,
  type VectorFailure,
  type VectorReport,
  type VectorRun,
  type VectorSkip,
  vectorsHold,
} from './run/report.js'
export { type RunVectorsOptions, runVectorDocument, VECTOR_PROVIDERS } from './run/runDocument.js'
export { runVectors } from './run/runVectors.js'
export { describeVectorSources, VECTOR_SOURCES, type VectorSource } from './sources.js'
