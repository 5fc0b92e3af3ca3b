import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connect } from '../../src/index.js'
import { releaseOctets } from '../../src/node/releaseOctets.js'
import { ca, listen, readAll, secured, serverIdentity } from './fixtures.js'

const CAN_RELEASE = 'transfer' in ArrayBuffer.prototype

describe('memory that is given back early', () => {
  it('is that of long octets which fill it, where this Node can', () => {
    const long = new Uint8Array(4096).fill(1)
    releaseOctets(long)
    expect(long.length).toBe(CAN_RELEASE ? 0 : 4096)
  })

  it('is never that of short octets, nor what others have a part of', () => {
    const short = new Uint8Array(4095).fill(1)
    releaseOctets(short)
    expect(short.length).toBe(4095)
    const shared = new Uint8Array(10_000).fill(1)
    releaseOctets(shared.subarray(0, 9_000))
    expect(shared.every((octet) => octet === 1)).toBe(true)
  })

  it('is not that of what somebody else listens to as well', async () => {
    const reply = Buffer.alloc(1_000_000, 7)
    const { port } = await listen(serverIdentity, (socket) => socket.end(reply))
    const transport = connectTcp(port, '127.0.0.1')
    await once(transport, 'connect')
    const seen: { chunk: Buffer; copy: Buffer }[] = []
    const socket = connect({ socket: transport, servername: 'localhost', ca })
    transport.on('data', (chunk: Buffer) => seen.push({ chunk, copy: Buffer.from(chunk) }))
    await secured(socket)
    expect((await readAll(socket)).equals(reply)).toBe(true)
    expect(seen.length).toBeGreaterThan(10)
    expect(seen.filter(({ chunk, copy }) => !chunk.equals(copy))).toEqual([])
  })

  it('is not that of what the caller wrote', async () => {
    const { port } = await listen(serverIdentity, (socket) => socket.pipe(socket))
    const socket = await secured(connect({ port, servername: 'localhost', ca }))
    const written = Array.from({ length: 20 }, (_, i) => Buffer.alloc(50_000, i))
    for (const chunk of written) socket.write(chunk)
    socket.end()
    const echoed = await readAll(socket)
    expect(written.every((chunk, i) => chunk.length === 50_000 && chunk.every((octet) => octet === i))).toBe(true)
    expect(echoed.equals(Buffer.concat(written))).toBe(true)
  })
})
