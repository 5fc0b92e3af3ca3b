/** A server protects itself and its key manager: limits for one address and for all, and time that runs out. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { platform } from 'node:os'
import { describe, expect, it, vi } from 'vitest'
import { connect, type ServerOptions } from '../../src/index.js'
import { exchangeAndClose, failureOf, listen, meddle, meet, refused, tcp } from './ends.js'
import { ca, psk, serverIdentity } from './identities.js'
import { CLIENT_KEY_ONLY, NO_KEY, useLink } from './link.js'

const link = useLink()
const until = (holds: () => boolean) => vi.waitUntil(holds, { timeout: 10_000 })
const tooMany = (what: 'HANDSHAKES' | 'KEY_LOOKUPS') => ({
  client: ['ERR_ALERT_RECEIVED', 'internal_error'],
  server: [`ERR_TOO_MANY_${what}`, 'internal_error'],
  sessions: 0,
})
const anotherAddress = { localAddress: '127.0.0.2' }
const onlyLinux = platform() !== 'linux'
const why = onlyLinux ? ' (skipped: only Linux has all of 127.0.0.0/8)' : ''

describe('handshakes at once', () => {
  it('one too many of an address is refused before its ClientHello is read, so no key is asked for', async () => {
    const listening = await listen({ psk, qkd: link.server(), maxHandshakesPerAddress: 1 })
    const idle = tcp(listening.port)
    await once(listening.server, 'connection')
    expect(await refused(listening, { psk, qkd: link.client() })).toEqual(tooMany('HANDSHAKES'))
    expect(link.calls().server).toEqual(NO_KEY.server)
    idle.destroy()
    await until(() => listening.refusals.length === 2)
    await exchangeAndClose(await meet(listening, { psk, qkd: link.client() }))
  })

  it.skipIf(onlyLinux)(`leaves other addresses alone, up to the bound in all${why}`, async () => {
    const listening = await listen({ psk, maxHandshakesPerAddress: 1, maxHandshakes: 2 })
    tcp(listening.port)
    await once(listening.server, 'connection')
    await exchangeAndClose(await meet(listening, { psk, ...anotherAddress }))
    const open = await meet(listening, { psk, ...anotherAddress })
    // A finished handshake holds no place.
    await exchangeAndClose(await meet(listening, { psk, ...anotherAddress }))
    await exchangeAndClose(open)
    tcp(listening.port, '127.0.0.3')
    await once(listening.server, 'connection')
    expect(await refused(listening, { psk, ...anotherAddress })).toEqual(tooMany('HANDSHAKES'))
  })
})

describe('key look-ups at once', () => {
  const limits: [string, ServerOptions, object][] = [
    ['for one address', { maxKeyLookupsPerAddress: 1 }, {}],
    ['in all', { maxKeyLookups: 1 }, onlyLinux ? {} : anotherAddress],
  ]
  it.each(limits)('%s: one too many waits until the one under way has ended', async (...given) => {
    const [, limit, from] = given
    const listening = await listen({ ...serverIdentity, qkd: link.server(), ...limit })
    link.fault('server', 'slow')
    const both = [{}, from].map((more) => meet(listening, { ca, qkd: link.client(), ...more }))
    await until(() => listening.server.keyLookups.waiting === 1)
    expect(listening.server.keyLookups.active).toBe(1)
    await until(() => link.calls().server.dec === 1)
    link.fault('server', null)
    for (const session of both) await exchangeAndClose(await session)
    expect(link.calls()).toEqual({ client: { enc: 2, dec: 0 }, server: { enc: 0, dec: 2 } })
    expect(listening.server.keyLookups).toMatchObject({ asked: 2, found: 2, active: 0, waiting: 0 })
  })

  it.each(limits)('%s: one too many is refused where none may wait, and its place is free again', async (...given) => {
    const [, limit, from] = given
    const listening = await listen({ ...serverIdentity, qkd: link.server(), ...limit, maxWaitingKeyLookups: 0 })
    link.fault('server', 'slow')
    const first = meet(listening, { ca, qkd: link.client() })
    await until(() => link.calls().server.dec === 1)
    expect(await refused(listening, { ca, qkd: link.client(), ...from })).toEqual(tooMany('KEY_LOOKUPS'))
    expect(link.calls().server.dec).toBe(1)
    link.fault('server', null)
    await exchangeAndClose(await first)
    await exchangeAndClose(await meet(listening, { ca, qkd: link.client(), ...from }))
    expect(link.calls()).toEqual({ client: { enc: 3, dec: 0 }, server: { enc: 0, dec: 2 } })
  })

  it('a client that leaves while it waits gives up its turn, and the key manager is not asked for it', async () => {
    const listening = await listen({ ...serverIdentity, qkd: link.server(), maxKeyLookups: 1 })
    link.fault('server', 'slow')
    const first = meet(listening, { ca, qkd: link.client() })
    await until(() => link.calls().server.dec === 1)
    const stop = new AbortController()
    const options = { host: '127.0.0.1', port: listening.port, ca, qkd: link.client(), signal: stop.signal }
    const left = failureOf(connect(options))
    await until(() => listening.server.keyLookups.waiting === 1)
    stop.abort()
    expect(await left).toMatchObject({ code: 'ERR_ABORTED' })
    await until(() => listening.server.keyLookups.waiting === 0)
    link.fault('server', null)
    await exchangeAndClose(await first)
    expect(listening.server.keyLookups).toMatchObject({ asked: 1, found: 1, active: 0 })
    expect(link.calls().server.dec).toBe(1)
  })

  it('handshakes that need no key are not held up by them', async () => {
    const prefer = { policy: 'prefer' } as const
    const listening = await listen({ psk, qkd: link.server(prefer), maxKeyLookups: 1 })
    link.fault('server', 'slow')
    const waiting = meet(listening, { psk, qkd: link.client(prefer) })
    await until(() => link.calls().server.dec === 1)
    const without = await meet(listening, { psk })
    expect(without.server.protection?.qkd).toBeNull()
    await exchangeAndClose(without)
    link.fault('server', null)
    const { client, server } = await waiting
    expect(server.protection?.qkd?.keyId).toBe(client.protection?.qkd?.keyId)
    expect(server.protection?.qkd).not.toBeNull()
  })

  it('a client that leaves while its key is looked up frees its place at once, and the look-up is held against it', async () => {
    const listening = await listen({ psk, qkd: link.server(), maxKeyLookups: 1 })
    link.fault('server', 'slow')
    const stop = new AbortController()
    const left = failureOf(
      connect({ host: '127.0.0.1', port: listening.port, psk, qkd: link.client(), signal: stop.signal }),
    )
    await until(() => link.calls().server.dec === 1)
    stop.abort()
    expect(await left).toMatchObject({ code: 'ERR_ABORTED' })
    await until(() => listening.refusals.length === 1)
    expect(listening.sessions).toEqual([])
    expect(listening.server.keyLookups).toMatchObject({ asked: 1, abandoned: 1, active: 0 })
    link.fault('server', null)
    await exchangeAndClose(await meet(listening, { psk, qkd: link.client() }))
  })
})

describe('time for a handshake', () => {
  it.each([
    ['nothing', () => Buffer.alloc(0)],
    ['half a ClientHello', (hello: Buffer) => hello.subarray(0, hello.length / 2)],
  ])('a client that sends %s is let go, and no key is asked for', async (_, sent) => {
    const listening = await listen({ psk, qkd: link.server(), handshakeTimeout: 200 })
    const middle = await meddle(listening.port, sent)
    const client = { psk, qkd: link.client() }
    expect(await refused(listening, client, middle.port)).toEqual({
      client: ['ERR_ALERT_RECEIVED', 'close_notify'],
      server: ['ERR_HANDSHAKE_TIMEOUT', 'user_canceled'],
      sessions: 0,
    })
    expect(link.calls()).toEqual(CLIENT_KEY_ONLY)
  })

  it('a client that keeps silent after the server has shown itself is let go too', async () => {
    const listening = await listen({ ...serverIdentity, qkd: link.server(), handshakeTimeout: 300 })
    const recording = await meddle(listening.port, () => Buffer.alloc(0))
    const never = connect({ host: '127.0.0.1', port: recording.port, ca, qkd: link.client() })
    never.on('error', () => {})
    await until(() => recording.seen.length === 1)
    const silent = tcp(listening.port)
    silent.resume().write(recording.seen[0] as Buffer)
    await until(() => listening.refusals.length === 2)
    expect(listening.refusals.map(({ code }) => code)).toEqual(['ERR_HANDSHAKE_TIMEOUT', 'ERR_HANDSHAKE_TIMEOUT'])
    expect(listening.sessions).toEqual([])
  })

  it('noise is refused with an alert, asks for no key, and harms nobody else', async () => {
    const listening = await listen({ psk, qkd: link.server() })
    for (const noise of [randomBytes(600), Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(600, 0x16)]) {
      const refusal = once(listening.server, 'tlsClientError')
      const socket = tcp(listening.port)
      socket.resume().end(noise)
      const [error] = await refusal
      expect(error).toMatchObject({ name: 'TrefoilError' })
    }
    expect(link.calls()).toEqual(NO_KEY)
    await exchangeAndClose(await meet(listening, { psk, qkd: link.client() }))
  })
})
