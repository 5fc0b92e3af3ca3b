/** What diagnostics_channel is told: docs/node-tls.md, "Diagnostics". */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { type Channel, channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { type ConnectionClose, connect, type HandshakeTrace, type KeyTrace } from '../../src/index.js'
import { Trace } from '../../src/node/tracing.js'
import { inProcessPair } from '../../src/qkd/index.js'
import {
  authority,
  ca,
  failure,
  listen,
  listenTcp,
  plain,
  psk,
  qkdPair,
  secured,
  serverIdentity,
  shake,
} from './fixtures.js'

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

interface Told<Message> {
  readonly event: (typeof EVENTS)[number]
  readonly message: Message
  /** What the message held when it was told. */
  readonly seen: Message
}

const unsubscribe: (() => void)[] = []
afterEach(() => {
  for (const leave of unsubscribe.splice(0)) leave()
})

function listenTo<Message extends object>(name: string): Told<Message>[] {
  const told: Told<Message>[] = []
  for (const event of EVENTS) {
    subscribe(tracingChannel(name)[event], (message) =>
      told.push({ event, message: message as Message, seen: { ...(message as Message) } }),
    )
  }
  return told
}

function subscribe(to: Channel, listener: (message: unknown) => void): void {
  to.subscribe(listener)
  unsubscribe.push(() => to.unsubscribe(listener))
}

const handshakes = (role: 'client' | 'server') => listenTo<HandshakeTrace>(`trefoil.${role}.handshake`)
const eventsOf = (told: readonly Told<object>[]) => told.map(({ event }) => event)

describe('a handshake', () => {
  it('that is completed is told on both sides, with one message, which ends with what protects the connection', async () => {
    const [atClient, atServer] = [handshakes('client'), handshakes('server')]
    const { client, server, listening } = await plain({}, { servername: 'localhost' })
    for (const [told, socket, role] of [
      [atClient, client, 'client'],
      [atServer, server, 'server'],
    ] as const) {
      expect(eventsOf(told)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd'])
      expect(new Set(told.map(({ message }) => message)).size).toBe(1)
      expect(told[0]?.seen).toEqual({
        role,
        remoteAddress: '127.0.0.1',
        remotePort: socket.remotePort,
        serverName: null,
      })
      expect(told[3]?.seen).toMatchObject({ serverName: 'localhost' })
      expect(told[3]?.seen.result).toBe(socket.protection)
    }
    expect(atClient[0]?.seen.remotePort).toBe(listening.port)
  })

  it('that fails is told with its error, the one of the socket', async () => {
    const [atClient, atServer] = [handshakes('client'), handshakes('server')]
    const { server, port } = await listen(serverIdentity)
    const refused = once(server, 'tlsClientError')
    const error = await failure(connect({ host: '127.0.0.1', port, ca: authority().certificatePem }))
    const [errorAtServer] = await refused
    expect(eventsOf(atClient)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
    expect(eventsOf(atServer)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
    expect(atClient.at(-1)?.seen.error).toBe(error)
    expect(atServer.at(-1)?.seen.error).toBe(errorAtServer)
    expect(atClient.at(-1)?.seen.result).toBeUndefined()
  })

  it('that its caller gives up is told as ERR_ABORTED', async () => {
    const told = handshakes('client')
    const port = await listenTcp(() => {})
    const client = connect({ host: '127.0.0.1', port, ca })
    await once(client, 'connect')
    await expect.poll(() => eventsOf(told)).toEqual(['start', 'end'])
    client.destroy()
    expect(eventsOf(told)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
    expect(told.at(-1)?.seen.error).toMatchObject({ code: 'ERR_ABORTED' })
  })

  it('does not begin where there is no connection', async () => {
    const told = handshakes('client')
    const { server, port } = await listen(serverIdentity)
    server.close()
    await once(server, 'close')
    await failure(connect({ host: '127.0.0.1', port, ca }))
    expect(told).toEqual([])
  })

  it('that began before anybody listened is not told', async () => {
    const held: (() => void)[] = []
    const { port } = await listen({
      ...serverIdentity,
      SNICallback: (_name, callback) => {
        held.push(() => callback(null))
      },
    })
    const client = connect({ host: '127.0.0.1', servername: 'localhost', port, ca })
    await expect.poll(() => held.length).toBe(1)
    const [atClient, atServer] = [handshakes('client'), handshakes('server')]
    held[0]?.()
    await secured(client)
    expect([atClient, atServer]).toEqual([[], []])
  })

  it('costs nothing where nobody listens: not even its message is made', () => {
    const silent = tracingChannel('trefoil.test.silent')
    const describe = () => {
      throw new Error('nobody asked')
    }
    expect(Trace.of(silent, describe)).toBeNull()
    subscribe(silent.asyncEnd, () => {})
    expect(() => Trace.of(silent, describe)).toThrow('nobody asked')
  })

  it('runs within the store that a subscriber binds to its start', async () => {
    const storage = new AsyncLocalStorage<string>()
    const { start } = tracingChannel('trefoil.client.handshake') as unknown as TracingChannel<string, HandshakeTrace>
    start.bindStore(storage, ({ role }) => `span of ${role}`)
    unsubscribe.push(() => start.unbindStore(storage))
    const seen: (string | undefined)[] = []
    const [atClient] = inProcessPair({ siteA: 'sae-client', siteB: 'sae-server', random: (n) => randomBytes(n) })
    const source = {
      name: 'watched',
      getKey: (...args: Parameters<typeof atClient.getKey>) => {
        seen.push(storage.getStore())
        return atClient.getKey(...args)
      },
      getKeyWithId: atClient.getKeyWithId.bind(atClient),
      status: atClient.status.bind(atClient),
    }
    const port = await listenTcp(() => {})
    const client = connect({
      host: '127.0.0.1',
      port,
      qkd: { source, localSaeId: 'sae-client', peerSaeId: 'sae-server' },
    })
    await expect.poll(() => seen).toEqual(['span of client'])
    client.destroy()
  })
})

describe('a call to a key source', () => {
  it('is told by the names of source, peer and key', async () => {
    const told = listenTo<KeyTrace>('trefoil.qkd.key')
    const qkd = qkdPair()
    const { client } = await shake({ ...serverIdentity, qkd: qkd.server }, { ca, qkd: qkd.client })
    const keyId = client.protection?.qkd?.keyId
    const ended = told.filter(({ event }) => event === 'asyncEnd').map(({ seen }) => seen)
    expect(ended).toEqual([
      {
        source: qkd.client.source.name,
        peerSaeId: 'sae-server',
        keyId: null,
        result: { keyId, delivery: client.protection?.qkd?.delivery },
      },
      expect.objectContaining({
        source: qkd.server.source.name,
        peerSaeId: 'sae-client',
        keyId,
        result: expect.objectContaining({ keyId }),
      }),
    ])
  })

  it('that fails is told with its error', async () => {
    const told = listenTo<KeyTrace>('trefoil.qkd.key')
    const port = await listenTcp(() => {})
    const error = await failure(connect({ host: '127.0.0.1', port, qkd: qkdPair(0).client }))
    expect(eventsOf(told)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
    expect(told.at(-1)?.seen.error).toBe(error)
    expect(error.code).toBe('ERR_QKD_EXHAUSTED')
  })
})

it('the end of a connection is told with what protected it, why it ended and its octets', async () => {
  const closes: ConnectionClose[] = []
  subscribe(channel('trefoil.connection.close'), (message) => closes.push(message as ConnectionClose))
  const { client, server } = await plain()
  server.resume()
  client.resume().end(randomBytes(1000))
  await expect.poll(() => closes.length).toBe(2)
  for (const socket of [client, server]) {
    const close = closes.find(({ protection }) => protection === socket.protection)
    expect(close).toMatchObject({ error: null, bytesRead: socket.bytesRead, bytesWritten: socket.bytesWritten })
  }
  await failure(connect({ host: '127.0.0.1', port: 1, ca }))
  expect(closes.at(-1)).toMatchObject({
    role: 'client',
    protection: null,
    error: { code: 'ERR_TRANSPORT' },
    bytesRead: 0,
  })
})

it('no message holds a key, a ticket or a way to one: all of it can be written down', async () => {
  const told: unknown[] = []
  for (const name of ['trefoil.client.handshake', 'trefoil.server.handshake', 'trefoil.qkd.key']) {
    for (const event of EVENTS) subscribe(tracingChannel(name)[event], (message) => told.push(message))
  }
  subscribe(channel('trefoil.connection.close'), (message) => told.push(message))
  const keys: Uint8Array[] = []
  const qkd = qkdPair()
  const getKey = qkd.client.source.getKey.bind(qkd.client.source)
  qkd.client.source.getKey = async (...args) => {
    const key = await getKey(...args)
    keys.push(Uint8Array.from(key.key))
    return key
  }
  const { client, server } = await shake({ psk, qkd: qkd.server }, { psk, qkd: qkd.client })
  const secrets = [...keys, psk.key, client.exportKeyingMaterial(32, 'label')]
  server.resume().end()
  client.resume().end()
  await Promise.all([once(client, 'close'), once(server, 'close')])
  expect(secrets).toHaveLength(3)
  // Plain data, and nothing else: what JSON cannot say is not in it.
  const text = JSON.stringify(told)
  expect(JSON.parse(text)).toEqual(told.map((message) => plainData(message)))
  for (const secret of secrets) {
    for (const encoding of ['hex', 'base64'] as const)
      expect(text).not.toContain(Buffer.from(secret).toString(encoding))
  }
})

function plainData(value: unknown): unknown {
  if (value === null || typeof value !== 'object') {
    expect(typeof value).not.toBe('function')
    return value
  }
  expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value))
  const entries = Object.entries(value).filter(([, held]) => held !== undefined)
  return Object.fromEntries(entries.map(([name, held]) => [name, plainData(held)]))
}
