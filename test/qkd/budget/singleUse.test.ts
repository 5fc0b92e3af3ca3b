/** A key is given out once, and only if it came by a way that is allowed. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { inProcessPair, type QkdKey } from '../../../src/qkd/index.js'
import { code, isWiped, makeBudget, ScriptedBatchSource, ScriptedSource } from './sources.js'

const make = (keyId: string): QkdKey => ({ keyId, key: new Uint8Array(randomBytes(32)) })
const link = { kind: 'tls', protocol: 'TLSv1.3', group: 'X25519MLKEM768', postQuantum: true } as const
const classical = { ...link, group: 'x25519', postQuantum: false }

describe('a key is given out once', () => {
  it('a key_ID that comes again is refused, whichever source gives it', async () => {
    const sources = [new ScriptedSource(), new ScriptedSource()]
    const { budget } = makeBudget({ sources })
    const [first, again] = [make('one'), make('one')]
    sources[0]?.next.push(first)
    await budget.getKey('bob')
    if (sources[0]) sources[0].behaviour = 'ERR_QKD_UNREACHABLE'
    sources[1]?.next.push(again)
    await expect(budget.getKey('carol')).rejects.toThrow(
      'source 2: ERR_QKD_BAD_REPLY, the key source gave out a key_ID',
    )
    expect([isWiped(first), isWiped(again)]).toEqual([false, true])
  })

  it('a key_ID that waits in a pool counts as given out', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source], highWaterMark: 2, concurrency: 1 })
    source.next.push(make('one'), make('one'), make('two'))
    expect((await budget.getKey('bob')).keyId).toBe('one')
    expect((await budget.getKey('bob')).keyId).not.toBe('one')
    expect(budget.statistics().sources[0]?.failures).toEqual({ ERR_QKD_BAD_REPLY: 1 })
  })

  it('octets that come again under another key_ID are refused', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source] })
    const first = make('one')
    const again = { keyId: 'two', key: Uint8Array.from(first.key) }
    source.next.push(first, again)
    await budget.getKey('bob')
    await expect(budget.getKey('bob')).rejects.toThrow('gave out the octets of an earlier key')
    expect(isWiped(again)).toBe(true)
  })

  it('a key fetched for ourselves is not fetched by name (a reflection), nor the other way about', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source] })
    const { keyId } = await budget.getKey('bob')
    source.named.set(keyId, randomBytes(32))
    await expect(budget.getKeyWithId('bob', keyId)).rejects.toEqual(code('ERR_QKD_KEY_NOT_FOUND'))
    expect(source.asked).toBe(1)
    source.named.set('named', randomBytes(32))
    await budget.getKeyWithId('bob', 'named')
    source.next.push(make('named'))
    await expect(budget.getKey('bob')).rejects.toEqual(code('ERR_QKD_BAD_REPLY'))
  })

  it('a key_ID is asked for once, whatever came of it, and twice at once is once', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source] })
    source.named.set('one', randomBytes(32))
    const outcomes = await Promise.allSettled([budget.getKeyWithId('bob', 'one'), budget.getKeyWithId('carol', 'one')])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    source.behaviour = 'ERR_QKD_UNREACHABLE'
    await expect(budget.getKeyWithId('bob', 'two')).rejects.toEqual(code('ERR_QKD_UNREACHABLE'))
    await expect(budget.getKeyWithId('bob', 'two')).rejects.toEqual(code('ERR_QKD_KEY_NOT_FOUND'))
    expect(source.asked).toBe(2)
  })

  it('what cannot be a key_ID is not asked for', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source] })
    for (const keyId of ['', 'a\nb', 'x'.repeat(257), 17 as unknown as string]) {
      await expect(budget.getKeyWithId('bob', keyId)).rejects.toEqual(code('ERR_QKD_KEY_NOT_FOUND'))
    }
    expect(source.asked).toBe(0)
  })

  it('memory is bounded: of more keys than that the oldest are forgotten, but not for names that peers make up', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source], rememberedKeys: 3 })
    source.named.set('one', randomBytes(32))
    await budget.getKeyWithId('bob', 'one')
    for (let i = 0; i < 10; i++) await budget.getKeyWithId('bob', `made up ${i}`).catch(() => {})
    // It is asked for again, since the name was forgotten; that it was given out was not.
    source.named.set('one', randomBytes(32))
    await expect(budget.getKeyWithId('bob', 'one')).rejects.toEqual(code('ERR_QKD_BAD_REPLY'))
    for (let i = 0; i < 3; i++) await budget.getKey('bob')
    source.named.set('one', randomBytes(32))
    expect((await budget.getKeyWithId('bob', 'one')).keyId).toBe('one')
  })

  it('names that peers make up do not spoil keys that come by that name later', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source] })
    await expect(budget.getKeyWithId('bob', 'key-17')).rejects.toEqual(code('ERR_QKD_KEY_NOT_FOUND'))
    source.next.push(make('key-17'))
    expect((await budget.getKey('bob')).keyId).toBe('key-17')
  })

  it('of several keys in one answer one that is bad burns all', async () => {
    const source = new ScriptedBatchSource()
    const { budget } = makeBudget({ sources: [source], highWaterMark: 3, concurrency: 1, maxAgeMilliseconds: 1000 })
    const keys = [make('one'), make('two'), make('one')]
    source.next.push(...keys)
    budget.prefetch('bob')
    await new Promise((resolve) => setImmediate(resolve))
    expect(keys.map(isWiped)).toEqual([true, true, true])
    expect(budget.statistics().peers[0]).toMatchObject({ fetched: 3, burnt: 3, pooled: 0 })
  })
})

describe('an answer that is none', () => {
  const answers: [string, unknown][] = [
    ['nothing', undefined],
    ['no key', { keyId: 'one' }],
    ['a text', { keyId: 'one', key: 'secret' }],
    ['no key_ID', { key: randomBytes(32) }],
    ['a key_ID that is none', { keyId: '', key: randomBytes(32) }],
    ['a short key', { keyId: 'one', key: randomBytes(15) }],
  ]
  it.each(answers)('%s is refused and wiped', async (_, answer) => {
    const source = new ScriptedSource()
    source.getKey = async () => answer as QkdKey
    source.getKeyWithId = async () => answer as QkdKey
    const { budget } = makeBudget({ sources: [source] })
    await expect(budget.getKey('bob')).rejects.toEqual(code('ERR_QKD_BAD_REPLY'))
    await expect(budget.getKeyWithId('bob', 'one')).rejects.toEqual(code('ERR_QKD_BAD_REPLY'))
    const { key } = (answer ?? {}) as { key?: unknown }
    if (key instanceof Uint8Array) expect(key.every((octet) => octet === 0)).toBe(true)
  })

  it.each([
    ['too many keys', () => [make('one'), make('two'), make('three')]],
    ['no keys', () => []],
    ['no list', () => make('one')],
  ] as const)('%s for a call for several', async (_, answer) => {
    const source = new ScriptedBatchSource()
    const given = answer()
    source.getKeys = async () => given as QkdKey[]
    const { budget } = makeBudget({ sources: [source], highWaterMark: 2, concurrency: 1 })
    budget.prefetch('bob')
    await new Promise((resolve) => setImmediate(resolve))
    expect(budget.statistics().sources[0]?.failures).toEqual({ ERR_QKD_BAD_REPLY: 1 })
    if (Array.isArray(given)) expect(given.every(isWiped)).toBe(true)
  })
})

describe('the delivery link', () => {
  it('is passed through with each key, and told of the key given out last', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source] })
    expect(budget.deliveryLink).toBeNull()
    expect((await budget.getKey('bob')).delivery).toBeUndefined()
    source.deliveryLink = link
    expect((await budget.getKey('bob')).delivery).toEqual(link)
    expect(budget.deliveryLink).toEqual(link)
    source.next.push({ ...make('one'), delivery: classical })
    expect((await budget.getKey('bob')).delivery).toEqual(classical)
    expect(budget.deliveryLink).toEqual(classical)
  })

  it('that was not post-quantum, or is not told, is refused if the budget asks for one, in both directions', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source], requirePostQuantumDelivery: true, breaker: { failures: 100 } })
    await expect(budget.getKey('bob')).rejects.toThrow('ERR_QKD_DELIVERY_LINK, the key source gave a key by a way')
    source.deliveryLink = classical
    source.named.set('one', randomBytes(32))
    await expect(budget.getKeyWithId('bob', 'one')).rejects.toMatchObject({
      code: 'ERR_QKD_DELIVERY_LINK',
      message: expect.stringContaining('its link was not post-quantum (group x25519)'),
    })
    expect(source.made.map(isWiped)).toEqual([true, true])
    source.next.push({ ...make('two'), delivery: link })
    expect((await budget.getKey('bob')).keyId).toBe('two')
    expect(budget.statistics().peers[0]).toMatchObject({ fetched: 3, burnt: 2, givenOut: 1 })
  })
})

describe('options', () => {
  const source = new ScriptedSource()
  const refuses = (options: object) =>
    expect(() => makeBudget({ sources: [source], ...options })).toThrow(code('ERR_INVALID_OPTION'))

  it('sources: from 1 to 16, each once, with labels of their own and weights above 0', () => {
    refuses({ sources: [] })
    refuses({ sources: undefined })
    refuses({ sources: [source, source] })
    refuses({ sources: Array.from({ length: 17 }, () => new ScriptedSource()) })
    refuses({
      sources: [
        { source, label: 'a' },
        { source: new ScriptedSource(), label: 'a' },
      ],
    })
    refuses({ sources: [{ source, label: '' }] })
    for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) refuses({ sources: [{ source, weight }] })
  })

  it('the name is the one that the sources share; where they differ it must be given', () => {
    expect(makeBudget({ sources: [source, new ScriptedSource()] }).budget.name).toBe('scripted')
    expect(makeBudget({ sources: [source], name: 'branch' }).budget.name).toBe('branch')
    refuses({ sources: [source, new ScriptedSource('other')] })
    refuses({ name: '' })
    expect(makeBudget({ sources: [source, new ScriptedSource('other')], name: 'both' }).budget.name).toBe('both')
  })

  it('numbers out of their bounds, and bounds that contradict each other', () => {
    for (const options of [
      { highWaterMark: -1 },
      { highWaterMark: 1.5 },
      { highWaterMark: 10_001 },
      { highWaterMark: 2, lowWaterMark: 3 },
      { highWaterMark: 2, lowWaterMark: 0 },
      { maxAgeMilliseconds: 0 },
      { concurrency: 0 },
      { keysPerCall: 0 },
      { timeoutMilliseconds: 2 ** 31 },
      { timeoutMilliseconds: 1000, attemptMilliseconds: 1000 },
      { breaker: { failures: 0 } },
      { breaker: { initialMilliseconds: 10, maxMilliseconds: 9 } },
      { retry: { initialMilliseconds: 0 } },
      { rememberedKeys: 0 },
      { quota: { keys: 0, intervalMilliseconds: 1000 } },
      { quota: { keys: 1, intervalMilliseconds: 0 } },
      { quota: { keys: 1, intervalMilliseconds: 1000, burst: 0 } },
      { peers: { bob: { highWaterMark: -1 } } },
      { peers: { '': {} } },
    ]) {
      refuses(options)
    }
  })

  it('more peers than anybody configures are refused', async () => {
    const [pair] = inProcessPair({ siteA: 'alice', siteB: 'bob', random: (length) => randomBytes(length) })
    const { budget } = makeBudget({ sources: [pair] })
    for (let i = 0; i < 1024; i++) await expect(budget.getKey(`peer ${i}`)).rejects.toEqual(code('ERR_QKD_REFUSED'))
    await expect(budget.getKey('bob')).rejects.toEqual(code('ERR_INVALID_OPTION'))
  })
})

describe('statistics', () => {
  it('are frozen, plain, and hold no key', async () => {
    const source = new ScriptedSource()
    const { budget } = makeBudget({ sources: [source] })
    const { keyId } = await budget.getKey('bob')
    source.behaviour = 'ERR_QKD_TIMEOUT'
    await budget.getKey('bob').catch(() => {})
    const statistics = budget.statistics()
    const parts = [statistics, statistics.peers, statistics.sources, ...statistics.peers, ...statistics.sources]
    for (const part of [...parts, statistics.peers[0]?.refusals, statistics.sources[0]?.lastFailure]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
    expect(JSON.parse(JSON.stringify(statistics))).toEqual(statistics)
    expect(JSON.stringify(statistics)).not.toContain(keyId)
    expect(statistics.peers[0]).toMatchObject({ bitsFetched: 256, bitsGivenOut: 256, refusals: { ERR_QKD_TIMEOUT: 1 } })
    expect(statistics.sources[0]).toMatchObject({ calls: 2, fetched: 1, givenOut: 1, failures: { ERR_QKD_TIMEOUT: 1 } })
  })
})
