/** Sets of leaks against what is claimed of them. */
import { fromBits, opens, toBits } from '../../leakSets.js'
import type { LeakName, MinimalLeakSets } from '../../model.js'

/** Whether the claim grants that these leaks open the thing. */
export function grants(claimed: MinimalLeakSets, leaks: readonly LeakName[]): boolean {
  return claimed.some((set) => set.every((leak) => leaks.includes(leak)))
}

/** The largest sets of `leaks` that the claim says open nothing: whoever has one leak more has enough. */
export function largestHarmless(claimed: MinimalLeakSets, leaks: readonly LeakName[]): LeakName[][] {
  const possible = claimed.filter((set) => set.every((leak) => leaks.includes(leak)))
  const sets = possible.map((set) => toBits(set, leaks))
  const isLargest = (subset: number) =>
    !opens(sets, subset) && leaks.every((_, i) => (subset & (1 << i)) !== 0 || opens(sets, subset | (1 << i)))
  return Array.from({ length: 2 ** leaks.length }, (_, subset) => subset)
    .filter(isLargest)
    .map((subset) => fromBits(subset, leaks))
}
