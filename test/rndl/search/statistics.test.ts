/** What is taken for chance, and what is not. */
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../../src/qkd/bb84/randomStream.js'
import type { SearchPoint } from '../../../src/rndl/report.js'
import { COMPONENT_NAMES, COMPONENTS } from '../../../src/rndl/search/components.js'
import { expectedSlope, isAsExpected, meanShare, pointOf, slopeOf } from '../../../src/rndl/search/statistics.js'

/** The points of a search whose trials are as `trialsOf` says; `share` is uniform on [0, 1). */
function search(
  plan: ReadonlyMap<number, number>,
  trialsOf: (bits: number, share: number) => number,
  random = new RandomStream(new Uint8Array(32), 'statistics'),
): SearchPoint[] {
  return [...plan].map(([bits, targets]) =>
    pointOf(
      bits,
      Array.from({ length: targets }, () => Math.max(1, Math.ceil(trialsOf(bits, random.fraction())))),
    ),
  )
}

const judge = (points: SearchPoint[]): boolean => isAsExpected({ points, slope: slopeOf(points) })

describe('the slope of a search', () => {
  it('is 1 when work doubles with every bit, and what the exponent is otherwise', () => {
    const plan = new Map([8, 11, 14, 20].map((bits) => [bits, 2]))
    expect(slopeOf(search(plan, (bits) => 2 ** bits / 2))).toBeCloseTo(1, 10)
    expect(slopeOf(search(plan, (bits) => 2 ** (bits / 2)))).toBeCloseTo(0.5, 1)
    expect(slopeOf(search(plan, () => 100))).toBeCloseTo(0, 10)
  })

  it('counts a point as often as it has targets', () => {
    const points = [pointOf(8, [128, 128, 128]), pointOf(9, [256, 256, 256]), pointOf(10, [2048])]
    const unweighted = [pointOf(8, [128]), pointOf(9, [256]), pointOf(10, [2048])]
    expect(slopeOf(unweighted)).toBeCloseTo(2, 10)
    expect(slopeOf(points)).toBeLessThan(2)
  })
})

describe.each(['full', 'quick'] as const)('a search of %s extent', (extent) => {
  const plans = COMPONENT_NAMES.map((name) => COMPONENTS[name].targets[extent])

  it('passes for all of a thousand seeds when targets are uniform', () => {
    const random = new RandomStream(new Uint8Array(32), 'uniform')
    for (const plan of plans) {
      const judged = Array.from({ length: 1000 }, () => judge(search(plan, (bits, share) => share * 2 ** bits, random)))
      // One in a thousand may be refused; see GRANTED.
      expect(judged.filter((passes) => !passes).length).toBeLessThanOrEqual(3)
    }
  })

  it('fails when the last component does not protect as it should', () => {
    for (const plan of plans) {
      // Found at once; in the time of a quadratic speed-up; not at all.
      expect(judge(search(plan, () => 1))).toBe(false)
      expect(judge(search(plan, (bits, share) => share * 2 ** (bits / 2)))).toBe(false)
      expect(judge(search(plan, (bits) => 2 ** bits + 1))).toBe(false)
    }
  })

  it('expects a slope of 1, or a little less where points have fewer targets than others, and a mean of half of all values', () => {
    for (const plan of plans) {
      const random = new RandomStream(new Uint8Array(32), 'means')
      const runs = Array.from({ length: 1000 }, () => search(plan, (bits, share) => share * 2 ** bits, random))
      const mean = (of: (points: SearchPoint[]) => number) => runs.reduce((sum, run) => sum + of(run), 0) / runs.length
      expect(mean(slopeOf)).toBeCloseTo(expectedSlope(runs[0] as SearchPoint[]), 1)
      expect(expectedSlope(runs[0] as SearchPoint[])).toBeLessThanOrEqual(1 + 1e-9)
      expect(mean(meanShare)).toBeCloseTo(0.5, 1)
    }
  })
})

it('a full search sees a component of which half of the entropy is known', () => {
  for (const name of COMPONENT_NAMES) {
    const points = search(COMPONENTS[name].targets.full, (bits, share) => share * 2 ** (bits - 1))
    expect(Math.abs(meanShare(points) - 0.25)).toBeLessThan(0.1)
    expect(judge(points)).toBe(false)
  }
})
