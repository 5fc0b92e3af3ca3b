/** HelloRetryRequest, ALPN, SNI and exporters between Trefoil and Node's `tls`. */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import {
  peerMissing,
  runClientPeer,
  type ServerPeer,
  type ServerPeerOptions,
  startServerPeer,
} from '../support/nodePeer.js'
import { describeWith, listen, type OwnServer, open, receive, refuse, refusedAt, visit } from './ends.js'
import { identity } from './identities.js'
import { startRecordingRelay } from './recordingRelay.js'

const { ca, ...own } = identity('mldsa44')

async function startPeer(options: ServerPeerOptions = {}): Promise<ServerPeer> {
  const peer = await startServerPeer({ ...own, ...options })
  onTestFinished(() => peer.stop())
  return peer
}

describeWith(peerMissing(), 'HelloRetryRequest with Node 26', () => {
  it.each(['SecP384r1MLKEM1024', 'SecP256r1MLKEM768'])(
    'our client sends the share of %s when its server asks for it',
    async (group) => {
      const peer = await startPeer({ groups: [group] })
      const { port, retried } = await startRecordingRelay(peer.port)
      const { socket } = await visit(peer, { ca, port })
      expect(retried()).toBe(true)
      expect(socket.protection?.keyExchange.group).toBe(group)
    },
  )

  it('our client shows its own certificate also after a retry', async () => {
    const peer = await startPeer({ groups: ['SecP256r1MLKEM768'], requestCert: true, ca })
    const { peer: seen } = await visit(peer, { ca, ...own })
    expect(seen.authorized).toBe(true)
  })

  it.each([
    ['X25519', 'X25519MLKEM768'],
    ['P-256', 'SecP384r1MLKEM1024'],
    ['X25519', 'SecP256r1MLKEM768'],
  ])('our server asks a client whose share is of %s for the %s that it also knows', async (classical, hybrid) => {
    for (const allowClassicalKeyExchange of [false, true]) {
      const server = await listen({ ...own, policy: { allowClassicalKeyExchange } })
      const { port, retried } = await startRecordingRelay(server.port)
      const { socket, peer } = await receive({ ...server, port }, { ca, groups: [classical, hybrid] })
      expect(retried()).toBe(true)
      expect(peer.group).toBe(hybrid)
      expect(socket.protection?.keyExchange.group).toBe(hybrid)
    }
  })

  it('our server asks for no retry when the share is of a group that it takes, be it not its first', async () => {
    const server = await listen(own)
    const { port, retried } = await startRecordingRelay(server.port)
    const groups = ['SecP256r1MLKEM768', 'X25519MLKEM768']
    const { peer } = await receive({ ...server, port }, { ca, groups })
    expect(peer.group).toBe('SecP256r1MLKEM768')
    expect(retried()).toBe(false)
  })
})

describeWith(peerMissing(), 'extensions with Node 26', () => {
  const alpn = ['h2', 'http/1.1']
  let peer: ServerPeer
  let server: OwnServer

  beforeAll(async () => {
    peer = await startServerPeer({ ...own, alpn })
    server = await listen({ ...own, ALPNProtocols: alpn })
  })
  afterAll(() => peer?.stop())

  it('ALPN: both ends name the protocol that the server prefers', async () => {
    const ours = await visit(peer, { ca, ALPNProtocols: ['http/1.1', 'h2'] })
    expect([ours.socket.alpnProtocol, ours.peer.alpn]).toEqual(['h2', 'h2'])
    const theirs = await receive(server, { ca, alpn: ['http/1.1', 'h2'] })
    expect([theirs.socket.alpnProtocol, theirs.peer.alpn]).toEqual(['h2', 'h2'])
  })

  it('ALPN: a client that names none gets none', async () => {
    const ours = await visit(peer, { ca })
    expect([ours.socket.alpnProtocol, ours.peer.alpn]).toEqual([false, null])
    const theirs = await receive(server, { ca })
    expect([theirs.socket.alpnProtocol, theirs.peer.alpn]).toEqual([false, null])
  })

  it('ALPN: nothing in common ends with no_application_protocol, whoever the server is', async () => {
    const refused = await refusedAt({ port: peer.port, ca, ALPNProtocols: ['imap'] })
    expect(refused).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'no_application_protocol' })
    const { result, error } = await refuse(server, { ca, alpn: ['imap'] })
    expect(result.error?.alert).toBe(120)
    expect(error.code).toBe('ERR_NO_APPLICATION_PROTOCOL')
  })

  it('SNI: a server sees the name, and sees none where the client has only an address', async () => {
    const ours = await visit(peer, { ca, servername: 'localhost' })
    expect(ours.peer.servername).toBe('localhost')
    const address = await visit(peer, { ca, servername: '127.0.0.1' })
    expect(address.peer.servername).toBeNull()
    const theirs = await receive(server, { ca, servername: 'localhost' })
    expect(theirs.socket.servername).toBe('localhost')
  })

  it.each([
    ['without a context', undefined],
    ['with an empty context', ''],
    ['with a context', '00ff10'],
  ])('exporter: both ends derive the same keying material %s', async (_, context) => {
    const label = 'EXPORTER-Trefoil'
    const exporter = { label, length: 77, ...(context !== undefined && { context }) }
    const octets = context === undefined ? undefined : Buffer.from(context, 'hex')
    const exporting = await startPeer({ exporter })
    const { socket, finished } = await open({ port: exporting.port, ca })
    const ours = socket.exportKeyingMaterial(77, label, octets)
    socket.end()
    await finished
    expect((await exporting.next('secureConnection')).exporter).toBe(ours.toString('hex'))

    const exported: string[] = []
    const exportingServer = await listen(own, (accepted) => {
      exported.push(accepted.exportKeyingMaterial(77, label, octets).toString('hex'))
      accepted.end()
    })
    const result = await runClientPeer({ port: exportingServer.port, ca, exporter })
    expect(result.connection?.exporter).toBe(exported[0])
  })
})
