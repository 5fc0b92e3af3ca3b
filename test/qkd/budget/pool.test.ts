/** The pool of fresh keys: prefetch, water marks, callers that wait, age, quota, the end. */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { inProcessPair, preSharedKeys } from '../../../src/qkd/index.js'
import { code, isWiped, makeBudget, ScriptedBatchSource, ScriptedSource } from './sources.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)
const settle = () => pass(0)
const random = (length: number) => randomBytes(length)

describe('prefetch', () => {
  it('the first call fills the pool, and later ones are answered without a call to the source', async () => {
    const source = new ScriptedSource()
    const { budget, names } = makeBudget({ sources: [source], highWaterMark: 4, lowWaterMark: 2 })
    await budget.getKey('bob')
    await settle()
    expect(budget.statistics().peers[0]).toMatchObject({ pooled: 4, waits: 1, givenOut: 1, fetched: 5 })
    expect(names()).toEqual(['low', 'refilled'])
    source.behaviour = 'hang'
    const given = [await budget.getKey('bob'), await budget.getKey('bob')]
    // The oldest first: the caller's own key was made first of all.
    expect(given).toEqual(source.made.slice(1, 3))
    expect(source.asked).toBe(5)
  })

  it('begins below the low-water mark and goes on to the high-water mark', async () => {
    const source = new ScriptedSource()
    const { budget, events } = makeBudget({ sources: [source], highWaterMark: 6, lowWaterMark: 3 })
    budget.prefetch('bob')
    await settle()
    for (const pooled of [5, 4, 3]) {
      await budget.getKey('bob')
      await settle()
      expect(budget.statistics().peers[0]?.pooled).toBe(pooled)
    }
    events.length = 0
    await budget.getKey('bob')
    await settle()
    expect(budget.statistics().peers[0]?.pooled).toBe(6)
    expect(events).toEqual([
      { name: 'low', event: { peerSaeId: 'bob', pooled: 2 } },
      { name: 'refilled', event: { peerSaeId: 'bob', pooled: 6 } },
    ])
  })

  it('keeps a pool for each peer, and marks of its own where they are configured', async () => {
    const { budget } = makeBudget({
      sources: [new ScriptedSource()],
      highWaterMark: 2,
      lowWaterMark: 1,
      peers: { carol: { highWaterMark: 5 } },
    })
    budget.prefetch('bob')
    budget.prefetch('carol')
    await settle()
    expect(budget.statistics().peers).toMatchObject([
      { peerSaeId: 'bob', pooled: 2 },
      { peerSaeId: 'carol', pooled: 5 },
    ])
  })

  it('has no more calls under way than it may', async () => {
    const source = new ScriptedSource()
    source.behaviour = 'hang'
    const { budget } = makeBudget({ sources: [source], highWaterMark: 10, concurrency: 3 })
    budget.prefetch('bob')
    await settle()
    expect(source.asked).toBe(3)
  })

  it('pauses longer and longer while the supply fails, with jitter, and goes on when it is back', async () => {
    const source = new ScriptedSource()
    source.behaviour = 'ERR_QKD_EXHAUSTED'
    const retry = { initialMilliseconds: 1000, maxMilliseconds: 4000 }
    const half = () => 0.5
    const { budget } = makeBudget({
      sources: [source],
      highWaterMark: 2,
      concurrency: 1,
      retry,
      random: half,
      maxAgeMilliseconds: 60_000,
    })
    budget.prefetch('bob')
    const asked: number[] = []
    for (let seconds = 0; seconds < 12; seconds++) {
      await pass(seconds === 0 ? 0 : 1000)
      asked.push(source.asked)
    }
    // Pauses of 750, 1500, 3000, 3000 milliseconds: three quarters of 1000, 2000, 4000, 4000.
    expect(asked).toEqual([1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5])
    source.behaviour = null
    await pass(4000)
    expect(budget.statistics().peers[0]?.pooled).toBe(2)
  })

  it('asks a source that can give several keys for several', async () => {
    const source = new ScriptedBatchSource()
    const { budget } = makeBudget({ sources: [source], highWaterMark: 12, keysPerCall: 5, concurrency: 8 })
    budget.prefetch('bob')
    await settle()
    expect(source.calls.map(({ method, number }) => [method, number ?? 1])).toEqual([
      ['getKeys', 5],
      ['getKeys', 5],
      ['getKeys', 2],
    ])
    expect(budget.statistics().peers[0]?.pooled).toBe(12)
  })

  it('takes several keys in a container too', async () => {
    const source = new ScriptedBatchSource()
    const { getKeys } = source
    const contained = async (...args: Parameters<typeof getKeys>) => ({ keys: await getKeys.apply(source, args) })
    const { budget } = makeBudget({ sources: [Object.assign(source, { getKeys: contained })], highWaterMark: 4 })
    budget.prefetch('bob')
    await settle()
    expect(budget.statistics().peers[0]).toMatchObject({ pooled: 4 })
    expect(source.calls).toHaveLength(1)
  })

  it('asks for fewer at a time when the source refuses so many, and for one when it has few', async () => {
    const source = new ScriptedBatchSource()
    source.limit = 3
    source.stored = 5
    const { budget } = makeBudget({ sources: [source], highWaterMark: 8, keysPerCall: 8, concurrency: 1 })
    budget.prefetch('bob')
    await settle()
    const numbers = source.calls.map(({ number }) => number ?? 1)
    // So many are refused and one is given, twice; then two at a time, until one is stored and given by itself.
    expect(numbers).toEqual([8, 1, 4, 1, 2, 2, 2, 1, 1])
    expect(budget.statistics().peers[0]?.pooled).toBe(8)
  })

  it('a peer that the source refuses costs the others no number', async () => {
    const source = new ScriptedBatchSource()
    const { budget } = makeBudget({ sources: [source], highWaterMark: 8, keysPerCall: 8 })
    source.behaviour = 'ERR_QKD_REFUSED'
    await expect(budget.getKey('mallory')).rejects.toEqual(code('ERR_QKD_REFUSED'))
    source.behaviour = null
    budget.prefetch('bob')
    await settle()
    expect(source.calls.at(-1)).toMatchObject({ method: 'getKeys', number: 8 })
  })
})

describe('callers that wait', () => {
  it('are served in their order, before the pool', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source], highWaterMark: 3 })
    const keys = await Promise.all([budget.getKey('bob'), budget.getKey('bob'), budget.getKey('bob')])
    expect(keys).toEqual(source.made.slice(0, 3))
    await settle()
    expect(budget.statistics().peers[0]).toMatchObject({ pooled: 3, waits: 3, givenOut: 3 })
  })

  it('do not wait for the pause of the filler', async () => {
    const source = new ScriptedSource()
    source.behaviour = 'ERR_QKD_UNREACHABLE'
    const { budget } = makeBudget({ sources: [source], highWaterMark: 2, concurrency: 1 })
    budget.prefetch('bob')
    await settle()
    source.behaviour = null
    await budget.getKey('bob')
    await settle()
    expect(budget.statistics().peers[0]?.pooled).toBe(2)
  })

  it('end in time though the source never answers, and what comes late is wiped', async () => {
    const source = new ScriptedSource()
    source.behaviour = 'hang'
    const { budget } = makeBudget({ sources: [source], timeoutMilliseconds: 2000, attemptMilliseconds: 500 })
    const refused = expect(budget.getKey('bob')).rejects.toEqual(code('ERR_QKD_TIMEOUT'))
    await pass(500)
    await refused
    expect(source.signals[0]?.aborted).toBe(true)
    source.hanging[0]?.(true)
    await settle()
    expect(source.made.map(isWiped)).toEqual([true])
    expect(budget.statistics().peers[0]).toMatchObject({ fetched: 1, burnt: 1, held: 0, givenOut: 0 })
  })

  it('end by their own time while one source after the other hangs', async () => {
    const sources = [new ScriptedSource(), new ScriptedSource(), new ScriptedSource()]
    for (const source of sources) source.behaviour = 'hang'
    const { budget } = makeBudget({ sources, timeoutMilliseconds: 1000, attemptMilliseconds: 600 })
    const refused = expect(budget.getKey('bob')).rejects.toEqual(code('ERR_QKD_TIMEOUT'))
    await pass(1000)
    await refused
    expect(sources.map(({ asked }) => asked)).toEqual([1, 1, 0])
  })

  it('end by their signal, and the key that comes then goes to the pool', async () => {
    const source = new ScriptedSource()
    source.behaviour = 'hang'
    const { budget } = makeBudget({ sources: [source], highWaterMark: 1 })
    const stop = new AbortController()
    const refused = expect(budget.getKey('bob', { signal: stop.signal })).rejects.toEqual(code('ERR_ABORTED'))
    await settle()
    stop.abort()
    await refused
    source.behaviour = null
    for (const go of source.hanging) go(true)
    await settle()
    const [peer] = budget.statistics().peers
    // One was asked for the caller, one for the pool, which has room for one.
    expect(peer).toMatchObject({ pooled: 1, fetched: 2, burnt: 1, waiting: 0 })
  })

  it('leave nothing on the signal that was handed in', async () => {
    const { budget } = makeBudget({ sources: [new ScriptedSource()], highWaterMark: 1 })
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    await budget.getKey('bob', { signal })
    await budget.getKeyWithId('bob', 'unknown', { signal }).catch(() => {})
    expect(added.mock.calls.length).toBeGreaterThan(0)
    expect(removed.mock.calls.length).toBe(added.mock.calls.length)
  })

  it('are not asked for, when their signal had fired before', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source] })
    const signal = AbortSignal.abort()
    await expect(budget.getKey('bob', { signal })).rejects.toEqual(code('ERR_ABORTED'))
    await expect(budget.getKeyWithId('bob', 'one', { signal })).rejects.toEqual(code('ERR_ABORTED'))
    await expect(budget.status('bob', { signal })).rejects.toEqual(code('ERR_ABORTED'))
    expect(source.calls).toEqual([])
  })
})

describe('age', () => {
  it('a pooled key is wiped at its age, counted, and never given out', async () => {
    const source = new ScriptedSource()
    const { budget, events } = makeBudget({ sources: [source], highWaterMark: 2, maxAgeMilliseconds: 1000 })
    budget.prefetch('bob')
    await pass(999)
    expect(source.made.map(isWiped)).toEqual([false, false])
    await pass(1)
    expect(source.made.map(isWiped)).toEqual([true, true])
    expect(events.at(-1)).toEqual({ name: 'expired', event: { peerSaeId: 'bob', count: 2 } })
    const fresh = await budget.getKey('bob')
    expect(fresh.keyId).toBe(source.made[2]?.keyId)
    expect(budget.statistics().peers[0]).toMatchObject({ expired: 2, givenOut: 1 })
  })

  it('counts from the start of the call that brought it', async () => {
    const source = new ScriptedSource()
    source.behaviour = 'hang'
    const { budget } = makeBudget({ sources: [source], highWaterMark: 1, maxAgeMilliseconds: 1000 })
    budget.prefetch('bob')
    await pass(400)
    source.behaviour = null
    for (const go of source.hanging) go(true)
    await pass(599)
    expect(budget.statistics().peers[0]?.pooled).toBe(1)
    await pass(1)
    expect(budget.statistics().peers[0]).toMatchObject({ pooled: 0, expired: 1 })
  })

  it('a key that is too old when it comes is given to nobody', async () => {
    const source = new ScriptedSource()
    source.behaviour = 'hang'
    const { budget } = makeBudget({ sources: [source], maxAgeMilliseconds: 1000, attemptMilliseconds: 3000 })
    const waiting = budget.getKey('bob')
    await pass(1000)
    source.behaviour = null
    source.hanging[0]?.(true)
    const given = await waiting
    expect(source.made.map(isWiped)).toEqual([true, false])
    expect(given.keyId).toBe(source.made[1]?.keyId)
    expect(budget.statistics().peers[0]).toMatchObject({ fetched: 2, expired: 1, givenOut: 1 })
  })

  it('is looked at when a key is asked for, however late the timer is', async () => {
    const source = new ScriptedSource()
    let time = 0
    const { budget } = makeBudget({ sources: [source], highWaterMark: 2, maxAgeMilliseconds: 1000, now: () => time })
    budget.prefetch('bob')
    await settle()
    time = 1000
    expect((await budget.getKey('bob')).keyId).toBe(source.made[2]?.keyId)
    expect(source.made.slice(0, 2).map(isWiped)).toEqual([true, true])
  })

  it('a peer that is asked for has its pool renewed, one that is not spends no more keys', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source], highWaterMark: 2, maxAgeMilliseconds: 1000 })
    budget.prefetch('bob')
    await pass(900)
    await budget.getKey('bob')
    await pass(100)
    expect(budget.statistics().peers[0]).toMatchObject({ pooled: 2, expired: 1, fetched: 4 })
    await pass(60_000)
    expect(budget.statistics().peers[0]).toMatchObject({ pooled: 0, fetched: 4 })
    await budget.getKey('bob')
    await settle()
    expect(budget.statistics().peers[0]?.pooled).toBe(2)
  })
})

describe('quota', () => {
  const quota = { keys: 2, intervalMilliseconds: 1000, burst: 3 }

  it('a peer gets its burst, then its share of each interval', async () => {
    const { budget } = makeBudget({ sources: [new ScriptedSource()], quota })
    for (let i = 0; i < 3; i++) await budget.getKey('bob')
    await expect(budget.getKey('bob')).rejects.toMatchObject({
      code: 'ERR_QKD_QUOTA',
      message: "the peer's quota of 2 keys in 1.0 seconds is used up; the next is free in 500 milliseconds",
    })
    await pass(500)
    await budget.getKey('bob')
    await expect(budget.getKey('bob')).rejects.toEqual(code('ERR_QKD_QUOTA'))
    expect(budget.statistics().peers[0]).toMatchObject({ givenOut: 4, refusals: { ERR_QKD_QUOTA: 2 } })
  })

  it('is of each peer, and may differ', async () => {
    const peers = { carol: { quota: { keys: 1, intervalMilliseconds: 1000 } } }
    const { budget } = makeBudget({ sources: [new ScriptedSource()], quota, peers })
    await budget.getKey('carol')
    await expect(budget.getKey('carol')).rejects.toEqual(code('ERR_QKD_QUOTA'))
    await budget.getKey('bob')
    await budget.getKey('bob')
  })

  it('is not charged for a key that was not to be had, nor for a key that the peer named', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source], quota: { keys: 1, intervalMilliseconds: 1000 } })
    source.behaviour = 'ERR_QKD_UNREACHABLE'
    await expect(budget.getKey('bob')).rejects.toEqual(code('ERR_QKD_UNREACHABLE'))
    source.behaviour = null
    await budget.getKey('bob')
    source.named.set('one', randomBytes(32))
    expect((await budget.getKeyWithId('bob', 'one')).keyId).toBe('one')
  })
})

describe('an exhausted supply', () => {
  it('is told at once, with what the source said and when the next key is likely, and once in an event', async () => {
    const [source] = inProcessPair({ siteA: 'alice', siteB: 'bob', random, supply: 2 })
    const sources = [{ source, label: 'kme-a' }]
    const { budget, events } = makeBudget({ sources })
    await budget.getKey('bob')
    await budget.getKey('bob')
    for (let i = 0; i < 2; i++) {
      await expect(budget.getKey('bob')).rejects.toMatchObject({
        code: 'ERR_QKD_EXHAUSTED',
        message: expect.stringMatching(
          /^the supply of keys shared with the peer is exhausted; the next is likely in about 500 milliseconds \(kme-a.*: ERR_QKD_EXHAUSTED, the in-process pair has no key left\)$/,
        ),
      })
    }
    // The second was refused without a call.
    expect(budget.statistics().sources[0]).toMatchObject({ calls: 3, circuit: 'closed' })
    const failures = [{ source: 'kme-a', code: 'ERR_QKD_EXHAUSTED', message: 'the in-process pair has no key left' }]
    expect(events.filter(({ name }) => name === 'exhausted')).toEqual([
      { name: 'exhausted', event: { peerSaeId: 'bob', nextMilliseconds: 500, failures } },
    ])
  })

  it('tells the likely time from the gaps between the keys that were waited for', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source], retry: { initialMilliseconds: 100, maxMilliseconds: 100 } })
    for (let i = 0; i < 3; i++) {
      source.behaviour = null
      await budget.getKey('bob')
      source.behaviour = 'ERR_QKD_EXHAUSTED'
      await expect(budget.getKey('bob')).rejects.toEqual(code('ERR_QKD_EXHAUSTED'))
      if (i < 2) await pass(20_000)
    }
    await expect(budget.getKey('bob')).rejects.toThrow('the next is likely in about 20 seconds')
  })

  it('of one peer leaves the others alone', async () => {
    const keys = [{ keyId: 'one', key: new Uint8Array(randomBytes(32)) }]
    const bob = preSharedKeys({ peerSaeId: 'bob', keys, name: 'shared' })
    const [carol] = inProcessPair({ siteA: 'alice', siteB: 'carol', random, name: 'shared' })
    const { budget } = makeBudget({ sources: [bob, carol] })
    await budget.getKey('bob')
    await expect(budget.getKey('bob')).rejects.toEqual(code('ERR_QKD_EXHAUSTED'))
    for (let i = 0; i < 5; i++) await budget.getKey('carol')
    expect(budget.statistics().sources).toMatchObject([{ circuit: 'closed' }, { circuit: 'closed' }])
  })
})

describe('the end', () => {
  it('wipes the pool, gives up the callers, and refuses later calls', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source], highWaterMark: 2 })
    budget.prefetch('bob')
    await settle()
    source.behaviour = 'hang'
    const waiting = budget.getKey('carol')
    const named = budget.getKeyWithId('bob', 'one')
    const refused = Promise.all([waiting, named].map((call) => expect(call).rejects.toEqual(code('ERR_ABORTED'))))
    await settle()
    await budget.close()
    await refused
    expect(source.made.map(isWiped)).toEqual([true, true])
    for (const call of [
      () => budget.getKey('bob'),
      () => budget.getKeyWithId('bob', 'two'),
      () => budget.status('bob'),
      async () => budget.prefetch('bob'),
    ]) {
      await expect(call()).rejects.toEqual(code('ERR_INVALID_STATE'))
    }
    for (const go of source.hanging) go(true)
    await settle()
    expect(source.made.every(isWiped)).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
    for (const peer of budget.statistics().peers) expect(peer).toMatchObject({ pooled: 0, held: 0 })
    await budget.close()
  })

  it('comes from a listener too, and a listener that throws harms nothing', async () => {
    const { budget } = makeBudget({ sources: [new ScriptedSource()], highWaterMark: 2 })
    const thrown: unknown[] = []
    const catchIt = (error: unknown): void => void thrown.push(error)
    process.once('uncaughtException', catchIt)
    budget.once('low', () => {
      throw new Error('mine')
    })
    budget.once('refilled', () => void budget.close())
    await budget.getKey('bob')
    await settle()
    process.off('uncaughtException', catchIt)
    expect(thrown).toEqual([new Error('mine')])
    await expect(budget.getKey('bob')).rejects.toEqual(code('ERR_INVALID_STATE'))
    expect(budget.statistics().peers[0]).toMatchObject({ givenOut: 1, held: 0 })
  })
})
