/** The derivation graph of a run, computed once for all checks. */
import { type DerivationGraph, derivationGraph } from '../../graph/index.js'
import type { RecordedRun } from '../../model.js'

const graphs = new WeakMap<RecordedRun, DerivationGraph>()

export function graphOf(run: RecordedRun): DerivationGraph {
  const known = graphs.get(run)
  if (known !== undefined) return known
  const made = derivationGraph(run)
  graphs.set(run, made)
  return made
}
