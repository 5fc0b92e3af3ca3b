/**
 * Minimal leak sets as a formula for people: `curve and (ML-KEM key or ML-KEM secret)` says in one line what takes six
 * sets when every alternative is spelled out.
 */
import type { LeakName, MinimalLeakSets } from '../model.js'
import { byLeakOrder, LEAKS } from './words.js'

export type Formula =
  | { readonly kind: 'leak'; readonly leak: LeakName }
  /** All of none: open to whoever holds the tape. */
  | { readonly kind: 'all'; readonly of: readonly Formula[] }
  /** Any of none: nothing opens it. */
  | { readonly kind: 'any'; readonly of: readonly Formula[] }

export function formulaOf(sets: MinimalLeakSets): Formula {
  if (sets.length === 0) return { kind: 'any', of: [] }
  if (sets.some((set) => set.length === 0)) return { kind: 'all', of: [] }
  const leaks = leaksOf(sets)
  const [only] = leaks
  if (only !== undefined && leaks.length === 1) return { kind: 'leak', leak: only }
  const together = (a: LeakName, b: LeakName) => sets.some((set) => set.includes(a) && set.includes(b))
  // Sets that share no leak are alternatives.
  const alternatives = components(leaks, together)
  if (alternatives.length > 1) return any(alternatives.map((part) => formulaOf(project(sets, part))))
  // Leaks that never stand together take each other's place, whatever else there is. The sets are the product of such
  // groups if each has something of every group, and there are as many as there are combinations.
  const groups = components(leaks, (a, b) => !together(a, b))
  const factors = groups.map((part) => project(sets, part))
  const combinations = factors.reduce((product, factor) => product * factor.length, 1)
  const spansAll = sets.every((set) => groups.every((part) => part.some((leak) => set.includes(leak))))
  if (factors.length > 1 && spansAll && combinations === sets.length) return all(factors.map(formulaOf))
  return splitBy(mostFrequent(leaks, sets), sets)
}

/** `curve and (ML-KEM key or ML-KEM secret), or endpoint memory`. */
export function words(formula: Formula): string {
  if (formula.kind === 'leak') return LEAKS[formula.leak].name
  if (formula.of.length === 0) return formula.kind === 'any' ? 'nothing opens it' : 'the tape alone'
  if (formula.kind === 'all') {
    return formula.of.map((part) => (part.kind === 'any' ? `(${words(part)})` : words(part))).join(' and ')
  }
  return formula.of.map(words).join(formula.of.some(({ kind }) => kind === 'all') ? ', or ' : ' or ')
}

/** How many subsets of the leaks in it open the thing: 3 of 8. Leaks that are not in it change nothing in the ratio. */
export function shareOpen(sets: MinimalLeakSets): { readonly open: number; readonly of: number } {
  const leaks = leaksOf(sets)
  const masks = sets.map((set) => set.reduce((mask, leak) => mask | (1 << leaks.indexOf(leak)), 0))
  const of = 2 ** leaks.length
  let open = 0
  for (let subset = 0; subset < of; subset++) if (masks.some((mask) => (subset & mask) === mask)) open++
  return { open, of }
}

/** The same for the same sets, in whatever order. */
export function keyOf(sets: MinimalLeakSets): string {
  return sets
    .map((set) => [...set].sort(byLeakOrder).join('+'))
    .sort()
    .join(' ')
    .concat(sets.length === 0 ? '' : '!')
}

function leaksOf(sets: MinimalLeakSets): LeakName[] {
  return [...new Set(sets.flat())].sort(byLeakOrder)
}

function project(sets: MinimalLeakSets, leaks: readonly LeakName[]): LeakName[][] {
  const parts = sets.map((set) => set.filter((leak) => leaks.includes(leak))).filter((set) => set.length > 0)
  return [...new Map(parts.map((part) => [keyOf([part]), part])).values()]
}

/** Connected components of the leaks, in their order. */
function components(
  leaks: readonly LeakName[],
  linked: (a: LeakName, b: LeakName) => boolean,
): (readonly LeakName[])[] {
  const left = new Set(leaks)
  const found: LeakName[][] = []
  for (const start of leaks) {
    if (!left.delete(start)) continue
    const component = [start]
    for (const here of component) {
      for (const next of [...left]) if (linked(here, next) && left.delete(next)) component.push(next)
    }
    found.push(component.sort(byLeakOrder))
  }
  return found
}

/** What no product says: the sets with one leak, without it, or the sets that do not have it. */
function splitBy(leak: LeakName, sets: MinimalLeakSets): Formula {
  const having = sets.filter((set) => set.includes(leak))
  const rest = formulaOf(having.map((set) => set.filter((other) => other !== leak)))
  const others = sets.filter((set) => !set.includes(leak))
  const product = all([{ kind: 'leak', leak }, rest])
  return others.length === 0 ? product : any([product, formulaOf(others)])
}

function mostFrequent(leaks: readonly LeakName[], sets: MinimalLeakSets): LeakName {
  const frequency = (leak: LeakName) => sets.filter((set) => set.includes(leak)).length
  return leaks.reduce((best, leak) => (frequency(leak) > frequency(best) ? leak : best))
}

function all(of: readonly Formula[]): Formula {
  return { kind: 'all', of: of.flatMap((part) => (part.kind === 'all' ? part.of : [part])) }
}

function any(of: readonly Formula[]): Formula {
  return { kind: 'any', of: of.flatMap((part) => (part.kind === 'any' ? part.of : [part])) }
}
