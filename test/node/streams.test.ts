import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { connect, type TLSSocket, TrefoilError } from '../../src/index.js'
import { ca, failure, listen, listenTcp, plain, readAll, secured, serverIdentity, tcpClient } from './fixtures.js'

const MEBIBYTE = 1024 * 1024

describe('data', () => {
  it('goes both ways at once, in any sizes of write, unchanged', async () => {
    const { client, server } = await plain()
    const up = randomBytes(3 * MEBIBYTE + 17)
    const down = randomBytes(2 * MEBIBYTE + 5)
    for (let offset = 0, size = 1; offset < up.length; offset += size, size = Math.min(2 * size, 300_000)) {
      client.write(up.subarray(offset, offset + size))
    }
    client.end()
    server.end(down)
    const [gotUp, gotDown] = await Promise.all([readAll(server), readAll(client)])
    expect(gotUp.equals(up)).toBe(true)
    expect(gotDown.equals(down)).toBe(true)
  })

  it('written before the handshake is complete arrives after it', async () => {
    const { server, port } = await listen(serverIdentity, (socket) => socket.pipe(socket))
    const client = connect({ host: '127.0.0.1', port, ca })
    client.end('early')
    expect((await readAll(client)).toString()).toBe('early')
    expect(client.authorized).toBe(true)
    server.close()
  })

  it('that came before the end is there for a slow reader, though the transport has long been closed', async () => {
    const sent = randomBytes(50_000)
    const { port } = await listen(serverIdentity, (socket) => socket.end(sent))
    const tcp = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true })
    const client = await secured(connect({ socket: tcp, servername: 'localhost', ca }))
    client.end()
    // Nobody reads yet: what came fits into the buffers.
    await once(tcp, 'close')
    expect((await readAll(client)).equals(sent)).toBe(true)
    expect(client.errored).toBeNull()
  })

  it('runs over any Duplex, a connection within a connection among them', async () => {
    const inner = await listen(serverIdentity, (socket) => socket.pipe(socket))
    const { port } = await listen({ ...serverIdentity, allowHalfOpen: true }, (outer) => {
      const transport = connectTcp({ port: inner.port, host: '127.0.0.1', allowHalfOpen: true })
      outer.pipe(transport).pipe(outer)
    })
    const outer = await secured(connect({ host: '127.0.0.1', port, ca }))
    const client = await secured(connect({ socket: outer, servername: 'localhost', ca }))
    client.end('twice wrapped')
    expect((await readAll(client)).toString()).toBe('twice wrapped')
  })

  it('runs over a transport that delivers one octet at a time', async () => {
    const { port } = await listen(serverIdentity, (socket) => socket.pipe(socket))
    const tcp = connectTcp(port, '127.0.0.1')
    await once(tcp, 'connect')
    const drip = new Duplex({
      read() {},
      write: (chunk: Buffer, _encoding, callback) => {
        for (const octet of chunk) tcp.write(Uint8Array.of(octet))
        callback()
      },
      final: (callback) => tcp.end(callback),
      destroy: (error, callback) => {
        tcp.destroy()
        callback(error)
      },
    })
    tcp.on('data', (chunk: Buffer) => {
      for (const octet of chunk) drip.push(Uint8Array.of(octet))
    })
    tcp.on('end', () => drip.push(null))
    const client = connect({ socket: drip, servername: 'localhost', ca })
    client.end('drop by drop')
    expect((await readAll(client)).toString()).toBe('drop by drop')
  })
})

describe('back-pressure', () => {
  it('a peer that does not read stops our writes, and their callbacks, until it reads again', async () => {
    const { client, server } = await plain()
    server.pause()
    const chunk = randomBytes(MEBIBYTE)
    let accepted = 0
    let sent = 0
    // More than the buffers of both kernels and both streams take.
    while (sent < 64) {
      sent++
      if (!client.write(chunk, () => accepted++)) await Promise.race([once(client, 'drain'), quiet()])
      if (client.writableNeedDrain) break
    }
    expect(client.writableNeedDrain).toBe(true)
    expect(accepted).toBeLessThan(sent)
    expect(server.readableLength).toBeLessThan(2 * MEBIBYTE)
    client.end()
    const got = await readAll(server)
    expect(got.length).toBe(sent * MEBIBYTE)
    expect(accepted).toBe(sent)
  })

  it('a socket that is not read keeps little in memory', async () => {
    const { client, server } = await plain()
    server.write(randomBytes(32 * MEBIBYTE))
    server.end()
    await quiet()
    expect(client.readableLength).toBeLessThan(2 * MEBIBYTE)
    expect((await readAll(client)).length).toBe(32 * MEBIBYTE)
  })
})

describe('the end', () => {
  it('end() closes our half only: the peer may go on sending (RFC 9846 6.1)', async () => {
    const { client, server } = await plain({ allowHalfOpen: true })
    client.end('question')
    expect((await readAll(server)).toString()).toBe('question')
    expect(server.writable).toBe(true)
    server.end('answer')
    expect((await readAll(client)).toString()).toBe('answer')
    await Promise.all([closed(client), closed(server)])
  })

  it('without allowHalfOpen the end of the peer ends our half too', async () => {
    const { client, server } = await plain()
    server.resume()
    client.end()
    await Promise.all([once(server, 'finish'), closed(server), closed(client.resume())])
    expect([client.errored, server.errored]).toEqual([null, null])
  })

  it('is noticed by a socket that nobody reads', async () => {
    const { client, server } = await plain()
    server.end()
    await once(client, 'finish')
    expect(server.destroyed || server.readable).toBe(true)
  })

  it('of the transport without close_notify is ERR_TRUNCATED', async () => {
    const tcp = await new Promise<{ client: TLSSocket; drop: () => void }>((resolve) => {
      void listen(serverIdentity).then(async ({ port }) => {
        const proxy = await listenTcp((socket) => {
          const behind = connectTcp(port, '127.0.0.1')
          socket.pipe(behind)
          behind.on('data', (chunk) => socket.write(chunk))
          resolved.drop = () => socket.end()
        })
        const resolved = { client: connect({ host: '127.0.0.1', port: proxy, ca }), drop: () => {} }
        resolved.client.once('secureConnect', () => resolve(resolved))
      })
    })
    tcp.drop()
    const error = await failure(tcp.client)
    expect(error).toMatchObject({ name: 'TrefoilError', code: 'ERR_TRUNCATED', alert: null })
  })

  it('of the transport by an error is ERR_TRANSPORT with its cause', async () => {
    const { port } = await listen(serverIdentity)
    const socket = await tcpClient(port)
    const client = await secured(connect({ socket, servername: 'localhost', ca }))
    const failed = failure(client)
    const cause = new Error('cable cut')
    socket.destroy(cause)
    expect(await failed).toMatchObject({ code: 'ERR_TRANSPORT', blame: 'transport', cause })
  })

  it('a port where nobody listens is ERR_TRANSPORT with its cause', async () => {
    const { server, port } = await listen(serverIdentity)
    server.close()
    await once(server, 'close')
    const error = await failure(connect({ host: '127.0.0.1', port, ca }))
    expect(error).toMatchObject({ code: 'ERR_TRANSPORT', cause: { code: 'ECONNREFUSED' } })
  })

  it('destroy(error) turns any error into a TrefoilError and keeps it as cause', async () => {
    const { client } = await plain()
    const cause = new Error('enough')
    const failed = failure(client)
    client.destroy(cause)
    const error = await failed
    expect(error).toBeInstanceOf(TrefoilError)
    expect(error).toMatchObject({ code: 'ERR_ABORTED', cause })
  })

  it('destroy() before and during the handshake is silent, and the transport goes with it', async () => {
    const { port } = await listen(serverIdentity)
    for (const wait of ['connect', null]) {
      const client = connect({ host: '127.0.0.1', port, ca })
      if (wait) await once(client, wait)
      client.destroy()
      await once(client, 'close')
      expect(client.errored).toBeNull()
    }
  })

  it('writing after the end fails by callback, as with any stream', async () => {
    const { client, server } = await plain()
    server.resume()
    client.on('error', () => {})
    client.end()
    const error = await new Promise((resolve) => client.write('late', resolve))
    expect(error).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' })
  })
})

function closed(socket: TLSSocket): Promise<unknown> {
  return socket.closed ? Promise.resolve() : once(socket, 'close')
}

/** Until nothing has been going on for a while. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 300))
}
