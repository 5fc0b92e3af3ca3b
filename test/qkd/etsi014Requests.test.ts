import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { askForKeys, askForKeysWithIds } from '../../src/qkd/etsi014/requests.js'
import { type Etsi014Options, etsi014, type KeysRequest, type QkdKey } from '../../src/qkd/index.js'
import { type CannedReply, closingAfterEach, startHttpsServer } from '../support/httpsServer.js'
import { credentials, saeA, saeB, startKeyManagers } from '../support/kme.js'

const closing = closingAfterEach(afterEach)
const running = async (...options: Parameters<typeof startKeyManagers>) => closing(await startKeyManagers(...options))
const refusedWith = (code: string) => expect.objectContaining({ code })

/** A source at a server that answers as told. */
async function sourceAt(answer: () => CannedReply, options: Partial<Etsi014Options> = {}) {
  const server = closing(await startHttpsServer(answer))
  return { server, source: closing(etsi014({ url: server.url, ...credentials(saeA), ...options })) }
}

const bytes = (keys: readonly QkdKey[]) => keys.map(({ keyId, key }) => [keyId, Buffer.from(key).toString('hex')])
const wireKey = (key_ID: string, length = 32) => ({ key_ID, key: Buffer.alloc(length, 7).toString('base64') })

describe('several keys in one call', () => {
  it.each(['POST', 'GET'] as const)(
    'reach both SAEs, asked for with %s, in whatever order they are named',
    async (method) => {
      const { sourceA, sourceB, a, b } = await running({}, { method })
      const { keys } = await sourceA.getKeys(saeB, { number: 5, size: 512 })
      expect(keys.map(({ key }) => key.length)).toEqual([64, 64, 64, 64, 64])
      expect(new Set(bytes(keys).flat()).size).toBe(10)
      const wanted = keys.map(({ keyId }) => keyId).reverse()
      const received = await sourceB.getKeysWithIds(saeA, wanted, { size: 512 })
      expect(bytes(received.keys)).toEqual(bytes(keys).reverse())
      expect([a.counters.enc_keys, b.counters.dec_keys]).toEqual([1, 1])
    },
  )

  it('reach every slave SAE that was named, each once', async () => {
    const saeC = 'sae-carol'
    const { sourceA, sourceB, source } = await running({
      siteB: { kmeId: 'KME-B', sae: [saeB, saeC], tls: credentials('KME-B') },
    })
    const { keys } = await sourceA.getKeys(saeB, { number: 2, additionalSlaveSaeIds: [saeC] })
    const ids = keys.map(({ keyId }) => keyId)
    expect(bytes((await sourceB.getKeysWithIds(saeA, ids)).keys)).toEqual(bytes(keys))
    expect(bytes((await source('B', credentials(saeC)).getKeysWithIds(saeA, ids)).keys)).toEqual(bytes(keys))
  })

  it('a mandatory extension that the key manager does not know is refused with its words, an optional one is not', async () => {
    const { sourceA } = await running()
    await expect(sourceA.getKeys(saeB, { extensionMandatory: [{ acme_route: 'direct' }] })).rejects.toMatchObject({
      code: 'ERR_QKD_REFUSED',
      message: expect.stringContaining('not all extension_mandatory parameters are supported'),
    })
    expect((await sourceA.getKeys(saeB, { extensionOptional: [{ acme_age: 1 }] })).keys).toHaveLength(1)
  })

  it('more than the key manager allows at once is refused with its words', async () => {
    const { sourceA } = await running({ maxKeysPerRequest: 3 })
    await expect(sourceA.getKeys(saeB, { number: 4 })).rejects.toMatchObject({
      code: 'ERR_QKD_REFUSED',
      message: expect.stringContaining('number shall be at most 3'),
    })
  })

  it('one key that cannot be had makes all of them fail', async () => {
    const { sourceA, sourceB } = await running()
    const { keyId } = await sourceA.getKey(saeB)
    await expect(sourceB.getKeysWithIds(saeA, [keyId, 'unheard of'])).rejects.toEqual(
      refusedWith('ERR_QKD_KEY_NOT_FOUND'),
    )
  })

  it('a key_ID spent before stops the call, and spends no other', async () => {
    const { sourceA, sourceB, b } = await running()
    const { keys } = await sourceA.getKeys(saeB, { number: 2 })
    const [first, second] = keys.map(({ keyId }) => keyId) as [string, string]
    await sourceB.getKeyWithId(saeA, first)
    for (const ids of [
      [second, first],
      [second, second],
      [second, ''],
    ]) {
      await expect(sourceB.getKeysWithIds(saeA, ids)).rejects.toEqual(refusedWith('ERR_QKD_KEY_NOT_FOUND'))
    }
    expect(b.counters.dec_keys).toBe(1)
    expect((await sourceB.getKeyWithId(saeA, second)).keyId).toBe(second)
  })

  it('as many as a call may ask for fit in the reply', async () => {
    const keys = Array.from({ length: 1024 }, (_, i) => ({
      ...wireKey(`key ${i}`, 1024),
      key_extension: { acme_i: i },
    }))
    const { source } = await sourceAt(() => ({ body: { keys } }))
    const container = await source.getKeys(saeB, { number: 1024, size: 8192 })
    expect(container.keys).toHaveLength(1024)
    expect(container.keys[1023]?.keyExtension).toEqual({ acme_i: 1023 })
  })
})

describe('a container of keys is whole or refused', () => {
  const three = [wireKey('one'), wireKey('two'), wireKey('three')]
  it.each([
    ['fewer keys', three.slice(1), 'ERR_QKD_BAD_REPLY'],
    ['more keys', [...three, wireKey('four')], 'ERR_QKD_BAD_REPLY'],
    ['two keys under one key_ID', [...three.slice(1), wireKey('two')], 'ERR_QKD_BAD_REPLY'],
    ['a last key that is short', [...three.slice(1), wireKey('four', 31)], 'ERR_QKD_KEY_LENGTH'],
    ['a last key that is null', [...three.slice(1), null], 'ERR_QKD_BAD_REPLY'],
    ['a last key that is not base64', [...three.slice(1), { key_ID: 'x', key: '*' }], 'ERR_QKD_BAD_REPLY'],
  ])('%s', async (_title, keys, code) => {
    const { source } = await sourceAt(() => ({ body: { keys } }))
    await expect(source.getKeys(saeB, { number: 3 })).rejects.toEqual(refusedWith(code))
    await expect(source.getKeysWithIds(saeB, ['one', 'two', 'three'])).rejects.toEqual(refusedWith(code))
  })

  it('keys with other key_IDs than asked for', async () => {
    const { source } = await sourceAt(() => ({ body: { keys: three } }))
    await expect(source.getKeysWithIds(saeB, ['one', 'two', 'four'])).rejects.toEqual(refusedWith('ERR_QKD_BAD_REPLY'))
  })

  it('a key_ID given out in an earlier container', async () => {
    let keys = three
    const { source } = await sourceAt(() => ({ body: { keys } }))
    await source.getKeys(saeB, { number: 3 })
    keys = [wireKey('four'), wireKey('two')]
    await expect(source.getKeys(saeB, { number: 2 })).rejects.toEqual(refusedWith('ERR_QKD_BAD_REPLY'))
  })

  it('extensions are handed on as they came, and what is no object is left out', async () => {
    const extended = { ...wireKey('one'), key_ID_extension: { acme_a: [1] }, key_extension: { acme_b: { c: null } } }
    const odd = { ...wireKey('two'), key_ID_extension: 'text', key_extension: [] }
    const body = { keys: [extended, odd], key_container_extension: { acme_d: 'e' } }
    const { source } = await sourceAt(() => ({ body }))
    const { keys, extension } = await source.getKeys(saeB, { number: 2 })
    expect(extension).toEqual({ acme_d: 'e' })
    expect(keys[0]).toMatchObject({ keyIdExtension: { acme_a: [1] }, keyExtension: { acme_b: { c: null } } })
    expect(Object.keys(keys[1] ?? {}).sort()).toEqual(['delivery', 'key', 'keyId'])
  })
})

describe('what is sent', () => {
  const base = '/api/v1/keys/sae-bob'
  const full: KeysRequest = {
    number: 2,
    size: 128,
    additionalSlaveSaeIds: ['sae-carol'],
    extensionMandatory: [{ acme_route: 'direct' }, { acme_hops: { max: 3 } }],
    extensionOptional: [{ other_age: 30 }],
  }

  it('every field of a Key request and of Key IDs, under the names of the standard', async () => {
    const { source, server } = await sourceAt(() => ({ status: 418 }))
    await expect(source.getKeys(saeB, full)).rejects.toThrow()
    const ids = ['one', { keyId: 'two' }, { keyId: 'three', extension: { acme_x: 1 } }]
    await expect(source.getKeysWithIds(saeB, ids, { extension: { acme_y: 2 } })).rejects.toThrow()
    expect(server.requests.map(({ method, target, body }) => [method, target, body])).toEqual([
      [
        'POST',
        `${base}/enc_keys`,
        {
          number: 2,
          size: 128,
          additional_slave_SAE_IDs: ['sae-carol'],
          extension_mandatory: [{ acme_route: 'direct' }, { acme_hops: { max: 3 } }],
          extension_optional: [{ other_age: 30 }],
        },
      ],
      [
        'POST',
        `${base}/dec_keys`,
        {
          key_IDs: [{ key_ID: 'one' }, { key_ID: 'two' }, { key_ID: 'three', key_ID_extension: { acme_x: 1 } }],
          key_IDs_extension: { acme_y: 2 },
        },
      ],
    ])
    expect(server.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json',
    })
  })

  it('GET says number and size, or one key_ID; whatever says more is a POST', () => {
    const get = { keySize: 256, usesGet: true }
    expect(askForKeys(saeB, { number: 3, size: 512 }, get)).toMatchObject({
      path: `${base}/enc_keys?number=3&size=512`,
      body: null,
    })
    expect(askForKeysWithIds(saeB, ['a b&c'], {}, get)).toMatchObject({
      path: `${base}/dec_keys?key_ID=a%20b%26c`,
      body: null,
    })
    const { additionalSlaveSaeIds = [], extensionMandatory = [], extensionOptional = [] } = full
    for (const request of [{ additionalSlaveSaeIds }, { extensionMandatory }, { extensionOptional }]) {
      expect(askForKeys(saeB, request, get).body).not.toBeNull()
    }
    expect(askForKeysWithIds(saeB, ['a', 'b'], {}, get).body).not.toBeNull()
    expect(askForKeysWithIds(saeB, [{ keyId: 'a', extension: {} }], {}, get).body).not.toBeNull()
    expect(askForKeysWithIds(saeB, ['a'], { extension: {} }, get).body).not.toBeNull()
  })

  it.each<[string, KeysRequest]>([
    ['no key', { number: 0 }],
    ['half a key', { number: 1.5 }],
    ['1025 keys', { number: 1025 }],
    ['more than 1 MiB', { number: 129, size: 65_536 }],
    ['a size that is no multiple of 8', { size: 257 }],
    ['a size below 128 bits', { size: 64 }],
    ['an SAE ID that cannot be one', { additionalSlaveSaeIds: ['a\u0000'] }],
    ['the peer once more', { additionalSlaveSaeIds: [saeB] }],
    ['an SAE twice', { additionalSlaveSaeIds: ['c', 'c'] }],
    ['an extension without a prefix', { extensionMandatory: [{ route: 'direct' }] }],
    ['an extension with an empty prefix', { extensionOptional: [{ _route: 'direct' }] }],
    ['an extension that is all prefix', { extensionOptional: [{ acme_: 1 }] }],
    ['an extension without names', { extensionMandatory: [{}] }],
    ['an extension that is no object', { extensionMandatory: ['acme_route' as never] }],
    ['extensions that are no list', { extensionMandatory: { acme_route: 1 } as never }],
    ['an extension that JSON cannot say', { extensionOptional: [{ acme_big: 1n }] }],
    ['an extension without end', { extensionOptional: [{ acme_long: 'x'.repeat(70_000) }] }],
  ])('refused before it is sent: %s', async (_title, request) => {
    const { source, server } = await sourceAt(() => ({ status: 418 }))
    await expect(source.getKeys(saeB, request)).rejects.toEqual(refusedWith('ERR_INVALID_OPTION'))
    expect(server.connections()).toBe(0)
  })

  it('no key_IDs at all, and extensions of key_IDs that are no objects, are refused before anything is sent', async () => {
    const { source, server } = await sourceAt(() => ({ status: 418 }))
    await expect(source.getKeysWithIds(saeB, [])).rejects.toEqual(refusedWith('ERR_INVALID_OPTION'))
    const bad = [{ keyId: 'one', extension: [] as never }]
    await expect(source.getKeysWithIds(saeB, bad)).rejects.toEqual(refusedWith('ERR_INVALID_OPTION'))
    expect(server.connections()).toBe(0)
  })

  it('a request for any keys is a GET exactly when number and size are all it says, and its size bounds the reply', () => {
    const name = fc.stringMatching(/^[a-z]{1,5}_[a-z]{1,5}$/)
    const extension = fc.dictionary(name, fc.jsonValue(), { minKeys: 1, maxKeys: 3 })
    const request = fc.record(
      {
        number: fc.integer({ min: 1, max: 128 }),
        size: fc.integer({ min: 16, max: 1024 }).map((octets) => 8 * octets),
        additionalSlaveSaeIds: fc.uniqueArray(fc.uuid(), { maxLength: 3 }),
        extensionMandatory: fc.array(extension, { maxLength: 2 }),
        extensionOptional: fc.array(extension, { maxLength: 2 }),
      },
      { requiredKeys: ['number', 'size'] },
    )
    fc.assert(
      fc.property(request, fc.boolean(), (wanted, usesGet) => {
        const { body, path, number, keyLength, maxReplyLength } = askForKeys(saeB, wanted, { keySize: 256, usesGet })
        const { additionalSlaveSaeIds = [], extensionMandatory = [], extensionOptional = [] } = wanted
        const saysMore = [...additionalSlaveSaeIds, ...extensionMandatory, ...extensionOptional].length > 0
        expect(body === null).toBe(usesGet && !saysMore)
        expect(path.includes('?')).toBe(body === null)
        expect([number, keyLength]).toEqual([wanted.number, wanted.size / 8])
        expect(maxReplyLength).toBeGreaterThan((number * keyLength * 4) / 3)
      }),
    )
  })
})
