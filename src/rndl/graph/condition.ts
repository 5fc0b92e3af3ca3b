/**
 * When a value is known: the minimal sets of leaks that give it, as bit masks (bit i: leak i of the run). Together they
 * are a monotone Boolean function: `[0]` is always true, `[]` never.
 */
import { minimalBits, opens } from '../leakSets.js'

/** No mask contains another; in ascending order, so that equal functions are equal lists. */
export type Condition = readonly number[]

export const ALWAYS: Condition = [0]
export const NEVER: Condition = []

export function either(a: Condition, b: Condition): Condition {
  if (a.length === 0 || b[0] === 0) return b
  if (b.length === 0 || a[0] === 0) return a
  return minimalBits([...a, ...b])
}

export function both(a: Condition, b: Condition): Condition {
  if (a.length === 0 || b[0] === 0) return a
  if (b.length === 0 || a[0] === 0) return b
  return minimalBits(a.flatMap((first) => b.map((second) => first | second)))
}

/** Whether whoever has `a` has `b`. */
export function implies(a: Condition, b: Condition): boolean {
  return a.every((mask) => opens(b, mask))
}

export function sameCondition(a: Condition, b: Condition): boolean {
  return a.length === b.length && a.every((mask, i) => mask === b[i])
}
