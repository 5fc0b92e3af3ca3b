import { describe, expect, it } from 'vitest'
import { Agent } from '../../../src/index.js'
import type { AgentOptions, RequestOptions } from '../../../src/node/http/https.js'
import { ca, clientIdentity, psk, qkdPair } from '../fixtures.js'
import { agentWith, ask, hello } from './asking.js'
import { allClosed, startHttps } from './support.js'

describe('the pool of an Agent', () => {
  it('keeps connections, and opens no more than maxSockets', async () => {
    const site = await startHttps(hello)
    const agent = agentWith({ ca, keepAlive: true, maxSockets: 2 })
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask({ port: site.port, agent })))
    expect(answers.every(({ body }) => body.toString() === 'hello')).toBe(true)
    expect(site.accepted).toHaveLength(2)
  })

  it('resumes sessions, each of them once', async () => {
    const site = await startHttps(hello)
    const agent = agentWith({ ca })
    const resumed: boolean[] = []
    for (let i = 0; i < 4; i++) {
      const { socket } = await ask({ port: site.port, agent })
      resumed.push(socket.protection?.resumed === true)
      expect(socket.authorized).toBe(true)
    }
    expect(resumed).toEqual([false, true, true, true])
    expect(site.accepted.map((socket) => socket.protection?.resumed)).toEqual(resumed)
  })

  it('keeps no sessions with maxCachedSessions: 0, and none after destroy', async () => {
    const site = await startHttps(hello)
    const [none, some] = [agentWith({ ca, maxCachedSessions: 0 }), agentWith({ ca })]
    await ask({ port: site.port, agent: none })
    expect((await ask({ port: site.port, agent: none })).socket.protection?.resumed).toBe(false)
    await ask({ port: site.port, agent: some })
    some.destroy()
    expect((await ask({ port: site.port, agent: some })).socket.protection?.resumed).toBe(false)
    expect(() => new Agent({ ca, maxCachedSessions: -1 })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
    )
  })

  it('shares neither connections nor sessions between names, or options of single requests that differ', async () => {
    const site = await startHttps(hello, { ca, requestCert: true, rejectUnauthorized: false })
    const agent = agentWith({ keepAlive: true })
    const asked: RequestOptions = { port: site.port, agent, ca }
    await ask(asked)
    expect((await ask({ ...asked })).socket.protection?.resumed).toBe(false)
    expect(site.accepted).toHaveLength(1)
    const other = await ask({ ...asked, ...clientIdentity })
    expect(other.socket.protection?.resumed).toBe(false)
    const address = await ask({ ...asked, host: '127.0.0.1' })
    expect(address.socket.protection?.resumed).toBe(false)
    expect(site.accepted.map((socket) => socket.authorized)).toEqual([false, true, false])
    await expect(ask({ port: site.port, agent })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
    const names = Object.keys(agent.freeSockets).join()
    expect(names).not.toContain('BEGIN')
  })

  it('takes what node:tls calls otherwise of a single request too, and refuses what is not to be had', async () => {
    const site = await startHttps(hello)
    const asked = { port: site.port, agent: agentWith({ ca }) }
    const { socket } = await ask({ ...asked, ecdhCurve: 'SecP256r1MLKEM768' })
    expect(socket.protection?.keyExchange.group).toBe('SecP256r1MLKEM768')
    for (const neglected of [{ crl: 'PEM' }, { maxVersion: 'TLSv1.2' }, { pfx: 'PKCS #12' }, { requestOCSP: true }]) {
      await expect(ask({ ...asked, ...(neglected as object) })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
    }
    expect(site.accepted).toHaveLength(1)
  })

  it('gives its key log to those who listen, each line once and with its socket', async () => {
    const site = await startHttps(hello)
    const agent = agentWith({ ca })
    const heard: [string, unknown][] = []
    agent.on('keylog', (line, socket) => heard.push([`${line}`, socket]))
    const { socket } = await ask({ port: site.port, agent })
    const lines = heard.map(([line]) => line)
    expect(lines.join('')).toContain('CLIENT_HANDSHAKE_TRAFFIC_SECRET ')
    expect(new Set(lines).size).toBe(lines.length)
    expect(heard.every(([, from]) => from === socket)).toBe(true)
  })

  it('does not go past a proxy that it was told of, and has the default port that it is given', () => {
    const proxied = () => new Agent({ ca, ...{ proxyEnv: { HTTPS_PROXY: 'http://127.0.0.1:1' } } })
    expect(proxied).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }))
    expect(agentWith({ ca, defaultPort: 8443 } as AgentOptions).defaultPort).toBe(8443)
    expect(agentWith({ ca }).defaultPort).toBe(443)
  })

  it('takes a fresh QKD key for every connection where the policy asks for one', async () => {
    const qkd = qkdPair()
    const site = await startHttps(hello, { qkd: qkd.server })
    const agent = agentWith({ ca, qkd: qkd.client })
    const answers = [await ask({ port: site.port, agent }), await ask({ port: site.port, agent })]
    const keyIds = answers.map(({ socket }) => socket.protection?.qkd?.keyId)
    expect(answers.map(({ socket }) => socket.protection?.resumed)).toEqual([false, false])
    expect(new Set(keyIds).size).toBe(2)
  })

  it('resumes QKD sessions as far as qkd.resumption lets it, and then takes a fresh key', async () => {
    const qkd = qkdPair()
    const resumption = { maxAgeSeconds: 60, maxResumptions: 1 }
    const site = await startHttps(hello, { qkd: { ...qkd.server, resumption } })
    const agent = agentWith({ ca, qkd: { ...qkd.client, resumption } })
    const seen: (boolean | undefined)[] = []
    for (let i = 0; i < 4; i++) seen.push((await ask({ port: site.port, agent })).socket.protection?.resumed)
    expect(seen).toEqual([false, true, false, true])
  })

  it.each([
    ['psk', () => ({ client: { psk }, server: { psk } })],
    [
      'qkd',
      () => {
        const qkd = qkdPair()
        const resumption = { maxAgeSeconds: 60, maxResumptions: 5 }
        return { client: { ca, qkd: { ...qkd.client, resumption } }, server: { qkd: { ...qkd.server, resumption } } }
      },
    ],
  ] as const)('makes a full handshake when the server has lost its ticket keys (%s)', async (_, options) => {
    const { client, server } = options()
    const site = await startHttps(hello, server as object)
    const agent = agentWith(client)
    await ask({ port: site.port, agent })
    // Twice, since the ones before open tickets still.
    for (const fill of [1, 2]) site.server.setTicketKeys(Buffer.alloc(48, fill))
    const { body, socket } = await ask({ port: site.port, agent })
    expect([body.toString(), socket.protection?.resumed]).toEqual(['hello', false])
    expect((await ask({ port: site.port, agent })).socket.protection?.resumed).toBe(true)
  })
})

it('a pool that is destroyed while a session is being resumed fails the request, and leaves no connection', async () => {
  const site = await startHttps(hello, { psk })
  const agent = agentWith({ psk })
  await ask({ port: site.port, agent })
  const second = ask({ port: site.port, agent })
  setImmediate(() => agent.destroy())
  await expect(second).rejects.toMatchObject({ code: 'ERR_ABORTED' })
  await allClosed(site)
})
