/** Plain JSON held against what was computed: the first place where they differ, by its path. */
import type { VectorOutcome } from '../format.js'

export const PASSED: VectorOutcome = { passed: true }

/** @returns null when they are the same; hex without regard to case */
export function difference(expected: unknown, actual: unknown, path: string): VectorOutcome | null {
  if (typeof expected === 'object' && typeof actual === 'object' && expected !== null && actual !== null) {
    const [theirs, ours] = [expected as Record<string, unknown>, actual as Record<string, unknown>]
    for (const name of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
      const found = difference(theirs[name], ours[name], path === '' ? name : `${path}.${name}`)
      if (found !== null) return found
    }
    return null
  }
  if (normal(expected) === normal(actual)) return null
  return { failed: `${path} differs`, expected: text(expected), actual: text(actual) }
}

const normal = (value: unknown): unknown =>
  typeof value === 'string' && /^[0-9a-fA-F]*$/.test(value) ? value.toLowerCase() : value

const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'))
