import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import * as http from 'node:http'
import * as https from 'node:https'
import { afterAll, describe, expect, it } from 'vitest'
import { Agent, connect, type TLSSocket } from '../../src/index.js'
import { ca, clientIdentity, listen, plain, psk, qkdPair, readAll, secured, serverIdentity, shake } from './fixtures.js'

describe('what node:tls answers, a socket answers too', () => {
  it('before the handshake is complete nothing is claimed', async () => {
    const { port } = await listen({ psk })
    const client = connect({ host: '127.0.0.1', port, psk })
    expect(client.encrypted).toBe(true)
    expect([client.authorized, client.protection, client.getProtocol()]).toEqual([false, null, null])
    expect([client.getCipher(), client.getSession(), client.alpnProtocol]).toEqual([undefined, undefined, null])
    expect(client.getPeerCertificate()).toEqual({})
    expect(() => client.exportKeyingMaterial(32, 'label')).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_STATE' }),
    )
    expect(() => client.requestKeyUpdate()).toThrow(expect.objectContaining({ code: 'ERR_INVALID_STATE' }))
    await secured(client)
  })

  it('protocol, cipher and group', async () => {
    const { client, server } = await plain()
    for (const socket of [client, server]) {
      expect(socket.getProtocol()).toBe('TLSv1.3')
      expect(socket.getCipher()?.name).toBe('TLS_AES_256_GCM_SHA384')
      expect(socket.getEphemeralKeyInfo()).toEqual({ type: 'TLSGroup', name: 'X25519MLKEM768' })
    }
  })

  it('certificates of both sides, in the forms of node:tls and of node:crypto', async () => {
    const { client, server } = await shake({ ...serverIdentity, ca, requestCert: true }, { ca, ...clientIdentity })
    const shown = client.getPeerCertificate(true)
    expect(shown.subjectaltname).toBe('DNS:localhost, IP Address:127.0.0.1')
    expect(shown.issuer.CN).toBe('Test CA')
    expect(shown.raw.equals(client.getPeerX509Certificate()?.raw as Buffer)).toBe(true)
    expect(client.getPeerX509Certificate()?.fingerprint256).toBe(server.getX509Certificate()?.fingerprint256)
    expect(server.getPeerCertificate().subjectaltname).toBe('DNS:client.test')
    expect(client.getCertificate().subjectaltname).toBe('DNS:client.test')
  })

  it('addresses, and the switches of net.Socket', async () => {
    const { client, server, listening } = await plain()
    expect(client.remotePort).toBe(listening.port)
    expect([client.remoteAddress, client.remoteFamily]).toEqual(['127.0.0.1', 'IPv4'])
    expect(server.remotePort).toBe(client.localPort)
    expect(client.address()).toMatchObject({ address: '127.0.0.1', port: client.localPort })
    expect(client.setNoDelay().setKeepAlive(true, 1000).unref().ref()).toBe(client)
    expect(client.connecting).toBe(false)
    expect(client.bytesWritten).toBeGreaterThan(1000)
    expect(client.bytesRead).toBeGreaterThan(1000)
  })

  it('keying material is the same on both sides, and another for another label, context or connection', async () => {
    const { client, server } = await plain()
    const context = Buffer.from('context')
    const ours = client.exportKeyingMaterial(64, 'EXPORTER-test', context)
    expect(ours).toHaveLength(64)
    expect(server.exportKeyingMaterial(64, 'EXPORTER-test', context)).toEqual(ours)
    expect(server.exportKeyingMaterial(64, 'EXPORTER-else', context)).not.toEqual(ours)
    expect(server.exportKeyingMaterial(64, 'EXPORTER-test')).not.toEqual(ours)
    expect((await plain()).client.exportKeyingMaterial(64, 'EXPORTER-test', context)).not.toEqual(ours)
  })

  it('keylog gives the same lines on both sides (RFC 9850), by option or by a listener', async () => {
    const { server, port } = await listen(serverIdentity)
    const atServer: string[] = []
    const atClient: string[] = []
    server.on('keylog', (line: Buffer) => atServer.push(line.toString()))
    const client = connect({ host: '127.0.0.1', port, ca })
    client.on('keylog', (line: Buffer) => atClient.push(line.toString()))
    await secured(client)
    await expect.poll(() => atServer.length).toBe(atClient.length)
    expect(atServer.toSorted()).toEqual(atClient.toSorted())
    expect(atClient.every((line) => /^[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]+\n$/.test(line))).toBe(true)
    expect(atClient.map((line) => line.split(' ')[0])).toContain('CLIENT_TRAFFIC_SECRET_0')
  })

  it('requestKeyUpdate replaces keys on one side or on both, and data goes on', async () => {
    const { client, server } = await plain()
    server.pipe(server)
    const updates: string[] = []
    client.on('keyUpdate', (direction) => updates.push(`client ${direction}`))
    server.on('keyUpdate', (direction) => updates.push(`server ${direction}`))
    client.requestKeyUpdate()
    client.write('one')
    expect(String((await once(client, 'data'))[0])).toBe('one')
    client.requestKeyUpdate({ peer: true })
    client.write('two')
    expect(String((await once(client, 'data'))[0])).toBe('two')
    expect(updates.toSorted()).toEqual(
      ['client sent', 'server received', 'client sent', 'server received', 'server sent', 'client received'].toSorted(),
    )
  })
})

describe('sessions', () => {
  async function sessionOf(port: number, options: object): Promise<Buffer> {
    const client = connect({ host: '127.0.0.1', port, ...options })
    const [session] = (await once(client, 'session')) as [Buffer]
    expect(client.getSession()).toBeDefined()
    client.destroy()
    return session
  }

  it('resume with a fresh key exchange, and still know the server by its certificate', async () => {
    const { server, port } = await listen(serverIdentity)
    const session = await sessionOf(port, { ca })
    const kept = Buffer.from(session)
    const accepted = once(server, 'secureConnection')
    const client = await secured(connect({ host: '127.0.0.1', port, ca, session }))
    const [atServer] = (await accepted) as [TLSSocket]
    for (const socket of [client, atServer]) {
      expect(socket.isSessionReused()).toBe(true)
      expect(socket.protection).toMatchObject({ resumed: true, keyExchange: { mlkem: 'ML-KEM-768' }, qkd: null })
    }
    expect(client.authorized).toBe(true)
    expect(client.protection?.authentication.peer).toBe('certificate')
    expect(client.getPeerCertificate().subjectaltname).toContain('localhost')
    // The caller's octets are the caller's.
    expect(session.equals(kept)).toBe(true)
  })

  it('know a client by its certificate, or not at all, as before', async () => {
    const options = { ...serverIdentity, ca, requestCert: true, rejectUnauthorized: false }
    const { server, port } = await listen(options)
    for (const credentials of [clientIdentity, {}]) {
      const session = await sessionOf(port, { ca, ...credentials })
      const accepted = once(server, 'secureConnection')
      await secured(connect({ host: '127.0.0.1', port, ca, session }))
      const [atServer] = (await accepted) as [TLSSocket]
      expect([atServer.isSessionReused(), atServer.authorized]).toEqual([true, credentials === clientIdentity])
    }
  })

  it('are not issued with tickets: false, nor under QKD policy require', async () => {
    const qkd = qkdPair()
    for (const [server, client] of [
      [{ psk, tickets: false }, { psk }],
      [
        { psk, qkd: qkd.server },
        { psk, qkd: qkd.client },
      ],
    ] as const) {
      const { client: socket, server: peer } = await shake(server, client)
      peer.end('over')
      await readAll(socket)
      expect(socket.getSession()).toBeUndefined()
    }
  })

  it('pass between servers that share ticket keys, and not to one that does not', async () => {
    const ticketKeys = randomBytes(48)
    const first = await listen({ psk, ticketKeys })
    const second = await listen({ psk })
    expect(first.server.getTicketKeys()).toEqual(ticketKeys)
    const [session, other] = [await sessionOf(first.port, { psk }), await sessionOf(first.port, { psk })]
    const declined = await secured(connect({ host: '127.0.0.1', port: second.port, psk, session: other }))
    expect(declined.isSessionReused()).toBe(false)
    second.server.setTicketKeys(ticketKeys)
    const resumed = await secured(connect({ host: '127.0.0.1', port: second.port, psk, session }))
    expect(resumed.isSessionReused()).toBe(true)
  })
})

describe('http', () => {
  const site = http.createServer((request, response) => {
    response.end(`${request.method} ${request.url} ${(request.socket as unknown as TLSSocket).authorized}`)
  })
  const agents: Agent[] = []
  afterAll(() => {
    for (const agent of agents) agent.destroy()
  })

  function get(
    module: typeof http | typeof https,
    options: http.RequestOptions,
  ): Promise<[string, http.IncomingMessage]> {
    return new Promise((resolve, reject) => {
      module
        .request({ host: '127.0.0.1', ...options }, (response) => {
          readAll(response).then((body) => resolve([body.toString(), response]), reject)
        })
        .on('error', reject)
        .end()
    })
  }

  it('runs over an Agent from node:http and node:https, with the connection kept alive', async () => {
    let connections = 0
    const { port } = await listen({ psk }, (socket) => {
      connections++
      site.emit('connection', socket)
    })
    const agent = new Agent({ psk, keepAlive: true })
    agents.push(agent)
    for (const module of [http, https]) {
      const [body] = await get(module, { port, agent, path: '/page' })
      expect(body).toBe('GET /page true')
    }
    expect(connections).toBe(1)
  })

  it('fails with the TrefoilError of the handshake', async () => {
    const { port } = await listen(serverIdentity)
    const agent = new Agent({ ca, servername: 'elsewhere.test' })
    agents.push(agent)
    await expect(get(https, { port, agent })).rejects.toMatchObject({ code: 'ERR_CERTIFICATE_NAME_MISMATCH' })
  })

  it('checks the name of the Host header, and does not share connections between names', async () => {
    const { port } = await listen(serverIdentity, (socket) => site.emit('connection', socket))
    const agent = new Agent({ ca, keepAlive: true })
    agents.push(agent)
    await get(https, { port, agent, headers: { host: 'localhost' } })
    await expect(get(https, { port, agent, headers: { host: 'elsewhere.test' } })).rejects.toMatchObject({
      code: 'ERR_CERTIFICATE_NAME_MISMATCH',
    })
  })
})
