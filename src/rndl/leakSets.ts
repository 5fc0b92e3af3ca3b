/** Sets of leaks, as lists of names for people and as bits of a number for the matrix. */
import { LEAK_NAMES, type LeakName, type MinimalLeakSets } from './model.js'

/** Nothing has to leak: what stands in clear. */
export const ALWAYS: MinimalLeakSets = [[]]

export const leaks = (...names: readonly LeakName[]): MinimalLeakSets => [names]

/** Opened by any of these. */
export function anyOf(...alternatives: readonly MinimalLeakSets[]): MinimalLeakSets {
  return minimal(alternatives.flat())
}

/** Opened when all of these are. */
export function allOf(...parts: readonly MinimalLeakSets[]): MinimalLeakSets {
  return minimal(parts.reduce((sets, part) => sets.flatMap((set) => part.map((more) => [...set, ...more])), ALWAYS))
}

/** Those without a needless member, each and all in the order of LEAK_NAMES. */
export function minimal(sets: MinimalLeakSets): MinimalLeakSets {
  return minimalBits(sets.map((set) => toBits(set, LEAK_NAMES))).map((bits) => fromBits(bits, LEAK_NAMES))
}

export function minimalBits(sets: Iterable<number>): number[] {
  const distinct = [...new Set(sets)].sort((a, b) => a - b)
  return distinct.filter((set) => !distinct.some((other) => other !== set && isWithin(other, set)))
}

/** Bit i stands for `names[i]`. @throws RangeError when a leak is not among the names */
export function toBits(set: readonly LeakName[], names: readonly LeakName[]): number {
  return set.reduce((bits, leak) => {
    const index = names.indexOf(leak)
    if (index < 0) throw new RangeError(`${leak} is worth nothing here`)
    return bits | (1 << index)
  }, 0)
}

export function fromBits(bits: number, names: readonly LeakName[]): LeakName[] {
  return names.filter((_, i) => (bits & (1 << i)) !== 0)
}

/** Whether a subset of the leaks opens what these sets open. */
export function opens(sets: readonly number[], subset: number): boolean {
  return sets.some((set) => isWithin(set, subset))
}

function isWithin(set: number, other: number): boolean {
  return (set & other) === set
}
