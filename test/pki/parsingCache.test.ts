import { describe, expect, it } from 'vitest'
import { ParsingCache } from '../../src/pki/parsingCache.js'

/** A cache with a count of what had to be parsed. */
function counted() {
  const cache = new ParsingCache<Uint8Array>()
  const counter = { parsed: 0 }
  const get = (octets: Uint8Array) =>
    cache.get(octets, () => {
      counter.parsed++
      return octets.slice()
    })
  return { get, counter }
}

const numbered = (number: number) => Uint8Array.of(0x30, number)

describe('what was parsed lately', () => {
  it('is known by all of its octets, whatever they are', () => {
    const { get, counter } = counted()
    const all = Array.from({ length: 256 }, (_, i) => i)
    const first = get(Uint8Array.from(all))
    expect(get(Uint8Array.from(all))).toBe(first)
    for (const octets of [all.slice(0, -1), [...all, 0], [...all.slice(0, -1), 254], []]) {
      expect(get(Uint8Array.from(octets))).toEqual(Uint8Array.from(octets))
    }
    expect(counter.parsed).toBe(5)
  })

  it('is at most a hundred, and what was not asked for longest goes first', () => {
    const { get, counter } = counted()
    for (let i = 0; i < 100; i++) get(numbered(i))
    get(numbered(0))
    expect(counter.parsed).toBe(100)
    get(numbered(100))
    get(numbered(0))
    expect(counter.parsed).toBe(101)
    get(numbered(1))
    expect(counter.parsed).toBe(102)
  })

  it('is nothing longer than any honest certificate', () => {
    const { get, counter } = counted()
    for (const length of [16_000, 16_000, 16_001, 16_001]) get(new Uint8Array(length))
    expect(counter.parsed).toBe(3)
  })

  it('is never a failure', () => {
    const cache = new ParsingCache<string>()
    const fail = () => {
      throw new RangeError('no')
    }
    expect(() => cache.get(numbered(1), fail)).toThrow(RangeError)
    expect(cache.get(numbered(1), () => 'good')).toBe('good')
  })
})
