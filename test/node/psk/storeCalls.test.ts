import { describe, expect, it } from 'vitest'
import type { TrefoilError } from '../../../src/errors.js'
import { KeyLookupGuard, resolveKeyLookupLimits } from '../../../src/node/keyLookups/index.js'
import type { SessionStore } from '../../../src/node/psk/sessionStore.js'
import { StoreCalls } from '../../../src/node/psk/storeCalls.js'

const never = () => new Promise<never>(() => {})
/** Whoever waits is told before the place is given back. */
const turn = () => new Promise((resolve) => setImmediate(resolve))
const caller = () => {
  const abandon = new AbortController()
  return { abandon, caller: { address: '192.0.2.1', signal: abandon.signal } }
}

/** Calls with a clock to turn by hand; time-outs are the system's. */
function calls(store: Partial<SessionStore>, limits = {}) {
  const clock = { now: 0 }
  const failures: TrefoilError[] = []
  const guard = new KeyLookupGuard(resolveKeyLookupLimits(limits), () => clock.now)
  const settings = {
    store: { set: () => {}, take: () => null, ...store },
    timeout: 20,
    onError: (error: TrefoilError) => void failures.push(error),
  }
  return { clock, failures, guard, calls: new StoreCalls(settings, guard, () => clock.now) }
}

describe('calls to a session store', () => {
  it('rest for a second after a time-out, so that not every handshake waits', async () => {
    const asked: string[] = []
    const set: SessionStore['set'] = (id) => {
      asked.push(id)
      return asked.length === 1 ? never() : undefined
    }
    const { clock, failures, calls: made } = calls({ set })
    const keep = (id: string) => made.set(id, new Uint8Array(1), 1, caller().caller)
    expect(await keep('one')).toBe(false)
    clock.now = 999
    expect([await keep('two'), await made.take('three', caller().caller)]).toEqual([false, null])
    clock.now = 1000
    expect(await keep('four')).toBe(true)
    expect([asked, failures.map(({ code }) => code)]).toEqual([['one', 'four'], ['ERR_SESSION_STORE']])
  })

  it('do not rest when it was a client that left', async () => {
    const { failures, calls: made, guard } = calls({ take: never })
    const one = caller()
    const asked = made.take('one', one.caller)
    one.abandon.abort()
    expect(await asked).toBeNull()
    await turn()
    expect([failures, guard.statistics.abandoned]).toEqual([[], 1])
    expect(await made.set('two', new Uint8Array(1), 1, caller().caller)).toBe(true)
  })

  it('give back their place when the store never answers', async () => {
    const { calls: made, guard } = calls({ take: never })
    await made.take('one', caller().caller)
    await turn()
    expect(guard.statistics).toMatchObject({ active: 0, failed: 1, notFound: 0 })
  })

  it('do not take a wait for their turn for a failure of the store', async () => {
    let answer = (_: null): void => {}
    const take: SessionStore['take'] = () => new Promise<null>((resolve) => (answer = resolve))
    const { calls: made, guard } = calls({ take }, { maxKeyLookups: 1 })
    const first = made.take('one', caller().caller)
    const second = caller()
    const waiting = made.take('two', second.caller)
    await Promise.resolve()
    expect(guard.statistics).toMatchObject({ active: 1, waiting: 1 })
    second.abandon.abort()
    expect(await waiting).toBeNull()
    answer(null)
    expect(await first).toBeNull()
    expect(guard.statistics).toMatchObject({ asked: 1, notFound: 1 })
  })
})
