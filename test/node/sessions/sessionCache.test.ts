import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SessionCache } from '../../../src/node/sessions/sessionCache.js'

const session = (octet: number) => new Uint8Array([octet])

describe('the sessions of a pool', () => {
  it('are given out once each, newest first, under their own name only', () => {
    const cache = new SessionCache()
    for (const octet of [1, 2]) cache.put('a', session(octet))
    cache.put('b', session(3))
    expect([cache.take('a'), cache.take('a'), cache.take('a')]).toEqual([session(2), session(1), undefined])
    expect([cache.take('c'), cache.take('b')]).toEqual([undefined, session(3)])
  })

  it('are copies, so that wiping one wipes nothing of the caller', () => {
    const cache = new SessionCache()
    const given = session(1)
    cache.put('a', given)
    cache.take('a')?.fill(0)
    expect(given).toEqual(session(1))
  })

  it('drop out from the name that has been without a new one for longest', () => {
    const cache = new SessionCache(2)
    cache.put('a', session(1))
    cache.put('b', session(2))
    cache.put('a', session(3))
    expect([cache.take('b'), cache.take('a'), cache.take('a')]).toEqual([undefined, session(3), session(1)])
  })

  it('are bounded in all and for each name, and never mixed up, whatever happens', () => {
    const step = fc.record({
      act: fc.constantFrom('put', 'put', 'take', 'forget'),
      name: fc.nat(4),
      octet: fc.nat(255),
    })
    fc.assert(
      fc.property(fc.nat(12), fc.array(step, { maxLength: 100 }), (capacity, steps) => {
        const cache = new SessionCache(capacity)
        const given = new Map<string, number[]>()
        for (const { act, name: number, octet } of steps) {
          const name = String(number)
          const known = given.get(name) ?? []
          if (act === 'put') {
            cache.put(name, session(octet))
            given.set(name, [...known, octet])
          } else if (act === 'forget') {
            cache.forget(name)
            given.delete(name)
          } else {
            const taken = cache.take(name)
            if (taken === undefined) given.delete(name)
            else expect(known.pop()).toBe(taken[0])
          }
        }
        const left = [...given.keys()].map((name) => {
          let count = 0
          while (cache.take(name) !== undefined) count++
          return count
        })
        expect(Math.max(0, ...left)).toBeLessThanOrEqual(8)
        expect(left.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(capacity)
      }),
    )
  })
})
