/** Several sources: the order in which they are asked, circuits, named keys, and what the caller is told. */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ErrorCode } from '../../../src/errors.js'
import { code, isWiped, makeBudget, ScriptedSource } from './sources.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

function two(options = {}) {
  const [a, b] = [new ScriptedSource(), new ScriptedSource()]
  const sources = [
    { source: a, label: 'kme-a' },
    { source: b, label: 'kme-b' },
  ]
  return { a, b, ...makeBudget({ sources, ...options }) }
}

describe('fresh keys', () => {
  it('come from the first source while it gives', async () => {
    const { a, b, budget, events } = two()
    for (let i = 0; i < 3; i++) await budget.getKey('bob')
    expect([a.asked, b.asked]).toEqual([3, 0])
    expect(events).toEqual([])
  })

  it.each<ErrorCode | 'throw'>([
    'ERR_QKD_UNREACHABLE',
    'ERR_QKD_TIMEOUT',
    'ERR_QKD_BAD_REPLY',
    'ERR_QKD_KEY_LENGTH',
    'ERR_QKD_UNAUTHORIZED',
    'ERR_QKD_REFUSED',
    'ERR_QKD_EXHAUSTED',
    'ERR_INVALID_STATE',
    'ERR_ABORTED',
    'throw',
  ])('come from the next when the first fails with %s, and the change is told once', async (behaviour) => {
    const { a, b, budget, events } = two()
    a.behaviour = behaviour
    await budget.getKey('bob')
    await budget.getKey('bob')
    expect(b.asked).toBe(2)
    const told = events.filter(({ name }) => name === 'failover')
    expect(told).toMatchObject([
      { event: { peerSaeId: 'bob', from: null, to: 'kme-b', failures: [{ source: 'kme-a' }] } },
    ])
    expect(JSON.stringify(events)).not.toContain('00112233')
  })

  it('come by weight where there are weights', async () => {
    const [a, b] = [new ScriptedSource(), new ScriptedSource()]
    let point = 0
    const { budget, names } = makeBudget({
      sources: [
        { source: a, weight: 3 },
        { source: b, weight: 1 },
      ],
      random: () => point,
    })
    for (point of [0, 0.5, 0.74, 0.76, 0.99]) await budget.getKey('bob')
    expect([a.asked, b.asked]).toEqual([3, 2])
    expect(names()).toEqual([])
  })

  it('a request that no source could fulfil goes to none of the others', async () => {
    const { a, b, budget } = two()
    a.behaviour = 'ERR_INVALID_OPTION'
    await expect(budget.getKey('bob')).rejects.toEqual(code('ERR_INVALID_OPTION'))
    expect(b.asked).toBe(0)
    await expect(budget.getKey('')).rejects.toEqual(code('ERR_INVALID_OPTION'))
  })
})

describe('what the caller is told when all fail', () => {
  it.each<[ErrorCode, ErrorCode, ErrorCode]>([
    ['ERR_QKD_UNAUTHORIZED', 'ERR_QKD_UNAUTHORIZED', 'ERR_QKD_UNAUTHORIZED'],
    ['ERR_QKD_UNAUTHORIZED', 'ERR_QKD_TIMEOUT', 'ERR_QKD_UNREACHABLE'],
    ['ERR_QKD_UNREACHABLE', 'ERR_QKD_EXHAUSTED', 'ERR_QKD_EXHAUSTED'],
    ['ERR_INVALID_STATE', 'ERR_INVALID_STATE', 'ERR_QKD_UNREACHABLE'],
    ['ERR_INTERNAL', 'ERR_INTERNAL', 'ERR_QKD_UNREACHABLE'],
  ])('%s and %s: %s, with what each said', async (first, second, told) => {
    const { a, b, budget } = two()
    a.behaviour = first
    b.behaviour = second
    const refused = await budget.getKey('bob').catch((error) => error)
    expect(refused).toMatchObject({ code: told, blame: 'key-source' })
    expect(refused.message).toContain(`kme-a: ${first}, scripted says ${first}`)
    expect(refused.message).toContain(`kme-b: ${second}, scripted says ${second}`)
  })

  it('a failure that is no TrefoilError gives nothing of its text away', async () => {
    const { a, b, budget } = two()
    a.behaviour = 'throw'
    b.behaviour = 'throw'
    const refused = await budget.getKey('bob').catch((error) => error)
    expect(refused).toEqual(code('ERR_QKD_UNREACHABLE'))
    expect(refused.cause).toBeUndefined()
    expect(refused.message).toContain('the key source failed without saying why')
    expect(refused.message).not.toContain('00112233')
  })
})

describe('the circuit of a source', () => {
  const breaker = { failures: 3, initialMilliseconds: 1000, maxMilliseconds: 4000 }
  const fails = async (
    budget: { getKey(peer: string): Promise<unknown> },
    expected: ErrorCode = 'ERR_QKD_UNREACHABLE',
  ) => expect(budget.getKey('bob')).rejects.toEqual(code(expected))

  it('opens after failures in a row, rests, and lets one call through, which decides', async () => {
    const source = new ScriptedSource()
    const { budget, events } = makeBudget({ sources: [{ source, label: 'kme-a' }], breaker })
    source.behaviour = 'ERR_QKD_UNREACHABLE'
    for (let i = 0; i < 3; i++) await fails(budget)
    expect(source.asked).toBe(3)
    await expect(budget.getKey('bob')).rejects.toThrow(
      'every key source rests after failures; the next try is in about 1.0 seconds (kme-a, not asked again: ERR_QKD_UNREACHABLE, scripted says ERR_QKD_UNREACHABLE)',
    )
    expect(source.asked).toBe(3)
    await pass(1000)
    await fails(budget)
    expect(source.asked).toBe(4)
    // It failed again, so the rest is twice as long.
    await pass(1999)
    await fails(budget)
    expect(source.asked).toBe(4)
    await pass(1)
    source.behaviour = null
    await budget.getKey('bob')
    await budget.getKey('bob')
    const [statistics] = budget.statistics().sources
    expect(statistics).toMatchObject({ circuit: 'closed', openings: 2, failuresInARow: 0, restMilliseconds: 0 })
    expect(statistics?.failures).toEqual({ ERR_QKD_UNREACHABLE: 4 })
    expect(
      events
        .filter(({ name }) => name === 'circuit')
        .map(({ event }) => [event['from'], event['to'], event['restMilliseconds']]),
    ).toEqual([
      ['closed', 'open', 1000],
      ['open', 'half-open', 0],
      ['half-open', 'open', 2000],
      ['open', 'half-open', 0],
      ['half-open', 'closed', 0],
    ])
  })

  it('is tried by one call at a time', async () => {
    const { a, b, budget } = two({ breaker, attemptMilliseconds: 1000 })
    a.behaviour = 'ERR_QKD_TIMEOUT'
    for (let i = 0; i < 3; i++) await budget.getKey('bob')
    await pass(1000)
    a.behaviour = 'hang'
    const probing = budget.getKey('bob')
    await pass(0)
    expect(budget.statistics().sources[0]?.circuit).toBe('half-open')
    const other = budget.getKey('bob')
    // The key of the second call goes to the first caller.
    await probing
    expect([a.asked, b.asked]).toEqual([4, 4])
    await pass(1000)
    await other
    expect(budget.statistics().sources[0]).toMatchObject({ circuit: 'open', openings: 2 })
  })

  it('a call that its caller gave up says nothing of the source', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source], breaker: { failures: 1, initialMilliseconds: 1000 } })
    const giveUp = async () => {
      source.behaviour = 'hang'
      const stop = new AbortController()
      const named = budget.getKeyWithId('bob', randomBytes(4).toString('hex'), { signal: stop.signal })
      const refused = expect(named).rejects.toEqual(code('ERR_ABORTED'))
      await pass(0)
      stop.abort()
      await refused
    }
    await giveUp()
    expect(budget.statistics().sources[0]).toMatchObject({ circuit: 'closed', failures: {} })
    source.behaviour = 'ERR_QKD_UNREACHABLE'
    await fails(budget)
    await pass(1000)
    await giveUp()
    // The probe came to nothing, so the next call is one.
    expect(budget.statistics().sources[0]).toMatchObject({ circuit: 'open', restMilliseconds: 0 })
    source.behaviour = null
    await budget.getKey('bob')
    expect(budget.statistics().sources[0]?.circuit).toBe('closed')
  })

  it.each<ErrorCode>(['ERR_QKD_EXHAUSTED', 'ERR_QKD_REFUSED'])(
    'stays closed on %s, which is an answer',
    async (behaviour) => {
      const { a, budget } = two({ breaker })
      a.behaviour = behaviour
      for (let i = 0; i < 5; i++) {
        await budget.getKey('bob')
        await pass(60_000)
      }
      expect(budget.statistics().sources[0]).toMatchObject({ circuit: 'closed', failures: { [behaviour]: 5 } })
    },
  )

  it.each<ErrorCode>([
    'ERR_QKD_UNAUTHORIZED',
    'ERR_QKD_BAD_REPLY',
    'ERR_QKD_KEY_LENGTH',
    'ERR_QKD_REFUSED',
    'ERR_QKD_KEY_NOT_FOUND',
  ])('stays closed on %s for a key_ID that a peer chose', async (behaviour) => {
    const { a, budget } = two({ breaker })
    a.behaviour = behaviour
    for (let i = 0; i < 10; i++) await budget.getKeyWithId('bob', `made up ${i}`).catch(() => {})
    expect(a.asked).toBe(10)
    expect(budget.statistics().sources[0]?.circuit).toBe('closed')
  })

  it.each<ErrorCode>(['ERR_QKD_UNREACHABLE', 'ERR_QKD_TIMEOUT'])(
    'opens on %s for named keys too',
    async (behaviour) => {
      const { a, budget } = two({ breaker })
      a.behaviour = behaviour
      for (let i = 0; i < 10; i++) await budget.getKeyWithId('bob', `made up ${i}`).catch(() => {})
      expect(a.asked).toBe(3)
    },
  )
})

describe('a key that the peer named', () => {
  it('is found at whichever source holds it, asked in order, each once', async () => {
    const { a, b, budget } = two()
    const key = randomBytes(32)
    b.named.set('one', key)
    const found = await budget.getKeyWithId('bob', 'one')
    expect(Buffer.from(found.key).equals(key)).toBe(true)
    await expect(budget.getKeyWithId('bob', 'one')).rejects.toEqual(code('ERR_QKD_KEY_NOT_FOUND'))
    expect([a.asked, b.asked]).toEqual([1, 1])
  })

  it.each<[ErrorCode, ErrorCode, ErrorCode]>([
    ['ERR_QKD_KEY_NOT_FOUND', 'ERR_QKD_KEY_NOT_FOUND', 'ERR_QKD_KEY_NOT_FOUND'],
    ['ERR_QKD_TIMEOUT', 'ERR_QKD_KEY_NOT_FOUND', 'ERR_QKD_TIMEOUT'],
    ['ERR_QKD_KEY_NOT_FOUND', 'ERR_QKD_UNAUTHORIZED', 'ERR_QKD_UNAUTHORIZED'],
    ['ERR_QKD_UNREACHABLE', 'ERR_QKD_TIMEOUT', 'ERR_QKD_UNREACHABLE'],
  ])('%s and %s: %s, for only what all deny is not there', async (first, second, told) => {
    const { a, b, budget } = two()
    a.behaviour = first
    b.behaviour = second
    await expect(budget.getKeyWithId('bob', 'one')).rejects.toEqual(code(told))
  })

  it('may be held by a source that rests: then it is not said that it does not exist', async () => {
    const { a, b, budget } = two({ breaker: { failures: 1 } })
    a.behaviour = 'ERR_QKD_UNREACHABLE'
    await budget.getKey('bob')
    await expect(budget.getKeyWithId('bob', 'one')).rejects.toMatchObject({
      code: 'ERR_QKD_UNREACHABLE',
      message: expect.stringMatching(/kme-a, not asked again: .*; kme-b: ERR_QKD_KEY_NOT_FOUND/),
    })
    expect(a.asked).toBe(1)
    expect(b.asked).toBe(2)
  })

  it('is asked for at the next source when one is late, whose late answer is wiped', async () => {
    const { a, b, budget } = two({ attemptMilliseconds: 1000 })
    a.behaviour = 'hang'
    a.named.set('one', randomBytes(32))
    b.named.set('one', randomBytes(32))
    const asked = budget.getKeyWithId('bob', 'one')
    await pass(1000)
    const found = await asked
    expect(Buffer.from(found.key).equals(b.named.get('one') ?? Buffer.of())).toBe(true)
    for (const go of a.hanging) go(true)
    await pass(0)
    expect(a.made.map(isWiped)).toEqual([true])
    expect(found.key.every((octet) => octet === 0)).toBe(false)
  })

  it('must be that very key', async () => {
    const { a, budget } = two()
    const other = { keyId: 'two', key: new Uint8Array(randomBytes(32)) }
    a.getKeyWithId = async () => other
    await expect(budget.getKeyWithId('bob', 'one')).rejects.toEqual(code('ERR_QKD_BAD_REPLY'))
    expect(isWiped(other)).toBe(true)
  })

  it('ends in time though no source answers', async () => {
    const { a, b, budget } = two({ timeoutMilliseconds: 1000, attemptMilliseconds: 700 })
    a.behaviour = 'hang'
    b.behaviour = 'hang'
    const refused = expect(budget.getKeyWithId('bob', 'one')).rejects.toEqual(code('ERR_QKD_TIMEOUT'))
    await pass(1000)
    await refused
    expect(b.signals[0]?.aborted).toBe(true)
  })
})

describe('status', () => {
  it('adds up what the sources that answer hold, and the pool', async () => {
    const { a, budget } = two({ highWaterMark: 4 })
    budget.prefetch('bob')
    await pass(0)
    const sizes = { keySize: 256, minKeySize: 128, maxKeySize: 512, maxKeysPerRequest: 3 }
    expect(await budget.status('bob')).toEqual({ storedKeyCount: 14, maxKeyCount: 24, ...sizes })
    a.behaviour = 'ERR_QKD_TIMEOUT'
    expect(await budget.status('bob')).toEqual({ storedKeyCount: 9, maxKeyCount: 14, ...sizes })
  })

  it('says why when none answers, and costs no circuit', async () => {
    const { a, b, budget } = two({ breaker: { failures: 1 } })
    a.behaviour = 'ERR_QKD_UNAUTHORIZED'
    b.behaviour = 'hang'
    const refused = expect(budget.status('bob')).rejects.toMatchObject({
      code: 'ERR_QKD_UNAUTHORIZED',
      message: expect.stringContaining('kme-b: ERR_QKD_TIMEOUT'),
    })
    await pass(8000)
    await refused
    expect(budget.statistics().sources).toMatchObject([{ circuit: 'closed' }, { circuit: 'closed' }])
  })
})
