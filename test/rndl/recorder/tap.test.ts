/** The tap between real sockets. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { sentBy } from '../../../src/rndl/adversary/index.js'
import { startTap, type Tap } from '../../../src/rndl/recorder/index.js'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function tapped(onConnection: (socket: Socket) => void): Promise<{ tap: Tap; client(): Socket }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => server.close())
  const tap = await startTap({ port: (server.address() as AddressInfo).port, name: (i) => `connection ${i}` })
  cleanUps.push(() => tap.close())
  return {
    tap,
    client() {
      const socket = connect({ port: tap.port, host: '127.0.0.1', allowHalfOpen: true })
      socket.on('error', () => {})
      cleanUps.push(() => socket.destroy())
      return socket
    },
  }
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

describe('a tap', () => {
  it('passes on every octet in both directions, and keeps them in their order', async () => {
    const { tap, client } = await tapped((socket) => socket.pipe(socket))
    const sent = randomBytes(300_000)
    const socket = client()
    socket.end(sent)
    expect((await readAll(socket)).equals(sent)).toBe(true)
    await tap.idle()
    expect(tap.tape.map(({ name }) => name)).toEqual(['connection 0'])
    const [taped] = tap.tape as [(typeof tap.tape)[number]]
    expect(sentBy(taped, 'client').equals(sent)).toBe(true)
    expect(sentBy(taped, 'server').equals(sent)).toBe(true)
    const times = taped.segments.map(({ milliseconds }) => milliseconds)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(times[0]).toBeGreaterThanOrEqual(0)
  })

  it('lets one side end while the other goes on', async () => {
    const { client } = await tapped((socket) => {
      socket.resume().once('end', () => socket.end('heard you out'))
    })
    const socket = client()
    socket.end('that is all')
    expect(String(await readAll(socket))).toBe('heard you out')
  })

  it('holds back a sender whose receiver does not read', async () => {
    const sockets: Socket[] = []
    const { tap, client } = await tapped((socket) => {
      sockets.push(socket.pause())
    })
    const socket = client()
    const chunk = Buffer.alloc(1 << 16, 1)
    // Far more than all buffers on the way hold, were there no limit to them.
    let written = 0
    while (written < 64 * 2 ** 20) {
      written += chunk.length
      if (!socket.write(chunk) && !(await drained(socket))) break
    }
    expect(written).toBeLessThan(64 * 2 ** 20)
    expect(sentBy(tap.tape[0] as (typeof tap.tape)[number], 'client').length).toBeLessThanOrEqual(written)
    sockets[0]?.resume().once('end', () => sockets[0]?.end())
    socket.resume()
    socket.end()
    await once(socket, 'end')
    await tap.idle()
  })

  it('takes each connection for itself, and is idle when all are closed', async () => {
    const { tap, client } = await tapped((socket) => socket.pipe(socket))
    const texts = ['one', 'two', 'three']
    for (const text of texts) {
      const socket = client()
      socket.end(text)
      expect(String(await readAll(socket))).toBe(text)
    }
    await tap.idle()
    expect(tap.tape.map((taped) => [taped.name, String(sentBy(taped, 'client'))])).toEqual(
      texts.map((text, i) => [`connection ${i}`, text]),
    )
  })

  it('hands on a reset, and a server that is not there', async () => {
    const sockets: Socket[] = []
    const { client } = await tapped((socket) => {
      sockets.push(socket)
    })
    const socket = client()
    socket.write('hello')
    await expect.poll(() => sockets.length).toBe(1)
    const closed = closing(sockets[0] as Socket)
    socket.resetAndDestroy()
    await closed

    const nobody = createServer()
    await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve))
    const { port } = nobody.address() as AddressInfo
    await new Promise((resolve) => nobody.close(resolve))
    const tap = await startTap({ port, name: () => 'x' })
    cleanUps.push(() => tap.close())
    const refused = connect(tap.port, '127.0.0.1')
    refused.on('error', () => {})
    await closing(refused)
    expect(tap.tape.flatMap(({ segments }) => segments)).toEqual([])
  })

  it('ends what is still open when it is closed', async () => {
    const { tap, client } = await tapped(() => {})
    const socket = client()
    await once(socket, 'connect')
    await expect.poll(() => tap.tape.length).toBe(1)
    const ended = once(socket.resume(), 'end')
    await tap.close()
    await ended
  })
})

/** `once` would reject with an error before. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()))
}

/** False when nothing drains for as long as the machine needs to make it plain. */
async function drained(socket: Socket): Promise<boolean> {
  const pause = new Promise<false>((resolve) => setTimeout(() => resolve(false), 500))
  return Promise.race([once(socket, 'drain').then(() => true), pause])
}
