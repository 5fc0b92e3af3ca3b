import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type SkipOptions, skip } from '../../src/qkd/index.js'
import { readCapabilities, readSkipKey } from '../../src/qkd/skip/replies.js'
import { type CannedReply, closingAfterEach, startHttpsServer } from '../support/httpsServer.js'
import { credentials, saeA, saeB } from '../support/kme.js'
import { refusal } from '../support/refusal.js'
import { startSkipKeyProviders, systemA, systemB } from '../support/skipKeyProviders.js'

const closing = closingAfterEach(afterEach)
const refusedWith = (code: string) => expect.objectContaining({ code, blame: 'key-source' })
const keyId = '1726e9ae76234fb1dd1283d4dca1911e'
const key = 'a5'.repeat(32)

const sourceAt = (url: string, options: Partial<SkipOptions> = {}) =>
  closing(skip({ url, ...credentials(saeA), timeoutMilliseconds: 20_000, ...options }))

async function start(options: Partial<SkipOptions> = {}) {
  const { a, b } = closing(await startSkipKeyProviders())
  return { a, b, alice: sourceAt(a.url, options), bob: sourceAt(b.url, { ...credentials(saeB), ...options }) }
}

/** A source at a key provider that answers everything the same way. */
async function answeredWith(reply: CannedReply | 'cut', options: Partial<SkipOptions> = {}) {
  const server = closing(await startHttpsServer(() => reply))
  return { server, source: sourceAt(server.url, options) }
}

describe('keys over SKIP with mutual TLS', () => {
  it('both systems get the same key, each once, in either direction', async () => {
    const { alice, bob, b } = await start()
    for (const [one, other, oneId, otherId] of [
      [alice, bob, systemA, systemB],
      [bob, alice, systemB, systemA],
    ] as const) {
      const sent = await one.getKey(otherId)
      expect(sent.key).toHaveLength(32)
      expect(await other.getKeyWithId(oneId, sent.keyId)).toEqual(sent)
      await expect(other.getKeyWithId(oneId, sent.keyId)).rejects.toEqual(refusedWith('ERR_QKD_KEY_NOT_FOUND'))
      await expect(one.getKeyWithId(otherId, sent.keyId)).rejects.toEqual(refusedWith('ERR_QKD_KEY_NOT_FOUND'))
    }
    expect(b.requests).toHaveLength(2)
  })

  it('a key is asked for with system ID and size in the query, URL-encoded, and fetched by its keyId', async () => {
    const { alice, bob, a, b } = await start({ keySize: 128 })
    const sent = await alice.getKey(systemB)
    expect(sent.key).toHaveLength(16)
    await bob.getKeyWithId(systemA, sent.keyId)
    expect(a.requests.map(({ target }) => target)).toEqual(['/key?remoteSystemID=KP_Bob%2F2%20%26%20more&size=128'])
    expect(b.requests.map(({ target }) => target)).toEqual([`/key/${sent.keyId}?remoteSystemID=KP_Alice`])
  })

  it('a key says by what link it came', async () => {
    const { alice } = await start()
    expect(alice.deliveryLink).toBeNull()
    const { delivery } = await alice.getKey(systemB)
    expect(delivery).toMatchObject({ kind: 'tls', protocol: 'TLSv1.3' })
    expect(alice.deliveryLink).toEqual(delivery)
  })

  it('a link that has to be post-quantum and is not is refused before anything is asked', async () => {
    const server = closing(await startHttpsServer(() => ({ body: { keyId, key } }), { tls: { ecdhCurve: 'X25519' } }))
    const source = sourceAt(server.url, { requirePostQuantumDelivery: true })
    await expect(source.getKey(systemB)).rejects.toEqual(refusedWith('ERR_QKD_DELIVERY_LINK'))
    expect(server.requests).toEqual([])
  })

  it('the second spelling of a keyId in hexadecimal is the same key, which is fetched once', async () => {
    const { source, server } = await answeredWith({ body: { keyId: keyId.toUpperCase(), key } })
    expect((await source.getKeyWithId(systemB, keyId)).keyId).toBe(keyId)
    await expect(source.getKeyWithId(systemB, keyId.toUpperCase())).rejects.toEqual(
      refusedWith('ERR_QKD_KEY_NOT_FOUND'),
    )
    expect(server.requests).toHaveLength(1)
  })

  it('a keyId that cannot be one is not even asked for, and an unknown one is not found', async () => {
    const { bob, b } = await start()
    for (const bad of ['', '.', '..', 'x'.repeat(257), 'a\nb', 'unknown']) {
      await expect(bob.getKeyWithId(systemA, bad)).rejects.toEqual(refusedWith('ERR_QKD_KEY_NOT_FOUND'))
    }
    expect(b.requests).toHaveLength(1)
  })

  it('a system ID that cannot be one is refused', async () => {
    const { alice } = await start()
    for (const bad of ['', '..', 'a\u0000']) {
      await expect(alice.getKey(bad)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
    }
  })

  it('an unknown system, an abort, and a closed source are told apart', async () => {
    const { alice } = await start()
    await expect(alice.getKey('KP_Nobody')).rejects.toEqual(refusedWith('ERR_QKD_REFUSED'))
    await expect(alice.getKey(systemB, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    await alice.close()
    await expect(alice.getKey(systemB)).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' })
  })
})

describe('what a key provider says of itself', () => {
  const capabilities = {
    entropy: false,
    key: true,
    algorithm: 'QKD',
    localSystemID: systemA,
    remoteSystemID: ['KP_Carol', systemB],
  }

  it('is told as it is, and as a status without counts', async () => {
    const { alice } = await start()
    expect(await alice.capabilities()).toEqual({
      key: true,
      entropy: true,
      algorithm: 'QKD',
      localSystemId: systemA,
      remoteSystemIds: [systemB],
    })
    expect(await alice.status(systemB)).toEqual({
      storedKeyCount: Number.MAX_SAFE_INTEGER,
      maxKeyCount: Number.MAX_SAFE_INTEGER,
      keySize: 256,
      minKeySize: 256,
      maxKeySize: 256,
      maxKeysPerRequest: 1,
    })
  })

  it.each([
    ['a list with the peer', {}, true],
    ['a pattern that may be the peer', { remoteSystemID: ['KP_*'] }, true],
    ['other systems', { remoteSystemID: ['KP_Carol'] }, false],
    ['no system', { remoteSystemID: [] }, false],
    ['no keys', { key: false }, false],
  ])('%s: keys are to be had or not', async (_title, change, some) => {
    const { source } = await answeredWith({ body: { ...capabilities, ...change } })
    expect((await source.status(systemB)).storedKeyCount > 0).toBe(some)
  })

  it('must name the key provider that was configured, if one was', async () => {
    const { source } = await answeredWith({ body: capabilities }, { localSystemId: systemB })
    await expect(source.status(systemB)).rejects.toEqual(refusedWith('ERR_QKD_BAD_REPLY'))
    await expect(source.capabilities()).rejects.toEqual(refusedWith('ERR_QKD_BAD_REPLY'))
  })

  it.each([
    ['key', 'yes'],
    ['localSystemID', 7],
    ['localSystemID', ''],
    ['remoteSystemID', systemB],
    ['remoteSystemID', [systemB, null]],
  ])('is refused with %s as %j', async (field, value) => {
    const { source } = await answeredWith({ body: { ...capabilities, [field]: value } })
    await expect(source.status(systemB)).rejects.toEqual(refusedWith('ERR_QKD_BAD_REPLY'))
  })

  it('is asked for again when the key provider is not in service', async () => {
    let left = 2
    const server = closing(await startHttpsServer(() => (left-- > 0 ? { status: 503 } : { body: capabilities })))
    expect((await sourceAt(server.url).capabilities()).key).toBe(true)
    expect(server.requests).toHaveLength(3)
  })
})

describe('what a key provider answers is not trusted', () => {
  it.each([
    ['nothing', { body: '' }, 'ERR_QKD_BAD_REPLY'],
    ['a page', { body: '<html>' }, 'ERR_QKD_BAD_REPLY'],
    ['an array', { body: [] }, 'ERR_QKD_BAD_REPLY'],
    ['no keyId', { body: { key } }, 'ERR_QKD_BAD_REPLY'],
    ['a keyId that commands terminals', { body: { keyId: '\u001b[2J', key } }, 'ERR_QKD_BAD_REPLY'],
    ['no key', { body: { keyId } }, 'ERR_QKD_BAD_REPLY'],
    ['a key that is a number', { body: { keyId, key: 7 } }, 'ERR_QKD_BAD_REPLY'],
    ['half an octet', { body: { keyId, key: `${key}a` } }, 'ERR_QKD_BAD_REPLY'],
    ['a key in base64', { body: { keyId, key: Buffer.alloc(32, 0xa5).toString('base64') } }, 'ERR_QKD_BAD_REPLY'],
    ['an empty key', { body: { keyId, key: '' } }, 'ERR_QKD_KEY_LENGTH'],
    ['a key of 31 bytes', { body: { keyId, key: key.slice(2) } }, 'ERR_QKD_KEY_LENGTH'],
    ['a key of 256 bytes', { body: { keyId, key: key.repeat(8) } }, 'ERR_QKD_KEY_LENGTH'],
    ['400', { status: 400 }, 'ERR_QKD_REFUSED'],
    ['401', { status: 401 }, 'ERR_QKD_UNAUTHORIZED'],
    ['403', { status: 403 }, 'ERR_QKD_UNAUTHORIZED'],
    ['404', { status: 404 }, 'ERR_QKD_REFUSED'],
    ['405', { status: 405 }, 'ERR_QKD_REFUSED'],
    ['500', { status: 500, body: key }, 'ERR_QKD_REFUSED'],
    ['503', { status: 503 }, 'ERR_QKD_UNREACHABLE'],
    ['a key with status 201', { status: 201, body: { keyId, key } }, 'ERR_QKD_REFUSED'],
    ['an end of the connection', 'cut', 'ERR_QKD_UNREACHABLE'],
  ] as [string, CannedReply | 'cut', string][])('%s', async (_title, reply, code) => {
    const { source, server } = await answeredWith(reply)
    const error = await source.getKey(systemB).catch((thrown: unknown) => thrown)
    expect(error).toEqual(refusedWith(code))
    expect((error as Error).stack).not.toContain(key.slice(0, 16))
    // A key may have been delivered: nothing is asked twice.
    expect(server.requests).toHaveLength(1)
  })

  it.each([400, 404])('%i for a keyId means that the key is not there', async (status) => {
    const { source } = await answeredWith({ status })
    await expect(source.getKeyWithId(systemB, keyId)).rejects.toEqual(refusedWith('ERR_QKD_KEY_NOT_FOUND'))
  })

  it('another key than the one asked for, and a keyId given out before', async () => {
    const { source } = await answeredWith({ body: { keyId, key } })
    await expect(source.getKeyWithId(systemB, 'other')).rejects.toEqual(refusedWith('ERR_QKD_BAD_REPLY'))
    await source.getKey(systemB)
    await expect(source.getKey(systemB)).rejects.toEqual(refusedWith('ERR_QKD_BAD_REPLY'))
  })

  it('its readers throw nothing but typed errors, and give only keys of the length asked for', () => {
    const junk = fc.jsonValue()
    const hex = fc.uint8Array({ maxLength: 6 }).map((octets) => Buffer.from(octets).toString('hex'))
    const container = fc.record({ keyId: fc.oneof(fc.string(), junk), key: fc.oneof(hex, junk) })
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.oneof(container, junk).map((value) => Buffer.from(JSON.stringify(value))),
    )
    const status = fc.oneof(fc.constant(200), fc.integer({ min: 100, max: 999 }))
    fc.assert(
      fc.property(status, body, fc.integer({ min: 0, max: 6 }), (code, octets, length) => {
        const reply = { status: code, body: octets }
        refusal(() => readCapabilities(reply))
        refusal(() => {
          const read = readSkipKey(reply, 'new-key', length)
          const sent = JSON.parse(Buffer.from(octets).toString()) as { keyId: string; key: string }
          expect(read.keyId).toBe(sent.keyId)
          expect(Buffer.from(read.key).toString('hex')).toBe(sent.key.toLowerCase())
          expect(read.key).toHaveLength(length)
        })
      }),
      { numRuns: 500 },
    )
  })

  it('unusable options are refused at once', () => {
    const good = { url: 'https://127.0.0.1:1', ...credentials(saeA) }
    for (const change of [{ url: 'http://127.0.0.1:1' }, { cert: '' }, { keySize: 120 }, { retries: -1 }]) {
      expect(() => skip({ ...good, ...change })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }))
    }
  })
})
