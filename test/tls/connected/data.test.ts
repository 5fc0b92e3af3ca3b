import { describe, expect, it } from 'vitest'
import { cheap } from '../../support/attack.js'
import { runPair } from '../../support/pair.js'

describe('application data', () => {
  it('is forgotten with the keys when the connection is discarded, and nobody is told', async () => {
    const { client, server } = await runPair(cheap())
    const sent = client.sent.length
    client.driver.discard()
    expect([client.sent.length, client.error, server.error]).toEqual([sent, null, null])
    expect(() => client.driver.send(Uint8Array.of(1))).toThrow(/after the connection was closed/)
    server.driver.send(Uint8Array.of(1))
    expect([...client.data]).toEqual([])
  })
})
