import { describe, expect, it } from 'vitest'
import { AskedKeyIds } from '../../../src/node/psk/askedKeyIds.js'

const HOUR = 3_600_000

function setUp(capacity: { used?: number; others?: number } = {}) {
  const clock = { now: 0 }
  const asked = new AskedKeyIds({ now: () => clock.now, ...capacity })
  const ask = (keyId: string, used: boolean, peer = 'alice'): boolean => {
    if (!asked.begin(peer, keyId)) return false
    asked.end(peer, keyId, used)
    return true
  }
  return { clock, asked, ask }
}

describe('key_IDs that were asked for', () => {
  it.each([true, false])('are not asked for again, used or not (%s), nor while the answer is awaited', (used) => {
    const { asked } = setUp()
    expect([asked.begin('alice', 'key-1'), asked.begin('alice', 'key-1')]).toEqual([true, false])
    asked.end('alice', 'key-1', used)
    expect(asked.begin('alice', 'key-1')).toBe(false)
  })

  it('are those of one peer: another may name the same', () => {
    const { ask } = setUp()
    expect([ask('key-1', true), ask('key-1', true, 'carol'), ask('key-1', true)]).toEqual([true, true, false])
  })

  it('and used are pushed out by used ones only, however many others come', () => {
    const { ask } = setUp({ used: 3, others: 100 })
    for (const keyId of ['used-1', 'used-2', 'used-3']) ask(keyId, true)
    for (let i = 0; i < 10_000; i++) expect(ask(`made-up-${i}`, false)).toBe(true)
    expect(['used-1', 'used-2', 'used-3'].map((keyId) => ask(keyId, true))).toEqual([false, false, false])
    ask('used-4', true)
    expect(['used-2', 'used-3', 'used-4'].map((keyId) => ask(keyId, true))).toEqual([false, false, false])
    expect(ask('used-1', true)).toBe(true)
  })

  it('and not used are remembered up to a bound, the latest longest', () => {
    const { ask } = setUp({ others: 100 })
    for (let i = 0; i < 150; i++) ask(`made-up-${i}`, false)
    expect(ask('made-up-50', false)).toBe(false)
    expect(ask('made-up-49', false)).toBe(true)
  })

  it('are forgotten in time: used ones after a day, others after ten minutes', () => {
    const { ask, clock } = setUp()
    ask('used', true)
    ask('made-up', false)
    clock.now = HOUR / 6 - 1
    expect([ask('used', true), ask('made-up', false)]).toEqual([false, false])
    clock.now = HOUR / 6
    expect([ask('used', true), ask('made-up', false)]).toEqual([false, true])
    clock.now = 24 * HOUR - 1
    expect(ask('used', true)).toBe(false)
    clock.now = 24 * HOUR
    expect(ask('used', true)).toBe(true)
  })
})
