/** Sets of leaks against what is claimed of them. */
import type { LeakName, MinimalLeakSets } from '../../model.js'

/** Whether the claim grants that these leaks open the thing. */
export function grants(claimed: MinimalLeakSets, leaks: readonly LeakName[]): boolean {
  return claimed.some((set) => set.every((leak) => leaks.includes(leak)))
}

/** The largest sets of `leaks` that the claim says open nothing: whoever has one more has enough. */
export function largestHarmless(claimed: MinimalLeakSets, leaks: readonly LeakName[]): LeakName[][] {
  const harmless: number[] = []
  for (let bits = 2 ** leaks.length - 1; bits >= 0; bits--) {
    if (!grants(claimed, members(bits, leaks))) harmless.push(bits)
  }
  const isPart = (bits: number) => harmless.some((other) => other !== bits && (bits & other) === bits)
  return harmless.filter((bits) => !isPart(bits)).map((bits) => members(bits, leaks))
}

function members(bits: number, leaks: readonly LeakName[]): LeakName[] {
  return leaks.filter((_, i) => (bits & (1 << i)) !== 0)
}
