import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { median, quantile, ratioOf, spreadOf } from '../../src/bench/spread.js'

const samples = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 })

describe('the spread of measurements', () => {
  it('has the median in the middle, the quartiles around it, and the deviation from it', () => {
    expect(spreadOf([9, 1, 5, 3, 7])).toEqual({ median: 5, low: 3, high: 7, deviation: 2, rounds: 5 })
    expect(spreadOf([4])).toEqual({ median: 4, low: 4, high: 4, deviation: 0, rounds: 1 })
  })

  it('is interpolated between two samples', () => {
    expect(median([1, 2])).toBe(1.5)
    expect(quantile([0, 10], 0.25)).toBe(2.5)
  })

  it('does not depend on the order of the samples, and lies within them', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const spread = spreadOf(values)
        expect(spreadOf([...values].reverse())).toEqual(spread)
        expect(spread.low).toBeGreaterThanOrEqual(Math.min(...values))
        expect(spread.high).toBeLessThanOrEqual(Math.max(...values))
        expect(spread.low <= spread.median && spread.median <= spread.high).toBe(true)
      }),
    )
  })

  it('is not moved by one round that went wrong', () => {
    const calm = [10, 11, 12, 13, 14, 15, 16]
    expect(median([...calm, 1e9])).toBeLessThanOrEqual(15)
  })

  it('is refused of nothing at all', () => {
    expect(() => spreadOf([])).toThrow(RangeError)
  })
})

describe('a ratio', () => {
  it('is taken round by round, so that what slowed down both does not count', () => {
    expect(ratioOf([2, 20, 200], [1, 10, 100])).toMatchObject({ median: 2, low: 2, high: 2, deviation: 0 })
  })

  it('is refused of measurements from different rounds', () => {
    expect(() => ratioOf([1, 2], [1])).toThrow(RangeError)
  })
})
