/** A budget at each site over two links, each a pair of live key managers over HTTPS, of which one goes down and heals. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { KeyManagerFault } from '../../../src/qkd/index.js'
import { type RunningKeyManagers, saeA, saeB, startKeyManagers } from '../../support/kme.js'
import { type Budgeted, code, makeBudget } from './sources.js'

let first: RunningKeyManagers
let second: RunningKeyManagers
beforeAll(async () => {
  ;[first, second] = await Promise.all([startKeyManagers(), startKeyManagers()])
})
beforeEach(() => {
  for (const manager of [first.a, first.b, second.a, second.b]) manager.setFault(null)
})
afterAll(() => Promise.all([first.close(), second.close()]))

/** Patient enough for a busy machine; only what a test waits for is short. */
const patience = { timeoutMilliseconds: 25_000, attemptMilliseconds: 20_000 }
const breaker = { failures: 2, initialMilliseconds: 50, maxMilliseconds: 100 }
const retry = { initialMilliseconds: 50, maxMilliseconds: 100 }

function atSite(site: 'A' | 'B', options = {}): Budgeted {
  const sources = [
    { source: first.source(site), label: 'first link' },
    { source: second.source(site), label: 'second link' },
  ]
  return makeBudget({ sources, ...patience, breaker, retry, ...options })
}

/** A key from one end to the other; says by which link it came. */
async function share(alice: Budgeted, bob: Budgeted): Promise<string> {
  const sent = await alice.budget.getKey(saeB)
  const received = await bob.budget.getKeyWithId(saeA, sent.keyId)
  expect(received.keyId).toBe(sent.keyId)
  expect(Buffer.from(received.key).equals(sent.key)).toBe(true)
  const [one, two] = bob.budget.statistics().sources.map(({ fetched }) => fetched)
  return `${one} by the first, ${two} by the second`
}

describe('two links', () => {
  it.each<KeyManagerFault>(['down', 'half-answered', 'wrong-length', 'exhausted'])(
    "keys come by the second while the first's key manager at the initiator is %s, and by the first when it heals",
    async (fault) => {
      const [alice, bob] = [atSite('A'), atSite('B')]
      expect(await share(alice, bob)).toBe('1 by the first, 0 by the second')
      first.a.setFault(fault)
      expect(await share(alice, bob)).toBe('1 by the first, 1 by the second')
      expect(await share(alice, bob)).toBe('1 by the first, 2 by the second')
      expect(alice.names()).toContain('failover')
      first.a.setFault(null)
      await vi.waitUntil(async () => (await share(alice, bob)).startsWith('2 by the first'), {
        timeout: 20_000,
        interval: 25,
      })
      expect(alice.budget.statistics().sources).toMatchObject([{ circuit: 'closed' }, { circuit: 'closed' }])
    },
  )

  it('the responder finds a key at the second when the first is down, and knows nothing when it cannot ask both', async () => {
    const [alice, bob] = [atSite('A'), atSite('B')]
    first.a.setFault('down')
    first.b.setFault('down')
    expect(await share(alice, bob)).toBe('0 by the first, 1 by the second')
    await expect(bob.budget.getKeyWithId(saeA, 'made up')).rejects.toMatchObject({
      code: 'ERR_QKD_UNREACHABLE',
      message: expect.stringMatching(/first link.*ERR_QKD_UNREACHABLE.*second link: ERR_QKD_KEY_NOT_FOUND/),
    })
    first.b.setFault(null)
    await vi.waitUntil(
      async () => {
        const error = await bob.budget.getKeyWithId(saeA, `made up ${performance.now()}`).catch((thrown) => thrown)
        return error.code === 'ERR_QKD_KEY_NOT_FOUND'
      },
      { timeout: 20_000, interval: 25 },
    )
  })

  it('a slow key manager costs a caller one attempt, and what it sends later is of no use to anybody', async () => {
    const [alice, bob] = [atSite('A', { attemptMilliseconds: 300 }), atSite('B')]
    first.a.setFault('slow')
    expect(await share(alice, bob)).toBe('0 by the first, 1 by the second')
    expect(alice.budget.statistics().sources[0]?.failures).toEqual({ ERR_QKD_TIMEOUT: 1 })
    first.a.setFault(null)
    expect(await share(alice, bob)).toBe('1 by the first, 1 by the second')
  })

  it('with neither there is a typed error with both reasons, and the next calls cost no request', async () => {
    const { budget } = atSite('A', { breaker: { failures: 1, initialMilliseconds: 60_000 } })
    first.a.setFault('down')
    second.a.setFault('down')
    await expect(budget.getKey(saeB)).rejects.toEqual(code('ERR_QKD_UNREACHABLE'))
    await expect(budget.getKey(saeB)).rejects.toThrow(/^every key source rests after failures.*first link.*second link/)
    expect(budget.statistics().sources.map(({ calls }) => calls)).toEqual([1, 1])
  })
})

describe('the pool', () => {
  it('gives keys while the key manager is down, and the other end still gets them from its own', async () => {
    const [alice, bob] = [atSite('A', { highWaterMark: 3, lowWaterMark: 1 }), atSite('B')]
    alice.budget.prefetch(saeB)
    await vi.waitUntil(() => alice.names().includes('refilled'), { timeout: 20_000 })
    first.a.setFault('down')
    second.a.setFault('down')
    for (const shared of [1, 2, 3]) {
      expect(await share(alice, bob)).toBe(`${shared} by the first, 0 by the second`)
    }
    await expect(alice.budget.getKey(saeB)).rejects.toEqual(code('ERR_QKD_UNREACHABLE'))
    first.a.setFault(null)
    await vi.waitUntil(() => alice.budget.statistics().peers[0]?.pooled === 3, { timeout: 20_000 })
  })

  it('refills by itself when an exhausted supply has keys again', async () => {
    const { budget, names } = atSite('A', { highWaterMark: 2 })
    first.a.setFault('exhausted')
    second.a.setFault('exhausted')
    await expect(budget.getKey(saeB)).rejects.toEqual(code('ERR_QKD_EXHAUSTED'))
    expect(names()).toContain('exhausted')
    second.a.setFault(null)
    await vi.waitUntil(() => budget.statistics().peers[0]?.pooled === 2, { timeout: 20_000 })
  })

  it('a key is refused if its way must have been post-quantum and its source does not say that it was', async () => {
    const source = first.source('A')
    const { budget } = makeBudget({ sources: [source], ...patience, requirePostQuantumDelivery: true })
    const outcome = await budget.getKey(saeB).catch((error) => error)
    // What OpenSSL can differs from Node to Node; what the source reports decides.
    expect(outcome.code).toBe(source.deliveryLink?.postQuantum === true ? undefined : 'ERR_QKD_DELIVERY_LINK')
  })
})
