import { describe, expect, it } from 'vitest'
import { DEFAULT_CIPHER_SUITES } from '../../../src/crypto/cipherSuites.js'
import { attackClient, attackServer, cheap, expectRefusal } from '../../support/attack.js'
import { runPair } from '../../support/pair.js'

const ATTACKS = [
  ['client', attackClient],
  ['server', attackServer],
] as const

describe.each(ATTACKS)('a connected %s', (_role, attack) => {
  it('goes on to the next reading key with a KeyUpdate, and answers none that asks for nothing', () => {
    const { target, peer } = attack()
    for (let i = 0; i < 5; i++) {
      peer.sendKeyUpdate(false)
      peer.sendRecord(23, Uint8Array.of(i))
    }
    expect([...target.data]).toEqual([0, 1, 2, 3, 4])
    expect(peer.messages).toEqual([])
    expect(target.events.filter(({ type }) => type === 'keyUpdate')).toEqual(
      Array.from({ length: 5 }, () => ({ type: 'keyUpdate', direction: 'received' })),
    )
  })

  it('answers one that asks, once and without asking back, before its next data', () => {
    const { target, peer } = attack()
    peer.sendKeyUpdate(true)
    target.driver.send(Uint8Array.of(7))
    expect(peer.messages.map(({ type, body }) => [type, [...body]])).toEqual([['key_update', [0]]])
    expect(peer.data).toEqual([Uint8Array.of(7)])
  })

  it('refuses one with another value with illegal_parameter', () => {
    for (const value of [2, 255]) {
      const outcome = attack()
      outcome.peer.sendMessage('key_update', Uint8Array.of(value))
      expectRefusal(outcome, 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter')
    }
  })

  it('refuses one of another length with decode_error', () => {
    for (const body of [[], [0, 0]]) {
      const outcome = attack()
      outcome.peer.sendMessage('key_update', Uint8Array.from(body))
      expectRefusal(outcome, 'ERR_DECODE', 'decode_error')
    }
  })

  it('refuses one that does not end its record with unexpected_message', () => {
    const outcome = attack()
    outcome.peer.sendRecord(22, Uint8Array.of(24, 0, 0, 1, 0, 24))
    expectRefusal(outcome, 'ERR_UNEXPECTED_MESSAGE', 'unexpected_message')
  })

  it('refuses data under the old key after one with bad_record_mac', () => {
    const outcome = attack()
    outcome.peer.sendMessage('key_update', Uint8Array.of(0))
    outcome.peer.sendRecord(23, Uint8Array.of(1))
    expectRefusal(outcome, 'ERR_BAD_RECORD_MAC', 'bad_record_mac')
  })

  it('takes 32 in a row, any number with data between them, and refuses a flood with unexpected_message', () => {
    const outcome = attack()
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 32; i++) outcome.peer.sendKeyUpdate(i % 2 === 0)
      outcome.peer.sendRecord(23, Uint8Array.of(round))
    }
    expect(outcome.target.error).toBeNull()
    // Empty data does not count as data.
    for (let i = 0; i < 33; i++) {
      outcome.peer.sendRecord(23, new Uint8Array(0))
      outcome.peer.sendKeyUpdate(false)
    }
    expectRefusal(outcome, 'ERR_TOO_MANY_KEY_UPDATES', 'unexpected_message')
  })

  it('does not ask a second time while the first request is unanswered', () => {
    const { target, peer } = attack()
    for (let i = 0; i < 3; i++) target.driver.requestKeyUpdate(true)
    expect(peer.messages.map(({ body }) => body[0])).toEqual([1, 0, 0])
    peer.sendKeyUpdate(false)
    target.driver.requestKeyUpdate(true)
    expect(peer.messages.at(-1)?.body[0]).toBe(1)
    target.driver.send(Uint8Array.of(5))
    expect(peer.data).toEqual([Uint8Array.of(5)])
  })
})

describe.each(DEFAULT_CIPHER_SUITES)('two connections of ours under %s', (suite) => {
  it('update their keys again and again, from both sides, with data in between', async () => {
    const { client, server } = await runPair(cheap({ client: { cipherSuites: [suite] } }))
    const expected: number[] = []
    for (let i = 0; i < 20; i++) {
      const [from, to] = i % 2 === 0 ? [client, server] : [server, client]
      from.driver.requestKeyUpdate(i % 3 === 0)
      from.driver.send(Uint8Array.of(i))
      to.driver.send(Uint8Array.of(100 + i))
      expected.push(i)
    }
    expect(client.error ?? server.error).toBeNull()
    expect([...client.data, ...server.data].sort((a, b) => a - b)).toEqual([
      ...expected,
      ...expected.map((i) => 100 + i),
    ])
  })

  it('replace a key before it has protected more records than the limit', async () => {
    for (const recordsPerKey of [1, 2, 3, 10]) {
      const limits = { recordsPerKey }
      const { client, server } = await runPair(cheap({ client: { cipherSuites: [suite], limits }, server: { limits } }))
      const before = client.events.length
      for (let i = 0; i < 25; i++) client.driver.send(Uint8Array.of(i))
      expect([...server.data]).toEqual(Array.from({ length: 25 }, (_, i) => i))
      // The KeyUpdate is itself the last record under its key; the first key has none but those of data.
      let run = 0
      for (const event of server.events) {
        if (event.type === 'applicationData') expect(++run).toBeLessThanOrEqual(recordsPerKey)
        else run = 0
      }
      const sent = client.events.slice(before).filter(({ type }) => type === 'keyUpdate').length
      expect(sent).toBe(recordsPerKey === 1 ? 25 : Math.floor(24 / (recordsPerKey - 1)))
    }
  })
})
