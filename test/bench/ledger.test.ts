import { describe, expect, it } from 'vitest'
import { ledgerEntries, measureLedger } from '../../src/bench/ledger/measureLedger.js'
import { messagesIn } from '../../src/bench/meter/messages.js'

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

describe('the cost ledger', () => {
  it('accounts for every octet, and for one QKD key of 256 bits fetched by both ends', async () => {
    const section = await measureLedger({ quick: true, modes: ['psk+qkd'] })
    const [entry] = section.result.entries
    expect(entry).toMatchObject({ mode: 'psk+qkd', qkdBits: 256 })
    expect(entry?.keyManager?.client).toBeGreaterThan(0)
    expect(entry?.keyManager?.server).toBeGreaterThan(0)
    for (const side of ['client', 'server'] as const) {
      const octets = entry?.octets[side] ?? 0
      expect(sum(entry?.flights.filter(({ from }) => from === side).map(({ bytes }) => bytes) ?? [])).toBe(octets)
      const messages = sum(entry?.messages.filter(({ from }) => from === side).map((message) => message.octets) ?? [])
      // Plain records have five octets more, protected ones 22; a change_cipher_spec has six in all.
      expect(octets - messages).toBeGreaterThan(0)
      expect(octets - messages).toBeLessThanOrEqual(5 + 22 + 6)
    }
    expect(entry?.flights.map(({ from }) => from)).toEqual(['client', 'server', 'client'])

    // What follows takes it from there.
    expect(await ledgerEntries({ quick: true }, [section])).toBe(section.result.entries)
  })
})

describe('messages in what is sent', () => {
  it('are told apart by their headers (RFC 9846 4)', () => {
    expect(messagesIn(Uint8Array.of(8, 0, 0, 2, 0, 0, 20, 0, 0, 1, 7))).toEqual([
      { name: 'EncryptedExtensions', length: 6 },
      { name: 'Finished', length: 5 },
    ])
  })

  it.each([
    ['a message that is cut', [20, 0, 0, 2, 7]],
    ['a message that there is not', [99, 0, 0, 0]],
  ])('are not %s', (_, octets) => {
    expect(() => messagesIn(Uint8Array.from(octets))).toThrow('no whole messages')
  })
})
