/** Key managers as they are met in the field, and things that are none. */
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer as createHttpServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { credentials, saeA, saeB } from '../../support/kme.js'
import { type Asked, type Behaviour, examine, finding, graded, json, oddServer } from './support.js'

const peer = (url: string) => ({ peer: { url, ...credentials(saeB) } })

interface Stock {
  readonly keys: Map<string, string>
  issue(bits: number): { key_ID: string; key: string }
}

function stock(): Stock {
  const keys = new Map<string, string>()
  return {
    keys,
    issue(bits) {
      const issued = { key_ID: randomUUID(), key: randomBytes(bits / 8).toString('base64') }
      keys.set(issued.key_ID, issued.key)
      return issued
    },
  }
}

const status = (asked: Asked, change: object = {}) => ({
  source_KME_ID: 'KME-A',
  target_KME_ID: 'KME-B',
  master_SAE_ID: asked.saeId,
  slave_SAE_ID: decodeURIComponent(asked.path.split('/')[4] ?? ''),
  key_size: 256,
  stored_key_count: 500,
  max_key_count: 1000,
  max_key_per_request: 4,
  max_key_size: 512,
  min_key_size: 128,
  max_SAE_ID_count: 0,
  ...change,
})

const html = (response: ServerResponse, code: number) =>
  response.writeHead(code, { 'content-type': 'text/html' }).end('<html>no</html>')

/** One that gives keys once, and takes `change` for what is odd about it. */
function plain(change: (asked: Asked, response: ServerResponse, from: Stock) => boolean): Behaviour {
  const from = stock()
  return (asked, response) => {
    if (change(asked, response, from)) return
    if (asked.path.endsWith('/status')) return json(response, 200, status(asked))
    if (asked.path.endsWith('/enc_keys')) {
      const number = Number(asked.query.get('number') ?? asked.body?.number ?? 1)
      const size = Number(asked.query.get('size') ?? asked.body?.size ?? 256)
      if (number > 4 || size > 512 || size < 128) return json(response, 400, { message: 'out of bounds' })
      return json(response, 200, { keys: Array.from({ length: number }, () => from.issue(size)) })
    }
    const ids: { key_ID: string }[] = asked.body?.key_IDs ?? [{ key_ID: asked.query.get('key_ID') }]
    const keys = ids.map(({ key_ID }) => ({ key_ID, key: from.keys.get(key_ID) }))
    if (keys.some(({ key }) => key === undefined)) {
      return json(response, 400, { message: 'one or more keys specified are not found on KME' })
    }
    for (const { key_ID } of keys) from.keys.delete(key_ID)
    json(response, 200, { keys })
  }
}

describe('key managers of others', () => {
  it('one whose GET passes over number and size, and whose 401 is a page', async () => {
    const url = await oddServer(
      plain((asked, response, from) => {
        const name = decodeURIComponent(asked.path.split('/')[4] ?? '')
        if (name === saeB || name === saeA) {
          if (asked.verb !== 'GET' || !asked.path.endsWith('/enc_keys')) return false
          json(response, 200, { keys: [from.issue(256)] })
          return true
        }
        html(response, 401)
        return true
      }),
    )
    const report = await examine({ url, ...peer(url) })
    expect(graded(report, 'fail')).toEqual(expect.arrayContaining(['enc.query']))
    expect(finding(report, 'enc.query')?.message).toBe('1 keys came where 2 were asked for')
    expect(finding(report, 'errors.unauthorized')?.grade).toBe('warn')
    for (const id of ['enc.get', 'enc.number', 'enc.size', 'dec.post', 'dec.get', 'dec.once', 'identity.unknown-slave'])
      expect(finding(report, id)?.grade, id).toBe('pass')
  })

  it('one that gives a key again, has one size, one key a request, and 404 for an unknown key', async () => {
    const from = stock()
    const url = await oddServer((asked, response) => {
      if (asked.path.endsWith('/enc_keys')) return json(response, 200, { keys: [from.issue(256)] })
      if (!asked.path.endsWith('/dec_keys')) return html(response, 404)
      const key_ID: string = asked.query.get('key_ID') ?? asked.body?.key_IDs?.[0]?.key_ID
      const key = from.keys.get(key_ID)
      if (key === undefined) return html(response, 404)
      json(response, 200, { keys: [{ key_ID, key }] })
    })
    const report = await examine({ url, ...peer(url), saeId: saeA })
    expect(graded(report, 'fail')).toEqual(
      expect.arrayContaining(['status.get', 'enc.number', 'dec.several', 'dec.once', 'request.mandatory']),
    )
    expect(finding(report, 'dec.once')?.message).toBe('a second dec_keys for the same key was accepted')
    for (const id of ['enc.post', 'enc.get', 'dec.post', 'dec.get']) expect(finding(report, id)?.grade, id).toBe('pass')
  })

  it.each<[what: string, change: object, check: string, grade: string]>([
    ['counts as strings', { stored_key_count: '500' }, 'status.fields', 'fail'],
    ['a missing field', { max_SAE_ID_count: undefined }, 'status.fields', 'fail'],
    ['a smallest size above the largest', { min_key_size: 1024 }, 'status.consistent', 'fail'],
    ['a default size that cannot be had', { key_size: 64 }, 'status.consistent', 'fail'],
    ['no key a request', { max_key_per_request: 0 }, 'status.consistent', 'fail'],
    ['more keys than it can hold', { stored_key_count: 1001 }, 'status.consistent', 'warn'],
    ['sizes in bytes', { key_size: 32, min_key_size: 16, max_key_size: 64 }, 'status.consistent', 'warn'],
    ['another slave', { slave_SAE_ID: 'sae-zoe' }, 'status.identifiers', 'fail'],
    ['one KME ID for both', { target_KME_ID: 'KME-A' }, 'status.identifiers', 'warn'],
    ['another master', { master_SAE_ID: 'sae-zoe' }, 'identity.master', 'fail'],
    ['a count that stays', {}, 'enc.count', 'warn'],
    ['one key a request', { max_key_per_request: 1 }, 'enc.number', 'skipped'],
    ['one size', { min_key_size: 256, max_key_size: 256 }, 'enc.size', 'skipped'],
  ])('a status with %s', async (_, change, check, grade) => {
    const url = await oddServer(
      plain((asked, response) => {
        if (!asked.path.endsWith('/status')) return false
        json(response, 200, status(asked, change))
        return true
      }),
    )
    expect(finding(await examine({ url }), check)?.grade).toBe(grade)
  })

  const key = () => randomBytes(32).toString('base64')
  const fixed = key()
  it.each<[what: string, reply: (number: number) => unknown, check: string, grade: string]>([
    ['Keys for keys', () => ({ Keys: [{ key_ID: randomUUID(), key: key() }] }), 'enc.container', 'warn'],
    [
      'a key_ID that is no UUID',
      () => ({ keys: [{ key_ID: randomBytes(4).toString('hex'), key: key() }] }),
      'enc.key-id',
      'warn',
    ],
    [
      'base64 without padding',
      () => ({ keys: [{ key_ID: randomUUID(), key: key().slice(0, -1) }] }),
      'enc.base64',
      'fail',
    ],
    ['base64 for URLs', () => ({ keys: [{ key_ID: randomUUID(), key: `-_${key().slice(2)}` }] }), 'enc.base64', 'fail'],
    ['the same key again', () => ({ keys: [{ key_ID: randomUUID(), key: fixed }] }), 'enc.unique', 'fail'],
    ['the same key_ID again', () => ({ keys: [{ key_ID: 'same', key: key() }] }), 'enc.unique', 'fail'],
    ['no list', () => ({ key_ID: randomUUID(), key: key() }), 'enc.post', 'fail'],
    ['entries that are none', () => ({ keys: [null] }), 'enc.post', 'fail'],
    ['an array', () => [], 'enc.post', 'fail'],
  ])('enc_keys with %s', async (_, reply, check, grade) => {
    const url = await oddServer(
      plain((asked, response) => {
        if (!asked.path.endsWith('/enc_keys')) return false
        json(response, 200, reply(1))
        return true
      }),
    )
    expect(finding(await examine({ url }), check)?.grade).toBe(grade)
  })

  it.each<{
    what: string
    check: string
    grade: string
    headers?: Record<string, string>
    reply?: (asked: Asked) => [status: number, body: unknown] | null
  }>([
    {
      what: 'a server error for what is malformed',
      check: 'errors.malformed',
      grade: 'warn',
      reply: ({ path, body }) => (path.endsWith('/dec_keys') && !body ? [500, {}] : null),
    },
    {
      what: 'errors as bare strings',
      check: 'errors.object',
      grade: 'fail',
      reply: ({ body }) => (body?.size > 512 ? [400, 'too large'] : null),
    },
    { what: 'JSON as text', check: 'errors.media-type', grade: 'warn', headers: { 'content-type': 'text/plain' } },
    {
      what: 'an SAE ID that is not decoded',
      check: 'errors.url-encoding',
      grade: 'fail',
      reply: ({ path }) => (path.includes('%') ? [400, { message: 'unknown' }] : null),
    },
    {
      what: 'connections for one request each',
      check: 'status.connection',
      grade: 'warn',
      headers: { connection: 'close' },
    },
    {
      what: 'any path taken for status',
      check: 'errors.unknown-path',
      grade: 'fail',
      reply: ({ path }) => (path.endsWith('/trefoil_doctor') ? [200, {}] : null),
    },
    {
      what: 'sizes that are not a multiple of 8 rounded down',
      check: 'request.size-multiple',
      grade: 'fail',
      reply: ({ body }) => (body?.size === 255 ? [200, { keys: [{ key_ID: randomUUID(), key: 'AAAA' }] }] : null),
    },
    {
      what: 'another message for an unknown key_ID',
      check: 'dec.unknown',
      grade: 'warn',
      reply: ({ path }) => (path.endsWith('/dec_keys') ? [400, { message: 'no' }] : null),
    },
  ])('$what: $check gets $grade', async ({ check, grade, headers = {}, reply = () => null }) => {
    const url = await oddServer(
      plain((asked, response) => {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
        const answer = reply(asked)
        if (answer !== null) json(response, ...answer)
        return answer !== null
      }),
    )
    expect(finding(await examine({ url }), check)?.grade).toBe(grade)
  })
})

describe('the way to a key manager', () => {
  it('clients without certificate, or of another CA, that are served', async () => {
    const url = await oddServer(
      plain(() => false),
      { rejectUnauthorized: false },
    )
    const failed = graded(await examine({ url }), 'fail')
    expect(failed).toEqual(expect.arrayContaining(['identity.no-certificate', 'identity.foreign-ca']))
  })

  it('TLS 1.1 that is still spoken, and a cipher suite without AEAD', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0' } as const
    const report = await examine({
      url: await oddServer(
        plain(() => false),
        old,
      ),
    })
    expect(finding(report, 'transport.old-tls')).toMatchObject({ grade: 'fail', message: 'TLS 1.1 is accepted' })
    expect(finding(report, 'transport.cipher')?.grade).toBe('warn')
    expect(finding(report, 'transport.tls')?.message).toBe('TLSv1.2 was negotiated')
  })

  it('a classical group, where a post-quantum one was offered', async () => {
    const report = await examine({
      url: await oddServer(
        plain(() => false),
        { ecdhCurve: 'X25519' },
      ),
    })
    expect(finding(report, 'transport.group')).toMatchObject({
      grade: expect.stringMatching(/^(warn|skipped)$/),
      message: expect.stringContaining('X25519'),
    })
  })

  it('nobody there', async () => {
    const closed = createTcpServer()
    const url = await listen(closed)
    await new Promise((resolve) => closed.close(resolve))
    const report = await examine({ url })
    expect(graded(report, 'fail')).toEqual(['transport.reachable'])
    expect(graded(report, 'pass')).toEqual([])
  })

  it('HTTP without TLS', async () => {
    const url = await listen(createHttpServer((_, response) => response.end('{}')))
    const report = await examine({ url })
    expect(graded(report, 'fail')).toEqual(['transport.tls'])
    expect(finding(report, 'transport.tls')?.message).toBe('what answers on this port does not speak TLS')
  })

  it('a port that takes connections and says nothing', async () => {
    const url = await listen(createTcpServer(() => undefined))
    const report = await examine({ url, timeoutMilliseconds: 200 })
    expect(graded(report, 'fail')).toEqual(['transport.tls'])
    expect(finding(report, 'transport.tls')?.message).toBe('the key manager did not answer within 200 milliseconds')
  })

  it('a key manager that answers nothing is given up after three requests', async () => {
    let asked = 0
    const url = await oddServer(() => {
      asked++
    })
    const report = await examine({ url, timeoutMilliseconds: 200 })
    expect(graded(report, 'fail')).toEqual(expect.arrayContaining(['status.get', 'enc.post']))
    expect(asked).toBeLessThanOrEqual(3)
  })

  it('a reply that stalls behind its head counts as no answer', async () => {
    const url = await oddServer((_, response) => {
      response.writeHead(200).write('{')
    })
    const { message } = finding(await examine({ url, timeoutMilliseconds: 200 }), 'status.get') ?? {}
    expect(message).toBe('the key manager did not answer within 200 milliseconds')
  })

  it('a reply without an end is cut off', async () => {
    const url = await oddServer((_, response) => {
      response.writeHead(200)
      const filler = Buffer.alloc(65_536, ' ')
      const more = (): void => {
        while (!response.destroyed && response.write(filler));
      }
      response.on('drain', more).on('error', () => undefined)
      more()
    })
    expect(finding(await examine({ url }), 'status.get')).toMatchObject({
      grade: 'fail',
      message: 'the reply is longer than 1048576 bytes',
    })
  })

  it('an examination can be given up, and refuses options that make no sense', async () => {
    const url = await oddServer(() => undefined)
    const signal = AbortSignal.timeout(50)
    await expect(examine({ url, signal })).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    for (const wrong of [
      { url: 'http://127.0.0.1' },
      { url: 'https://127.0.0.1/?a=b' },
      { url, peerSaeId: '..' },
      { url, maxKeys: -1 },
      { url, timeoutMilliseconds: 0 },
      { url, cert: 'none' },
    ]) {
      await expect(examine(wrong)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
    }
  })
})

async function listen(server: Server): Promise<string> {
  const sockets = new Set<import('node:net').Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}
