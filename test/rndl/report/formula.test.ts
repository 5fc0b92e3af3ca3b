import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LEAK_NAMES, type LeakName, type MinimalLeakSets } from '../../../src/rndl/model.js'
import { type Formula, formulaOf, keyOf, shareOpen, words } from '../../../src/rndl/report/formula.js'
import { product } from './sampleReport.js'

const HYBRID = product([['curve']], [['decapsulationKey'], ['encapsulatedSecret']])

/** Sets of leaks none of which contains another. */
const minimalSets = fc
  .array(fc.uniqueArray(fc.constantFrom(...LEAK_NAMES), { maxLength: 5 }), { maxLength: 7 })
  .map((sets): MinimalLeakSets => {
    const inside = (a: readonly LeakName[], b: readonly LeakName[]) => a.every((leak) => b.includes(leak))
    return sets.filter(
      (set, index) =>
        !sets.some((other, at) => at !== index && inside(other, set) && (at < index || !inside(set, other))),
    )
  })

describe('a formula', () => {
  it('is true for exactly the subsets that hold one of its minimal sets', () => {
    fc.assert(
      fc.property(minimalSets, fc.uniqueArray(fc.constantFrom(...LEAK_NAMES)), (sets, given) => {
        const opens = sets.some((set) => set.every((leak) => given.includes(leak)))
        expect(isTrue(formulaOf(sets), new Set(given))).toBe(opens)
      }),
      { numRuns: 500 },
    )
  })

  it('says in one line what a product of alternatives would list', () => {
    const session = product(HYBRID, [['qkdKeys'], ['deliveryLink']])
    expect(words(formulaOf(session))).toBe('curve and (ML-KEM key or ML-KEM secret) and (QKD keys or delivery link)')
    expect(words(formulaOf([...session, ['memory']]))).toBe(
      'curve and (ML-KEM key or ML-KEM secret) and (QKD keys or delivery link), or endpoint memory',
    )
  })

  it('says what no product of alternatives is', () => {
    const twoOfThree: MinimalLeakSets = [
      ['curve', 'qkdKeys'],
      ['curve', 'authPsk'],
      ['qkdKeys', 'authPsk'],
    ]
    expect(words(formulaOf(twoOfThree))).toBe('curve and (QKD keys or auth PSK), or QKD keys and auth PSK')
  })

  it('tells what nothing opens from what is open to all', () => {
    expect(words(formulaOf([]))).toBe('nothing opens it')
    expect(words(formulaOf([[]]))).toBe('the tape alone')
  })
})

describe('the share of subsets that open something', () => {
  it('counts over the leaks that matter', () => {
    expect(shareOpen(HYBRID)).toEqual({ open: 3, of: 8 })
    expect(shareOpen([])).toEqual({ open: 0, of: 1 })
    expect(shareOpen([[]])).toEqual({ open: 1, of: 1 })
  })
})

describe('the key of minimal sets', () => {
  it('is the same whatever their order, and another for other sets', () => {
    expect(keyOf([['qkdKeys', 'curve'], ['memory']])).toBe(keyOf([['memory'], ['curve', 'qkdKeys']]))
    expect(keyOf([['curve'], ['qkdKeys']])).not.toBe(keyOf([['curve', 'qkdKeys']]))
    expect(keyOf([])).not.toBe(keyOf([[]]))
  })
})

function isTrue(formula: Formula, given: ReadonlySet<LeakName>): boolean {
  if (formula.kind === 'leak') return given.has(formula.leak)
  return formula.kind === 'all'
    ? formula.of.every((part) => isTrue(part, given))
    : formula.of.some((part) => isTrue(part, given))
}
