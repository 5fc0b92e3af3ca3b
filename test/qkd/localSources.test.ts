import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { inProcessPair, preSharedKeys } from '../../src/qkd/index.js'

const random = (length: number) => randomBytes(length)
const code = (expected: string) => expect.objectContaining({ code: expected })

describe('the in-process pair', () => {
  const make = (options = {}) => inProcessPair({ siteA: 'alice', siteB: 'bob', random, ...options })

  it('gives each side the same key once, in either direction', async () => {
    const [alice, bob] = make()
    for (const [one, other, oneId, otherId] of [
      [alice, bob, 'alice', 'bob'],
      [bob, alice, 'bob', 'alice'],
    ] as const) {
      const sent = await one.getKey(otherId)
      expect(sent.key).toHaveLength(32)
      const received = await other.getKeyWithId(oneId, sent.keyId)
      expect(received).toEqual(sent)
      await expect(other.getKeyWithId(oneId, sent.keyId)).rejects.toEqual(code('ERR_QKD_KEY_NOT_FOUND'))
    }
  })

  it('wiping a key at one side leaves the other side its own', async () => {
    const [alice, bob] = make()
    const sent = await alice.getKey('bob')
    const copy = Uint8Array.from(sent.key)
    sent.key.fill(0)
    expect((await bob.getKeyWithId('alice', sent.keyId)).key).toEqual(copy)
  })

  it('does not give a side its own key back', async () => {
    const [alice] = make()
    const { keyId } = await alice.getKey('bob')
    await expect(alice.getKeyWithId('bob', keyId)).rejects.toEqual(code('ERR_QKD_KEY_NOT_FOUND'))
  })

  it('knows no other peer, heeds the signal, and can run out', async () => {
    const [alice] = make({ supply: 1, name: 'test', keySize: 512 })
    expect(alice.name).toBe('test')
    await expect(alice.getKey('carol')).rejects.toEqual(code('ERR_QKD_REFUSED'))
    await expect(alice.getKey('bob', { signal: AbortSignal.abort() })).rejects.toEqual(code('ERR_ABORTED'))
    expect(await alice.status('bob')).toMatchObject({ storedKeyCount: 1, keySize: 512 })
    expect((await alice.getKey('bob')).key).toHaveLength(64)
    await expect(alice.getKey('bob')).rejects.toEqual(code('ERR_QKD_EXHAUSTED'))
  })

  it('refuses SAE IDs and sizes that cannot be used', () => {
    for (const options of [{ siteA: '' }, { siteA: 'bob' }, { keySize: 64 }, { keySize: 250 }]) {
      expect(() => make(options)).toThrow(code('ERR_INVALID_OPTION'))
    }
  })
})

describe('pre-shared keys', () => {
  const list = ['one', 'two', 'three'].map((keyId, i) => ({ keyId, key: Buffer.alloc(32, i + 1) }))

  it('both ends use the list up, each key once', async () => {
    const alice = preSharedKeys({ peerSaeId: 'bob', keys: list })
    const bob = preSharedKeys({ peerSaeId: 'alice', keys: list, from: 'end' })
    const sent = await alice.getKey('bob')
    expect(sent.keyId).toBe('one')
    expect(await bob.getKeyWithId('alice', 'one')).toEqual(sent)
    const back = await bob.getKey('alice')
    expect(back.keyId).toBe('three')
    expect(await alice.getKeyWithId('bob', 'three')).toEqual(back)
    await expect(alice.getKeyWithId('bob', 'three')).rejects.toEqual(code('ERR_QKD_KEY_NOT_FOUND'))
    await expect(alice.getKeyWithId('bob', 'four')).rejects.toEqual(code('ERR_QKD_KEY_NOT_FOUND'))
    await alice.getKey('bob')
    await expect(alice.getKey('bob')).rejects.toEqual(code('ERR_QKD_EXHAUSTED'))
    expect(await bob.status('alice')).toMatchObject({ storedKeyCount: 1, maxKeyCount: 3, keySize: 256 })
  })

  it('wiping a delivered key leaves the list of the caller whole, and closing ends the supply', async () => {
    const source = preSharedKeys({ peerSaeId: 'bob', keys: list })
    ;(await source.getKey('bob')).key.fill(0)
    expect(list[0]?.key).toEqual(Buffer.alloc(32, 1))
    await source.close()
    await expect(source.getKey('bob')).rejects.toEqual(code('ERR_QKD_EXHAUSTED'))
  })

  it('is for one peer, and heeds the signal', async () => {
    const source = preSharedKeys({ peerSaeId: 'bob', keys: list })
    await expect(source.getKey('carol')).rejects.toEqual(code('ERR_QKD_REFUSED'))
    await expect(source.getKeyWithId('bob', 'one', { signal: AbortSignal.abort() })).rejects.toEqual(
      code('ERR_ABORTED'),
    )
  })

  it('refuses a list that cannot be right', () => {
    const first = { keyId: 'one', key: new Uint8Array(32) }
    for (const keys of [
      [],
      [first, first],
      [first, { keyId: 'two', key: new Uint8Array(16) }],
      [{ keyId: 'short', key: new Uint8Array(15) }],
      [{ keyId: '', key: new Uint8Array(32) }],
    ]) {
      expect(() => preSharedKeys({ peerSaeId: 'bob', keys })).toThrow(code('ERR_INVALID_OPTION'))
    }
  })
})

describe('keys that never leave the process', () => {
  it('say so, and so do their sources: there is no link to record', async () => {
    const memory = { kind: 'memory', protocol: null, group: null, postQuantum: true }
    const [alice, bob] = inProcessPair({ siteA: 'alice', siteB: 'bob', random })
    const list = preSharedKeys({ peerSaeId: 'bob', keys: ['one', 'two'].map((keyId) => ({ keyId, key: random(32) })) })
    const sent = await alice.getKey('bob')
    const keys = [sent, await bob.getKeyWithId('alice', sent.keyId), await list.getKey('bob')]
    keys.push(await list.getKeyWithId('bob', 'two'))
    expect(keys.map(({ delivery }) => delivery)).toEqual([memory, memory, memory, memory])
    expect([alice, bob, list].map(({ deliveryLink }) => deliveryLink)).toEqual([memory, memory, memory])
  })
})
