import { Agent, Client, fetch as undiciFetch } from 'undici'
import { describe, expect, it } from 'vitest'
import type { TLSSocket } from '../../../src/index.js'
import { buildConnector, type ConnectorOptions } from '../../../src/node/http/undici.js'
import { ca, qkdPair } from '../fixtures.js'
import { allClosed, atEnd, BODY, digest, echo, startHttp2, startHttps } from './support.js'

function agentWith(options: ConnectorOptions, pool: Agent.Options = {}): Agent {
  const agent = new Agent({ ...pool, connect: buildConnector(options) })
  atEnd(() => agent.destroy())
  return agent
}

/** What is at the root of a failed fetch. */
async function causeOf(failing: Promise<unknown>): Promise<unknown> {
  const error = await failing.then(
    () => null,
    (thrown: Error) => thrown,
  )
  let cause: unknown = error
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause
  return cause
}

const post = (agent: Agent, body: Uint8Array) => ({ method: 'POST', body, dispatcher: agent as never })

describe.each([
  ['the fetch of undici', undiciFetch as unknown as typeof fetch],
  ['the fetch of Node', fetch],
])('%s with buildConnector', (_, ask) => {
  it('carries large bodies both ways', async () => {
    const { origin } = await startHttps(echo)
    const response = await ask(origin, post(agentWith({ ca }), BODY))
    expect(digest(new Uint8Array(await response.arrayBuffer()))).toBe(digest(BODY))
  })

  it('fails with the TrefoilError of the handshake as its cause', async () => {
    const site = await startHttps(echo)
    const dispatcher = agentWith({ ca, servername: 'elsewhere.test' }) as never
    expect(await causeOf(ask(site.origin, { dispatcher }))).toMatchObject({ code: 'ERR_CERTIFICATE_NAME_MISMATCH' })
    await allClosed(site)
  })

  it('fails when the connection breaks in the midst of a body', async () => {
    const site = await startHttps((request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('half', () => request.socket.destroy())
    })
    const response = await ask(site.origin, { dispatcher: agentWith({ ca }) as never })
    expect(await causeOf(response.text())).toMatchObject({ code: 'ERR_TRUNCATED' })
    await allClosed(site)
  })

  it('refuses a URL without TLS', async () => {
    const dispatcher = agentWith({ ca }) as never
    expect(await causeOf(ask('http://localhost:49151', { dispatcher }))).toMatchObject({ code: 'ERR_INVALID_OPTION' })
  })
})

describe('the pool of undici over buildConnector', () => {
  it('keeps connections alive, and leaves none when it is closed', async () => {
    const site = await startHttps((_, response) => response.end('hello'))
    const agent = agentWith({ ca }, { connections: 2 })
    const asked = Array.from({ length: 10 }, () => undiciFetch(site.origin, { dispatcher: agent }))
    for (const response of await Promise.all(asked)) expect(await response.text()).toBe('hello')
    expect(site.accepted.length).toBeLessThanOrEqual(2)
    await agent.close()
    await allClosed(site)
  })

  it('resumes sessions, and not under QKD policy require', async () => {
    const qkd = qkdPair()
    const closing = { connection: 'close' }
    const plain = await startHttps((_, response) => response.end())
    const strict = await startHttps((_, response) => response.end(), { qkd: qkd.server })
    const agents = [agentWith({ ca }), agentWith({ ca, qkd: qkd.client })]
    for (const [i, site] of [plain, strict].entries()) {
      const dispatcher = agents[i] as Agent
      for (let n = 0; n < 2; n++) await (await undiciFetch(site.origin, { dispatcher, headers: closing })).text()
    }
    expect(plain.accepted.map(({ protection }) => protection?.resumed)).toEqual([false, true])
    expect(strict.accepted.map(({ protection }) => protection?.resumed)).toEqual([false, false])
    expect(new Set(strict.accepted.map(({ protection }) => protection?.qkd?.keyId)).size).toBe(2)
  })

  it('sends requests without waiting for answers (pipelining)', async () => {
    const site = await startHttps((request, response) => {
      setTimeout(() => response.end(request.url), request.url === '/1' ? 50 : 0)
    })
    const client = new Client(site.origin, { connect: buildConnector({ ca }), pipelining: 3 })
    atEnd(() => client.destroy())
    const answers = await Promise.all(['/1', '/2', '/3'].map((path) => client.request({ path, method: 'GET' })))
    expect(await Promise.all(answers.map(({ body }) => body.text()))).toEqual(['/1', '/2', '/3'])
    expect(site.accepted).toHaveLength(1)
  })

  it('speaks HTTP/2 with allowH2, and HTTP/1.1 with a server that has no other', async () => {
    const modern = await startHttp2()
    modern.server.on('stream', (stream) => {
      stream.respond({ ':status': 200 })
      stream.pipe(stream)
    })
    const older = await startHttps(echo)
    const agent = agentWith({ ca, allowH2: true }, { allowH2: true })
    for (const { origin } of [modern, older]) {
      const response = await undiciFetch(origin, { ...post(agent, BODY), dispatcher: agent })
      expect(digest(new Uint8Array(await response.arrayBuffer()))).toBe(digest(BODY))
    }
    expect([modern, older].map(({ accepted: [socket] }) => (socket as TLSSocket).alpnProtocol)).toEqual([
      'h2',
      'http/1.1',
    ])
  })
})
