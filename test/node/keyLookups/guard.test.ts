import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ErrorCode, TrefoilError } from '../../../src/errors.js'
import { AddressBook } from '../../../src/node/keyLookups/addressBook.js'
import { KeyLookupGuard, type KeyLookupLimits, resolveKeyLookupLimits } from '../../../src/node/keyLookups/index.js'

const LIMITS = resolveKeyLookupLimits({})
const WINDOW = LIMITS.windowMilliseconds
const unknown = () => new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'no such key')
const outage = () => new TrefoilError('ERR_QKD_UNREACHABLE', 'nobody there')

/** A guard with a clock of its own. */
function setUp(limits: Partial<KeyLookupLimits> = {}) {
  const clock = { now: 1000 }
  const guard = new KeyLookupGuard({ ...LIMITS, ...limits }, () => clock.now)
  const lookUp = async (address: string, ask: () => Promise<string>): Promise<ErrorCode | string> => {
    try {
      return await guard.gate(address).run(ask)
    } catch (error) {
      return (error as TrefoilError).code
    }
  }
  return {
    clock,
    guard,
    /** A look-up that the key manager answers at once; the key, or the code of the refusal. */
    finds: (address: string) => lookUp(address, async () => 'key'),
    misses: (address: string) => lookUp(address, () => Promise.reject(unknown())),
    fails: (address: string) => lookUp(address, () => Promise.reject(outage())),
    /** One that the key manager takes its time for. */
    begin(address: string, signal?: AbortSignal) {
      const asked = { begun: false, answer: (_: 'found' | 'unknown' | 'outage'): void => {}, refused: null as unknown }
      const done = guard
        .gate(address, signal)
        .run(
          () =>
            new Promise<string>((resolve, reject) => {
              asked.begun = true
              asked.answer = (how) => {
                if (how === 'found') resolve('key')
                else reject(how === 'unknown' ? unknown() : outage())
              }
            }),
        )
        .catch((error: unknown) => {
          asked.refused = (error as TrefoilError).code
        })
      return Object.assign(asked, { done })
    },
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))
const times = async <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> => {
  const results: T[] = []
  for (let i = 0; i < count; i++) results.push(await work(i))
  return results
}
const TOO_MANY = 'ERR_TOO_MANY_KEY_LOOKUPS'
const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 0xff}.${i & 0xff}`

describe('look-ups that name unknown keys', () => {
  it('are refused to an address after so many, for a while, and to no other', async () => {
    const { clock, guard, misses, finds } = setUp()
    expect(new Set(await times(20, () => misses('192.0.2.1')))).toEqual(new Set(['ERR_QKD_KEY_NOT_FOUND']))
    expect(await misses('192.0.2.1')).toBe(TOO_MANY)
    expect(() => guard.gate('192.0.2.1').check()).toThrow(
      expect.objectContaining({ code: TOO_MANY, blame: 'local', alert: 'internal_error' }),
    )
    expect(await finds('192.0.2.2')).toBe('key')
    // A twentieth of the window gives back one of twenty.
    clock.now += WINDOW / 20
    expect(await misses('192.0.2.1')).toBe('ERR_QKD_KEY_NOT_FOUND')
    expect(await misses('192.0.2.1')).toBe(TOO_MANY)
    clock.now += WINDOW
    expect(new Set(await times(20, () => misses('192.0.2.1')))).toEqual(new Set(['ERR_QKD_KEY_NOT_FOUND']))
    expect(await misses('192.0.2.1')).toBe(TOO_MANY)
  })

  it('cannot be had beyond the bound by asking many times at once', async () => {
    const { guard, begin } = setUp({ unknownPerAddress: 3 })
    guard.prove('192.0.2.1')
    const asked = Array.from({ length: 10 }, () => begin('192.0.2.1'))
    await settle()
    expect(asked.filter(({ begun }) => begun)).toHaveLength(3)
    for (const { answer } of asked.slice(0, 3)) answer('unknown')
    await settle()
    expect(asked.filter(({ begun }) => begun)).toHaveLength(3)
    expect(asked.slice(3).map(({ refused }) => refused)).toEqual(Array.from({ length: 7 }, () => TOO_MANY))
  })

  it('are counted for a whole IPv6 network', async () => {
    const { misses } = setUp()
    await times(20, (i) => misses(`2001:db8::${i}`))
    expect(await misses('2001:db8::abcd')).toBe(TOO_MANY)
    expect(await misses('2001:db8:0:1::1')).toBe('ERR_QKD_KEY_NOT_FOUND')
  })

  it('are not confused with a key manager that fails', async () => {
    const { guard, fails, finds } = setUp()
    expect(new Set(await times(100, () => fails('192.0.2.1')))).toEqual(new Set(['ERR_QKD_UNREACHABLE']))
    expect(await finds('192.0.2.1')).toBe('key')
    expect(guard.statistics).toMatchObject({ asked: 101, found: 1, notFound: 0, failed: 100 })
  })
})

describe('a look-up whose client leaves before the answer', () => {
  const leaving = (guard: KeyLookupGuard, reason?: TrefoilError) => {
    const stop = new AbortController()
    return guard
      .gate('192.0.2.1', stop.signal)
      .run(async () => {
        stop.abort(reason)
        throw reason ?? new TrefoilError('ERR_ABORTED', 'gone')
      })
      .catch((error: TrefoilError) => error.code)
  }

  it('is held against its address, since the key manager was asked all the same', async () => {
    const { guard } = setUp({ unknownPerAddress: 3 })
    expect(await times(5, () => leaving(guard))).toEqual([...Array(3).fill('ERR_ABORTED'), TOO_MANY, TOO_MANY])
    expect(guard.statistics).toMatchObject({ asked: 3, abandoned: 3, failed: 0, refused: { perAddress: 2 } })
  })

  it('is not, where the time of the handshake ran out on the key manager', async () => {
    const { guard } = setUp({ unknownPerAddress: 3 })
    const late = new TrefoilError('ERR_HANDSHAKE_TIMEOUT', 'too late')
    expect(new Set(await times(5, () => leaving(guard, late)))).toEqual(new Set(['ERR_HANDSHAKE_TIMEOUT']))
    expect(guard.statistics).toMatchObject({ asked: 5, abandoned: 0, failed: 5 })
  })
})

describe('a flood', () => {
  it('from 50 addresses leaves a stranger his look-up, and costs the key manager no more than the share of failures', async () => {
    const { guard, misses, finds } = setUp()
    for (let round = 0; round < 200; round++) for (let i = 0; i < 50; i++) await misses(address(i))
    // One each from the share of strangers, the rest from that of addresses that failed.
    expect(guard.statistics).toMatchObject({ notFound: 50 + 250, refused: { inAll: 9700, perAddress: 0 } })
    for (let i = 0; i < 200; i++) expect(await finds(address(1000 + i))).toBe('key')
  })

  it('from ever new addresses leaves those their look-ups that completed a handshake lately', async () => {
    const { clock, guard, misses, finds } = setUp()
    guard.prove('192.0.2.1')
    await times(30_000, (i) => misses(address(i)))
    expect(guard.statistics).toMatchObject({ notFound: 250, refused: { inAll: 29_750 } })
    expect(await finds('192.0.2.2')).toBe(TOO_MANY)
    expect(await finds('192.0.2.1')).toBe('key')
    // Proof does not last for ever.
    clock.now += 26 * 3_600_000
    await times(300, (i) => misses(address(i)))
    expect(await finds('192.0.2.1')).toBe(TOO_MANY)
  })

  it('by those who completed handshakes is bounded too, and leaves the strangers alone', async () => {
    const { guard, misses, finds } = setUp()
    for (let i = 0; i < 100; i++) guard.prove(address(i))
    for (let i = 0; i < 100; i++) await times(20, () => misses(address(i)))
    expect(guard.statistics.notFound).toBe(500)
    expect(await finds('192.0.2.1')).toBe('key')
  })

  it('does not fill the places that are kept for the proven', async () => {
    const { guard, begin } = setUp({ atOnce: 8 })
    guard.prove('192.0.2.1')
    const strangers = Array.from({ length: 5 }, (_, i) => begin(address(i)))
    const proven = Array.from({ length: 7 }, () => begin('192.0.2.1'))
    await settle()
    expect(strangers.map(({ begun }) => begun)).toEqual([true, true, false, false, false])
    expect(proven.map(({ begun }) => begun)).toEqual([true, true, true, true, true, true, false])
    expect(guard.statistics).toMatchObject({ active: 8, waiting: 4 })
  })
})

describe('look-ups at once', () => {
  it('of a stranger go one by one, of a proven address up to its bound', async () => {
    const { guard, begin } = setUp({ atOncePerAddress: 3 })
    const asked = Array.from({ length: 5 }, () => begin('192.0.2.1'))
    const begun = () => asked.map((each) => each.begun)
    await settle()
    expect(begun()).toEqual([true, false, false, false, false])
    asked[0]?.answer('found')
    await settle()
    expect(begun()).toEqual([true, true, false, false, false])
    guard.prove('192.0.2.1')
    await settle()
    expect(begun()).toEqual([true, true, true, true, false])
    asked[2]?.answer('outage')
    await settle()
    expect(begun()).toEqual([true, true, true, true, true])
  })

  it('that must wait are called in the order of arrival, and refused when their wait has become hopeless', async () => {
    const { begin, guard } = setUp({ unknownPerAddress: 1 })
    const first = begin('192.0.2.1')
    const second = begin('192.0.2.1')
    await settle()
    first.answer('unknown')
    await Promise.all([first.done, second.done])
    expect([second.begun, second.refused]).toEqual([false, TOO_MANY])
    expect(guard.statistics).toMatchObject({ active: 0, waiting: 0, refused: { perAddress: 1 } })
  })

  it('can be given up while they wait', async () => {
    const { begin, guard } = setUp()
    const stop = new AbortController()
    const first = begin('192.0.2.1')
    const waiting = [begin('192.0.2.1', stop.signal), begin('192.0.2.1', AbortSignal.abort())]
    await settle()
    stop.abort()
    await Promise.all(waiting.map(({ done }) => done))
    expect(waiting.map(({ begun, refused }) => [begun, refused])).toEqual([
      [false, 'ERR_ABORTED'],
      [false, 'ERR_ABORTED'],
    ])
    first.answer('found')
    await first.done
    expect(guard.statistics).toMatchObject({ asked: 1, active: 0, waiting: 0 })
  })

  it('wait up to a bound; then the address with most of them waiting loses its newest', async () => {
    const { begin, guard } = setUp({ waiting: 3 })
    const greedy = Array.from({ length: 4 }, () => begin('192.0.2.1'))
    const held = begin('192.0.2.2')
    const modest = begin('192.0.2.2')
    await greedy[3]?.done
    expect(greedy.map(({ begun, refused }) => [begun, refused])).toEqual([
      [true, null],
      [false, null],
      [false, null],
      [false, TOO_MANY],
    ])
    expect([held.begun, modest.begun, modest.refused]).toEqual([true, false, null])
    // A proven address gives way only to its like.
    guard.prove('192.0.2.3')
    const proven = Array.from({ length: 19 }, () => begin('192.0.2.3'))
    await settle()
    expect(proven.filter(({ begun }) => begun)).toHaveLength(16)
    expect(proven.map(({ refused }) => refused).filter((refused) => refused !== null)).toEqual([])
    expect([greedy[1]?.refused, greedy[2]?.refused, modest.refused]).toEqual([TOO_MANY, TOO_MANY, TOO_MANY])
    expect(guard.statistics.refused.noRoom).toBe(4)
  })

  it('are refused at once where nobody may wait', async () => {
    const { begin, finds } = setUp({ waiting: 0 })
    const first = begin('192.0.2.1')
    expect(await finds('192.0.2.1')).toBe(TOO_MANY)
    first.answer('found')
    await first.done
    expect(await finds('192.0.2.1')).toBe('key')
  })

  it('keep every bound, and leave nobody waiting for nothing, whatever comes in whatever order', async () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('arrive' as const), from: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ type: fc.constant('answer' as const), which: fc.nat(), how: fc.constantFrom('found', 'unknown') }),
      fc.record({ type: fc.constant('prove' as const), from: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ type: fc.constant('pass' as const), milliseconds: fc.integer({ min: 0, max: 20_000 }) }),
    )
    const bounds = { atOnce: 4, atOncePerAddress: 2, waiting: 5, unknown: 8, unknownPerAddress: 2 }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, guard, begin } = setUp(bounds)
        const began = clock.now
        const asked: ReturnType<typeof begin>[] = []
        const missed = new Map<number, number>()
        const froms: number[] = []
        const active = () => asked.filter(({ begun, refused }, i) => begun && refused === null && !ended.has(i))
        const ended = new Set<number>()
        for (const each of steps) {
          if (each.type === 'arrive') {
            asked.push(begin(address(each.from)))
            froms.push(each.from)
          } else if (each.type === 'prove') guard.prove(address(each.from))
          else if (each.type === 'pass') clock.now += each.milliseconds
          else {
            const open = active()
            const chosen = open[each.which % Math.max(1, open.length)]
            if (chosen === undefined) continue
            const index = asked.indexOf(chosen)
            ended.add(index)
            const from = froms[index] as number
            if (each.how === 'unknown') missed.set(from, (missed.get(from) ?? 0) + 1)
            chosen.answer(each.how as 'found' | 'unknown')
          }
          await settle()
          const factor = 1 + (clock.now - began) / WINDOW
          const { active: going, waiting, notFound } = guard.statistics
          expect(going).toBe(active().length)
          expect(going).toBeLessThanOrEqual(bounds.atOnce)
          expect(waiting).toBeLessThanOrEqual(bounds.waiting)
          expect(notFound).toBeLessThanOrEqual(bounds.unknown * factor)
          for (const count of missed.values()) expect(count).toBeLessThanOrEqual(bounds.unknownPerAddress * factor)
          if (going === 0) expect(waiting).toBe(0)
        }
        for (let i = 0; i < 100; i++) for (const { answer } of asked) answer('found')
        await settle()
      }),
      { numRuns: 60 },
    )
  })
})

describe('what is remembered', () => {
  it('is bounded: so many strangers, so many proven addresses, and a flood of the first pushes out none of the second', () => {
    const book = new AddressBook({ failuresPerAddress: 20, windowMilliseconds: WINDOW, capacity: 100 })
    for (let i = 0; i < 60; i++) book.prove(address(i), 0)
    for (let i = 1000; i < 2000; i++) book.find(address(i), 0)
    expect(book.size).toBe(160)
    for (let i = 0; i < 60; i++) expect(book.standing(book.find(address(i), 1), 1)).toBe('proven')
    for (let i = 0; i < 1000; i++) book.prove(address(i), 2)
    expect(book.size).toBeLessThanOrEqual(200)
  })

  it('keeps an address with a look-up under way, whose allowance would begin anew otherwise', () => {
    const book = new AddressBook({ failuresPerAddress: 20, windowMilliseconds: WINDOW, capacity: 10 })
    const busy = book.find('192.0.2.1', 0)
    busy.allowance.begin()
    for (let i = 0; i < 100; i++) book.find(address(i), 0)
    expect(book.find('192.0.2.1', 0)).toBe(busy)
    busy.allowance.end(true, 0)
    expect(book.size).toBeLessThanOrEqual(11)
  })

  it('is told in a frozen snapshot', async () => {
    const { guard, finds, misses } = setUp()
    await finds('192.0.2.1')
    const { statistics } = guard
    await misses('192.0.2.1')
    expect(statistics).toEqual({
      asked: 1,
      found: 1,
      notFound: 0,
      abandoned: 0,
      failed: 0,
      refused: { perAddress: 0, inAll: 0, noRoom: 0 },
      active: 0,
      waiting: 0,
    })
    expect([Object.isFrozen(statistics), Object.isFrozen(statistics.refused)]).toEqual([true, true])
  })
})

describe('options', () => {
  it.each([
    { maxKeyLookups: 0 },
    { maxKeyLookupsPerAddress: 0 },
    { maxWaitingKeyLookups: -1 },
    { maxUnknownKeyIds: 3 },
    { maxUnknownKeyIdsPerAddress: 0 },
    { keyLookupWindowSeconds: 0 },
    { maxUnknownKeyIds: Number.NaN },
    { maxKeyLookups: '5' as unknown as number },
  ])('%o is refused', (options) => {
    expect(() => resolveKeyLookupLimits(options)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }))
  })

  it('Infinity lifts a bound', async () => {
    const none = Number.POSITIVE_INFINITY
    const limits = resolveKeyLookupLimits({ maxUnknownKeyIds: none, maxUnknownKeyIdsPerAddress: none })
    const { clock, misses } = setUp(limits)
    await times(3000, () => misses('192.0.2.1'))
    clock.now += 1
    expect(await misses('192.0.2.1')).toBe('ERR_QKD_KEY_NOT_FOUND')
  })
})
