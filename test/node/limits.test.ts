import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { connect, type KeySource, type TLSSocket, TrefoilError } from '../../src/index.js'
import {
  ca,
  failure,
  listen,
  listenTcp,
  psk,
  qkdPair,
  readAll,
  refusal,
  secured,
  serverIdentity,
  shake,
  tcpClient,
} from './fixtures.js'

/** A key source that never answers, and tells when it was asked and when the caller gave up. */
function silentSource() {
  const calls: { readonly aborted: Promise<unknown> }[] = []
  const ask = (options?: { signal?: AbortSignal }): Promise<never> => {
    const signal = options?.signal as AbortSignal
    calls.push({ aborted: once(signal, 'abort') })
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new TrefoilError('ERR_ABORTED', 'caller gave up')))
    })
  }
  const source: KeySource = {
    name: 'in-process',
    getKey: (_peer, options) => ask(options),
    getKeyWithId: (_peer, _keyId, options) => ask(options),
    status: () => Promise.reject(new Error('not asked here')),
  }
  return { source, calls }
}

describe('handshakeTimeout', () => {
  it('ends a client whose server says nothing, with user_canceled', async () => {
    const seen: Buffer[] = []
    const port = await listenTcp((socket) => socket.on('data', (chunk) => seen.push(chunk)))
    const error = await failure(connect({ host: '127.0.0.1', port, ca, handshakeTimeout: 100 }))
    expect(error).toMatchObject({ code: 'ERR_HANDSHAKE_TIMEOUT', alert: 'user_canceled' })
  })

  it('ends a server connection whose client says nothing', async () => {
    const { server, port } = await listen({ ...serverIdentity, handshakeTimeout: 100 })
    const refused = once(server, 'tlsClientError')
    const socket = await tcpClient(port)
    const [error] = (await refused) as [TrefoilError]
    expect(error.code).toBe('ERR_HANDSHAKE_TIMEOUT')
    await readAll(socket)
  })

  it('covers the key manager, and gives up the call to it, on the client', async () => {
    const { source, calls } = silentSource()
    const { client } = qkdPair()
    const { port } = await listen(serverIdentity)
    const socket = connect({ host: '127.0.0.1', port, ca, qkd: { ...client, source }, handshakeTimeout: 150 })
    expect((await failure(socket)).code).toBe('ERR_HANDSHAKE_TIMEOUT')
    expect(calls).toHaveLength(1)
    await calls[0]?.aborted
  })

  it('covers the key manager, and gives up the call to it, on the server', async () => {
    const { source, calls } = silentSource()
    const qkd = qkdPair()
    const errors = await refusal(
      { ...serverIdentity, qkd: { ...qkd.server, source }, handshakeTimeout: 300 },
      { ca, qkd: qkd.client },
    )
    expect(errors.server.code).toBe('ERR_HANDSHAKE_TIMEOUT')
    await calls[0]?.aborted
  })

  it('does not run on after the handshake', async () => {
    const { client, server } = await shake({ psk, handshakeTimeout: 1000 }, { psk, handshakeTimeout: 1000 })
    await wait(1200)
    expect([client.destroyed, server.destroyed]).toEqual([false, false])
  })
})

describe('signal', () => {
  it('aborts before, during and after the handshake with ERR_ABORTED and the reason as cause', async () => {
    const { port } = await listen(serverIdentity)
    const silent = await listenTcp(() => {})
    const reason = new Error('changed my mind')
    const options = { host: '127.0.0.1', ca }

    const before = connect({ ...options, port, signal: AbortSignal.abort(reason) })
    expect(await failure(before)).toMatchObject({ code: 'ERR_ABORTED', cause: reason })

    const during = new AbortController()
    const hanging = connect({ ...options, port: silent, signal: during.signal })
    hanging.once('connect', () => setImmediate(() => during.abort(reason)))
    expect(await failure(hanging)).toMatchObject({ code: 'ERR_ABORTED', cause: reason })

    const after = new AbortController()
    const client = await secured(connect({ ...options, port, signal: after.signal }))
    const failed = failure(client)
    after.abort(reason)
    expect(await failed).toMatchObject({ code: 'ERR_ABORTED', cause: reason })
  })
})

describe('setTimeout', () => {
  it('emits timeout when nothing moves, and leaves the connection open', async () => {
    const { client } = await shake({ psk }, { psk })
    client.setTimeout(50)
    expect(client.timeout).toBe(50)
    await once(client, 'timeout')
    expect(client.destroyed).toBe(false)
    client.setTimeout(0)
  })
})

describe('a server under fire', () => {
  it('survives garbage, refuses it with an alert, and goes on serving', async () => {
    const { server, port, refused } = await listen({ psk }, (socket) => socket.pipe(socket))
    for (const garbage of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x00\x05hello', '\x15\x03\x03\x00\x02\x02\x28', '']) {
      const failed = once(server, 'tlsClientError')
      const socket = await tcpClient(port)
      socket.end(garbage, 'latin1')
      await failed
      await readAll(socket)
    }
    expect(refused.map(({ code }) => code)).toEqual([
      expect.stringMatching(/^ERR_/),
      expect.stringMatching(/^ERR_/),
      'ERR_ALERT_RECEIVED',
      'ERR_TRUNCATED',
    ])
    const client = connect({ host: '127.0.0.1', port, psk })
    client.end('still here')
    expect((await readAll(client)).toString()).toBe('still here')
  })

  it('refuses handshakes beyond maxHandshakes per address with internal_error, until one is over', async () => {
    const { port, refused } = await listen({ psk, maxHandshakesPerAddress: 2 })
    const held = [await tcpClient(port), await tcpClient(port)]
    const error = await failure(connect({ host: '127.0.0.1', port, psk }))
    expect(error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'internal_error' })
    expect(refused.map(({ code }) => code)).toEqual(['ERR_TOO_MANY_HANDSHAKES'])
    for (const socket of held) socket.destroy()
    await expect.poll(() => refused.length).toBe(3)
    await secured(connect({ host: '127.0.0.1', port, psk }))
  })

  it('refuses handshakes beyond maxHandshakes in all; finished ones do not count', async () => {
    const { port, refused } = await listen({ psk, maxHandshakes: 1 })
    for (let i = 0; i < 3; i++) await secured(connect({ host: '127.0.0.1', port, psk }))
    await tcpClient(port)
    await failure(connect({ host: '127.0.0.1', port, psk }))
    expect(refused.map(({ code }) => code)).toEqual(['ERR_TOO_MANY_HANDSHAKES'])
  })

  it('asks the key manager for no more than maxKeyLookups keys at once', async () => {
    const { source, calls } = silentSource()
    const qkd = qkdPair()
    const limits = { maxKeyLookups: 1, maxWaitingKeyLookups: 0 }
    const { server, port, refused } = await listen({ qkd: { ...qkd.server, source }, ...limits })
    const waiting = connect({ host: '127.0.0.1', port, qkd: qkd.client })
    waiting.on('error', () => {})
    await expect.poll(() => calls.length).toBe(1)
    await failure(connect({ host: '127.0.0.1', port, qkd: qkd.client }))
    expect(refused.map(({ code }) => code)).toEqual(['ERR_TOO_MANY_KEY_LOOKUPS'])
    expect(calls).toHaveLength(1)
    expect(server.keyLookups).toMatchObject({ asked: 1, active: 1, refused: { noRoom: 1 } })
    waiting.destroy()
    await calls[0]?.aborted
    await expect.poll(() => server.keyLookups).toMatchObject({ active: 0, abandoned: 1 })
  })

  it('keeps little of what a client piles up while the key manager is asked', async () => {
    const { source, calls } = silentSource()
    const qkd = qkdPair()
    const { server, port } = await listen({ qkd: { ...qkd.server, source } })
    const accepted = once(server, 'connection')
    const client = connect({ host: '127.0.0.1', port, qkd: qkd.client })
    client.on('error', () => {})
    const [transport] = (await accepted) as [Socket]
    await expect.poll(() => calls.length).toBe(1)
    const raw = (client as unknown as { transport: Socket }).transport
    const record = Buffer.concat([Buffer.from([0x17, 0x03, 0x03, 0x40, 0x00]), Buffer.alloc(0x4000)])
    for (let i = 0; i < 1000; i++) raw.write(record)
    await expect.poll(() => transport.isPaused()).toBe(true)
    expect(transport.bytesRead).toBeLessThan(3 * 1024 * 1024)
    client.destroy()
  })

  it('sends its alert before it closes, also when the client is still sending', async () => {
    const { port } = await listen(serverIdentity)
    const socket = await tcpClient(port)
    const answer = readAll(socket)
    socket.write(Buffer.alloc(300_000, 0x41))
    socket.end()
    const bytes = await answer
    // A plaintext record of type alert, level fatal.
    expect([...bytes.subarray(0, 6)]).toEqual([0x15, 0x03, 0x03, 0x00, 0x02, 0x02])
  })

  it('gives errors after the handshake to the socket, not to tlsClientError', async () => {
    const { server, client, listening } = await shake({ psk }, { psk })
    const failed = failure(server)
    ;(client as unknown as { transport: TLSSocket }).transport.end()
    expect((await failed).code).toBe('ERR_TRUNCATED')
    expect(listening.refused).toEqual([])
  })
})
