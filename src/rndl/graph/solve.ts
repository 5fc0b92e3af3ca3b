/** The least fixed point: of every value, which leaks give it. Derivations may run in circles. */
import type { LeakName } from '../model.js'
import { ALWAYS, both, type Condition, either, NEVER, sameCondition } from './condition.js'
import type { Alternatives } from './coverage.js'
import type { Origin } from './values.js'

/** A way to a value: all of `needs`, of each any one. */
export interface Derivation {
  /** `found`: as a part of other values, or in public. */
  readonly by: Origin | { readonly by: 'found' }
  readonly needs: readonly Alternatives[]
}

export function solve(leaks: readonly LeakName[], derivations: readonly (readonly Derivation[])[]): Condition[] {
  const conditions: Condition[] = derivations.map(() => NEVER)
  const dependents = dependentsOf(derivations)
  const waiting = new Set(derivations.keys())
  for (const value of waiting) {
    waiting.delete(value)
    const condition = (derivations[value] ?? [])
      .map(({ by, needs }) => (by.by === 'leak' ? [1 << leaks.indexOf(by.leak)] : conditionOf(needs, conditions)))
      .reduce(either, NEVER)
    if (sameCondition(condition, conditions[value] as Condition)) continue
    conditions[value] = condition
    // A set visits what is added while it is being walked.
    for (const dependent of dependents[value] ?? []) waiting.add(dependent)
  }
  return conditions
}

/** Of several needs together. */
export function conditionOf(needs: readonly Alternatives[], conditions: readonly Condition[]): Condition {
  return needs
    .map((alternatives) => alternatives.map((value) => conditions[value] as Condition).reduce(either, NEVER))
    .reduce(both, ALWAYS)
}

function dependentsOf(derivations: readonly (readonly Derivation[])[]): readonly ReadonlySet<number>[] {
  const dependents = derivations.map(() => new Set<number>())
  for (const [value, ways] of derivations.entries()) {
    for (const { needs } of ways) for (const input of needs.flat()) dependents[input]?.add(value)
  }
  return dependents
}
