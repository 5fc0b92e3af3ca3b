/** External PSKs without importer, and resumption, between Trefoil and OpenSSL's implementations of TLS 1.3. */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { fromHex, toHex } from '../../src/bytes.js'
import { peerMissing, type ServerPeer, type ServerPeerOptions, startServerPeer } from '../support/nodePeer.js'
import { describeWith, listen, type OwnServer, receive, refuse, refusedAt, visit } from './ends.js'
import { identity } from './identities.js'

const KEY = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'
const theirs = { identity: 'site-a', key: KEY }
const ours = { identity: 'site-a', key: fromHex(KEY), importer: false }
/** Node's `tls` takes external PSKs with these only: OpenSSL makes a SHA-256 key of what a callback gives. */
const SHA256_SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'] as const

async function startPeer(options: ServerPeerOptions): Promise<ServerPeer> {
  const peer = await startServerPeer(options)
  onTestFinished(() => peer.stop())
  return peer
}

for (const node of [24, 26] as const) {
  describeWith(peerMissing(node), `an external PSK with Node ${node}`, () => {
    it.each(SHA256_SUITES)('our client authenticates its server by it, with %s', async (cipher) => {
      const peer = await startPeer({ node, psk: theirs, ciphers: cipher })
      const { socket, peer: seen } = await visit(peer, { psk: ours, ciphers: [cipher] })
      expect(seen).toMatchObject({ cipher, peerCertificate: null, reused: true })
      expect(socket.protection).toMatchObject({
        cipher,
        psk: { identity: 'site-a' },
        keyExchange: { group: 'X25519MLKEM768' },
        authentication: { peer: 'psk', local: 'psk', scheme: null },
        resumed: false,
      })
    })

    it.each(SHA256_SUITES)('our server authenticates its client by it, with %s', async (ciphers) => {
      const server = await listen({ psk: ours })
      const { socket, peer: seen } = await receive(server, { node, psk: theirs, ciphers })
      expect(seen).toMatchObject({ cipher: ciphers, group: 'X25519MLKEM768', peerCertificate: null })
      expect(socket.protection).toMatchObject({
        psk: { identity: 'site-a' },
        authentication: { peer: 'psk', local: 'psk' },
      })
      expect(socket.authorized).toBe(true)
    })
  })
}

describeWith(peerMissing(), 'an external PSK that does not fit, with Node 26', () => {
  const [ciphers] = SHA256_SUITES
  const wrongKey = 'ff'.repeat(32)

  it('its server refuses the wrong key of our client with decrypt_error', async () => {
    const peer = await startPeer({ psk: theirs, ciphers })
    const error = await refusedAt({ port: peer.port, psk: { ...ours, key: fromHex(wrongKey) } })
    expect(error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'decrypt_error' })
  })

  it('our server refuses the wrong key of its client with decrypt_error', async () => {
    const server = await listen({ psk: ours })
    const { result, error } = await refuse(server, { psk: { ...theirs, key: wrongKey }, ciphers })
    expect(result.error?.alert).toBe(51)
    expect(error.code).toBe('ERR_BAD_BINDER')
  })

  it('our server refuses an identity that it does not know, as it refuses a wrong key', async () => {
    const server = await listen({ psk: ours })
    const { result, error } = await refuse(server, { psk: { ...theirs, identity: 'site-b' }, ciphers })
    expect(result.error?.alert).toBe(51)
    expect(error.code).toBe('ERR_UNKNOWN_PSK_IDENTITY')
  })

  it('our client refuses a server that drops the key it was to use with the certificate (RFC 9973)', async () => {
    const { cert, key, ca } = identity('mldsa44')
    const peer = await startPeer({ cert, key })
    const error = await refusedAt({ port: peer.port, ca, psk: ours, pskWithCertificate: true })
    expect(error).toMatchObject({ code: 'ERR_POLICY_PSK_NOT_MIXED', alert: 'handshake_failure' })
    expect((await peer.next('tlsClientError')).error.alert).toBe(40)
  })

  it('its server, knowing only a certificate, refuses our client that asks for the key alone', async () => {
    const { cert, key } = identity('mldsa44')
    const peer = await startPeer({ cert, key })
    const error = await refusedAt({ port: peer.port, psk: ours })
    expect(error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'missing_extension' })
  })

  it('an external PSK and HelloRetryRequest go together, in both roles', async () => {
    const peer = await startPeer({ psk: theirs, ciphers, groups: ['SecP256r1MLKEM768'] })
    const visited = await visit(peer, { psk: ours })
    expect(visited.socket.protection).toMatchObject({ keyExchange: { group: 'SecP256r1MLKEM768' }, psk: {} })
    const server = await listen({ psk: ours })
    const groups = ['X25519', 'X25519MLKEM768']
    const received = await receive(server, { psk: theirs, ciphers, groups })
    expect(received.peer.group).toBe('X25519MLKEM768')
    expect(received.socket.protection?.psk).toMatchObject({ identity: 'site-a' })
  })
})

for (const node of [24, 26] as const) {
  describeWith(peerMissing(node), `resumption with Node ${node}`, () => {
    const { ca, ...own } = identity('mldsa44')
    let peer: ServerPeer
    let server: OwnServer

    beforeAll(async () => {
      peer = await startServerPeer({ node, ...own })
      server = await listen(own)
    })
    afterAll(() => peer?.stop())

    it.each(['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256'])(
      'our client by its ticket, with %s',
      async (suite) => {
        const first = await visit(peer, { ca, ciphers: [suite] })
        const [session] = first.sessions as Buffer[]
        expect(first.socket.isSessionReused()).toBe(false)
        const second = await visit(peer, { ca, ciphers: [suite], session })
        expect(second.peer).toMatchObject({ reused: true, cipher: suite })
        expect(second.socket.isSessionReused()).toBe(true)
        expect(second.socket.protection).toMatchObject({
          resumed: true,
          keyExchange: { group: 'X25519MLKEM768' },
          authentication: { peer: 'certificate', scheme: null },
        })
        expect(second.socket.getPeerCertificate().raw).toEqual(first.socket.getPeerCertificate().raw)
      },
    )

    it.each(['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256'])(
      'its client by our ticket, with %s',
      async (ciphers) => {
        const first = await receive(server, { node, ca, ciphers, sessions: 1 })
        const [session] = first.sessions as string[]
        const second = await receive(server, { node, ca, ciphers, session: session as string })
        expect(second.peer).toMatchObject({ reused: true, cipher: ciphers, group: 'X25519MLKEM768' })
        expect(second.socket.protection?.resumed).toBe(true)
        expect(second.socket.isSessionReused()).toBe(true)
      },
    )

    it('a session is resumed for its protocol of ALPN alone, in either role', async () => {
      const alpn = ['h2', 'http/1.1']
      const theirs = await startPeer({ node, ...own, alpn })
      const ours = await listen({ ...own, ALPNProtocols: alpn })
      for (const [protocol, reused] of [
        ['h2', true],
        ['http/1.1', false],
      ] as const) {
        const [session] = (await visit(theirs, { ca, ALPNProtocols: ['h2'] })).sessions as Buffer[]
        const again = await visit(theirs, { ca, ALPNProtocols: [protocol], session })
        expect(again.peer).toMatchObject({ reused, alpn: protocol })
        expect([again.socket.isSessionReused(), again.socket.alpnProtocol]).toEqual([reused, protocol])

        const [ticket] = (await receive(ours, { node, ca, alpn: ['h2'], sessions: 1 })).sessions as string[]
        const resumed = await receive(ours, { node, ca, alpn: [protocol], session: ticket as string })
        expect(resumed.peer).toMatchObject({ reused, alpn: protocol })
        expect([resumed.socket.isSessionReused(), resumed.socket.alpnProtocol]).toEqual([reused, protocol])
      }
    })

    it('a client of ours whose ticket the server cannot open is served all the same, by certificate', async () => {
      const stranger = await startPeer({ node, ...own })
      const [session] = (await visit(stranger, { ca })).sessions as Buffer[]
      const { socket, peer: seen } = await visit(peer, { ca, session })
      expect([socket.isSessionReused(), seen.reused]).toEqual([false, false])
      expect(socket.protection?.authentication.scheme).toBe('mldsa44')
    })

    it('a client whose ticket our server cannot open is served all the same, by certificate', async () => {
      const stranger = await listen(own)
      const [session] = (await receive(stranger, { node, ca, sessions: 1 })).sessions as string[]
      const { socket, peer: seen } = await receive(server, { node, ca, session: session as string })
      expect([socket.isSessionReused(), seen.reused]).toEqual([false, false])
    })

    // Node's client drops a session of more than 10 KiB, and ours would hold two ML-DSA certificates.
    it('a resumed session still knows the client by the certificate of its first handshake', async () => {
      const small = identity('ecdsa-p256')
      const policy = { allowClassicalAuthentication: true }
      const mutual = await listen({ ...small, requestCert: true, policy })
      const first = await receive(mutual, { node, ...small, sessions: 1 })
      const [session] = first.sessions as string[]
      const { socket, peer: seen } = await receive(mutual, { node, ...small, session: session as string })
      expect(seen.reused).toBe(true)
      expect(socket.authorized).toBe(true)
      expect(socket.protection?.authentication.peer).toBe('certificate')
      expect(toHex(socket.getPeerCertificate().raw)).toBe(toHex(first.socket.getPeerCertificate().raw))
    })
  })
}
