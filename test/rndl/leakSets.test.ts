/** The algebra of minimal sets of leaks. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALWAYS, allOf, anyOf, leaks, minimal, opens, toBits } from '../../src/rndl/leakSets.js'
import { LEAK_NAMES, type MinimalLeakSets } from '../../src/rndl/model.js'

const someSets: fc.Arbitrary<MinimalLeakSets> = fc.array(fc.subarray([...LEAK_NAMES.slice(0, 6)]), { maxLength: 4 })
const aSubset = fc.nat(2 ** 6 - 1)
const open = (sets: MinimalLeakSets, subset: number): boolean =>
  opens(
    sets.map((set) => toBits(set, LEAK_NAMES)),
    subset,
  )

describe('sets of leaks', () => {
  it('any of them opens what one of them opens, all of them what each opens', () => {
    fc.assert(
      fc.property(someSets, someSets, aSubset, (a, b, subset) => {
        expect(open(anyOf(a, b), subset)).toBe(open(a, subset) || open(b, subset))
        expect(open(allOf(a, b), subset)).toBe(open(a, subset) && open(b, subset))
      }),
    )
  })

  it('become minimal without opening more or less', () => {
    fc.assert(
      fc.property(someSets, aSubset, (sets, subset) => {
        const least = minimal(sets)
        expect(open(least, subset)).toBe(open(sets, subset))
        for (const set of least) {
          for (const other of least) expect(set !== other && set.every((leak) => other.includes(leak))).toBe(false)
        }
        expect(minimal(least)).toEqual(least)
      }),
    )
  })

  it('have an order, and names that are worth something', () => {
    expect(allOf(leaks('authPsk'), leaks('curve'))).toEqual([['curve', 'authPsk']])
    expect(allOf()).toEqual(ALWAYS)
    expect(anyOf()).toEqual([])
    expect(() => toBits(['memory'], ['curve'])).toThrow(RangeError)
  })
})
