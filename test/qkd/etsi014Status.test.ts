import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { readFullStatus } from '../../src/qkd/etsi014/status.js'
import { type Etsi014Status, etsi014, type StatusExpectation, statusContradictions } from '../../src/qkd/index.js'
import { closingAfterEach, startHttpsServer } from '../support/httpsServer.js'
import { credentials, saeA, saeB, startKeyManagers } from '../support/kme.js'

const closing = closingAfterEach(afterEach)

const sound: Etsi014Status = {
  sourceKmeId: 'KME-A',
  targetKmeId: 'KME-B',
  masterSaeId: saeA,
  slaveSaeId: saeB,
  storedKeyCount: 500,
  maxKeyCount: 1000,
  keySize: 256,
  minKeySize: 64,
  maxKeySize: 1024,
  maxKeysPerRequest: 128,
  maxSaeIdCount: 0,
}

const wire = {
  source_KME_ID: 'KME-A',
  target_KME_ID: 'KME-B',
  master_SAE_ID: saeA,
  slave_SAE_ID: saeB,
  stored_key_count: 500,
  max_key_count: 1000,
  key_size: 256,
  min_key_size: 64,
  max_key_size: 1024,
  max_key_per_request: 128,
  max_SAE_ID_count: 0,
}

describe('the whole status', () => {
  it('is what the key manager says, and agrees with itself and with what we know', async () => {
    const kme = closing(await startKeyManagers({ keySize: 512 }))
    const status = await kme.source('A', { kmeId: 'KME-A' }).fullStatus(saeB)
    expect(status).toEqual({ ...sound, keySize: 512, storedKeyCount: 1000 })
    const expected = { kmeId: 'KME-A', saeId: saeA, peerSaeId: saeB, keySize: 256 }
    expect(statusContradictions(status, expected)).toEqual([])
  })

  it('of another key manager than the one configured is refused', async () => {
    const server = closing(
      await startHttpsServer(() => ({ body: { ...wire, source_KME_ID: 'KME-X', status_extension: { acme_a: 1 } } })),
    )
    const source = (kmeId?: string) =>
      closing(etsi014({ url: server.url, ...credentials(saeA), ...(kmeId === undefined ? {} : { kmeId }) }))
    const refusal = expect.objectContaining({ code: 'ERR_QKD_BAD_REPLY' })
    await expect(source('KME-A').fullStatus(saeB)).rejects.toEqual(refusal)
    await expect(source('KME-A').status(saeB)).rejects.toEqual(refusal)
    expect((await source().fullStatus(saeB)).extension).toEqual({ acme_a: 1 })
  })

  it('lacks what is missing or unusable, which is no reason to refuse it', () => {
    const reply = (body: object) => ({ status: 200, body: Buffer.from(JSON.stringify(body)) })
    expect(readFullStatus(reply(wire))).toEqual(sound)
    const odd = {
      ...wire,
      source_KME_ID: 7,
      target_KME_ID: '',
      master_SAE_ID: null,
      slave_SAE_ID: '\u001b[2J',
      max_SAE_ID_count: -1,
      status_extension: 'text',
    }
    const ids = { sourceKmeId: null, targetKmeId: null, masterSaeId: null, slaveSaeId: null, maxSaeIdCount: null }
    expect(readFullStatus(reply(odd))).toEqual({ ...sound, ...ids })
  })
})

describe('contradictions in a status', () => {
  const cases: [kind: string, change: Partial<Etsi014Status>, preventsKeys: boolean, expected?: StatusExpectation][] = [
    ['missing-field', { sourceKmeId: null }, false],
    ['missing-field', { targetKmeId: null }, false],
    ['missing-field', { masterSaeId: null }, false],
    ['missing-field', { slaveSaeId: null }, false],
    ['missing-field', { maxSaeIdCount: null }, false],
    ['wrong-id', {}, false, { kmeId: 'KME-B' }],
    ['wrong-id', {}, false, { saeId: saeB }],
    ['wrong-id', {}, false, { peerSaeId: saeA }],
    ['same-ids', { targetKmeId: 'KME-A' }, false],
    ['same-ids', { slaveSaeId: saeA }, false],
    ['default-out-of-range', { keySize: 56 }, false],
    ['default-out-of-range', { keySize: 2048 }, false],
    ['size-not-whole-bytes', { keySize: 257 }, false],
    ['stored-above-max', { storedKeyCount: 1001 }, false],
    ['request-above-stock', { maxKeysPerRequest: 1001 }, false],
    ['no-keys-per-request', { maxKeysPerRequest: 0 }, true],
    ['asked-size-out-of-range', {}, true, { keySize: 2048 }],
    ['asked-size-out-of-range', { minKeySize: 256 }, true, { keySize: 128 }],
  ]

  it.each(cases)('%s: %j', (kind, change, preventsKeys, expected = {}) => {
    const found = statusContradictions({ ...sound, ...change }, expected)
    expect(found.map((each) => [each.kind, each.preventsKeys])).toEqual([[kind, preventsKeys]])
    expect(found[0]?.message).not.toBe('')
    for (const field of found[0]?.fields ?? []) expect(Object.keys(wire)).toContain(field)
  })

  it('sizes the wrong way round leave no default in range', () => {
    const found = statusContradictions({ ...sound, minKeySize: 1024, maxKeySize: 64 })
    expect(found.map(({ kind }) => kind)).toEqual(['min-above-max', 'default-out-of-range'])
  })

  it('are found in any status without a throw, and in none that keeps to the rules', () => {
    const count = fc.nat()
    const status = fc.record({
      minKeySize: count,
      keySize: count,
      maxKeySize: count,
      storedKeyCount: count,
      maxKeyCount: count,
      maxKeysPerRequest: count,
    })
    fc.assert(
      fc.property(status, (numbers) => {
        const { minKeySize: min, keySize: size, maxKeySize: max } = numbers
        const keepsRules =
          min <= size &&
          size <= max &&
          size > 0 &&
          size % 8 === 0 &&
          numbers.storedKeyCount <= numbers.maxKeyCount &&
          numbers.maxKeysPerRequest > 0 &&
          numbers.maxKeysPerRequest <= numbers.maxKeyCount
        expect(statusContradictions({ ...sound, ...numbers }).length === 0).toBe(keepsRules)
      }),
    )
    const rule = fc.tuple(
      fc.nat(64),
      fc.integer({ min: 1, max: 64 }),
      fc.nat(64),
      fc.integer({ min: 1, max: 99 }),
      fc.nat(99),
    )
    fc.assert(
      fc.property(rule, ([below, size, above, request, more]) => {
        const numbers = {
          minKeySize: Math.max(0, 8 * (size - below)),
          keySize: 8 * size,
          maxKeySize: 8 * (size + above),
          maxKeysPerRequest: request,
          maxKeyCount: request + more,
          storedKeyCount: more,
        }
        expect(statusContradictions({ ...sound, ...numbers })).toEqual([])
      }),
    )
  })
})
