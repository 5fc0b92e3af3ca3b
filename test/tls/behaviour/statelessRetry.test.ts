import { describe, expect, it } from 'vitest'
import { Connection } from '../../../src/tls/index.js'
import {
  attackServer,
  cheap,
  cheapServer,
  expectRefusal,
  knowing,
  offering,
  PSK,
  serverHandlers,
} from '../../support/attack.js'
import { clientHello, having } from '../../support/hellos.js'
import { Endpoint, makePair, type PairOptions } from '../../support/pair.js'

const KEY = new Uint8Array(32).fill(3)

/** The first server answers the first hello and is forgotten; a fresh one gets all that comes after. */
async function overTwoServers(options: PairOptions, secondKey = KEY) {
  const config = { cookieKey: KEY, alwaysRetry: true }
  const pair = makePair(cheap({ ...options, server: { ...options.server, ...config } }))
  const fresh = new Endpoint(
    Connection.server(cheapServer({ ...options.server, ...config, cookieKey: secondKey })),
    serverHandlers(options.serverHandlers),
  )
  let flights = 0
  pair.client.deliver = (bytes) => {
    const to = flights++ === 0 ? pair.server : fresh
    setImmediate(() => to.driver.receive(bytes))
  }
  fresh.deliver = (bytes) => setImmediate(() => pair.client.driver.receive(bytes))
  pair.server.driver.start()
  fresh.driver.start()
  pair.client.driver.start()
  await pair.settle()
  return { client: pair.client, fresh }
}

describe('a server that kept nothing of the first hello', () => {
  it.each<readonly [string, PairOptions]>([
    ['for a cookie alone', {}],
    ['for another group too', { client: { groups: ['x25519', 'secp256r1'] }, server: { groups: ['secp256r1'] } }],
    ['without middlebox compatibility', { client: { middleboxCompatibility: false } }],
    ['with a pre-shared key', { clientHandlers: offering([PSK]), serverHandlers: knowing([PSK]) }],
  ])('goes on from its cookie: %s', async (_title, options) => {
    const { client, fresh } = await overTwoServers(options)
    expect([client.error, fresh.error]).toEqual([null, null])
    expect(fresh.summary).toMatchObject({ role: 'server', helloRetryRequest: true })
    client.driver.send(Uint8Array.of(1))
    await new Promise((resolve) => setImmediate(resolve))
    expect([...fresh.data]).toEqual([1])
  })

  it('refuses the cookie of a server with another key with illegal_parameter', async () => {
    const { client, fresh } = await overTwoServers({}, KEY.with(0, 4))
    expect(fresh.error?.code).toBe('ERR_ILLEGAL_PARAMETER')
    expect(client.error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', receivedAlert: 'illegal_parameter' })
  })

  it('refuses forged cookies of any length with illegal_parameter', () => {
    for (let length = 1; length < 120; length++) {
      const edit = clientHello((hello) => having(hello, 'cookie', [0, length, ...new Uint8Array(length)]))
      const outcome = attackServer({ script: edit, server: { cookieKey: KEY } })
      expectRefusal(outcome, 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter')
    }
  })
})
