/** From the derivation graph: the smallest sets of leaks that open each protected thing. */
import { TrefoilError } from '../../errors.js'
import { LEAK_NAMES, type LeakName, type MinimalLeakSets, type ProtectedThing, type RecordedRun } from '../model.js'
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
  return new Map([...conditions].map(([key, condition]) => [key, leakSets(condition, graph.leaks)]))
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

/** By size, then in the order of LEAK_NAMES. */
export function leakSets(condition: Condition, leaks: readonly LeakName[]): MinimalLeakSets {
  const order = (leak: LeakName) => LEAK_NAMES.indexOf(leak)
  return condition
    .map((mask) => leaks.filter((_, bit) => (mask & (1 << bit)) !== 0).sort((a, b) => order(a) - order(b)))
    .sort((a, b) => a.length - b.length || compareLists(a.map(order), b.map(order)))
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number)
}
