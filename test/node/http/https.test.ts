import { once } from 'node:events'
import * as http from 'node:http'
import { describe, expect, it } from 'vitest'
import { connect, type TLSSocket, TrefoilError } from '../../../src/index.js'
import { get, globalAgent, request } from '../../../src/node/http/https.js'
import { ca, failure, identity, readAll, secured, testCa } from '../fixtures.js'
import { agentWith, ask, hello } from './asking.js'
import { allClosed, atEnd, BODY, digest, echo, startHttps } from './support.js'

describe('the server of trefoil/https', () => {
  it('is an http.Server whose requests come over TLS', async () => {
    const { server, port } = await startHttps((incoming, response) => {
      const { protection, alpnProtocol } = incoming.socket as unknown as TLSSocket
      response.end(JSON.stringify({ group: protection?.keyExchange.group, alpnProtocol }))
    })
    expect(server).toBeInstanceOf(http.Server)
    const { body } = await ask({ port, agent: agentWith({ ca }) })
    expect(JSON.parse(body.toString())).toEqual({ group: 'X25519MLKEM768', alpnProtocol: 'http/1.1' })
  })

  it('carries large bodies both ways at once', async () => {
    const { port } = await startHttps(echo)
    const { body } = await ask({ port, method: 'POST', agent: agentWith({ ca }) }, BODY)
    expect(digest(body)).toBe(digest(BODY))
  })

  it('answers requests that are sent without waiting in their order', async () => {
    const { port } = await startHttps((incoming, response) => {
      // The first takes longest.
      setTimeout(() => response.end(`<${incoming.url}>`), incoming.url === '/1' ? 50 : 0)
    })
    const client = await secured(connect({ host: '127.0.0.1', port, ca }))
    const asking = (path: string, last = false) =>
      `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${last ? 'connection: close\r\n' : ''}\r\n`
    client.write(asking('/1') + asking('/2') + asking('/3', true))
    expect((await readAll(client)).toString().match(/<.*?>/g)).toEqual(['</1>', '</2>', '</3>'])
  })

  it('says goodbye to connections that are idle for too long, so that no client takes it for a truncation', async () => {
    const site = await startHttps(hello)
    site.server.keepAliveTimeout = 1
    const client = await secured(connect({ host: '127.0.0.1', port: site.port, ca }))
    client.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    // Rejects with ERR_TRUNCATED without a close_notify.
    expect((await readAll(client)).toString()).toContain('hello')
    await allClosed(site)
  })

  it('says goodbye to idle connections when it is closed, and lets answers come to their end', async () => {
    const answers: http.ServerResponse[] = []
    const site = await startHttps((incoming, response) => {
      if (incoming.url === '/slow') answers.push(response)
      else response.end('quick').on('close', () => quick++)
    })
    let quick = 0
    const clients = [1, 2].map(() => connect({ host: '127.0.0.1', port: site.port, ca }))
    const read = Promise.all(clients.map(readAll))
    clients.forEach((client, i) => {
      client.write(`GET /${i === 0 ? 'quick' : 'slow'} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    })
    await expect.poll(() => answers.length + quick).toBe(2)
    const closed = new Promise((resolve) => site.server.close(resolve))
    answers[0]?.end('slow')
    await closed
    expect((await read).map((octets) => octets.toString().slice(-4))).toEqual(['uick', 'slow'])
  })

  it('cuts off a request whose body stops coming, and tells no clean end', async () => {
    const site = await startHttps((incoming, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half')
      incoming.resume()
    })
    site.server.setTimeout(20)
    const client = connect({ host: '127.0.0.1', port: site.port, ca })
    client.on('data', () => {}).write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n12345')
    expect(await failure(client)).toMatchObject({ code: 'ERR_TRUNCATED' })
    await allClosed(site)
  })

  it('holds slow requests to requestTimeout', async () => {
    const site = await startHttps(hello, { requestTimeout: 50, headersTimeout: 50, connectionsCheckingInterval: 20 })
    const client = await secured(connect({ host: '127.0.0.1', port: site.port, ca }))
    client.write('GET / HTTP/1.1\r\nhost: loc')
    const answer: Buffer[] = []
    client.on('data', (chunk: Buffer) => answer.push(chunk))
    expect(await failure(client)).toMatchObject({ code: 'ERR_TRUNCATED' })
    expect(Buffer.concat(answer).toString()).toMatch(/^HTTP\/1\.1 408 /)
    await allClosed(site)
  })

  it('tells failed handshakes as tlsClientError and clientError, and goes on', async () => {
    const { server, port } = await startHttps(hello)
    const told = Promise.all([once(server, 'tlsClientError'), once(server, 'clientError')])
    const agent = agentWith({ ca, servername: 'elsewhere.test' })
    await expect(ask({ port, agent })).rejects.toMatchObject({ code: 'ERR_CERTIFICATE_NAME_MISMATCH' })
    for (const [error] of await told) expect(error).toMatchObject({ code: 'ERR_ALERT_RECEIVED' })
    expect((await ask({ port, agent: agentWith({ ca }) })).body.toString()).toBe('hello')
  })

  it('takes new certificates while it runs, and gives its key log to those who listen, while they do', async () => {
    const { server, port } = await startHttps(hello)
    const before = await ask({ port, agent: agentWith({ ca }) })
    server.setSecureContext(identity(testCa, ['localhost']))
    const lines: string[] = []
    server.on('keylog', (line: Buffer) => lines.push(line.toString()))
    const after = await ask({ port, agent: agentWith({ ca }) })
    const [first, second] = [before, after].map(({ socket }) => socket.getPeerX509Certificate()?.fingerprint256)
    expect(second).not.toBe(first)
    expect(lines.join('')).toContain('SERVER_HANDSHAKE_TRAFFIC_SECRET ')
    server.removeAllListeners('keylog')
    const [unheard] = await Promise.all([once(server, 'secureConnection'), ask({ port, agent: agentWith({ ca }) })])
    expect((unheard[0] as TLSSocket).listenerCount('keylog')).toBe(0)
    server.addContext('added.test', identity(testCa, ['added.test']))
    const added = await ask({ port, agent: agentWith({ ca, servername: 'added.test' }) })
    expect(added.socket.getPeerCertificate().subjectaltname).toBe('DNS:added.test')
    for (const lookups of [server.keyLookups, server.sessionLookups]) expect(lookups).toBeTypeOf('object')
    server.setTicketKeys(server.getTicketKeys() as Buffer)
  })
})

describe('connections that break in the midst of a body', () => {
  it.each(['destroy', 'crash'] as const)(
    'at the server (%s): the client has a typed error, and the response is aborted',
    async (how) => {
      const site = await startHttps((incoming, response) => {
        response.writeHead(200, { 'content-length': String(BODY.length) })
        response.write(BODY.subarray(0, 100_000), () => {
          if (how === 'destroy') incoming.socket.destroy()
          else incoming.socket.destroy(new Error('crash'))
        })
        incoming.socket.on('error', () => {})
      })
      const agent = agentWith({ ca, keepAlive: true })
      const asked = request({ host: 'localhost', port: site.port, agent })
      const failed = once(asked, 'error')
      asked.end()
      const [response] = (await once(asked, 'response')) as [http.IncomingMessage]
      const aborted = once(response.resume(), 'error')
      expect((await failed)[0]).toMatchObject({ code: 'ERR_TRUNCATED' })
      expect((await aborted)[0]).toMatchObject({ code: 'ECONNRESET' })
      expect(response.complete).toBe(false)
      await allClosed(site)
      expect([Object.keys(agent.sockets), Object.keys(agent.freeSockets)]).toEqual([[], []])
    },
  )

  it('at the client: the server sees the request aborted', async () => {
    let seen: Promise<unknown[]> | undefined
    const site = await startHttps((incoming) => {
      seen = once(incoming, 'error').catch((error) => [error])
      incoming.resume()
    })
    const agent = agentWith({ ca, keepAlive: true })
    const asked = request({ host: 'localhost', port: site.port, agent, method: 'POST' })
    asked.on('error', () => {}).write(BODY.subarray(0, 100_000))
    await expect.poll(() => seen !== undefined).toBe(true)
    asked.destroy()
    expect((await seen)?.[0]).toMatchObject({ code: 'ECONNRESET' })
    await allClosed(site)
  })

  it('a server that is closed with all connections leaves none', async () => {
    const site = await startHttps(() => {})
    const asked = request({ host: 'localhost', port: site.port, agent: agentWith({ ca }) })
    const failed = once(asked, 'error')
    asked.end()
    await expect.poll(() => site.open.size).toBe(1)
    site.server.closeAllConnections()
    expect((await failed)[0]).toBeInstanceOf(TrefoilError)
    await allClosed(site)
  })
})

describe('request and get of trefoil/https', () => {
  it('take a URL, options and a listener as those of node:https do', async () => {
    const site = await startHttps((incoming, response) => {
      response.end(`${incoming.method} ${incoming.url} ${incoming.headers.host}`)
    })
    atEnd(() => globalAgent.destroy())
    const url = new URL(`${site.origin}/page?a=b`)
    const ways = [
      () => get(url, { ca }),
      () => get(String(url), { ca }),
      () => request(url, { ca, method: 'PUT' }).end(),
    ]
    for (const way of ways) {
      const asked = way()
      const [response] = (await once(asked, 'response')) as [http.IncomingMessage]
      const body = await readAll(response)
      expect(body.toString()).toBe(`${asked.method} /page?a=b localhost:${site.port}`)
    }
    // The global agent keeps the connection.
    expect(site.accepted).toHaveLength(1)
  })

  it('agent: false is a connection for this request alone', async () => {
    const site = await startHttps(hello)
    for (let i = 0; i < 2; i++) await ask({ port: site.port, ca, agent: false })
    await allClosed(site)
    expect(site.accepted).toHaveLength(2)
  })

  it('a request that is destroyed while its connection is made leaves none', async () => {
    const site = await startHttps(hello)
    const asked = request({ host: 'localhost', port: site.port, agent: agentWith({ ca }) })
    const failed = once(asked, 'error')
    asked.on('socket', () => asked.destroy()).end()
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' })
    await allClosed(site)
  })
})
