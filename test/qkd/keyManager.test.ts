import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyManager, createKeyManagerPair, etsi014, httpsKeyLink, type KeyManager } from '../../src/qkd/index.js'
import { authority, credentials, type RunningKeyManagers, saeA, saeB, startKeyManagers } from '../support/kme.js'
import { createTestAuthority } from '../support/kmeCertificates.js'

const saeC = 'sae-carol'
const random = (length: number) => randomBytes(length)

interface HttpReply {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: replies are picked apart member by member
  readonly json: any
}

interface Question {
  readonly method?: string
  readonly body?: unknown
  readonly as?: string
  readonly tls?: { cert?: unknown; key?: unknown; ca?: unknown }
}

/** A bare HTTPS request, since the library's own client never asks wrongly. */
function ask(
  url: string,
  { method = 'GET', body, as = saeA, tls = credentials(as) }: Question = {},
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const options = { method, agent: false, ca: authority().ca, ...tls } as object
    const asked = request(url, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        const json = text === '' ? null : JSON.parse(text)
        resolve({ status: response.statusCode, headers: response.headers, text, json })
      })
    })
    asked.on('error', reject)
    asked.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
  })
}

describe('the ETSI GS QKD 014 server', () => {
  let kme: RunningKeyManagers
  let enc: string
  let dec: string
  beforeAll(async () => {
    kme = await startKeyManagers({
      siteA: { kmeId: 'KME-A', sae: [saeA], tls: credentials('KME-A') },
      siteB: { kmeId: 'KME-B', sae: [saeB, saeC], tls: credentials('KME-B') },
    })
    enc = `${kme.urlA}/api/v1/keys/${saeB}/enc_keys`
    dec = `${kme.urlB}/api/v1/keys/${saeA}/dec_keys`
  })
  afterAll(() => kme.close())

  it('status has every field of 6.1', async () => {
    const { status, json, headers } = await ask(`${kme.urlA}/api/v1/keys/${saeB}/status`)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/json')
    expect(json).toEqual({
      source_KME_ID: 'KME-A',
      target_KME_ID: 'KME-B',
      master_SAE_ID: saeA,
      slave_SAE_ID: saeB,
      key_size: 256,
      stored_key_count: 1000,
      max_key_count: 1000,
      max_key_per_request: 128,
      max_key_size: 1024,
      min_key_size: 64,
      max_SAE_ID_count: 1,
    })
  })

  it('a Get key request without anything gives one key of the default size', async () => {
    for (const question of [{}, { method: 'POST' }, { method: 'POST', body: {} }]) {
      const { status, json, headers } = await ask(enc, question)
      expect(status).toBe(200)
      expect(headers['cache-control']).toBe('no-store')
      expect(json.keys).toHaveLength(1)
      expect(json.keys[0].key_ID).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(Buffer.from(json.keys[0].key, 'base64')).toHaveLength(32)
    }
  })

  it('number and size are heeded with GET and POST, and the slave gets the same keys in the order it asks', async () => {
    for (const question of [{ method: 'POST', body: { number: 3, size: 512 } }, {}]) {
      const { json } = await ask(`${enc}${question.body ? '' : '?number=3&size=512'}`, question)
      expect(json.keys).toHaveLength(3)
      for (const { key } of json.keys) expect(Buffer.from(key, 'base64')).toHaveLength(64)
      const wanted = json.keys.toReversed()
      const key_IDs = wanted.map(({ key_ID }: { key_ID: string }) => ({ key_ID }))
      expect((await ask(dec, { method: 'POST', body: { key_IDs }, as: saeB })).json.keys).toEqual(wanted)
    }
  })

  it.each<[body: unknown, message: string | RegExp]>([
    [{ size: 255 }, 'size shall be a multiple of 8'],
    [{ size: 56 }, /^size shall be from 64 to 1024/],
    [{ size: 1032 }, /^size shall be from 64 to 1024/],
    [{ size: '256' }, /^size/],
    [{ size: -8 }, /^size/],
    [{ number: 0 }, /^number/],
    [{ number: 129 }, /^number shall be at most 128/],
    [{ number: 1.5 }, /^number/],
    [{ extension_mandatory: [{ vendor_x: 1 }] }, 'not all extension_mandatory parameters are supported'],
    [{ extension_mandatory: {} }, /^extension_mandatory/],
    [{ additional_slave_SAE_IDs: [saeC, 'sae-third'] }, /at most 1/],
    [{ additional_slave_SAE_IDs: ['sae-third'] }, /not known/],
    [{ additional_slave_SAE_IDs: [saeB] }, /twice/],
    [{ additional_slave_SAE_IDs: saeC }, /array/],
    ['{', /JSON/],
    ['[]', /object/],
  ])('POST %j to enc_keys is answered with 400 and an Error', async (body, message) => {
    const { status, json } = await ask(enc, { method: 'POST', body })
    expect(status).toBe(400)
    expect(json.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })

  it.each(['number=two', 'size=2.5', 'number=1&number=1', 'size=0x100', 'size=', 'number=-1'])(
    'GET enc_keys?%s is answered with 400',
    async (query) => expect((await ask(`${enc}?${query}`)).status).toBe(400),
  )

  it('an empty list of mandatory extensions, and any optional one, are fine', async () => {
    const body = { extension_mandatory: [], extension_optional: [{ vendor_y: { z: 1 } }], unknown_member: 1 }
    expect((await ask(enc, { method: 'POST', body })).status).toBe(200)
  })

  it.each([
    [{}],
    [{ key_IDs: [] }],
    [{ key_IDs: 'x' }],
    [{ key_IDs: [{}] }],
    [{ key_IDs: ['x'] }],
    [{ key_IDs: [{ key_ID: 1 }] }],
    [{ key_IDs: [{ key_ID: 'x' }, { key_ID: 'x' }] }],
    [{ key_IDs: Array.from({ length: 129 }, (_, i) => ({ key_ID: `id-${i}` })) }],
  ])('POST %j to dec_keys is answered with 400 and an Error', async (body) => {
    const { status, json } = await ask(dec, { method: 'POST', body, as: saeB })
    expect(status).toBe(400)
    expect(json.message).not.toBe('one or more keys specified are not found on KME')
  })

  it('one unknown key_ID among known ones fails the request and delivers nothing', async () => {
    const { json } = await ask(enc)
    const known = { key_ID: json.keys[0].key_ID }
    const mixed = await ask(dec, { method: 'POST', body: { key_IDs: [known, { key_ID: 'unknown' }] }, as: saeB })
    expect(mixed.status).toBe(400)
    expect(mixed.json).toEqual({ message: 'one or more keys specified are not found on KME' })
    expect((await ask(`${dec}?key_ID=${known.key_ID}`, { as: saeB })).json.keys).toEqual(json.keys)
    expect((await ask(`${dec}?key_ID=${known.key_ID}`, { as: saeB })).status).toBe(400)
  })

  it('an SAE that Get key did not name gets 401 without a body', async () => {
    const { json } = await ask(enc)
    const { status, text } = await ask(`${dec}?key_ID=${json.keys[0].key_ID}`, { as: saeC })
    expect([status, text]).toEqual([401, ''])
  })

  it('multicast: each named slave gets the key once', async () => {
    const { json } = await ask(enc, { method: 'POST', body: { additional_slave_SAE_IDs: [saeC] } })
    const url = `${dec}?key_ID=${json.keys[0].key_ID}`
    expect((await ask(url, { as: saeC })).json.keys).toEqual(json.keys)
    expect((await ask(url, { as: saeC })).status).toBe(400)
    expect((await ask(url, { as: saeB })).json.keys).toEqual(json.keys)
    expect((await ask(url, { as: saeB })).status).toBe(400)
  })

  it('the SAE ID comes from the certificate, and strangers get 401 whatever they ask', async () => {
    for (const path of ['/', `/api/v1/keys/${saeB}/status`, `/api/v1/keys/${saeB}/enc_keys`, '/link/v1/keys']) {
      const { status, text } = await ask(kme.urlA + path, { as: 'sae-stranger' })
      expect([status, text]).toEqual([401, ''])
    }
  })

  it('other paths are 404, other methods 405 with Allow', async () => {
    for (const path of [
      '/',
      '/api/v1/keys',
      `/api/v1/keys/${saeB}/other`,
      `/api/v1/keys//enc_keys`,
      '/api/v2/keys/x/status',
    ]) {
      expect((await ask(kme.urlA + path)).status).toBe(404)
    }
    expect(await ask(enc, { method: 'PUT' })).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } })
    const posted = await ask(`${kme.urlA}/api/v1/keys/${saeB}/status`, { method: 'POST' })
    expect(posted).toMatchObject({ status: 405, headers: { allow: 'GET' } })
    expect((await ask(`${kme.urlA}/api/v1/keys/%ff/status`)).status).toBe(400)
  })

  it('a body over 64 KiB is refused with 413', async () => {
    const answered = await ask(enc, { method: 'POST', body: { filler: 'x'.repeat(70_000) } })
    expect(answered.status).toBe(413)
  })

  it('no client certificate, or one of another CA, ends the connection', async () => {
    await expect(ask(enc, { tls: {} })).rejects.toThrow()
    const forged = createTestAuthority('Trefoil test KME CA').issue(saeA)
    await expect(ask(enc, { tls: forged })).rejects.toThrow()
  })
})

describe('key managers in separate processes', () => {
  function twoSites() {
    const siteA = { kmeId: 'KME-A', sae: [saeA], tls: credentials('KME-A') }
    const siteB = { kmeId: 'KME-B', sae: [saeB], tls: credentials('KME-B') }
    return { siteA, siteB }
  }

  it('share keys over HTTPS between themselves', async () => {
    const { siteA, siteB } = twoSites()
    const b = createKeyManager({ site: siteB, peer: siteA, random })
    const { url: urlB } = await b.listen(0)
    const a = createKeyManager({ site: siteA, peer: siteB, random, link: httpsKeyLink({ url: urlB, ...siteA.tls }) })
    const { url: urlA } = await a.listen(0)
    const sourceA = etsi014({ url: urlA, ...credentials(saeA) })
    const sourceB = etsi014({ url: urlB, ...credentials(saeB) })

    const sent = await sourceA.getKey(saeB)
    expect(await sourceB.getKeyWithId(saeA, sent.keyId)).toEqual(sent)
    // B was given no way to A, so it has nothing to give.
    await expect(sourceB.getKey(saeA)).rejects.toMatchObject({ code: 'ERR_QKD_UNREACHABLE' })
    // With B gone, A gives no key that nobody could fetch.
    await b.close()
    await expect(sourceA.getKey(saeB)).rejects.toMatchObject({ code: 'ERR_QKD_UNREACHABLE' })
    await Promise.all([sourceA.close(), sourceB.close(), a.close()])
  })

  it('take keys only from the certificate of the other key manager, and only for their own SAEs', async () => {
    const { siteA, siteB } = twoSites()
    const b = createKeyManager({ site: siteB, peer: siteA, random })
    const url = `${(await b.listen(0)).url}/link/v1/keys`
    const keys = [{ key_ID: 'planted', key: Buffer.alloc(32).toString('base64') }]
    const body = { master_SAE_ID: saeA, slave_SAE_IDs: [saeB], keys }
    const post = (as: string, change: object) => ask(url, { method: 'POST', as, body: { ...body, ...change } })
    for (const as of [saeA, saeB, 'KME-B', 'KME-C']) expect((await post(as, {})).status).toBe(401)
    for (const change of [
      { master_SAE_ID: saeB },
      { slave_SAE_IDs: [saeC] },
      { keys: [{ key_ID: 'planted', key: '?' }] },
      { keys: {} },
      { master_SAE_ID: null },
    ]) {
      expect((await post('KME-A', change)).status).toBe(400)
    }
    expect((await post('KME-A', {})).status).toBe(200)
    // The same key_ID again would make one key of two.
    expect((await post('KME-A', {})).status).toBe(400)
    await b.close()
  })
})

describe('the life of a key manager', () => {
  it('listening twice, and on a taken port, are typed errors', async () => {
    const make = (): { a: KeyManager; b: KeyManager } =>
      createKeyManagerPair({
        siteA: { kmeId: 'KME-A', sae: [saeA], tls: credentials('KME-A') },
        siteB: { kmeId: 'KME-B', sae: [saeB], tls: credentials('KME-B') },
        random,
      })
    const { a, b } = make()
    const { url } = await a.listen(0)
    await expect(a.listen(0)).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' })
    await expect(b.listen(Number(new URL(url).port))).rejects.toMatchObject({ code: 'ERR_TRANSPORT' })
    await Promise.all([a.close(), b.close()])
  })

  it('unusable credentials and SAE IDs are refused', () => {
    const siteA = { kmeId: 'KME-A', sae: [saeA], tls: credentials('KME-A') }
    const siteB = { kmeId: 'KME-B', sae: [saeB], tls: credentials('KME-B') }
    const invalid = expect.objectContaining({ code: 'ERR_INVALID_OPTION' })
    expect(() => createKeyManagerPair({ siteA: { ...siteA, sae: ['..'] }, siteB, random })).toThrow(invalid)
    const tls = { ...siteA.tls, ca: '' }
    expect(() => createKeyManagerPair({ siteA: { ...siteA, tls }, siteB, random })).toThrow(invalid)
  })
})
