/** What the men in the middle of the timeline are made of. */
import { afterEach, describe, expect, it } from 'vitest'
import { UNAUTHENTICATED } from '../../../src/qkd/index.js'
import { ask, type RunningServer, refusalOf, serve } from '../../../src/rndl/sessions/exchange.js'
import { serveInsistently } from '../../../src/rndl/timeline/insistent.js'
import { makeKeySupply } from '../../../src/rndl/timeline/keySupply.js'
import { honestBlock, interceptedBlock, sitesWith } from '../../../src/rndl/timeline/quantumLink.js'
import { seededRandom } from '../../../src/rndl/trace/seededRandom.js'

const random = seededRandom(new Uint8Array(32).fill(4), 'parts test')
const running: RunningServer[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

describe('a server that insists', () => {
  const psk = { identity: 'branch-17', key: random(32) }
  const guessed = { ...psk, key: random(32) }
  const codeFrom = async (server: RunningServer): Promise<string | undefined> => {
    running.push(server)
    return (await refusalOf(ask(server.port, { psk }, 'hello')))?.code
  }

  it("goes on with a PSK that is not the client's, so that the client has to find out", async () => {
    expect(await codeFrom(await serve({ psk: guessed }, () => 'hello'))).toBe('ERR_ALERT_RECEIVED')
    expect(await codeFrom(await serveInsistently({ psk: guessed }, async () => 'hello'))).toBe('ERR_BAD_RECORD_MAC')
  })

  it('serves as any other where the PSK is right', async () => {
    const server = await serveInsistently({ psk }, async (line) => `${line}!`)
    running.push(server)
    expect(await ask(server.port, { psk }, 'hello')).toBe('hello!')
    expect(await ask(server.port, { psk }, 'hello again')).toBe('hello again!')
  })
})

describe('the burglar in the key manager', () => {
  it('has the keys that were given out while he was there, and no others', async () => {
    const supply = makeKeySupply(random)
    const fetch = () => supply.client.source.getKey('timeline-server')
    const before = await fetch()
    supply.burgle()
    const during = await fetch()
    supply.evict()
    const after = await fetch()
    expect([...supply.burglar.stolen]).toEqual([[during.keyId, during.key]])
    expect([...supply.given.keys()]).toEqual([before.keyId, during.keyId, after.keyId])
    const { source } = supply.burglar.asServer
    expect(await source.getKeyWithId('timeline-client', during.keyId)).toEqual({ keyId: during.keyId, key: during.key })
    const guess = await source.getKeyWithId('timeline-client', after.keyId)
    expect(guess.key).not.toEqual(after.key)
    expect((await supply.burglar.asClient.source.getKey('timeline-server')).keyId).toBe(during.keyId)
  })
})

describe('a block of the quantum link', () => {
  it('gives both sites the same key when nobody interferes', () => {
    const { alice, bob, said } = honestBlock(sitesWith({ psk: random(48) }), 0, 'first')
    expect(alice?.length).toBeGreaterThan(16)
    expect(bob).toEqual(alice)
    expect(said.length).toBeGreaterThan(1000)
  })

  it('gives a man in the middle both keys without authentication, or with what authenticates in his hands', () => {
    const authentication = { psk: random(48) }
    for (const stolen of [UNAUTHENTICATED, authentication] as const) {
      expect(interceptedBlock(sitesWith(stolen), sitesWith(stolen), 0).isOpen).toBe(true)
    }
    const { isOpen, honest } = interceptedBlock(sitesWith(authentication), sitesWith({ psk: random(48) }), 0)
    expect([isOpen, honest.alice]).toEqual([false, null])
  })
})
