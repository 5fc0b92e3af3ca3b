import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { certificateNames } from '../../src/qkd/certificateNames.js'
import { fromBase64, toBase64 } from '../../src/qkd/etsi014/wire.js'
import { isIdentifier, uuidFrom } from '../../src/qkd/identifiers.js'
import { Api } from '../../src/qkd/kme/api.js'
import { Faults } from '../../src/qkd/kme/faults.js'
import { randomKeyMaterial } from '../../src/qkd/kme/keyMaterial.js'
import { KeyPool } from '../../src/qkd/kme/keyPool.js'
import { Site } from '../../src/qkd/kme/site.js'
import { WaitingKeys } from '../../src/qkd/kme/waitingKeys.js'
import { SpentKeyIds } from '../../src/qkd/spentKeyIds.js'

const random = (length: number) => randomBytes(length)

describe('the request parser of the key manager', () => {
  const site = new Site({
    site: { kmeId: 'KME-A', sae: ['alice'] },
    peer: { kmeId: 'KME-B', sae: ['bob', 'carol'] },
    random,
    material: () => randomKeyMaterial(random),
    deliverToPeer: async () => undefined,
    now: () => 0,
  })
  const api = new Api({ site, faults: new Faults(random), linkPeer: 'KME-B' })
  const method = fc.oneof(fc.constantFrom('GET', 'POST'), fc.string())
  const names = fc.constantFrom(['alice'], ['KME-B'], [], ['alice', 'alice'])

  async function answersWell(request: { method: string; target: string; body: Uint8Array }, who: readonly string[]) {
    const answer = await api.answer(request, { saeNames: who, kmeNames: who })
    if (!('keys' in answer) && answer.status !== 200) expect([400, 401, 404, 405]).toContain(answer.status)
  }

  it('answers any octets with success or a 4xx', async () => {
    const target = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '/link/v1/keys',
        '/api/v1/keys/bob/enc_keys',
        '/api/v1/keys/bob/dec_keys',
        '/api/v1/keys/bob/status',
      ),
      fc
        .tuple(fc.string(), fc.constantFrom('enc_keys', 'dec_keys', 'status'), fc.string())
        .map(([id, verb, query]) => `/api/v1/keys/${id}/${verb}?${query}`),
    )
    await fc.assert(
      fc.asyncProperty(method, target, fc.uint8Array(), names, (verb, path, body, who) =>
        answersWell({ method: verb, target: path, body }, who),
      ),
      { numRuns: 500 },
    )
  })

  it('answers any JSON of about the right shape with success or a 4xx', async () => {
    const junk = fc.jsonValue()
    const text = fc.oneof(fc.constantFrom('bob', 'carol', 'alice'), junk)
    const keyId = fc.oneof(fc.record({ key_ID: text, key: fc.oneof(fc.base64String(), junk) }), junk)
    const member = { requiredKeys: [] as [] }
    const body = fc.oneof(
      junk,
      fc.record(
        {
          number: fc.oneof(fc.integer({ max: 200 }), junk),
          size: fc.oneof(
            fc.integer({ min: 0, max: 140 }).map((n) => 8 * n),
            junk,
          ),
          additional_slave_SAE_IDs: fc.oneof(fc.array(text), junk),
          extension_mandatory: fc.oneof(fc.array(junk), junk),
          extension_optional: junk,
        },
        member,
      ),
      fc.record({ key_IDs: fc.oneof(fc.array(keyId), junk), key_IDs_extension: junk }, member),
      fc.record({ master_SAE_ID: text, slave_SAE_IDs: fc.array(text), keys: fc.array(keyId) }, member),
    )
    const target = fc.constantFrom('/api/v1/keys/bob/enc_keys', '/api/v1/keys/bob/dec_keys', '/link/v1/keys')
    await fc.assert(
      fc.asyncProperty(target, body, names, (path, json, who) =>
        answersWell({ method: 'POST', target: path, body: Buffer.from(JSON.stringify(json)) }, who),
      ),
      { numRuns: 1000 },
    )
  })
})

describe('the pool of key material', () => {
  it('gives every octet of its source once, in order', () => {
    let next = 0
    const counting = { draw: (length: number) => Uint8Array.from({ length: Math.min(length, 5) }, () => next++ % 256) }
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }))), (takes) => {
        next = 0
        const pool = new KeyPool(counting, 16)
        let expected = 0
        for (const [count, length] of takes) {
          for (const key of pool.take(count, length) ?? []) {
            expect([...key]).toEqual(Array.from({ length }, () => expected++ % 256))
          }
        }
      }),
    )
  })

  it('takes all keys of a request or none', () => {
    const pool = new KeyPool(randomKeyMaterial(random, 10), 100)
    expect(pool.take(3, 4)).toBeNull()
    expect(pool.take(2, 4)).toHaveLength(2)
    expect(pool.fill()).toBe(2)
    expect(pool.take(1, 4)).toBeNull()
  })

  it('wiped, it does not give what it held', () => {
    const pool = new KeyPool(randomKeyMaterial(random, 10), 10)
    expect(pool.fill()).toBe(10)
    pool.wipe()
    expect(pool.take(1, 1)).toBeNull()
  })
})

describe('keys that wait for their slave', () => {
  const delivery = (keyId: string) => ({ master: 'alice', slaves: ['bob'], keys: [{ keyId, key: random(32) }] })

  it('are burnt after their lifetime', () => {
    let now = 0
    const waiting = new WaitingKeys(1000, 10, () => now)
    waiting.add(delivery('one'))
    now = 999
    waiting.add(delivery('two'))
    now = 1000
    expect(waiting.collect('bob', 'alice', ['one'])).toBe('not-found')
    expect(waiting.collect('bob', 'alice', ['two'])).toHaveLength(1)
  })

  it('are burnt, oldest first, when too many wait', () => {
    const waiting = new WaitingKeys(1000, 2, () => 0)
    for (const keyId of ['one', 'two', 'three']) waiting.add(delivery(keyId))
    expect(waiting.collect('bob', 'alice', ['one'])).toBe('not-found')
    expect(waiting.collect('bob', 'alice', ['two'])).toHaveLength(1)
    expect(waiting.collect('bob', 'alice', ['three'])).toHaveLength(1)
  })
})

describe('spent key_IDs', () => {
  it('are remembered up to the capacity, oldest forgotten first', () => {
    const spent = new SpentKeyIds(2)
    expect(['one', 'two', 'one'].map((keyId) => spent.spend(keyId))).toEqual([true, true, false])
    expect(spent.spend('three')).toBe(true)
    expect(spent.spend('two')).toBe(false)
    expect(spent.spend('one')).toBe(true)
  })
})

describe('names in certificates', () => {
  const certificate = (subject: object, subjectaltname?: string) => ({ subject, subjectaltname }) as never

  it('a common name counts only when there is one', () => {
    expect(certificateNames(certificate({ CN: 'alice' }), 'common-name')).toEqual(['alice'])
    expect(certificateNames(certificate({ CN: ['alice', 'bob'] }), 'common-name')).toEqual([])
    expect(certificateNames(certificate({}), 'common-name')).toEqual([])
  })

  it('names with separators in them cannot pass for others', () => {
    const text = 'DNS:alice, URI:urn:x, IP Address:127.0.0.1'
    expect(certificateNames(certificate({}, text), 'dns')).toEqual(['alice'])
    expect(certificateNames(certificate({}, text), 'uri')).toEqual(['urn:x'])
    expect(certificateNames(certificate({}, 'URI:"urn:x, DNS:alice, y"'), 'dns')).toEqual([])
    expect(certificateNames(certificate({}), 'dns')).toEqual([])
  })
})

describe('base64 and identifiers', () => {
  it('base64 survives the round trip, and has one spelling', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        expect(fromBase64(toBase64(octets))).toEqual(octets)
      }),
    )
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        const octets = fromBase64(text)
        if (octets !== null) expect(toBase64(octets)).toBe(text)
      }),
    )
    for (const text of ['A', 'AA', 'AAA', 'A===', '====', 'AB==', 'AAB=', '=AAA', 'AA=A', 'AA==AAAA']) {
      expect(fromBase64(text), text).toBeNull()
    }
  })

  it('identifiers are short, printable and well-formed', () => {
    for (const good of ['a', 'ü€😀', ' ', '../..', 'x'.repeat(256)]) expect(isIdentifier(good)).toBe(true)
    for (const bad of ['', 'x'.repeat(257), '\n', '\u007f', '\u0085', '\ud800', 7, null, undefined, ['a']]) {
      expect(isIdentifier(bad)).toBe(false)
    }
  })

  it('UUIDs carry version 4 and the variant of RFC 9562', () => {
    expect(uuidFrom(new Uint8Array(16).fill(0xff))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff')
    expect(uuidFrom(new Uint8Array(16))).toBe('00000000-0000-4000-8000-000000000000')
  })
})
