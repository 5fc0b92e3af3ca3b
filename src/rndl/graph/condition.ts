/**
 * When a value is known: the minimal sets of leaks that give it, as bit masks (bit i: leak i of the run). Together they
 * are a monotone Boolean function: `[0]` is always true, `[]` never.
 */

/** No mask contains another. */
export type Condition = readonly number[]

export const ALWAYS: Condition = [0]
export const NEVER: Condition = []

export function either(a: Condition, b: Condition): Condition {
  if (a.length === 0 || b[0] === 0) return b
  if (b.length === 0 || a[0] === 0) return a
  return minimal([...a, ...b])
}

export function both(a: Condition, b: Condition): Condition {
  if (a.length === 0 || b[0] === 0) return a
  if (b.length === 0 || a[0] === 0) return b
  return minimal(a.flatMap((first) => b.map((second) => first | second)))
}

/** Whether whoever has `a` has `b`. */
export function implies(a: Condition, b: Condition): boolean {
  return a.every((mask) => holds(b, mask))
}

/** Whether these leaks are enough. */
export function holds(condition: Condition, leaks: number): boolean {
  return condition.some((mask) => (mask & leaks) === mask)
}

export function sameCondition(a: Condition, b: Condition): boolean {
  return a.length === b.length && a.every((mask, i) => mask === b[i])
}

/** Sorted by size, then by value, so that equal conditions are equal lists. */
function minimal(masks: number[]): Condition {
  masks.sort((a, b) => bitsIn(a) - bitsIn(b) || a - b)
  const kept: number[] = []
  for (const mask of masks) if (!holds(kept, mask)) kept.push(mask)
  return kept
}

function bitsIn(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
