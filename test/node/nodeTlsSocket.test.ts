/** Methods and properties of tls.TLSSocket and net.Socket beyond those of nodeTlsShape.test.ts. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { connect } from '../../src/index.js'
import {
  authority,
  ca,
  clientIdentity,
  failure,
  listen,
  listenTcp,
  plain,
  psk,
  readAll,
  secured,
  serverIdentity,
  shake,
  tcpClient,
} from './fixtures.js'

describe('Finished', () => {
  it('of either side is what the other side got, of the length of the hash, and another in each connection', async () => {
    const { client, server } = await plain()
    expect(client.getFinished()).toHaveLength(48)
    expect(client.getFinished()).toEqual(server.getPeerFinished())
    expect(client.getPeerFinished()).toEqual(server.getFinished())
    expect(client.getFinished()).not.toEqual(client.getPeerFinished())
    const other = await shake({ psk, ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }, { psk })
    expect(other.client.getFinished()).toHaveLength(32)
    expect(other.client.getFinished()).toEqual(other.server.getPeerFinished())
  })

  it('is given as a copy, and not before the handshake', async () => {
    const { port } = await listen(serverIdentity)
    const client = connect({ host: '127.0.0.1', port, ca })
    expect([client.getFinished(), client.getPeerFinished(), client.getTLSTicket()]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect([client.secureConnecting, client.getSharedSigalgs()]).toEqual([true, []])
    await secured(client)
    expect(client.secureConnecting).toBe(false)
    client.getFinished()?.fill(0)
    expect(client.getFinished()?.some((octet) => octet !== 0)).toBe(true)
  })
})

it('getSharedSigalgs: what the peer verifies and we do too, where a certificate was asked of us', async () => {
  const server = { ...serverIdentity, ca, requestCert: true, sigalgs: ['mldsa44', 'mldsa65'] }
  const { client, server: accepted } = await shake(server, {
    ca,
    ...clientIdentity,
    sigalgs: ['mldsa87', 'mldsa65', 'mldsa44'],
  })
  expect(accepted.getSharedSigalgs()).toEqual(['mldsa65', 'mldsa44'])
  expect(client.getSharedSigalgs()).toEqual(['mldsa44', 'mldsa65'])
  expect((await shake({ psk }, { psk })).server.getSharedSigalgs()).toEqual([])
})

it('getTLSTicket is the ticket of the last session, as it goes on the wire', async () => {
  const { port } = await listen(serverIdentity)
  const client = connect({ host: '127.0.0.1', port, ca })
  await once(client, 'session')
  const session = client.getSession() as Buffer
  const ticket = client.getTLSTicket() as Buffer
  client.destroy()
  expect(session.includes(ticket)).toBe(true)
  let sent = Buffer.alloc(0)
  const relay = await listenTcp((socket) => {
    socket.on('data', (chunk: Buffer) => {
      sent = Buffer.concat([sent, chunk])
    })
  })
  const next = connect({ host: '127.0.0.1', port: relay, servername: '127.0.0.1', ca, session })
  next.on('error', () => {})
  await expect.poll(() => sent.includes(ticket)).toBe(true)
  next.destroy()
})

it('renegotiate answers as node:tls over TLS 1.3: false, and an error for the callback', async () => {
  const { client } = await plain()
  const told = new Promise((resolve) => expect(client.renegotiate({}, resolve)).toBe(false))
  expect(await told).toMatchObject({ code: 'ERR_INVALID_STATE', message: expect.stringContaining('requestKeyUpdate') })
  expect(client.renegotiate({})).toBe(false)
  client.disableRenegotiation()
  expect(() => client.enableTrace()).toThrow(expect.objectContaining({ code: 'ERR_INVALID_STATE' }))
  expect(client.destroyed).toBe(false)
})

describe('setMaxSendFragment', () => {
  it('bounds the records that are sent, set before the handshake or after it', async () => {
    const { port } = await listen(serverIdentity, (socket) => socket.pipe(socket))
    for (const early of [true, false]) {
      const lengths: number[] = []
      const [near, far] = duplexPair()
      const tcp = connectTcp(port, '127.0.0.1')
      far.on('data', (chunk: Buffer) => {
        lengths.push(...recordLengths(chunk))
        tcp.write(chunk)
      })
      tcp.on('data', (chunk) => far.write(chunk))
      const client = connect({ socket: near, servername: 'localhost', ca })
      if (early) expect(client.setMaxSendFragment(512)).toBe(true)
      await secured(client)
      if (!early) expect(client.setMaxSendFragment(512)).toBe(true)
      lengths.length = 0
      const data = randomBytes(5000)
      client.end(data)
      expect((await readAll(client)).equals(data)).toBe(true)
      tcp.destroy()
      // Content, its type, and the tag.
      expect(Math.max(...lengths)).toBe(512 + 1 + 16)
      expect(lengths.filter((length) => length === 529)).toHaveLength(9)
    }
  })

  it('is false outside of 512 to 16,384, and then changes nothing', async () => {
    const { client, server } = await plain()
    for (const size of [0, 511, 16_385, 600.5, Number.NaN]) expect(client.setMaxSendFragment(size)).toBe(false)
    expect(client.setMaxSendFragment(16_384)).toBe(true)
    const data = randomBytes(40_000)
    client.end(data)
    expect((await readAll(server)).equals(data)).toBe(true)
  })

  function recordLengths(chunk: Buffer): number[] {
    const lengths: number[] = []
    for (let offset = 0; offset < chunk.length; offset += 5 + (lengths.at(-1) as number)) {
      lengths.push(chunk.readUInt16BE(offset + 3))
    }
    return lengths
  }
})

describe('as of net.Socket', () => {
  it('readyState and pending follow the connection', async () => {
    const { server, port } = await listen({ ...serverIdentity, allowHalfOpen: true })
    const accepted = once(server, 'secureConnection')
    const client = connect({ host: '127.0.0.1', port, ca, allowHalfOpen: true })
    expect([client.readyState, client.pending, client.connecting]).toEqual(['opening', true, true])
    await secured(client)
    expect([client.readyState, client.pending, client.bufferSize]).toEqual(['open', false, 0])
    const [far] = await accepted
    client.end()
    await readAll(far)
    expect([client.readyState, far.readyState]).toEqual(['readOnly', 'writeOnly'])
    far.end()
    await readAll(client)
    await expect.poll(() => [client.readyState, far.readyState]).toEqual(['closed', 'closed'])
  })

  it('close says whether there was an error', async () => {
    const { client, server } = await plain()
    const orderly = once(server, 'close')
    server.resume().end()
    client.resume().end()
    expect(await orderly).toEqual([false])
    const { port } = await listen(serverIdentity)
    const stranger = connect({ host: '127.0.0.1', port, ca: authority().certificatePem })
    const closed = new Promise((resolve) => stranger.once('close', resolve))
    await failure(stranger)
    expect(await closed).toBe(true)
  })

  it('destroySoon sends what was written, then closes', async () => {
    const { client, server } = await plain()
    client.write('last words')
    client.destroySoon()
    expect((await readAll(server)).toString()).toBe('last words')
    await expect.poll(() => client.destroyed).toBe(true)
    expect(client.errored).toBeNull()
  })

  it('resetAndDestroy ends it by a reset', async () => {
    const { client, server } = await plain()
    const ended = failure(server)
    client.resetAndDestroy()
    expect(await ended).toMatchObject({ code: 'ERR_TRANSPORT', cause: { code: 'ECONNRESET' } })
    expect([client.destroyed, client.errored]).toEqual([true, null])
  })

  it('without a TCP connection below, its switches do nothing and its addresses are undefined', async () => {
    const [near] = duplexPair()
    const client = connect({ socket: near, servername: 'localhost', ca })
    client.setTypeOfService(0x10).setNoDelay().setKeepAlive()
    expect([client.getTypeOfService(), client.pending, client.remoteAddress]).toEqual([0, false, undefined])
    client.resetAndDestroy()
    expect(client.destroyed).toBe(true)
  })

  it('type of service is the transport’s, where the running Node has it', async () => {
    const { port } = await listen(serverIdentity)
    const tcp = connectTcp(port, '127.0.0.1') as Socket & { getTypeOfService?: () => number }
    const client = await secured(connect({ socket: tcp, servername: 'localhost', ca }))
    client.setTypeOfService(0x10)
    expect(client.getTypeOfService()).toBe(tcp.getTypeOfService?.() ?? 0)
  })
})

describe('AbortSignal', () => {
  it('that is aborted already ends a client before it has said anything, and its transport', async () => {
    const reason = new Error('not any more')
    const received: Buffer[] = []
    const port = await listenTcp((socket) => socket.on('data', (chunk: Buffer) => received.push(chunk)).end())
    const socket = await tcpClient(port)
    const client = connect({ socket, servername: 'localhost', ca, signal: AbortSignal.abort(reason) })
    expect(await failure(client)).toMatchObject({ code: 'ERR_ABORTED', cause: reason })
    if (!socket.closed) await once(socket, 'close')
    expect(received).toEqual([])
  })

  it('leaves no listener behind when the connection is over', async () => {
    const { port } = await listen(serverIdentity, (socket) => socket.end())
    const { signal } = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++
      addEventListener.apply(signal, args)
    }
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--
      removeEventListener.apply(signal, args)
    }
    await once(connect({ host: '127.0.0.1', port, ca, signal }).resume(), 'close')
    expect(listeners).toBe(0)
  })
})

it('the option timeout is in force from the beginning, and closes nothing', async () => {
  const port = await listenTcp(() => {})
  const client = connect({ host: '127.0.0.1', port, ca, timeout: 50 })
  await once(client, 'timeout')
  expect([client.timeout, client.destroyed]).toEqual([50, false])
  client.destroy()
})
