/** From the derivation graph: the smallest sets of leaks that open each protected thing. */
import { TrefoilError } from '../../errors.js'
import { fromBits, minimal } from '../leakSets.js'
import type { MinimalLeakSets, ProtectedThing, RecordedRun } from '../model.js'
import { type Condition, either, NEVER } from './condition.js'
import { type DerivationGraph, derivationGraph } from './derivationGraph.js'
import { conditionOf } from './solve.js'
import { WINDOW } from './windowIndex.js'

/** The key of a thing in the result of `minimalLeaks`. */
export function thingKey({ name, connection }: Pick<ProtectedThing, 'name' | 'connection'>): string {
  return `${name} ${connection}`
}

/**
 * By `thingKey`. Where a connection has several things of one name, the sets that open any of them.
 *
 * @throws TrefoilError ERR_INVALID_OPTION for a thing of fewer than 16 octets, which could stand anywhere by chance
 */
export function minimalLeaks(run: RecordedRun, graph = derivationGraph(run)): Map<string, MinimalLeakSets> {
  const conditions = new Map<string, Condition>()
  for (const thing of run.things) {
    const key = thingKey(thing)
    conditions.set(key, either(conditions.get(key) ?? NEVER, conditionOfThing(graph, thing)))
  }
  return new Map(
    [...conditions].map(([key, condition]) => [key, minimal(condition.map((mask) => fromBits(mask, graph.leaks)))]),
  )
}

export function conditionOfThing(
  { coverage, conditions }: DerivationGraph,
  { name, octets }: ProtectedThing,
): Condition {
  if (octets.length < 2 * WINDOW) {
    throw new TrefoilError('ERR_INVALID_OPTION', `the protected thing ${name} has fewer than ${WINDOW} octets`)
  }
  return conditionOf(coverage.of(octets, 'needed').needs, conditions)
}
