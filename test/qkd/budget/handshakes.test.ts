/** Handshakes whose keys come from a budget, over live key managers: both policies, with and without a supply. */
import { describe, expect, it, vi } from 'vitest'
import type { KeyBudgetOptions, KeySource } from '../../../src/qkd/index.js'
import { exchangeAndClose, listen, meet, refused } from '../../modes/ends.js'
import { ca, psk, serverIdentity } from '../../modes/identities.js'
import { CLIENT_KEY_ONLY, NO_KEY, ONE_KEY, useLink } from '../../modes/link.js'
import { saeB } from '../../support/kme.js'
import { type Budgeted, makeBudget } from './sources.js'

const link = useLink()
const TOLD = ['ERR_ALERT_RECEIVED', 'internal_error'] as const

function over(source: KeySource, options: Partial<KeyBudgetOptions> = {}): Budgeted {
  const sources = [{ source, label: 'kme' }]
  return makeBudget({ sources, timeoutMilliseconds: 9000, attemptMilliseconds: 8000, ...options })
}
const atClient = (options = {}) => over(link.managers.sourceA, options)
const atServer = (options = {}) => over(link.managers.sourceB, options)

const SETTINGS = [
  { mode: 'certificate + QKD', server: serverIdentity, client: { ca } },
  { mode: 'psk + QKD', server: { psk }, client: { psk } },
]

describe.each(SETTINGS)('$mode', ({ server, client }) => {
  it('a handshake with a key of the pool makes no call at the client, and one at the server', async () => {
    const { budget, names } = atClient({ highWaterMark: 2, lowWaterMark: 1 })
    budget.prefetch(saeB)
    await vi.waitUntil(() => names().includes('refilled'), { timeout: 20_000 })
    link.fault('client', 'down')
    const before = link.calls()
    const listening = await listen({ ...server, qkd: link.server({ source: atServer().budget }) })
    const session = await meet(listening, { ...client, qkd: link.client({ source: budget }) })
    expect(session.client.protection?.qkd?.keyId).toBe(session.server.protection?.qkd?.keyId)
    expect(session.client.protection?.qkd).not.toBeNull()
    await exchangeAndClose(session)
    expect(link.calls()).toEqual({ client: before.client, server: { enc: 0, dec: 1 } })
  })

  it('an end with a budget and an end without one understand each other', async () => {
    const one = await meet(
      { ...server, qkd: link.server() },
      { ...client, qkd: link.client({ source: atClient().budget }) },
    )
    await exchangeAndClose(one)
    const other = await meet(
      { ...server, qkd: link.server({ source: atServer().budget }) },
      { ...client, qkd: link.client() },
    )
    await exchangeAndClose(other)
    expect(link.calls()).toEqual({ client: { enc: 2, dec: 0 }, server: { enc: 0, dec: 2 } })
  })

  it('`require`, and the supply is exhausted: a typed error at once, without a call', async () => {
    const { budget } = atClient({ retry: { initialMilliseconds: 60_000, maxMilliseconds: 60_000 } })
    link.fault('client', 'exhausted')
    const listening = await listen({ ...server, qkd: link.server() })
    for (let i = 0; i < 3; i++) {
      const outcome = await refused(listening, { ...client, qkd: link.client({ source: budget }) })
      expect(outcome).toEqual({ client: ['ERR_QKD_EXHAUSTED', 'internal_error'], server: TOLD, sessions: 0 })
    }
    // One call found it out; the others were spared.
    expect(link.calls()).toEqual(CLIENT_KEY_ONLY)
  })

  it('`prefer`, and the supply is exhausted: goes on without, and says so', async () => {
    const { budget } = atClient({ retry: { initialMilliseconds: 60_000, maxMilliseconds: 60_000 } })
    link.fault('client', 'exhausted')
    const listening = await listen({ ...server, qkd: link.server({ policy: 'prefer' }) })
    const told: string[] = []
    for (let i = 0; i < 2; i++) {
      const session = await meet(listening, {
        ...client,
        qkd: link.client({ source: budget, policy: 'prefer' }),
        onQkdFallback: ({ code, message }) => told.push(`${code}, ${message}`),
      })
      expect([session.client.protection?.qkd, session.server.protection?.qkd]).toEqual([null, null])
      await exchangeAndClose(session)
    }
    const said = /^ERR_QKD_EXHAUSTED, the supply of keys shared with the peer is exhausted; the next is likely in about/
    expect(told).toEqual([expect.stringMatching(said), expect.stringMatching(said)])
    expect(link.calls()).toEqual(CLIENT_KEY_ONLY)
  })

  it("the server's supply is exhausted: refused under `require`, reported under `prefer`", async () => {
    link.fault('server', 'exhausted')
    const require = { ...server, qkd: link.server({ source: atServer().budget }) }
    expect(await refused(require, { ...client, qkd: link.client({ source: atClient().budget }) })).toEqual({
      client: TOLD,
      server: ['ERR_QKD_EXHAUSTED', 'internal_error'],
      sessions: 0,
    })
    expect(link.calls()).toEqual(ONE_KEY)
    const told: string[] = []
    const session = await meet(
      {
        ...server,
        qkd: link.server({ source: atServer().budget, policy: 'prefer' }),
        onQkdFallback: ({ code }) => told.push(code),
      },
      { ...client, qkd: link.client({ source: atClient().budget, policy: 'prefer' }) },
    )
    expect(session.server.protection?.qkd).toBeNull()
    expect(told).toEqual(['ERR_QKD_EXHAUSTED'])
    await exchangeAndClose(session)
  })

  it('a quota that is used up is an exhausted supply of its own kind', async () => {
    const { budget } = atClient({ quota: { keys: 1, intervalMilliseconds: 3_600_000 } })
    const listening = await listen({ ...server, qkd: link.server({ policy: 'prefer' }) })
    await exchangeAndClose(await meet(listening, { ...client, qkd: link.client({ source: budget }) }))
    const outcome = await refused(listening, { ...client, qkd: link.client({ source: budget }) })
    expect(outcome.client).toEqual(['ERR_QKD_QUOTA', 'internal_error'])
    const told: string[] = []
    const session = await meet(listening, {
      ...client,
      qkd: link.client({ source: budget, policy: 'prefer' }),
      onQkdFallback: ({ code }) => told.push(code),
    })
    expect(told).toEqual(['ERR_QKD_QUOTA'])
    await exchangeAndClose(session)
  })
})

it('QKD alone has nothing to fall back on, under either policy', async () => {
  link.fault('client', 'exhausted')
  for (const policy of ['require', 'prefer'] as const) {
    const { budget } = atClient()
    const outcome = await refused({ qkd: link.server({ policy }) }, { qkd: link.client({ source: budget, policy }) })
    expect(outcome.client).toEqual(['ERR_QKD_EXHAUSTED', 'internal_error'])
  }
  expect(link.calls().server).toEqual(NO_KEY.server)
})

it('keys that failed handshakes are burnt, and each handshake has a key of its own', async () => {
  const { budget } = atClient({ highWaterMark: 4 })
  const server = atServer()
  const listening = await listen({ ...serverIdentity, qkd: link.server({ source: server.budget }) })
  const options = { ca, qkd: link.client({ source: budget }) }
  link.fault('server', 'half-answered')
  await refused(listening, options)
  link.fault('server', null)
  const seen = new Set<string | undefined>()
  for (let i = 0; i < 5; i++) {
    const session = await meet(listening, options)
    seen.add(session.client.protection?.qkd?.keyId)
    await exchangeAndClose(session)
  }
  expect(seen.size).toBe(5)
  expect(budget.statistics().peers[0]).toMatchObject({ givenOut: 6, bitsGivenOut: 6 * 256 })
  expect(server.budget.statistics().peers[0]).toMatchObject({ givenOut: 5 })
})
