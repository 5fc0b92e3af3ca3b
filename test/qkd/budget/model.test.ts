/** Random histories of calls, failures and time: what must hold after each step, whatever the order. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { TrefoilError } from '../../../src/errors.js'
import { type KeyBudget, keyBudget, type QkdKey } from '../../../src/qkd/index.js'
import { type Behaviour, isWiped, ScriptedBatchSource, ScriptedSource } from './sources.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const HIGH = 5
const MAX_AGE = 2000
const TIMEOUT = 1000
const PEERS = ['bob', 'carol'] as const

type Step =
  | { readonly do: 'get' | 'prefetch'; readonly peer: number }
  | { readonly do: 'getAborted'; readonly peer: number }
  | { readonly do: 'getNamed'; readonly peer: number; readonly source: number; readonly keyId: number }
  | { readonly do: 'getSeen'; readonly peer: number; readonly index: number }
  | { readonly do: 'pass'; readonly milliseconds: number }
  | { readonly do: 'behave'; readonly source: number; readonly behaviour: Behaviour }
  | { readonly do: 'repeat'; readonly source: number; readonly what: 'key_ID' | 'octets' }
  | { readonly do: 'answerLate'; readonly source: number }

const peer = fc.nat(PEERS.length - 1)
const source = fc.nat(1)
const behaviour = fc.constantFrom<Behaviour>(
  null,
  null,
  'hang',
  'throw',
  'ERR_QKD_UNREACHABLE',
  'ERR_QKD_EXHAUSTED',
  'ERR_QKD_BAD_REPLY',
  'ERR_QKD_REFUSED',
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('get' as const), peer }) },
  fc.record({ do: fc.constantFrom('prefetch' as const, 'getAborted' as const), peer }),
  fc.record({ do: fc.constant('getNamed' as const), peer, source, keyId: fc.nat(9) }),
  fc.record({ do: fc.constant('getSeen' as const), peer, index: fc.nat(20) }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      milliseconds: fc.constantFrom(0, 1, 100, 900, 2000, 9000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('behave' as const), source, behaviour }) },
  fc.record({
    do: fc.constant('repeat' as const),
    source,
    what: fc.constantFrom('key_ID' as const, 'octets' as const),
  }),
  fc.record({ do: fc.constant('answerLate' as const), source }),
)

class World {
  readonly sources = [new ScriptedBatchSource(), new ScriptedSource()] as const
  readonly budget: KeyBudget
  readonly given: QkdKey[] = []
  readonly refused: unknown[] = []
  calls = 0
  readonly #open: Promise<void>[] = []
  readonly #ids = new Set<string>()
  readonly #octets = new Set<string>()
  /** When the source made each key: an upper bound of when the call for it began. */
  readonly #madeAt = new Map<string, number>()

  constructor() {
    for (const scripted of this.sources) {
      const fresh = scripted.fresh.bind(scripted)
      scripted.fresh = () => {
        const made = fresh()
        if (!this.#madeAt.has(made.keyId)) this.#madeAt.set(made.keyId, performance.now())
        return made
      }
    }
    this.budget = keyBudget({
      sources: this.sources,
      highWaterMark: HIGH,
      lowWaterMark: 2,
      maxAgeMilliseconds: MAX_AGE,
      timeoutMilliseconds: TIMEOUT,
      attemptMilliseconds: 300,
      keysPerCall: 3,
      concurrency: 2,
      breaker: { failures: 2, initialMilliseconds: 400, maxMilliseconds: 800 },
      retry: { initialMilliseconds: 200, maxMilliseconds: 800 },
      quota: { keys: 10, intervalMilliseconds: 1000, burst: 12 },
    })
  }

  async act(what: Step): Promise<void> {
    const scripted = 'source' in what ? this.sources[what.source as 0 | 1] : this.sources[0]
    const peerSaeId = 'peer' in what ? (PEERS[what.peer] ?? 'bob') : 'bob'
    if (what.do === 'get') this.#call(this.budget.getKey(peerSaeId), true)
    else if (what.do === 'prefetch') this.budget.prefetch(peerSaeId)
    else if (what.do === 'getAborted') {
      const stop = new AbortController()
      this.#call(this.budget.getKey(peerSaeId, { signal: stop.signal }), true)
      stop.abort()
    } else if (what.do === 'getNamed') {
      const keyId = `named ${what.keyId}`
      scripted.named.set(keyId, randomBytes(32))
      this.#call(this.budget.getKeyWithId(peerSaeId, keyId), false)
    } else if (what.do === 'getSeen') {
      const keyId = this.given[what.index]?.keyId ?? 'never seen'
      scripted.named.set(keyId, randomBytes(32))
      this.#call(this.budget.getKeyWithId(peerSaeId, keyId), false)
    } else if (what.do === 'behave') {
      scripted.behaviour = what.behaviour
      if (what.behaviour === null) this.#answerLate(scripted)
    } else if (what.do === 'repeat') {
      const [old] = this.given
      if (old === undefined) return
      const key = what.what === 'octets' ? Uint8Array.from(old.key) : new Uint8Array(randomBytes(32))
      scripted.next.push({ keyId: what.what === 'key_ID' ? old.keyId : randomBytes(8).toString('hex'), key })
    } else if (what.do === 'answerLate') this.#answerLate(scripted)
    await vi.advanceTimersByTimeAsync(what.do === 'pass' ? what.milliseconds : 0)
  }

  /** Every call is over in its time, whatever the sources do. */
  async end(): Promise<void> {
    await vi.advanceTimersByTimeAsync(TIMEOUT)
    await Promise.all(this.#open)
    expect(this.given.length + this.refused.length).toBe(this.calls)
  }

  check(): void {
    const { peers, sources } = this.budget.statistics()
    const sum = (
      parts: typeof peers | typeof sources,
      of: 'fetched' | 'givenOut' | 'expired' | 'burnt' | 'held' | 'bitsGivenOut',
    ) => parts.reduce((total, part) => total + part[of], 0)
    for (const part of [...peers, ...sources]) {
      expect(part.held).toBeGreaterThanOrEqual(0)
      expect(part.fetched).toBe(part.held + part.givenOut + part.expired + part.burnt)
    }
    for (const each of peers) {
      expect(each.pooled).toBeLessThanOrEqual(HIGH)
      expect(each.held).toBe(each.pooled)
    }
    for (const of of ['fetched', 'givenOut', 'expired', 'burnt', 'held'] as const)
      expect(sum(peers, of)).toBe(sum(sources, of))
    expect(sum(peers, 'givenOut')).toBe(this.given.length)
    expect(sum(peers, 'bitsGivenOut')).toBe(256 * this.given.length)
    for (const error of this.refused) expect(error).toBeInstanceOf(TrefoilError)
    for (const error of this.refused) expect((error as TrefoilError).code).not.toBe('ERR_INTERNAL')
    expect(peers.reduce((total, each) => total + refusals(each.refusals), 0)).toBe(this.refused.length)
  }

  /** Whatever was not given out is wiped, once the sources have answered what they owe. */
  async close(): Promise<void> {
    await this.budget.close()
    for (const scripted of this.sources) this.#answerLate(scripted)
    await vi.advanceTimersByTimeAsync(0)
    const given = new Set(this.given.map(({ key }) => key))
    for (const scripted of this.sources) {
      for (const made of scripted.made) expect(given.has(made.key) || isWiped(made)).toBe(true)
    }
    for (const part of [...this.budget.statistics().peers, ...this.budget.statistics().sources])
      expect(part.held).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  }

  #answerLate({ hanging }: ScriptedSource): void {
    for (const go of hanging.splice(0)) go(true)
  }

  #call(call: Promise<QkdKey>, fresh: boolean): void {
    this.calls++
    this.#open.push(
      call.then(
        (key) => this.#take(key, fresh),
        (error: unknown) => void this.refused.push(error),
      ),
    )
  }

  #take(key: QkdKey, fresh: boolean): void {
    expect(this.#ids.has(key.keyId)).toBe(false)
    const octets = Buffer.from(key.key).toString('hex')
    expect(this.#octets.has(octets)).toBe(false)
    expect(isWiped(key)).toBe(false)
    this.#ids.add(key.keyId)
    this.#octets.add(octets)
    const age = performance.now() - (this.#madeAt.get(key.keyId) ?? Number.NEGATIVE_INFINITY)
    if (fresh) expect(age).toBeLessThan(MAX_AGE)
    this.given.push(key)
  }
}

function refusals(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

it('no key twice, none too old, no pool above its mark, every refusal typed, and the books balance', async () => {
  let given = 0
  let refused = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const world = new World()
      for (const each of steps) {
        await world.act(each)
        world.check()
      }
      await world.end()
      world.check()
      await world.close()
      given += world.given.length
      refused += world.refused.length
    }),
    { numRuns: 150 },
  )
  // The histories are worth something only if both happen, and often.
  expect(given).toBeGreaterThan(50)
  expect(refused).toBeGreaterThan(50)
})
