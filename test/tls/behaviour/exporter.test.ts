import { describe, expect, it } from 'vitest'
import { DEFAULT_CIPHER_SUITES } from '../../../src/crypto/cipherSuites.js'
import { nobleProvider, nodeProvider } from '../../../src/crypto/index.js'
import { cheap } from '../../support/attack.js'
import { type Endpoint, makePair, runPair } from '../../support/pair.js'
import { refusal } from '../../support/refusal.js'

const EMPTY = new Uint8Array(0)
const keysOf = ({ connection }: Endpoint, label: string, context = EMPTY, length = 32) =>
  Buffer.from(connection.exportKeyingMaterial(label, context, length)).toString('hex')

describe.each(DEFAULT_CIPHER_SUITES)('exported keys under %s', (suite) => {
  it('are the same at both ends, whatever the provider, and differ by label, context, length and connection', async () => {
    const seen = new Set<string>()
    let asked = 0
    for (const [clientCrypto, serverCrypto] of [
      [nodeProvider, nobleProvider],
      [nobleProvider, nodeProvider],
    ] as const) {
      const { client, server } = await runPair(cheap({ clientCrypto, serverCrypto, client: { cipherSuites: [suite] } }))
      for (const label of ['EXPORTER-a', 'EXPORTER-b', 'x'.repeat(200)]) {
        for (const context of [EMPTY, Uint8Array.of(0), Uint8Array.of(0, 0), new Uint8Array(70_000)]) {
          for (const length of [16, 32, 48, 64, 1000]) {
            const key = keysOf(client, label, context, length)
            expect(keysOf(server, label, context, length)).toBe(key)
            expect(key.length).toBe(2 * length)
            seen.add(key.slice(0, 32))
            asked++
          }
        }
      }
    }
    // The length is part of the derivation: not even prefixes agree.
    expect(seen.size).toBe(asked)
  })

  it('stay the same over KeyUpdates', async () => {
    const { client, server } = await runPair(cheap({ client: { cipherSuites: [suite] } }))
    const before = keysOf(client, 'x')
    client.driver.requestKeyUpdate(true)
    expect([keysOf(client, 'x'), keysOf(server, 'x')]).toEqual([before, before])
  })
})

describe('keys are exported', () => {
  it('neither before the handshake is complete nor after the connection has failed', async () => {
    const pair = makePair(cheap({ clientHandlers: { verifyCertificate: () => new Promise(() => {}) } }))
    pair.server.driver.start()
    pair.client.driver.start()
    await pair.settle()
    for (const end of [pair.client, pair.server]) expect(refusal(() => keysOf(end, 'x'))).toBe('ERR_INVALID_STATE')
    const { client } = await runPair(cheap())
    client.driver.endOfInput()
    expect(refusal(() => keysOf(client, 'x'))).toBe('ERR_INVALID_STATE')
  })
})

describe('key log lines (RFC 9850)', () => {
  it('come at both ends alike, in the order of the schedule, named by the random of the first hello', async () => {
    for (const server of [{}, { alwaysRetry: true, cookieKey: new Uint8Array(32) }]) {
      const random = new Uint8Array(32).fill(0xab)
      const pair = await runPair(
        cheap({
          client: { keylog: true },
          server: { keylog: true, ...server },
          clientHandlers: { random: ({ length }) => random.slice(0, length) },
        }),
      )
      const lines = ({ events }: Endpoint) => events.flatMap((event) => (event.type === 'keylog' ? [event.line] : []))
      expect(lines(pair.client)).toEqual(lines(pair.server))
      expect(lines(pair.client).map((line) => line.replace(/ [0-9a-f]{96}$/, ''))).toEqual(
        [
          'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
          'SERVER_HANDSHAKE_TRAFFIC_SECRET',
          'CLIENT_TRAFFIC_SECRET_0',
          'SERVER_TRAFFIC_SECRET_0',
          'EXPORTER_SECRET',
        ].map((label) => `${label} ${'ab'.repeat(32)}`),
      )
    }
  })

  it('do not come unless they are asked for', async () => {
    const { client, server } = await runPair(cheap())
    expect([client.count('keylog'), server.count('keylog')]).toEqual([0, 0])
  })
})
