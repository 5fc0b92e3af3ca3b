import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WINDOW, WindowIndex } from '../../../src/rndl/graph/windowIndex.js'

/** Few different octets, so that windows repeat, and pieces of one another. */
const octets = fc.uint8Array({ min: 0, max: 1, maxLength: 60 })
const cases = fc.record({
  sources: fc.array(octets, { maxLength: 4 }),
  before: octets,
  after: octets,
  picked: fc.nat(),
})

const windowsOf = (data: Uint8Array) =>
  Array.from({ length: Math.max(0, data.length - WINDOW + 1) }, (_, at) => Buffer.from(data.subarray(at, at + WINDOW)))
const isZero = (window: Buffer) => window.every((octet) => octet === 0)

describe('the index of windows', () => {
  it('finds each window in each source that has it, at its first place, and nothing else', () => {
    fc.assert(
      fc.property(cases, ({ sources, before, after, picked }) => {
        const data = Buffer.concat([before, sources[picked % (sources.length || 1)] ?? after, after])
        const found: string[] = []
        new WindowIndex(sources).visit(data, (...hit) => found.push(hit.join()))
        const expected = windowsOf(data).flatMap((window, position) =>
          sources.flatMap((source, i) => {
            const offset = Buffer.from(source).indexOf(window)
            return offset < 0 || isZero(window) ? [] : [[position, i, offset].join()]
          }),
        )
        expect(found.sort()).toEqual(expected.sort())
      }),
    )
  })

  it('covers with its runs what the windows cover', () => {
    fc.assert(
      fc.property(cases, ({ sources, before, after, picked }) => {
        const data = Buffer.concat([before, sources[picked % (sources.length || 1)] ?? after, after])
        const index = new WindowIndex(sources)
        const [byRuns, byWindows] = [new Set<number>(), new Set<number>()]
        const add = (to: Set<number>, start: number, end: number) => {
          for (let i = start; i < end; i++) to.add(i)
        }
        index.runs(data, (start, end) => {
          expect(sources.some((source) => Buffer.from(source).includes(data.subarray(start, end)))).toBe(true)
          add(byRuns, start, end)
        })
        index.visit(data, (position) => add(byWindows, position, position + WINDOW))
        // A run may go on over a window of zeros, which is nobody's.
        for (const position of byWindows) expect(byRuns.has(position)).toBe(true)
      }),
    )
  })

  it('stays small on octets that repeat', () => {
    const repetitive = Buffer.alloc(100_000, 'ab')
    let hits = 0
    new WindowIndex([repetitive, repetitive]).visit(repetitive.subarray(0, 1000), () => hits++)
    expect(hits).toBe(2 * (1000 - WINDOW + 1))
  })
})
