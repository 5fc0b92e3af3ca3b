/** Data in bulk, KeyUpdate and half-closed connections between Trefoil and Node's `tls`. */
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import type { TLSSocket } from '../../src/index.js'
import {
  deterministicBytes,
  peerMissing,
  receivedOf,
  runClientPeer,
  type ServerPeer,
  type ServerPeerOptions,
  startServerPeer,
} from '../support/nodePeer.js'
import { describeWith, listen, open } from './ends.js'
import { identity } from './identities.js'

const { ca, ...own } = identity('mldsa44')
const BULK = 10 * 1024 * 1024

async function startPeer(options: ServerPeerOptions): Promise<ServerPeer> {
  const peer = await startServerPeer({ ...own, ...options })
  onTestFinished(() => peer.stop())
  return peer
}

describeWith(peerMissing(), 'data with Node 26', () => {
  it.each(['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'])(
    '10 MiB from our client and 10 MiB to it, at once, arrive octet for octet, with %s',
    async (cipher) => {
      const peer = await startPeer({ echo: false, send: { bytes: BULK, seed: 'down' } })
      const { socket, finished } = await open({ port: peer.port, ca, ciphers: [cipher] })
      socket.end(deterministicBytes('up', BULK))
      expect(await finished).toEqual({ received: receivedOf(deterministicBytes('down', BULK)), error: null })
      expect((await peer.next('ended')).received).toEqual(receivedOf(deterministicBytes('up', BULK)))
    },
  )

  it.each(['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'])(
    '10 MiB to our server and 10 MiB from it, at once, arrive octet for octet, with %s',
    async (ciphers) => {
      const server = await listen(own, (socket) => socket.write(deterministicBytes('down', BULK)))
      const send = { bytes: BULK, seed: 'up' }
      const result = await runClientPeer({ port: server.port, ca, ciphers, send, expectBytes: BULK })
      expect(result).toMatchObject({ ok: true, received: receivedOf(deterministicBytes('down', BULK)) })
      const { finished } = await server.accepted.take()
      expect(await finished).toEqual({ received: receivedOf(deterministicBytes('up', BULK)), error: null })
    },
  )

  it('data in many small writes arrives in order', async () => {
    const peer = await startPeer({})
    const { socket, finished } = await open({ port: peer.port, ca })
    const data = deterministicBytes('small', 20_000)
    for (let offset = 0; offset < data.length; offset += 97) socket.write(data.subarray(offset, offset + 97))
    socket.end()
    expect(await finished).toEqual({ received: receivedOf(data), error: null })
  })
})

for (const node of [24, 26] as const) {
  describeWith(peerMissing(node), `KeyUpdate with Node ${node}`, () => {
    it('our client replaces the keys of both directions, twice, and data goes on both ways', async () => {
      const peer = await startPeer({ node })
      const { socket, finished } = await open({ port: peer.port, ca })
      await converse(socket, ['one', 'two', 'three'])
      socket.end()
      expect(await finished).toMatchObject({ error: null, received: { bytes: 'one|two|three|'.length } })
    })

    // Keys of one direction only: asked for its own, Node's client has no write left to answer with, and then often leaves
    // out its close_notify. opensslCommand.test.ts asks.
    it('our server replaces its keys, twice, while data flows both ways', async () => {
      const bytes = 1_000_000
      const updates: string[] = []
      const server = await listen(own, (socket) => {
        let received = 0
        socket.on('keyUpdate', (direction: string) => updates.push(direction))
        socket.on('data', (chunk: Buffer) => {
          for (const mark of [bytes / 4, bytes / 2]) {
            if (received < mark && received + chunk.length >= mark) socket.requestKeyUpdate()
          }
          received += chunk.length
        })
        socket.pipe(socket)
      })
      const result = await runClientPeer({ node, port: server.port, ca, send: { bytes, seed: 'k' }, expectEcho: true })
      expect(result).toMatchObject({ ok: true, received: receivedOf(deterministicBytes('k', bytes)) })
      const { finished } = await server.accepted.take()
      expect(await finished).toMatchObject({ error: null, received: { bytes } })
      expect(updates).toEqual(['sent', 'sent'])
    })
  })
}

describeWith(peerMissing(), 'half-closed connections with Node 26', () => {
  it('our client has ended, and still gets all that the server sends', async () => {
    const peer = await startPeer({})
    const { socket, finished } = await open({ port: peer.port, ca })
    const data = deterministicBytes('late', 300_000)
    socket.end(data)
    await once(socket, 'finish')
    expect(await finished).toEqual({ received: receivedOf(data), error: null })
  })

  it('its server has ended, and still gets all that our half-open client sends', async () => {
    const peer = await startPeer({ echo: false, send: { bytes: 3, seed: 's' }, endAfterSend: true })
    const { socket, finished } = await open({ port: peer.port, ca, allowHalfOpen: true })
    await once(socket, 'end')
    const data = deterministicBytes('late', 300_000)
    socket.end(data)
    expect(await finished).toMatchObject({ received: { bytes: 3 }, error: null })
    expect((await peer.next('ended')).received).toEqual(receivedOf(data))
  })

  it('its server has ended, and our client, not told to stay half-open, ends as well', async () => {
    const peer = await startPeer({ echo: false, send: { bytes: 3, seed: 's' }, endAfterSend: true })
    const { finished } = await open({ port: peer.port, ca })
    expect(await finished).toMatchObject({ received: { bytes: 3 }, error: null })
    expect((await peer.next('ended')).received.bytes).toBe(0)
  })

  it('its client has ended, and still gets all that our server sends', async () => {
    const late = deterministicBytes('late', 300_000)
    const server = await listen({ ...own, allowHalfOpen: true }, (socket) => socket.once('end', () => socket.end(late)))
    const send = { bytes: 70_000, seed: 'c' }
    const result = await runClientPeer({ port: server.port, ca, send, endAfterSend: true, waitForEnd: true })
    expect(result).toMatchObject({ ok: true, ended: true, received: receivedOf(late) })
    const { finished } = await server.accepted.take()
    expect(await finished).toMatchObject({ received: { bytes: 70_000 }, error: null })
  })

  it('our server has ended, and still gets all that its client sends', async () => {
    const server = await listen(own, (socket) => socket.end('bye'))
    const send = { bytes: 70_000, seed: 'c' }
    const result = await runClientPeer({ port: server.port, ca, send, waitForEnd: true })
    expect(result).toMatchObject({ ok: true, ended: true, received: { bytes: 3 } })
    const { finished } = await server.accepted.take()
    expect(await finished).toEqual({ received: receivedOf(deterministicBytes('c', 70_000)), error: null })
  })
})

/** Says each word and hears it back; between words, new keys both ways: Node's come with its next write. */
async function converse(socket: TLSSocket, words: readonly string[]): Promise<void> {
  const updates: string[] = []
  let heard = ''
  socket.on('keyUpdate', (direction: string) => updates.push(direction))
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString()
  })
  let expected = ''
  for (const [i, word] of words.entries()) {
    expected += `${word}|`
    socket.write(`${word}|`)
    while (heard.length < expected.length) await once(socket, 'data')
    expect(heard).toBe(expected)
    expect(updates).toEqual(Array.from({ length: i }, () => ['sent', 'received']).flat())
    if (i < words.length - 1) socket.requestKeyUpdate({ peer: true })
  }
}
