/**
 * What is wrong with a run whatever its claims are: inputs that come from nowhere, and keys and nonces of records that are
 * used more than once. Sound endpoints give nothing of the kind, in no scenario.
 */
import { type DerivationGraph, nonceReuse, sharedKeys, unexplained } from './graph/index.js'
import type { RecordedRun } from './model.js'
import type { FalseAlarm } from './report.js'
import type { Trace } from './trace/trace.js'

/** What endpoints that should be sound gave rise to. */
export function alarmsOf(run: RecordedRun, graph: DerivationGraph): FalseAlarm[] {
  const found: readonly (readonly [check: string, sentence: string | null])[] = [
    ['unexplained input', unexplainedInput(run, graph)],
    ['nonce reuse', reusedNonce(run.trace)],
    ['shared key', sharedKey(run, graph)],
  ]
  return found.flatMap(([check, sentence]) =>
    sentence === null ? [] : [{ check, finding: `${run.scenario}: ${sentence}` }],
  )
}

/** Null: all that entered the key schedule is known to the harness. */
export function unexplainedInput(run: RecordedRun, graph: DerivationGraph): string | null {
  const [found] = unexplained(run, graph)
  if (found === undefined) return null
  return `${found.octets.length / 2} octets of unknown origin entered the key schedule as ${found.as}`
}

/** Null: every record has a key and nonce of its own. */
export function reusedNonce(trace: Trace): string | null {
  const [worst] = nonceReuse(trace).sort((a, b) => b.sealed.length - a.sealed.length)
  return worst === undefined ? null : `${worst.sealed.length} records were sealed under one key and nonce`
}

/** Null: every direction of every connection has keys of its own. */
export function sharedKey(run: RecordedRun, graph: DerivationGraph): string | null {
  const [shared] = sharedKeys(run, graph.tape)
  if (shared === undefined) return null
  const uses = shared.uses.map(({ connection, from }) => `the ${from} of "${connection}"`)
  return `one key protects what comes from ${uses.join(' and ')}`
}
