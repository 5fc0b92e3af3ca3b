import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type ConnectionOptions, connect, createSecureContext } from '../../../src/index.js'
import { keyFingerprint } from '../../../src/pki/index.js'
import { ca, failure, listen, readAll, secured, serverIdentity } from '../fixtures.js'
import { byKey, client, mutual, other, server, serverSpki, sessionOf } from './keys.js'

describe('a session that began with raw public keys', () => {
  it('is resumed, and remembers whom it was with', async () => {
    const listening = await listen(mutual.server)
    const session = await sessionOf(listening.port, mutual.client)
    const accepted = once(listening.server, 'secureConnection')
    const again = await secured(connect({ host: '127.0.0.1', port: listening.port, ...mutual.client, session }))
    expect(again.isSessionReused()).toBe(true)
    const [atServer] = await accepted
    for (const end of [again, atServer]) {
      expect(end.protection.authentication).toMatchObject({ peer: 'certificate', certificateType: 'RawPublicKey' })
    }
    expect(again.getPeerRawPublicKey()?.names).toEqual(['localhost'])
    expect(atServer.getPeerRawPublicKey()).toMatchObject({
      fingerprint: keyFingerprint(client.info),
      names: ['branch-17'],
    })
  })

  it.each<readonly [string, Partial<ConnectionOptions>]>([
    ['the pin is gone', { pinnedKeys: [other.publicKey] }],
    ['the pin is for another name now', { pinnedKeys: [{ name: 'other.test', key: server.publicKey }] }],
    ['certificates alone are accepted now', { pinnedKeys: undefined, ca }],
  ])('is not offered by a client when %s', async (_title, change) => {
    const { port } = await listen({ ...byKey, ...serverIdentity, key: serverIdentity.key })
    const session = await sessionOf(port, { servername: 'localhost', pinnedKeys: [serverSpki] })
    const now = { servername: 'localhost', pinnedKeys: [serverSpki], ...change }
    const socket = connect({ host: '127.0.0.1', port, ...now, session })
    if (now.pinnedKeys === undefined) expect((await secured(socket)).isSessionReused()).toBe(false)
    else expect((await failure(socket)).code).toBe('ERR_UNTRUSTED_KEY')
  })

  it('is not offered by a client that accepts raw public keys alone now, when it began with a certificate', async () => {
    const { port } = await listen({ ...serverIdentity, rawPublicKey: true })
    const session = await sessionOf(port, { servername: 'localhost', ca })
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      pinnedKeys: [serverSpki],
      session,
    })
    expect((await secured(socket)).isSessionReused()).toBe(false)
  })

  it('is not resumed by a server that has taken the pin back', async () => {
    const { server: running, port } = await listen(mutual.server)
    const session = await sessionOf(port, mutual.client)
    running.setSecureContext({ ...mutual.server, pinnedKeys: [other.publicKey] })
    const refused = once(running, 'tlsClientError')
    const error = await failure(connect({ host: '127.0.0.1', port, ...mutual.client, session }))
    expect(error.alert).toBe('certificate_unknown')
    expect((await refused)[0].code).toBe('ERR_UNTRUSTED_KEY')
  })

  it('gets no ticket under a name whose own pins decided', async () => {
    const named = createSecureContext({ ...byKey, pinnedKeys: [client.publicKey] })
    const { server: running, port } = await listen({
      ...mutual.server,
      pinnedKeys: [other.publicKey],
      SNICallback: (_name, answer) => answer(null, named),
    })
    const accepted = once(running, 'secureConnection')
    const socket = connect({ host: '127.0.0.1', port, ...mutual.client })
    const sessions: unknown[] = []
    socket.on('session', (session) => sessions.push(session))
    await secured(socket)
    const [atServer] = await accepted
    atServer.end('done')
    await readAll(socket)
    expect(sessions).toEqual([])
  })
})
