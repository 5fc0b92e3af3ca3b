import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { type ErrorCode, TrefoilError } from '../../src/errors.js'
import { etsi014, type KeyManagerFault, randomKeyMaterial } from '../../src/qkd/index.js'
import { authority, credentials, type RunningKeyManagers, saeA, saeB, startKeyManagers } from '../support/kme.js'
import { createTestAuthority } from '../support/kmeCertificates.js'

let running: RunningKeyManagers | undefined
afterEach(async () => {
  await running?.close()
  running = undefined
})

async function start(...options: Parameters<typeof startKeyManagers>): Promise<RunningKeyManagers> {
  running = await startKeyManagers(...options)
  return running
}

async function codeOf(call: Promise<unknown>): Promise<ErrorCode | 'resolved'> {
  const error = await call.then(
    () => 'resolved' as const,
    (thrown: unknown) => thrown,
  )
  if (error === 'resolved') return error
  expect(error).toBeInstanceOf(TrefoilError)
  return (error as TrefoilError).code
}

describe('keys over ETSI GS QKD 014 with mutual TLS', () => {
  it.each(['POST', 'GET'] as const)('both SAEs get the same key, asked for with %s', async (method) => {
    const { sourceA, sourceB } = await start({}, { method })
    const sent = await sourceA.getKey(saeB)
    const received = await sourceB.getKeyWithId(saeA, sent.keyId)
    expect(sent.key).toHaveLength(32)
    expect(received).toEqual(sent)
    const back = await sourceB.getKey(saeA)
    expect((await sourceA.getKeyWithId(saeB, back.keyId)).key).toEqual(back.key)
    expect(back.key).not.toEqual(sent.key)
  })

  it('keys have the size that was asked for', async () => {
    const { sourceA, sourceB } = await start({}, { keySize: 384 })
    const sent = await sourceA.getKey(saeB)
    expect(sent.key).toHaveLength(48)
    expect((await sourceB.getKeyWithId(saeA, sent.keyId)).key).toEqual(sent.key)
  })

  it('SAE IDs are URL-encoded, whatever characters they have', async () => {
    for (const [one, other] of [
      ['sae/a?b=c&d#e%41', 'uri:sae with spaces;ü€'],
      ["!'()*~+", '...'],
    ] as const) {
      const { source, close } = await startKeyManagers({
        siteA: { kmeId: 'KME-A', sae: [one], tls: credentials('KME-A') },
        siteB: { kmeId: 'KME-B', sae: [other], tls: credentials('KME-B') },
      })
      const sent = await source('A', credentials(one)).getKey(other)
      const received = await source('B', credentials(other)).getKeyWithId(one, sent.keyId)
      expect(received).toEqual(sent)
      await close()
    }
  })

  it('status gives counts and sizes', async () => {
    const { sourceA } = await start({ maxKeyCount: 7, keySize: 512 })
    expect(await sourceA.status(saeB)).toEqual({
      storedKeyCount: 7,
      maxKeyCount: 7,
      keySize: 512,
      minKeySize: 64,
      maxKeySize: 1024,
      maxKeysPerRequest: 128,
    })
  })

  it('calls one after the other share a connection, and many at once share a few', async () => {
    const { sourceA, sourceB, a } = await start()
    const sent = await Promise.all(Array.from({ length: 40 }, () => sourceA.getKey(saeB)))
    expect(new Set(sent.map(({ keyId }) => keyId)).size).toBe(40)
    const received = await Promise.all(sent.map(({ keyId }) => sourceB.getKeyWithId(saeA, keyId)))
    expect(received).toEqual(sent)
    expect(a.counters.enc_keys).toBe(40)
  })

  it('the key manager can be held to its KME ID', async () => {
    const { source } = await start()
    expect((await source('A', { kmeId: 'KME-A' }).status(saeB)).keySize).toBe(256)
    expect(await codeOf(source('A', { kmeId: 'KME-B' }).status(saeB))).toBe('ERR_QKD_UNREACHABLE')
  })

  it('the name in the certificate can be another than the host', async () => {
    const tls = { ...authority().issue('KME-A', ['kme.example']), ca: authority().ca }
    const { source } = await start({ siteA: { kmeId: 'KME-A', sae: [saeA], tls } })
    expect(await codeOf(source('A').getKey(saeB))).toBe('ERR_QKD_UNREACHABLE')
    expect(await codeOf(source('A', { servername: 'kme.example' }).getKey(saeB))).toBe('resolved')
  })
})

describe('each key is delivered once', () => {
  it('a second fetch of a key_ID fails at the key manager', async () => {
    const { sourceA, source } = await start()
    const { keyId } = await sourceA.getKey(saeB)
    await source('B').getKeyWithId(saeA, keyId)
    expect(await codeOf(source('B').getKeyWithId(saeA, keyId))).toBe('ERR_QKD_KEY_NOT_FOUND')
  })

  it('a second fetch of a key_ID by the same source does not reach the key manager', async () => {
    const { sourceA, sourceB, b } = await start()
    const { keyId } = await sourceA.getKey(saeB)
    await sourceB.getKeyWithId(saeA, keyId)
    expect(await codeOf(sourceB.getKeyWithId(saeA, keyId))).toBe('ERR_QKD_KEY_NOT_FOUND')
    expect(b.counters.dec_keys).toBe(1)
  })

  it('a source does not fetch its own key back when its handshake is reflected', async () => {
    const { sourceA, a } = await start()
    const { keyId } = await sourceA.getKey(saeB)
    expect(await codeOf(sourceA.getKeyWithId(saeB, keyId))).toBe('ERR_QKD_KEY_NOT_FOUND')
    expect(a.counters.dec_keys).toBe(0)
  })

  it('an unknown key_ID is refused, and one that cannot be a key_ID is not even asked for', async () => {
    const { sourceB, b } = await start()
    expect(await codeOf(sourceB.getKeyWithId(saeA, 'nobody-knows'))).toBe('ERR_QKD_KEY_NOT_FOUND')
    for (const keyId of ['', 'x'.repeat(257), 'line\nbreak', '\ud800']) {
      expect(await codeOf(sourceB.getKeyWithId(saeA, keyId))).toBe('ERR_QKD_KEY_NOT_FOUND')
    }
    expect(b.counters.dec_keys).toBe(1)
  })

  it('a key is for the SAEs it was made for: another SAE gets 401, another master is not found', async () => {
    const eve = 'sae-eve'
    const mallory = 'sae-mallory'
    const { source, sourceA, sourceB } = await start({
      siteA: { kmeId: 'KME-A', sae: [saeA, mallory], tls: credentials('KME-A') },
      siteB: { kmeId: 'KME-B', sae: [saeB, eve], tls: credentials('KME-B') },
    })
    const sent = await sourceA.getKey(saeB)
    expect(await codeOf(source('B', credentials(eve)).getKeyWithId(saeA, sent.keyId))).toBe('ERR_QKD_UNAUTHORIZED')
    expect(await codeOf(source('B').getKeyWithId(mallory, sent.keyId))).toBe('ERR_QKD_KEY_NOT_FOUND')
    expect(await sourceB.getKeyWithId(saeA, sent.keyId)).toEqual(sent)
  })

  it('keys run out', async () => {
    const { sourceA } = await start({ material: () => randomKeyMaterial((length) => randomBytes(length), 2 * 32 + 31) })
    expect((await sourceA.status(saeB)).storedKeyCount).toBe(2)
    await sourceA.getKey(saeB)
    await sourceA.getKey(saeB)
    expect((await sourceA.status(saeB)).storedKeyCount).toBe(0)
    expect(await codeOf(sourceA.getKey(saeB))).toBe('ERR_QKD_EXHAUSTED')
  })
})

describe('who may connect', () => {
  it('an SAE that the key manager does not serve gets 401', async () => {
    const { source } = await start()
    expect(await codeOf(source('A', credentials('sae-stranger')).getKey(saeB))).toBe('ERR_QKD_UNAUTHORIZED')
    expect(await codeOf(source('A', credentials(saeB)).getKey(saeB))).toBe('ERR_QKD_UNAUTHORIZED')
  })

  it('an SAE whose certificate is from an unknown CA does not get through', async () => {
    const { source } = await start()
    const forged = createTestAuthority('Trefoil test KME CA').issue(saeA)
    expect(['ERR_QKD_UNREACHABLE', 'ERR_QKD_UNAUTHORIZED']).toContain(
      await codeOf(source('A', { ...forged, ca: authority().ca }).getKey(saeB)),
    )
  })

  it('a key manager whose certificate is from an unknown CA is not asked', async () => {
    const { source, a } = await start()
    const other = createTestAuthority('Another CA')
    expect(await codeOf(source('A', { ca: other.ca }).getKey(saeB))).toBe('ERR_QKD_UNREACHABLE')
    expect(a.counters.enc_keys).toBe(0)
  })

  it('a peer SAE that the other site does not have is refused', async () => {
    const { sourceA } = await start()
    expect(await codeOf(sourceA.getKey('sae-nobody'))).toBe('ERR_QKD_REFUSED')
  })

  it.each(['dns', 'uri'] as const)('SAE IDs can stand in the subjectAltName (%s)', async (saeIdentity) => {
    const id = saeIdentity === 'dns' ? 'alice.sae.example' : 'urn:sae:alice'
    const { source } = await start({
      saeIdentity,
      siteA: { kmeId: 'KME-A', sae: [id], tls: credentials('KME-A') },
    })
    const prefix = saeIdentity === 'dns' ? '' : 'URI:'
    const issue = (commonName: string, names: string[]) => ({
      ...authority().issue(commonName, names),
      ca: authority().ca,
    })
    const good = issue('anything', [prefix + id, 'localhost'])
    expect(await codeOf(source('A', good).getKey(saeB))).toBe('resolved')
    // The common name counts for nothing then.
    const bad = issue(id, ['localhost'])
    expect(await codeOf(source('A', bad).getKey(saeB))).toBe('ERR_QKD_UNAUTHORIZED')
  })
})

describe('a key manager that fails gives a typed error and never a key', () => {
  const expected: Record<Exclude<KeyManagerFault, 'swapped-key'>, ErrorCode> = {
    slow: 'ERR_QKD_TIMEOUT',
    down: 'ERR_QKD_UNREACHABLE',
    'wrong-length': 'ERR_QKD_KEY_LENGTH',
    'bits-as-bytes': 'ERR_QKD_KEY_LENGTH',
    'duplicate-id': 'ERR_QKD_BAD_REPLY',
    exhausted: 'ERR_QKD_EXHAUSTED',
    'half-answered': 'ERR_QKD_BAD_REPLY',
  }

  it.each(Object.entries(expected) as [KeyManagerFault, ErrorCode][])('%s: %s', async (fault, code) => {
    const { sourceA, sourceB, a, b } = await start({}, { timeoutMilliseconds: 500 })
    const before = await sourceA.getKey(saeB)
    await sourceB.getKeyWithId(saeA, before.keyId)
    const waiting = await sourceA.getKey(saeB)
    a.setFault(fault)
    b.setFault(fault)
    expect(await codeOf(sourceA.getKey(saeB))).toBe(code)
    expect(await codeOf(sourceB.getKeyWithId(saeA, waiting.keyId))).toBe(code)
    a.setFault(null)
    b.setFault(null)
    const after = await sourceA.getKey(saeB)
    expect(await sourceB.getKeyWithId(saeA, after.keyId)).toEqual(after)
  })

  it('swapped-key: the ends hold different keys, for the handshake to find out', async () => {
    const { sourceA, sourceB, b } = await start()
    b.setFault('swapped-key')
    const sent = await sourceA.getKey(saeB)
    const received = await sourceB.getKeyWithId(saeA, sent.keyId)
    expect(received.keyId).toBe(sent.keyId)
    expect(received.key).not.toEqual(sent.key)
  })

  it('a key manager that is not there is unreachable', async () => {
    const { urlA, a, source } = await start()
    await a.close()
    expect(await codeOf(source('A', { url: urlA }).getKey(saeB))).toBe('ERR_QKD_UNREACHABLE')
  })
})

describe('abort, close and options', () => {
  it('an aborted call ends with ERR_ABORTED, before and while the key manager is asked', async () => {
    const { sourceA, a } = await start()
    expect(await codeOf(sourceA.getKey(saeB, { signal: AbortSignal.abort() }))).toBe('ERR_ABORTED')
    expect(a.counters.enc_keys).toBe(0)
    a.setFault('slow')
    const controller = new AbortController()
    const call = codeOf(sourceA.getKey(saeB, { signal: controller.signal }))
    setTimeout(() => controller.abort(), 50)
    expect(await call).toBe('ERR_ABORTED')
    a.setFault(null)
    expect(await codeOf(sourceA.getKey(saeB))).toBe('resolved')
  })

  it('close ends calls under way and refuses later ones', async () => {
    const { sourceA, a } = await start()
    a.setFault('slow')
    const call = codeOf(sourceA.getKey(saeB))
    setTimeout(() => void sourceA.close(), 50)
    expect(await call).toBe('ERR_ABORTED')
    expect(await codeOf(sourceA.getKey(saeB))).toBe('ERR_INVALID_STATE')
  })

  it('unusable options are refused at once', () => {
    const good = { url: 'https://127.0.0.1:1', ...credentials(saeA) }
    const bad = [
      { url: 'http://127.0.0.1:1' },
      { url: 'https://user:secret@127.0.0.1:1' },
      { url: 'https://127.0.0.1:1/?query' },
      { url: 'nonsense' },
      { cert: '' },
      { key: '' },
      { ca: '' },
      { ca: [] },
      { cert: 'not PEM' },
      { key: credentials(saeB).key },
      { keySize: 120 },
      { keySize: 257 },
      { keySize: Number.NaN },
      { timeoutMilliseconds: 0 },
      { connections: 1.5 },
    ]
    for (const change of bad) {
      expect(() => etsi014({ ...good, ...change }), JSON.stringify(change)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
      )
    }
  })

  it('SAE IDs that no URL can carry are refused', async () => {
    const { sourceA } = await start()
    for (const saeId of ['', '.', '..', 'x'.repeat(257), 'a\u0000b', '\udfff']) {
      expect(await codeOf(sourceA.getKey(saeId))).toBe('ERR_INVALID_OPTION')
    }
  })
})
