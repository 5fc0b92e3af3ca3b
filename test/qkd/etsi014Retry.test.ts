import { createServer, type Server, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Connection } from '../../src/qkd/etsi014/connection.js'
import { isRefusedForNow } from '../../src/qkd/etsi014/replies.js'
import { pauseBeforeRetry, type RetryClock, readRetryAfter } from '../../src/qkd/etsi014/retry.js'
import { etsi014 } from '../../src/qkd/index.js'
import { type Answering, type CannedReply, closingAfterEach, startHttpsServer } from '../support/httpsServer.js'
import { credentials, saeA, saeB } from '../support/kme.js'

const closing = closingAfterEach(afterEach)
const refusedWith = (code: string) => expect.objectContaining({ code })

/** A clock on which pauses take no time; `onPause` runs in each of them. */
function still(onPause: (pause: number) => unknown = () => undefined): RetryClock & { pauses: number[] } {
  let time = 0
  const pauses: number[] = []
  return {
    pauses,
    now: () => time,
    random: () => 0.5,
    async wait(milliseconds) {
      pauses.push(milliseconds)
      time += milliseconds
      await onPause(milliseconds)
    },
  }
}

const status = { stored_key_count: 1, max_key_count: 1, key_size: 256, min_key_size: 64, max_key_size: 1024 }
let made = 0
const container = () => ({ keys: [{ key_ID: `key ${made++}`, key: Buffer.alloc(32, 1).toString('base64') }] })
const answered: Answering = () => ({ body: container() })
const ask = (connection: Connection) => connection.exchange('/api/v1/keys/x/enc_keys', {}, undefined)

async function unusedPort(): Promise<number> {
  const server = closing(await startHttpsServer(answered))
  await server.close()
  return server.port
}

describe('a request of which nothing was sent is made again', () => {
  it('after a refused connection', async () => {
    const port = await unusedPort()
    const clock = still(async () => closing(await startHttpsServer(answered, { port })))
    const connection = closing(new Connection({ url: `https://127.0.0.1:${port}`, ...credentials(saeA) }, clock))
    expect((await ask(connection)).status).toBe(200)
    expect(clock.pauses).toEqual([50])
  })

  it('as often as allowed and no more, with pauses that double', async () => {
    const port = await unusedPort()
    for (const retries of [0, 1, 4]) {
      const clock = still()
      const options = { url: `https://127.0.0.1:${port}`, ...credentials(saeA), retries }
      const connection = closing(new Connection(options, clock))
      await expect(ask(connection)).rejects.toEqual(refusedWith('ERR_QKD_UNREACHABLE'))
      expect(clock.pauses).toEqual([50, 100, 200, 400].slice(0, retries))
    }
  })

  it('after a TLS handshake that was cut, and after a name that does not resolve', async () => {
    let accepted = 0
    const cutting: Server = createServer((socket: Socket) => {
      accepted++
      socket.destroy()
    })
    await new Promise<void>((resolve) => cutting.listen(0, '127.0.0.1', resolve))
    closing({ close: () => new Promise((resolve) => cutting.close(() => resolve())) })
    const { port } = cutting.address() as { port: number }
    for (const host of [`127.0.0.1:${port}`, 'no-such-host.invalid']) {
      const clock = still()
      const connection = closing(new Connection({ url: `https://${host}`, ...credentials(saeA) }, clock))
      await expect(ask(connection)).rejects.toEqual(refusedWith('ERR_QKD_UNREACHABLE'))
      expect(clock.pauses).toHaveLength(2)
    }
    expect(accepted).toBe(3)
  })

  it('not after a certificate that is not trusted: it will be the same', async () => {
    const server = closing(await startHttpsServer(answered))
    const clock = still()
    const connection = closing(new Connection({ url: server.url, ...credentials(saeA), kmeId: 'KME-X' }, clock))
    await expect(ask(connection)).rejects.toEqual(refusedWith('ERR_QKD_UNREACHABLE'))
    expect(clock.pauses).toEqual([])
    expect(server.requests).toEqual([])
  })
})

describe('a request for keys that was sent is not made again', () => {
  const lost: [string, () => CannedReply | 'cut', string][] = [
    ['the connection is cut instead of an answer', () => 'cut', 'ERR_QKD_UNREACHABLE'],
    ['the answer does not end', () => ({ headers: { 'content-length': '999' }, body: '{' }), 'ERR_QKD_TIMEOUT'],
    ['the answer is no JSON', () => ({ body: '{' }), 'ERR_QKD_BAD_REPLY'],
    [
      'out of keys',
      () => ({ status: 503, headers: { 'retry-after': '1' }, body: { message: 'no keys' } }),
      'ERR_QKD_EXHAUSTED',
    ],
    [
      'a gateway is at a loss',
      () => ({ status: 503, headers: { 'retry-after': '1' }, body: '<html>' }),
      'ERR_QKD_UNREACHABLE',
    ],
    ['maintenance without end', () => ({ status: 503, body: { message: 'maintenance' } }), 'ERR_QKD_UNREACHABLE'],
    ['another error', () => ({ status: 500, headers: { 'retry-after': '1' } }), 'ERR_QKD_REFUSED'],
  ]
  it.each(lost)('%s', async (_title, answer, code) => {
    const server = closing(await startHttpsServer(answer))
    const source = closing(
      etsi014({
        url: server.url,
        ...credentials(saeA),
        retries: 5,
        timeoutMilliseconds: code === 'ERR_QKD_TIMEOUT' ? 1000 : 20_000,
      }),
    )
    await expect(source.getKey(saeB)).rejects.toEqual(refusedWith(code))
    await expect(source.getKeyWithId(saeB, 'some key')).rejects.toEqual(refusedWith(code))
    expect(server.requests.map(({ target }) => target.split('/').pop())).toEqual(['enc_keys', 'dec_keys'])
  })

  it('unless the key manager itself gives a reason other than a lack of keys, and a time to come back', async () => {
    let left = 2
    const server = closing(
      await startHttpsServer((request) =>
        left-- > 0
          ? { status: 503, headers: { 'retry-after': '3' }, body: { message: 'the peer KME is not connected' } }
          : answered(request),
      ),
    )
    const clock = still()
    const connection = closing(new Connection({ url: server.url, ...credentials(saeA) }, clock))
    const rules = { refusedForNow: isRefusedForNow }
    const reply = await connection.exchange('/api/v1/keys/x/enc_keys', {}, undefined, rules)
    expect(reply.status).toBe(503)
    // The second pause would end after the 5 seconds of the call, so the refusal is told at once.
    expect(clock.pauses).toEqual([3050])
    left = 1
    expect((await connection.exchange('/api/v1/keys/x/enc_keys', {}, undefined, rules)).status).toBe(200)
  })
})

describe('a request for status changes nothing, so it is made again', () => {
  it.each<[string, () => CannedReply | 'cut']>([
    ['the connection is cut instead of an answer', () => 'cut'],
    ['503', () => ({ status: 503 })],
  ])('%s', async (_title, failure) => {
    let left = 2
    const server = closing(
      await startHttpsServer(() => (left-- > 0 ? failure() : { body: { ...status, max_key_per_request: 1 } })),
    )
    const source = closing(etsi014({ url: server.url, ...credentials(saeA), timeoutMilliseconds: 20_000 }))
    expect((await source.status(saeB)).keySize).toBe(256)
    expect(server.requests).toHaveLength(3)
  })
})

describe('pauses end with the call', () => {
  it('when the caller aborts, and when the source is closed', async () => {
    const port = await unusedPort()
    for (const end of ['abort', 'close'] as const) {
      const controller = new AbortController()
      // Pauses as long as the call, and the end comes in the first.
      const clock: RetryClock = {
        now: () => 0,
        random: () => 1,
        wait: (_, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('over')))
            if (end === 'abort') controller.abort()
            else void connection.close()
          }),
      }
      const connection = closing(new Connection({ url: `https://127.0.0.1:${port}`, ...credentials(saeA) }, clock))
      const call = connection.exchange('/api/v1/keys/x/status', null, controller.signal)
      await expect(call).rejects.toEqual(refusedWith('ERR_ABORTED'))
    }
  })

  it('when the time-out passes', async () => {
    const port = await unusedPort()
    const clock: RetryClock = {
      now: () => 0,
      random: () => 1,
      wait: (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject)),
    }
    const options = { url: `https://127.0.0.1:${port}`, ...credentials(saeA), timeoutMilliseconds: 1000 }
    await expect(ask(closing(new Connection(options, clock)))).rejects.toEqual(refusedWith('ERR_QKD_TIMEOUT'))
  })

  it('a call that waits for a connection ends as soon as the caller aborts, and is not sent later', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const server = closing(
      await startHttpsServer(async (request) => {
        await held
        return answered(request)
      }),
    )
    const source = closing(
      etsi014({ url: server.url, ...credentials(saeA), connections: 1, timeoutMilliseconds: 20_000 }),
    )
    const first = source.getKey(saeB)
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const controller = new AbortController()
    const second = source.getKey(saeB, { signal: controller.signal })
    controller.abort()
    await expect(second).rejects.toEqual(refusedWith('ERR_ABORTED'))
    release()
    await first
    await source.getKey(saeB)
    expect(server.requests).toHaveLength(2)
  })
})

describe('connections that the key manager has closed', () => {
  it('are not used again: a restart between two calls goes unnoticed, and each call arrives once', async () => {
    const before = closing(await startHttpsServer(answered))
    const source = closing(etsi014({ url: before.url, ...credentials(saeA), timeoutMilliseconds: 20_000 }))
    await source.getKey(saeB)
    await before.close()
    const after = closing(await startHttpsServer(answered, { port: before.port }))
    await source.getKey(saeB)
    await source.getKey(saeB)
    expect([before.requests.length, after.requests.length, after.connections()]).toEqual([1, 2, 1])
  })

  it('a key manager that announces how long it keeps connections is not kept waiting for their use', async () => {
    const server = closing(
      await startHttpsServer(() => ({ body: container(), headers: { 'keep-alive': 'timeout=1' } })),
    )
    const source = closing(etsi014({ url: server.url, ...credentials(saeA), timeoutMilliseconds: 20_000 }))
    await source.getKey(saeB)
    await source.getKey(saeB)
    // A second less than one is no time at all.
    expect(server.connections()).toBe(2)
  })
})

describe('the rule for retries', () => {
  const failed = fc.record({
    sent: fc.boolean(),
    passing: fc.boolean(),
    retryAfter: fc.option(fc.nat(100_000)),
    refusedForNow: fc.boolean(),
  })
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

  it('repeats nothing that was sent, was not refused for now, and may not arrive twice', () => {
    fc.assert(
      fc.property(failed, fc.boolean(), fc.integer({ min: 1, max: 11 }), chance, (why, repeatable, tries, random) => {
        const pause = pauseBeforeRetry(why, repeatable, tries, random)
        const may = why.passing && (!why.sent || why.refusedForNow || repeatable)
        expect(pause !== null).toBe(may)
        if (pause === null) return
        expect(pause).toBeGreaterThanOrEqual(why.retryAfter ?? 0)
        expect(pause).toBeLessThanOrEqual((why.retryAfter ?? 0) + Math.min(2000, 100 * 2 ** (tries - 1)))
      }),
    )
  })

  it('reads Retry-After in seconds, and nothing else', () => {
    expect(readRetryAfter('0')).toBe(0)
    expect(readRetryAfter('120')).toBe(120_000)
    for (const other of [undefined, '', '-1', '1.5', '1e3', 'Wed, 21 Oct 2026 07:28:00 GMT', '123456', ['1', '2']]) {
      expect(readRetryAfter(other)).toBeNull()
    }
  })

  it('retries are a whole number from 0 to 10', () => {
    for (const retries of [-1, 11, 0.5, Number.NaN]) {
      expect(() => etsi014({ url: 'https://127.0.0.1:1', ...credentials(saeA), retries })).toThrow(
        refusedWith('ERR_INVALID_OPTION'),
      )
    }
  })
})
