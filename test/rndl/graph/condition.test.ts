import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { both, type Condition, either, implies, sameCondition } from '../../../src/rndl/graph/condition.js'
import { opens } from '../../../src/rndl/leakSets.js'

const LEAKS = 5
const subsets = Array.from({ length: 2 ** LEAKS }, (_, mask) => mask)
const conditions: fc.Arbitrary<Condition> = fc
  .array(fc.integer({ min: 0, max: 2 ** LEAKS - 1 }), { maxLength: 6 })
  .map((masks) => masks.reduce<Condition>((made, mask) => either(made, [mask]), []))

describe('conditions are monotone Boolean functions of the leaks', () => {
  it('either, both and implies are or, and, and implication', () => {
    fc.assert(
      fc.property(conditions, conditions, (a, b) => {
        for (const mask of subsets) {
          expect(opens(either(a, b), mask)).toBe(opens(a, mask) || opens(b, mask))
          expect(opens(both(a, b), mask)).toBe(opens(a, mask) && opens(b, mask))
        }
        expect(implies(a, b)).toBe(subsets.every((mask) => !opens(a, mask) || opens(b, mask)))
      }),
    )
  })

  it('are lists of minimal sets, and equal lists where they are equal functions', () => {
    fc.assert(
      fc.property(conditions, conditions, (a, b) => {
        for (const made of [either(a, b), both(a, b)]) {
          const minimal = subsets.filter(
            (mask) =>
              opens(made, mask) &&
              !subsets.some((other) => other !== mask && (other & mask) === other && opens(made, other)),
          )
          expect([...made].sort((x, y) => x - y)).toEqual(minimal)
        }
        expect(sameCondition(a, b)).toBe(subsets.every((mask) => opens(a, mask) === opens(b, mask)))
      }),
    )
  })
})
