import { once } from 'node:events'
import { fastify } from 'fastify'
import { fetch, Agent as UndiciAgent } from 'undici'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { connect, type TLSSocket } from '../../../src/index.js'
import { createSecureServer } from '../../../src/node/http/http2.js'
import { Agent, createServer, type Server } from '../../../src/node/http/https.js'
import { buildConnector } from '../../../src/node/http/undici.js'
import { ca, readAll, serverIdentity } from '../fixtures.js'
import { allClosed, atEnd, BODY, digest, type Site, startHttp2, startHttps } from './support.js'

function agent(): Agent {
  const made = new Agent({ ca })
  atEnd(() => made.destroy())
  return made
}

describe('ws over trefoil/https', () => {
  function open(site: Pick<Site<Server>, 'origin'>): WebSocket {
    const socket = new WebSocket(site.origin.replace('https', 'wss'), { agent: agent(), perMessageDeflate: false })
    atEnd(() => socket.terminate())
    return socket
  }

  function echoing(site: Pick<Site<Server>, 'server'>): WebSocketServer {
    const server = new WebSocketServer({ server: site.server })
    server.on('connection', (socket) => {
      socket.on('error', () => {}).on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    return server
  }

  /** Several may come in one tick. */
  function messages(socket: WebSocket, count: number): Promise<Buffer[]> {
    const received: Buffer[] = []
    return new Promise((resolve) => {
      socket.on('message', (data: Buffer) => {
        if (received.push(data) === count) resolve(received)
      })
    })
  }

  it('carries messages of some MiB both ways, and closes cleanly', async () => {
    const site = await startHttps((_, response) => response.end())
    echoing(site)
    const socket = open(site)
    await once(socket, 'open')
    socket.send(BODY)
    socket.send('and text')
    const [echoed, text] = await messages(socket, 2)
    expect(digest(echoed as Buffer)).toBe(digest(BODY))
    expect(String(text)).toBe('and text')
    socket.close(1000)
    expect((await once(socket, 'close'))[0]).toBe(1000)
    await allClosed(site)
  })

  it('outlives the time-outs and the goodbyes that are for HTTP', async () => {
    const site = await startHttps((_, response) => response.end())
    site.server.keepAliveTimeout = 1
    site.server.setTimeout(10)
    echoing(site)
    const socket = open(site)
    await once(socket, 'open')
    site.server.closeIdleConnections()
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.send('still here')
    expect(String((await once(socket, 'message'))[0])).toBe('still here')
  })

  it.each(['client', 'server'] as const)('leaves no socket when the %s breaks off', async (who) => {
    const site = await startHttps((_, response) => response.end())
    const server = echoing(site)
    const socket = open(site).on('error', () => {})
    await once(socket, 'open')
    const closed = once(socket, 'close')
    if (who === 'client') socket.terminate()
    else for (const peer of server.clients) peer.terminate()
    expect((await closed)[0]).toBe(1006)
    await allClosed(site)
    expect(server.clients.size).toBe(0)
  })

  it('works beside HTTP/2, by its HTTP/1.1', async () => {
    const site = await startHttp2({ allowHTTP1: true })
    echoing(site as never)
    const socket = open(site)
    await once(socket, 'open')
    socket.send('hello')
    expect(String((await once(socket, 'message'))[0])).toBe('hello')
    expect((site.accepted[0] as TLSSocket).alpnProtocol).toBe('http/1.1')
  })
})

describe('Fastify', () => {
  it.each(['HTTP/1.1', 'HTTP/2'])('serves over a serverFactory (%s)', async (version) => {
    const http2 = version === 'HTTP/2'
    const app = fastify({
      serverFactory: (handler) =>
        (http2
          ? createSecureServer(serverIdentity, handler as never)
          : createServer(serverIdentity, handler)) as Server,
    })
    app.post('/', { bodyLimit: 2 * BODY.length }, (request) => ({
      group: (request.raw.socket as unknown as TLSSocket).protection?.keyExchange.group,
      ip: request.ip,
      digest: digest(request.body as Buffer),
    }))
    app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    const dispatcher = new UndiciAgent({ allowH2: http2, connect: buildConnector({ ca, allowH2: http2 }) })
    const headers = { 'content-type': 'application/octet-stream' }
    const response = await fetch(address.replace(/^http:/, 'https:'), {
      dispatcher,
      method: 'POST',
      headers,
      body: BODY,
    })
    expect(await response.json()).toEqual({ group: 'X25519MLKEM768', ip: '127.0.0.1', digest: digest(BODY) })
    await dispatcher.close()
    await app.close()
  })
})

it('CONNECT makes a tunnel that idle time-outs do not end', async () => {
  const site = await startHttps((_, response) => response.end())
  site.server.setTimeout(10)
  site.server.on('connect', (_, socket) => {
    const tunnel = socket as unknown as TLSSocket
    tunnel.setTimeout(0)
    socket.write('HTTP/1.1 200 Connected\r\n\r\n')
    socket.pipe(socket)
  })
  const client = connect({ host: '127.0.0.1', port: site.port, ca })
  client.write('CONNECT elsewhere:1 HTTP/1.1\r\nhost: elsewhere\r\n\r\n')
  await once(client, 'data')
  client.end('through the tunnel')
  expect((await readAll(client)).toString()).toBe('through the tunnel')
  await allClosed(site)
})
