/** Contexts of a server by name and in time, and servers over any stream. */
import { once } from 'node:events'
import { duplexPair } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { connect, createSecureContext, createServer, type ServerOptions, type TLSSocket } from '../../src/index.js'
import { ca, identity, listen, readAll, refusal, secured, serverIdentity, shake, testCa } from './fixtures.js'

const refused = (sentence: RegExp) =>
  expect.objectContaining({ code: 'ERR_INVALID_OPTION', message: expect.stringMatching(sentence) })

describe('addContext', () => {
  const named = (name: string) => identity(testCa, [name])

  async function shownFor(port: number, servername: string): Promise<string | undefined> {
    const options = { host: '127.0.0.1', port, ca, servername, checkServerIdentity: () => undefined }
    return (await secured(connect(options))).getPeerCertificate().subjectaltname
  }

  it('chooses by name, of several the latest, and has * stand for one label', async () => {
    const { server, port } = await listen(serverIdentity)
    server.addContext('a.example', named('first.test'))
    expect(await shownFor(port, 'a.example')).toBe('DNS:first.test')
    server.addContext('*.example', named('any.test'))
    server.addContext('b.example', createSecureContext(named('b.test')))
    expect(await shownFor(port, 'b.example')).toBe('DNS:b.test')
    expect(await shownFor(port, 'A.EXAMPLE')).toBe('DNS:any.test')
    // A dot is a dot, and two labels are not one.
    for (const other of ['axexample', 'x.y.example']) expect(await shownFor(port, other)).toContain('localhost')
  })

  it('is not asked when there is an SNICallback', async () => {
    const SNICallback: ServerOptions['SNICallback'] = (_name, callback) => callback(null)
    const { server, port } = await listen({ ...serverIdentity, SNICallback })
    server.addContext('a.example', named('first.test'))
    expect(await shownFor(port, 'a.example')).toContain('localhost')
  })

  it('refuses a context without a certificate, and no name', async () => {
    const { server } = await listen(serverIdentity)
    expect(() => server.addContext('a.example', { ca })).toThrow(refused(/context with key/))
    expect(() => server.addContext('', serverIdentity)).toThrow(refused(/the name/))
  })
})

describe('setSecureContext', () => {
  it('counts for handshakes that begin afterwards, and leaves open connections and the old context on failure', async () => {
    const listening = await listen(serverIdentity, (socket) => socket.pipe(socket))
    const { server, port } = listening
    const open = await secured(connect({ host: '127.0.0.1', port, ca }))
    const replacement = identity(testCa, ['127.0.0.1', 'replaced.test'])
    server.setSecureContext(replacement)
    const next = await secured(connect({ host: '127.0.0.1', port, ca }))
    expect(next.getPeerCertificate().subjectaltname).toContain('replaced.test')
    expect(() => server.setSecureContext({ ...replacement, key: serverIdentity.key })).toThrow(/does not belong/)
    const after = await secured(connect({ host: '127.0.0.1', port, ca }))
    expect(after.getPeerCertificate().subjectaltname).toContain('replaced.test')
    open.write('still here')
    expect(String((await once(open, 'data'))[0])).toBe('still here')
  })
})

describe('a server', () => {
  it('takes any Duplex by its connection event, and need not listen', async () => {
    const server = createServer(serverIdentity)
    const [ours, theirs] = duplexPair()
    const accepted = once(server, 'secureConnection')
    server.emit('connection', theirs)
    const client = await secured(connect({ socket: ours, servername: 'localhost', ca }))
    const [socket] = (await accepted) as [TLSSocket]
    expect(socket.server).toBe(server)
    socket.end('over a pair')
    expect((await readAll(client)).toString()).toBe('over a pair')
  })

  it('asks ALPNCallback with the name and the protocols, in whatever form the client was given them', async () => {
    const asked: unknown[] = []
    const ALPNCallback: ServerOptions['ALPNCallback'] = (question) => {
      asked.push(question)
      return question.protocols.find((name) => name === 'h2')
    }
    const octets = Buffer.from('\x02h2\x08http/1.1', 'latin1')
    const agreed = await shake(
      { ...serverIdentity, ALPNCallback },
      { ca, ALPNProtocols: new DataView(octets.buffer, octets.byteOffset, octets.length) },
    )
    expect(agreed.client.alpnProtocol).toBe('h2')
    expect(asked.at(-1)).toEqual({ servername: '', protocols: ['h2', 'http/1.1'] })
    expect((await refusal({ ...serverIdentity, ALPNCallback }, { ca, ALPNProtocols: ['x'] })).client.alert).toBe(
      'no_application_protocol',
    )
  })
})
