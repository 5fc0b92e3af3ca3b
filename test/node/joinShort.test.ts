import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinShort } from '../../src/node/joinShort.js'

describe('writes that were gathered', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 12 })

  it('keep every octet in its place, and no two short ones beside each other', () => {
    fc.assert(
      fc.property(sizes, (lengths) => {
        const chunks = lengths.map((length, i) => Buffer.alloc(length, i + 1))
        const joined = joinShort(chunks)
        expect(Buffer.concat(joined).equals(Buffer.concat(chunks))).toBe(true)
        const lone = new Set<Buffer>(chunks)
        // Of two neighbours at most one was put together of short ones.
        const short = joined.map((chunk) => !lone.has(chunk) || chunk.length < 8192)
        expect(short.some((isShort, i) => isShort && short[i + 1] === true)).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  it('are not copied where they are long', () => {
    const long = Buffer.alloc(16_384)
    expect(joinShort([Buffer.alloc(10), long, Buffer.alloc(10), Buffer.alloc(20)])[1]).toBe(long)
  })
})
