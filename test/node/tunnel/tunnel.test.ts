import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connect, createTunnel, type TunnelOptions } from '../../../src/index.js'
import { folderOfFile } from '../../support/endOfFile.js'
import { authority, ca, failure, identity, psk, qkdPair, readAll, serverIdentity } from '../fixtures.js'
import { at, dial, echo, ending, service, tunnelTo, turnedAway, watch } from './tunnels.js'

const MIB = 1024 * 1024
const folder = folderOfFile('trefoil-tunnel-test-')

describe('a tunnel', () => {
  it('carries 5 MiB each way unharmed, with the end of each direction by itself', async () => {
    const [up, down] = [randomBytes(5 * MIB), randomBytes(5 * MIB)]
    let received: Buffer | undefined
    const { port: target } = await service(async (socket) => {
      // Says its piece only after the client has ended, so a half-close that is lost would hang.
      received = await readAll(socket)
      socket.end(down)
    })
    const { port, client, server } = await tunnelTo(target)
    const socket = await dial(port)
    socket.end(up)
    expect((await readAll(socket)).equals(down)).toBe(true)
    expect(received?.equals(up)).toBe(true)
    await expect.poll(() => server.closed.length + client.closed.length).toBe(2)
    const carried = { clean: true, octets: { sent: 5 * MIB, received: 5 * MIB } }
    expect([client.closed, server.closed]).toMatchObject([[carried], [carried]])
    expect(client.tunnel.statistics).toMatchObject({ connections: 0, octets: carried.octets })
  })

  it('lets a service end first and still hears its client out', async () => {
    let received = ''
    const { port: target } = await service(async (socket) => {
      socket.end('bye')
      received = `${await readAll(socket)}`
    })
    const { port, server } = await tunnelTo(target)
    const socket = await dial(port)
    expect(`${await readAll(socket)}`).toBe('bye')
    socket.end('more to say')
    await expect.poll(() => received).toBe('more to say')
    await expect.poll(() => server.closed).toMatchObject([{ clean: true, octets: { sent: 3, received: 11 } }])
  })

  it('keeps 50 connections at once apart', async () => {
    const { port } = await tunnelTo((await echo()).port)
    const results = Array.from({ length: 50 }, async () => {
      const data = randomBytes(40_000)
      const socket = await dial(port)
      socket.end(data)
      return (
        createHash('sha256')
          .update(await readAll(socket))
          .digest('hex') === createHash('sha256').update(data).digest('hex')
      )
    })
    expect(await Promise.all(results)).toEqual(Array(50).fill(true))
  })

  it('takes no more from a client than a service that does not read lets it', async () => {
    const { port: target, sockets } = await service((socket) => void socket.pause())
    const { port, client } = await tunnelTo(target)
    const socket = await dial(port)
    const data = Buffer.alloc(64 * MIB)
    socket.write(data)
    // All buffers between are full when nothing moves any more.
    let before = -1
    await expect
      .poll(
        () => {
          const { sent } = client.tunnel.statistics.octets
          const still = sent > 0 && sent === before
          before = sent
          return still
        },
        { interval: 500 },
      )
      .toBe(true)
    expect(before).toBeLessThan(48 * MIB)
    // Once it reads, the rest comes.
    socket.end()
    let received = 0
    sockets[0]
      ?.on('data', (chunk) => {
        received += chunk.length
      })
      .resume()
    await expect.poll(() => received).toBe(data.length)
  })

  it.each([
    ['client', 'service'],
    ['service', 'client'],
  ])('carries a reset of the %s to the %s as a reset', async (from) => {
    const { port: target, sockets } = await echo()
    const { port, client, server } = await tunnelTo(target)
    const socket = await dial(port)
    socket.write('x')
    await once(socket, 'data')
    const inner = sockets[0]
    if (!inner) throw new Error('no connection')
    const [breaking, other] = from === 'client' ? [socket, inner] : [inner, socket]
    breaking.resetAndDestroy()
    expect(await ending(other)).toBe('ECONNRESET')
    await expect.poll(() => client.closed.length + server.closed.length).toBe(2)
    const ends = from === 'client' ? [client, server] : [server, client]
    expect(ends.map(({ failures }) => failures.map(({ stage, error }) => [stage, error.code]))).toEqual([
      [['carrying', 'ERR_TRANSPORT']],
      [['carrying', 'ERR_TRUNCATED']],
    ])
    expect(ends.map(({ closed }) => closed[0]?.clean)).toEqual([false, false])
  })

  it('breaks off with a typed reason where the target is down, and the client sees a reset', async () => {
    const { port: target, server: down } = await echo()
    down.close()
    await once(down, 'close')
    const { port, client, server } = await tunnelTo(target)
    expect(await turnedAway(port)).toBe('ECONNRESET')
    expect(server.failures).toMatchObject([
      { connection: 1, stage: 'target', error: { code: 'ERR_TARGET_UNREACHABLE' } },
    ])
    expect(server.failures[0]?.error.message).toContain('ECONNREFUSED')
    await expect
      .poll(() => client.failures[0]?.error)
      .toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'internal_error' })
    await expect.poll(() => server.closed).toMatchObject([{ connection: 1, clean: false }])
  })

  it('does not bother the service before the client has proved itself', async () => {
    const { port: target, sockets } = await echo()
    const { server } = await tunnelTo(target)
    const stranger = await failure(
      connect({ host: '127.0.0.1', port: server.port, ca: authority('Another CA').certificatePem }),
    )
    expect(stranger.code).toBe('ERR_UNKNOWN_CA')
    await expect
      .poll(() => server.failures.map(({ stage, error }) => [stage, error.code]))
      .toEqual([['handshake', 'ERR_ALERT_RECEIVED']])
    expect(sockets).toEqual([])
  })

  it('refuses a plain client when the other end is not to be had', async () => {
    const { port, server, client } = await tunnelTo((await echo()).port)
    await server.tunnel.close()
    expect(await turnedAway(port)).toBe('ECONNRESET')
    expect(client.failures).toMatchObject([{ stage: 'handshake', error: { code: 'ERR_TRANSPORT' } }])
  })

  it('gives up a handshake whose plain client has gone', async () => {
    const { port: silent, sockets } = await service(() => {})
    const client = await watch({ role: 'client', to: at(silent), tls: { ca } })
    const socket = await dial(client.port)
    await expect.poll(() => sockets.length).toBe(1)
    socket.resetAndDestroy()
    await expect.poll(() => client.failures).toMatchObject([{ stage: 'handshake', error: { code: 'ERR_TRANSPORT' } }])
    await expect.poll(() => client.tunnel.statistics.connections).toBe(0)
  })

  it('cuts idle connections, and none that has traffic', async () => {
    const { port, server } = await tunnelTo((await echo()).port, { server: { idleTimeout: 1500 } })
    const [idle, busy] = [await dial(port), await dial(port)]
    const chatter = setInterval(() => busy.write('.'), 50)
    busy.resume()
    expect(await ending(idle)).toBe('ECONNRESET')
    clearInterval(chatter)
    expect(server.failures.map(({ stage, error }) => [stage, error.code])[0]).toEqual(['carrying', 'ERR_IDLE_TIMEOUT'])
    expect(busy.readableEnded).toBe(false)
    busy.destroy()
  })

  it('goes over Unix domain sockets at either side', async () => {
    const { port: target } = await echo()
    const [middle, front] = [join(folder(), 'middle'), join(folder(), 'front')]
    await watch({ role: 'server', to: at(target), tls: serverIdentity }, { path: middle })
    const client = await watch({ role: 'client', to: { path: middle }, tls: { ca } }, { path: front })
    const { connect: dialPath } = await import('node:net')
    const socket = dialPath({ path: front, allowHalfOpen: true })
    socket.end('over paths')
    expect(`${await readAll(socket)}`).toBe('over paths')
    await expect.poll(() => client.closed).toMatchObject([{ from: '', clean: true }])
    expect(client.address).toEqual({ path: front })
  })
})

describe('the limits of a tunnel', () => {
  it('hold in all: one more is refused by an alert before it costs a handshake, and counts again when one ends', async () => {
    const { port, server, client } = await tunnelTo((await echo()).port, { server: { maxConnections: 2 } })
    const first = await dial(port)
    const second = await dial(port)
    for (const socket of [first, second]) {
      socket.write('x')
      await once(socket, 'data')
    }
    expect(await turnedAway(port)).toBe('ECONNRESET')
    expect(server.failures).toMatchObject([{ stage: 'limit', error: { code: 'ERR_TOO_MANY_CONNECTIONS' } }])
    expect(client.failures).toMatchObject([
      { stage: 'handshake', error: { code: 'ERR_ALERT_RECEIVED', alert: 'internal_error' } },
    ])
    first.end()
    await expect.poll(() => server.tunnel.statistics.connections).toBe(1)
    const third = await dial(port)
    third.end('again')
    expect(`${await readAll(third)}`).toBe('again')
  })

  it('hold for an address', async () => {
    const { port, client } = await tunnelTo((await echo()).port, { client: { maxConnectionsPerAddress: 1 } })
    const first = await dial(port)
    first.write('x')
    await once(first, 'data')
    expect(await turnedAway(port)).toBe('ECONNRESET')
    expect(client.failures).toMatchObject([{ stage: 'limit', error: { code: 'ERR_TOO_MANY_CONNECTIONS' } }])
  })
})

describe('the sessions of a tunnel', () => {
  const roundTrip = async (port: number) => {
    const socket = await dial(port)
    socket.end('x')
    await readAll(socket)
  }
  const resumptions = async (ends: Parameters<typeof tunnelTo>[1]) => {
    const { port, client, server } = await tunnelTo((await echo()).port, ends)
    const resumed: (boolean | undefined)[] = []
    client.tunnel.on('open', ({ socket }) => resumed.push(socket.protection?.resumed))
    return { port, client, server, resumed }
  }

  it('are resumed, and not beyond a reload, which may have withdrawn something', async () => {
    const { port, resumed, server } = await resumptions({})
    await roundTrip(port)
    await roundTrip(port)
    server.tunnel.reload(serverIdentity)
    await roundTrip(port)
    expect(resumed).toEqual([false, true, false])
  })

  it('are not resumed with sessions: false, nor under a QKD policy that says nothing of resumption', async () => {
    const { client, server } = qkdPair()
    const prefer = { policy: 'prefer' } as const
    for (const ends of [
      { client: { sessions: false } },
      {
        server: { tls: { ...serverIdentity, qkd: { ...server, ...prefer } } },
        client: { tls: { ca, qkd: { ...client, ...prefer } } },
      },
    ]) {
      const { port, resumed } = await resumptions(ends)
      await roundTrip(port)
      await roundTrip(port)
      expect(resumed).toEqual([false, false])
    }
  })
})

it('sessions that a server has forgotten cost a full handshake, where policy needs them too, and no connection', async () => {
  const qkd = qkdPair()
  const resumption = { maxAgeSeconds: 60 }
  const { port, client, server } = await tunnelTo((await echo()).port, {
    server: { tls: { ...serverIdentity, qkd: { ...qkd.server, resumption } } },
    client: { tls: { ca, qkd: { ...qkd.client, resumption } } },
  })
  const resumed: (boolean | undefined)[] = []
  client.tunnel.on('open', ({ socket }) => resumed.push(socket.protection?.resumed))
  const visit = async () => {
    const socket = await dial(port)
    socket.end('x')
    return `${await readAll(socket)}`
  }
  await Promise.all([visit(), visit(), visit()])
  server.tunnel.reload({ ...serverIdentity, qkd: { ...qkd.server, resumption } })
  expect(await Promise.all([visit(), visit(), visit()])).toEqual(['x', 'x', 'x'])
  expect(await visit()).toBe('x')
  expect(resumed).toEqual([...Array(6).fill(false), true])
  expect(client.failures).toEqual([])
})

describe('a reload', () => {
  it('serves new connections with the new certificate and leaves open ones alone', async () => {
    const { port, client, server } = await tunnelTo((await echo()).port)
    const before = await dial(port)
    before.write('a')
    await once(before, 'data')
    const fresh = authority('New CA')
    server.tunnel.reload(identity(fresh, ['127.0.0.1']))
    expect(await turnedAway(port)).toBe('ECONNRESET')
    expect(client.failures).toMatchObject([{ stage: 'handshake', error: { code: 'ERR_UNKNOWN_CA' } }])
    client.tunnel.reload({ ca: fresh.certificatePem })
    const after = await dial(port)
    after.end('b')
    expect(`${await readAll(after)}`).toBe('b')
    before.end('c')
    expect(`${await readAll(before)}`).toBe('c')
  })

  it('withdraws a PSK, and keeps everything where the new options are bad', async () => {
    const atServer = { ...psk, localId: 'hq', peerId: 'branch' }
    const atClient = { ...psk, localId: 'branch', peerId: 'hq' }
    const both = { server: { tls: { psk: atServer } }, client: { tls: { psk: atClient } } }
    const { port, client, server } = await tunnelTo((await echo()).port, both)
    expect(() => server.tunnel.reload({ cert: 'no PEM', key: 'neither' })).toThrow(
      expect.objectContaining({ name: 'TrefoilError' }),
    )
    expect(() => client.tunnel.reload({})).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }))
    const socket = await dial(port)
    socket.end('x')
    expect(`${await readAll(socket)}`).toBe('x')
    server.tunnel.reload({ psk: { ...atServer, key: randomBytes(32) } })
    expect(await turnedAway(port)).toBe('ECONNRESET')
    expect(server.failures.at(-1)).toMatchObject({ stage: 'handshake', error: { code: 'ERR_BAD_BINDER' } })
  })
})

describe('closing a tunnel', () => {
  it('lets open connections end, and accepts no more', async () => {
    const { port, server } = await tunnelTo((await echo()).port)
    const socket = await dial(port)
    socket.write('x')
    await once(socket, 'data')
    const closing = server.tunnel.close({ graceMilliseconds: 60_000 })
    expect(server.tunnel.statistics).toMatchObject({ listening: false, connections: 1 })
    expect(await turnedAway(port)).toBe('ECONNRESET')
    socket.end('y')
    expect(`${await readAll(socket)}`).toBe('y')
    await closing
    expect(server.closed).toMatchObject([{ clean: true }])
  })

  it('cuts what is left after the grace, or when it is closed again', async () => {
    const { port, server } = await tunnelTo((await echo()).port)
    const socket = await dial(port)
    socket.write('x')
    await once(socket, 'data')
    const closing = server.tunnel.close({ graceMilliseconds: 600_000 })
    await server.tunnel.close()
    await closing
    expect(await ending(socket)).toBe('ECONNRESET')
    expect(server.failures).toMatchObject([{ stage: 'carrying', error: { code: 'ERR_ABORTED' } }])
  })

  it('cuts handshakes too, and does for a tunnel that never listened', async () => {
    const { port: silent } = await service(() => {})
    const client = await watch({ role: 'client', to: at(silent), tls: { ca } })
    const socket = await dial(client.port)
    await expect.poll(() => client.tunnel.statistics.connections).toBe(1)
    await client.tunnel.close()
    expect(await ending(socket)).toBe('ECONNRESET')
    await createTunnel({ role: 'client', to: at(silent), tls: { ca } }).close()
  })
})

it('a tunnel that is closed before it listens never does', async () => {
  const tunnel = createTunnel({ role: 'server', to: at(1), tls: serverIdentity })
  const listening = tunnel.listen({ host: 'localhost', port: 0 })
  await tunnel.close()
  await expect(listening).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' })
})

it('a grace that no timer can count is refused, and nothing is closed', async () => {
  const { tunnel } = await watch({ role: 'server', to: at(1), tls: serverIdentity })
  for (const graceMilliseconds of [Number.POSITIVE_INFINITY, Number.NaN, -1, 2 ** 31]) {
    await expect(tunnel.close({ graceMilliseconds })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
  }
  expect(tunnel.statistics.listening).toBe(true)
})

describe('the options of a tunnel', () => {
  const server = { role: 'server', to: at(1), tls: serverIdentity } as const
  const refused: readonly [string, TunnelOptions | object][] = [
    ['no role', { ...server, role: 'both' }],
    ['an address without a port', { ...server, to: { host: 'a' } }],
    ['a service elsewhere', { ...server, to: { host: '192.0.2.1', port: 1 } }],
    ['a service by a name that may be elsewhere', { ...server, to: { host: 'db.internal', port: 1 } }],
    ['no connection at all', { ...server, maxConnections: 0 }],
    ['a negative time', { ...server, idleTimeout: -1 }],
    ['a time that setTimeout cannot count', { ...server, connectTimeout: 2 ** 31 }],
    ['a server that nothing authenticates', { ...server, tls: {} }],
    ['a client that does not know its server', { role: 'client', to: at(1), tls: {} }],
  ]
  it.each(refused)('are refused with %s', (_, options) => {
    expect(() => createTunnel(options as TunnelOptions)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
    )
  })

  it('keep the plain side on this machine unless told otherwise', async () => {
    const client = createTunnel({ role: 'client', to: at(1), tls: { ca } })
    await expect(client.listen({ host: '0.0.0.0', port: 0 })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
    for (const host of ['localhost', '127.1.2.3', '::1', '::ffff:127.0.0.1'])
      createTunnel({ ...server, to: { host, port: 1 } })
    createTunnel({ ...server, to: { host: '192.0.2.1', port: 1 }, allowRemotePlain: true })
    const open = await watch(
      { role: 'client', to: at(1), tls: { ca }, allowRemotePlain: true },
      { host: '0.0.0.0', port: 0 },
    )
    expect(open.port).toBeGreaterThan(0)
    await expect(open.tunnel.listen(at(0))).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' })
    const second = createTunnel({ role: 'client', to: at(1), tls: { ca } })
    await expect(second.listen(at(open.port))).rejects.toMatchObject({ code: 'ERR_TRANSPORT' })
  })
})
