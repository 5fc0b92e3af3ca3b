import { once } from 'node:events'
import * as plainHttp2 from 'node:http2'
import { describe, expect, it } from 'vitest'
import { connect as connectTls, type TLSSocket, TrefoilError } from '../../../src/index.js'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type SecureClientSessionOptions,
  type ServerHttp2Stream,
} from '../../../src/node/http/http2.js'
import { Agent, request } from '../../../src/node/http/https.js'
import { ca, clientIdentity, listen, qkdPair, readAll, secured, serverIdentity } from '../fixtures.js'
import { allClosed, atEnd, BODY, digest, startHttp2, startHttps } from './support.js'

function open(origin: string, options: SecureClientSessionOptions = {}): ClientHttp2Session {
  const session = connect(origin, { ca, host: '127.0.0.1', servername: 'localhost', ...options })
  atEnd(() => session.destroy())
  return session
}

/** Resolves with the body, rejects with the error of the stream. */
async function ask(session: ClientHttp2Session, path: string, body?: Uint8Array): Promise<Buffer> {
  const stream = session.request({ ':path': path, ':method': body ? 'POST' : 'GET' })
  stream.end(body)
  return readAll(stream)
}

function tlsOf(session: plainHttp2.Http2Session | undefined): TLSSocket {
  return session?.socket as unknown as TLSSocket
}

async function errorOf(emitter: NodeJS.EventEmitter): Promise<Error> {
  const [error] = (await once(emitter, 'error')) as [Error]
  return error
}

function echo(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200 })
  stream.on('error', () => {}).pipe(stream)
}

describe('HTTP/2 by the names of node:http2', () => {
  it('carries 50 streams at once, each with its own body both ways', async () => {
    const site = await startHttp2()
    site.server.on('stream', echo)
    const session = open(site.origin)
    const bodies = Array.from({ length: 50 }, (_, i) => BODY.subarray(i * 1000, i * 1000 + 60_000 + i))
    const answers = await Promise.all(bodies.map((body, i) => ask(session, `/${i}`, body)))
    expect(answers.map(digest)).toEqual(bodies.map(digest))
    expect(site.accepted).toHaveLength(1)
  })

  it('carries large bodies both ways at once', async () => {
    const { server, origin } = await startHttp2()
    server.on('stream', echo)
    expect(digest(await ask(open(origin), '/', BODY))).toBe(digest(BODY))
  })

  it('tells of TLS at both ends where node:http2 does', async () => {
    const qkd = qkdPair()
    const site = await startHttp2({ ca, requestCert: true, qkd: qkd.server })
    site.server.on('request', (asked, response) => {
      const socket = asked.socket as unknown as TLSSocket
      const { encrypted, alpnProtocol, authorized, remotePort, servername, protection } = socket
      const subject = socket.getPeerCertificate().subjectaltname
      response.end(JSON.stringify({ encrypted, alpnProtocol, authorized, remotePort, servername, subject, protection }))
    })
    const session = open(site.origin, { ...clientIdentity, qkd: qkd.client })
    await once(session, 'remoteSettings')
    const seen = JSON.parse((await ask(session, '/')).toString())
    const { protection, localPort } = tlsOf(session)
    expect(seen).toMatchObject({
      ...{ encrypted: true, alpnProtocol: 'h2', authorized: true, servername: 'localhost' },
      ...{ remotePort: localPort, subject: 'DNS:client.test' },
    })
    expect(seen.protection.qkd.keyId).toBe(protection?.qkd?.keyId)
    expect([session.encrypted, session.alpnProtocol]).toEqual([true, 'h2'])
    expect(tlsOf(session).exportKeyingMaterial(32, 'EXPORTER-test')).toEqual(
      site.accepted[0]?.exportKeyingMaterial(32, 'EXPORTER-test'),
    )
  })

  it('gives the key log of a session to those who listen at its socket, and is not made to keep one otherwise', async () => {
    const { accepted, origin } = await startHttp2()
    const [heard, unheard] = [open(origin), open(origin)]
    const lines: string[] = []
    heard.socket.on('keylog' as 'data', (line) => lines.push(`${line}`))
    unheard.socket.on('error', () => {})
    await Promise.all([heard, unheard].map((session) => once(session, 'remoteSettings')))
    expect(lines.join('')).toContain('CLIENT_HANDSHAKE_TRAFFIC_SECRET ')
    expect(accepted.map((socket) => socket.listenerCount('keylog'))).toEqual([0, 0])
  })

  it('runs over createConnection of node:http2 too', async () => {
    const { server, port, origin } = await startHttp2()
    server.on('stream', echo)
    const session = plainHttp2.connect(origin, {
      createConnection: () => connectTls({ port, host: '127.0.0.1', ca, ALPNProtocols: ['h2'] }),
    })
    atEnd(() => session.destroy())
    expect(digest(await ask(session, '/', BODY))).toBe(digest(BODY))
  })

  it('resumes a session that is given to it', async () => {
    const { server, origin } = await startHttp2()
    server.on('stream', echo)
    const first = open(origin)
    const [session] = (await once(first.socket, 'session')) as [Buffer]
    const second = open(origin, { session })
    await once(second, 'remoteSettings')
    expect(tlsOf(second).protection?.resumed).toBe(true)
    expect((await ask(second, '/', Buffer.from('again'))).toString()).toBe('again')
  })

  it('ends without an error on either side when the session is closed', async () => {
    const site = await startHttp2()
    site.server.on('stream', echo)
    const errors: unknown[] = []
    site.server.on('sessionError', (error) => errors.push(error))
    const session = open(site.origin).on('error', (error) => errors.push(error))
    await ask(session, '/', Buffer.from('x'))
    await new Promise<void>((resolve) => session.close(resolve))
    await allClosed(site)
    expect(errors).toEqual([])
  })
})

describe('HTTP/2 connections that are refused', () => {
  it('fail with the TrefoilError of the handshake', async () => {
    const site = await startHttp2()
    const session = open(site.origin, { servername: 'elsewhere.test' })
    const stream = session.request({ ':path': '/' })
    const [ofSession, ofStream] = await Promise.all([errorOf(session), errorOf(stream)])
    expect(ofSession).toMatchObject({ code: 'ERR_CERTIFICATE_NAME_MISMATCH' })
    expect(ofStream).toMatchObject({ code: 'ERR_CERTIFICATE_NAME_MISMATCH' })
    await allClosed(site)
  })

  it('a server that has no ALPN, or another protocol, is no HTTP/2 server', async () => {
    const site = await startHttps(() => {}, { ALPNProtocols: [] })
    expect(await errorOf(open(site.origin))).toMatchObject({ code: 'ERR_NO_APPLICATION_PROTOCOL' })
    const strict = await startHttps(() => {})
    expect(await errorOf(open(strict.origin))).toMatchObject({
      code: 'ERR_ALERT_RECEIVED',
      alert: 'no_application_protocol',
    })
    await Promise.all([site, strict].map(allClosed))
  })

  it('a server that did not agree on HTTP/2 is told no request', async () => {
    let received = 0
    const closed: Promise<unknown>[] = []
    const { port } = await listen(serverIdentity, (socket) => {
      closed.push(new Promise((resolve) => socket.once('close', resolve)))
      socket.on('data', (chunk: Buffer) => {
        received += chunk.length
      })
    })
    const session = open(`https://localhost:${port}`)
    const stream = session.request({ ':path': '/secret' })
    const errors = await Promise.all([errorOf(session), errorOf(stream)])
    for (const error of errors) expect(error).toMatchObject({ code: 'ERR_NO_APPLICATION_PROTOCOL' })
    await expect.poll(() => closed.length).toBe(1)
    await closed[0]
    expect(received).toBe(0)
  })

  it('options that node:http2 does not take leave no connection behind', async () => {
    const { port, origin } = await startHttp2()
    const socket = connectTls({ port, host: '127.0.0.1', ca, ALPNProtocols: ['h2'] })
    const wrong = { settings: { headerTableSize: -1 }, createConnection: () => socket }
    expect(() => open(origin, wrong)).toThrow(expect.objectContaining({ code: 'ERR_HTTP2_INVALID_SETTING_VALUE' }))
    expect(socket.destroyed).toBe(true)
  })

  it('a URL without TLS is refused before anything is sent', () => {
    expect(() => connect('http://localhost')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }))
  })
})

describe('HTTP/2 connections that break in the midst of bodies', () => {
  it('at the server: session and streams end with a typed error', async () => {
    const site = await startHttp2()
    const streams: ServerHttp2Stream[] = []
    site.server.on('sessionError', () => {})
    site.server.on('stream', (stream) => {
      streams.push(stream.on('error', () => {}))
      stream.respond({ ':status': 200 })
      stream.write(BODY.subarray(0, 1000))
    })
    const session = open(site.origin)
    const ended = Promise.all([session, ...['/1', '/2'].map((path) => session.request({ ':path': path }))].map(errorOf))
    await expect.poll(() => streams.length).toBe(2)
    for (const socket of site.open) socket.destroy()
    for (const error of await ended) expect(error).toMatchObject({ code: 'ERR_TRUNCATED' })
    expect(session.destroyed).toBe(true)
    await allClosed(site)
    expect(streams.every(({ destroyed }) => destroyed)).toBe(true)
  })

  it('at the client: the streams of the server end, and the server goes on', async () => {
    const site = await startHttp2()
    const streams: ServerHttp2Stream[] = []
    site.server.on('sessionError', () => {})
    site.server.on('stream', (stream, headers) => {
      if (headers[':path'] === '/echo') return echo(stream)
      streams.push(stream.on('error', () => {}))
      stream.respond({ ':status': 200 })
      stream.resume().write(BODY)
    })
    const session = open(site.origin).on('error', () => {})
    const asked: ClientHttp2Stream[] = ['/1', '/2'].map((path) => session.request({ ':path': path, ':method': 'POST' }))
    for (const stream of asked) stream.on('error', () => {}).write(BODY.subarray(0, 1000))
    await expect.poll(() => streams.length).toBe(2)
    session.destroy(new Error('client gives up'))
    await expect.poll(() => streams.every(({ destroyed }) => destroyed)).toBe(true)
    await allClosed(site)
    expect((await ask(open(site.origin), '/echo', Buffer.from('on'))).toString()).toBe('on')
  })

  it('when the transport breaks under them', async () => {
    const site = await startHttp2()
    site.server.on('sessionError', () => {})
    site.server.on('stream', (stream) => {
      stream.on('error', () => {}).respond({ ':status': 200 })
      stream.write(BODY)
    })
    const transports: { destroy(): void }[] = []
    site.server.on('connection', (transport) => transports.push(transport))
    const session = open(site.origin)
    const stream = session.request({ ':path': '/' })
    const ended = Promise.all([errorOf(session), errorOf(stream)])
    await once(stream, 'data')
    for (const transport of transports) transport.destroy()
    for (const error of await ended) expect(error).toBeInstanceOf(TrefoilError)
    await allClosed(site)
  })
})

describe('allowHTTP1', () => {
  const ask1 = (port: number, agent: Agent, body?: Uint8Array) =>
    new Promise<[Buffer, string]>((resolve, reject) => {
      const asked = request({ host: 'localhost', port, agent, method: body ? 'POST' : 'GET' }, (response) => {
        readAll(response).then((octets) => resolve([octets, response.httpVersion]), reject)
      })
      asked.on('error', reject).end(body)
    })

  function agent(options: object = {}): Agent {
    const made = new Agent({ ca, ...options })
    atEnd(() => made.destroy())
    return made
  }

  it('serves both by the same listener', async () => {
    const site = await startHttp2({ allowHTTP1: true })
    site.server.on('request', (asked, response) => {
      response.setHeader('x-version', asked.httpVersion)
      asked.pipe(response)
    })
    for (const options of [{}, { ALPNProtocols: [] }]) {
      const [body, version] = await ask1(site.port, agent(options), BODY)
      expect([digest(body), version]).toEqual([digest(BODY), '1.1'])
    }
    expect(digest(await ask(open(site.origin), '/', BODY))).toBe(digest(BODY))
    expect(site.accepted.map(({ alpnProtocol }) => alpnProtocol)).toEqual(['http/1.1', false, 'h2'])
  })

  it('ends idle connections of HTTP/1.1 when the server is closed', async () => {
    const site = await startHttp2({ allowHTTP1: true })
    site.server.on('request', (_, response) => response.end('x'))
    const client = await secured(connectTls({ host: '127.0.0.1', port: site.port, ca }))
    client.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await once(client, 'data')
    // Rejects with ERR_TRUNCATED without a close_notify.
    const rest = readAll(client)
    await new Promise((resolve) => site.server.close(resolve))
    await rest
    expect(site.open.size).toBe(0)
  })

  /** What is answered to `text` until the end, which after a refusal comes without a close_notify. */
  async function answerTo(port: number, text: string): Promise<string> {
    const client = await secured(connectTls({ host: '127.0.0.1', port, ca }))
    let answer = ''
    client
      .on('error', () => {})
      .on('data', (chunk) => {
        answer += chunk
      })
    client.end(text)
    await new Promise((resolve) => client.once('close', resolve))
    return answer
  }

  it('does without listeners what HTTP/1.1 does without listeners, also when there have been some', async () => {
    const site = await startHttp2({ allowHTTP1: true })
    site.server.on('request', (_, response) => response.end('no other protocol here'))
    const gone = () => {}
    for (const name of ['upgrade', 'clientError', 'checkContinue']) site.server.on(name, gone).off(name, gone)
    const send = (text: string) => answerTo(site.port, text)
    const asking = 'GET / HTTP/1.1\r\nhost: localhost\r\n'
    expect(await send(`${asking}connection: upgrade\r\nupgrade: other\r\n\r\n`)).toContain('no other protocol here')
    expect(await send(`${asking}expect: 100-continue\r\n\r\n`)).toContain('no other protocol here')
    expect(await send('no HTTP\r\n\r\n')).toContain('400 Bad Request')
    await allClosed(site)
  })

  it('has limits for HTTP/1.1, given with the options or set on the server', async () => {
    const site = await startHttp2({ allowHTTP1: true, http1Options: { maxHeaderSize: 2000, keepAliveTimeout: 1234 } })
    site.server.on('request', (_, response) => response.end('x'))
    expect(site.server).toMatchObject({ keepAliveTimeout: 1234, requestTimeout: 300_000, timeout: 0 })
    const long = `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(3000)}\r\n\r\n`
    expect(await answerTo(site.port, long)).toContain('431 Request Header Fields Too Large')
    Object.assign(site.server, { keepAliveTimeout: 1 })
    const idle = await secured(connectTls({ host: '127.0.0.1', port: site.port, ca }))
    idle.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    // Ends because the server ends it.
    expect((await readAll(idle)).toString()).toContain('200 OK')
    site.server.setTimeout(4321)
    expect(site.server).toHaveProperty('timeout', 4321)
  })

  it('unless given, clients without h2 are refused', async () => {
    const site = await startHttp2()
    await expect(ask1(site.port, agent())).rejects.toMatchObject({ alert: 'no_application_protocol' })
    await allClosed(site)
  })
})
