/**
 * A flood of made-up key_IDs against a server whose key manager lives elsewhere, while honest clients come and go. The
 * hellos are well-formed and their importer context is right, so only the key manager can tell.
 */
import { platform } from 'node:os'
import { beforeAll, describe, expect, it } from 'vitest'
import { ca, serverIdentity } from '../modes/identities.js'
import { recordFirstFlight } from '../support/firstFlight.js'
import { isBuilt, notBuilt, Part, qkdOption, SITE_A, SITE_B } from './part.js'

const HELLOS = 10_000
const ADDRESSES = Array.from({ length: 50 }, (_, i) => `127.0.0.${2 + i}`)
/** Long, so that little of it passes while the test runs, however slow the machine. */
const WINDOW_SECONDS = 3600
/** A quarter of maxUnknownKeyIds each for strangers, who fail once per address here, and for those that have failed. */
const SHARE_OF_FAILED = 250

const onlyLinux = platform() === 'linux' ? '' : ' (skipped: only Linux has all of 127.0.0.0/8)'

describe.skipIf(!isBuilt || onlyLinux !== '')(`10,000 hellos from 50 addresses${notBuilt}${onlyLinux}`, () => {
  const [managers, server, client, attacker] = isBuilt ? Array.from({ length: 4 }, () => new Part()) : []
  let urls: { a: string; b: string }
  let port: number

  beforeAll(async () => {
    urls = (await managers?.tell('keyManagers', { siteA: SITE_A, siteB: SITE_B })) ?? urls
    const qkd = qkdOption('server', urls.b)
    port = (await server?.tell('serve', { ...serverIdentity, qkd, keyLookupWindowSeconds: WINDOW_SECONDS })) ?? port
  })

  it('keep no honest client out, cost the key manager no more than the bound, and leave nothing behind', async () => {
    if (!managers || !server || !client || !attacker) throw new Error('not started')
    const honest = async (localAddress: string) => {
      const { text, protection, refusal } = await client.tell('connect', {
        port,
        localAddress,
        ca,
        qkd: qkdOption('client', urls.a),
      })
      expect(refusal).toBeUndefined()
      expect(text).toBe('there and back')
      return protection?.qkd?.keyId as string
    }
    const keyIds: string[] = []
    for (let i = 0; i < 20; i++) keyIds.push(await honest('127.0.1.1'))
    const before = await server.tell('atRest')

    // A key_ID that a client could have: its hello is the template, and it is never sent.
    const keyId = '00000000-0000-4000-8000-000000000000'
    const source = { name: 'etsi014', getKey: async () => ({ keyId, key: new Uint8Array(32) }) }
    const qkd = { ...qkdOption('client', ''), source } as never
    const record = await recordFirstFlight({ ca, qkd })
    const began = performance.now()
    let over = false
    const flood = attacker
      .tell('flood', { port, record, keyId, count: HELLOS, atOnce: 64, addresses: ADDRESSES })
      .finally(() => {
        over = true
      })
    // Whoever comes for the first time, and whoever was there before.
    for (let i = 0; !over || i < 20; i++) {
      keyIds.push(await honest(`127.0.2.${1 + (i % 250)}`))
      keyIds.push(await honest('127.0.1.1'))
    }
    expect(await flood).toEqual({ sent: HELLOS, answered: HELLOS })

    const windows = (performance.now() - began) / (1000 * WINDOW_SECONDS)
    const { keyLookups } = await server.tell('atRest')
    const calls = (await managers.tell('counters')).b.dec_keys
    const bound = ADDRESSES.length + SHARE_OF_FAILED * (1 + windows)
    expect(calls - keyIds.length).toBeGreaterThan(SHARE_OF_FAILED)
    expect(calls - keyIds.length).toBeLessThanOrEqual(bound)
    expect(new Set(keyIds).size).toBe(keyIds.length)
    expect(keyLookups).toMatchObject({ asked: calls, found: keyIds.length, notFound: calls - keyIds.length, failed: 0 })
    expect(keyLookups.refused.inAll + keyLookups.refused.perAddress + keyLookups.notFound).toBe(HELLOS)

    await expect.poll(async () => (await server.tell('atRest')).connections).toBe(0)
    const after = await server.tell('atRest')
    expect(after.keyLookups).toMatchObject({ active: 0, waiting: 0 })
    expect(after.heap - before.heap).toBeLessThan(4_000_000)
    const { sessions, refusals } = await server.tell('takeLog')
    expect([sessions.length, refusals.length]).toEqual([keyIds.length, HELLOS])
    expect(new Set(refusals.map(({ code }) => code))).toEqual(
      new Set(['ERR_QKD_KEY_NOT_FOUND', 'ERR_TOO_MANY_KEY_LOOKUPS']),
    )
  }, 120_000)
})
