import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type ServerOptions, type TLSSocket } from '../../src/index.js'
import { failure, listen, readAll, secured, serverIdentity } from '../node/fixtures.js'
import { rawKey } from '../node/rawKeys/keys.js'
import { type RawKeyPeerOptions, RawKeyPeers, rawKeyPeerMissing } from '../support/rawKeyPeer.js'

const missing = rawKeyPeerMissing()
const KEYS = { server: rawKey('server', 'mldsa65'), client: rawKey('client'), other: rawKey('other') }
type Name = keyof typeof KEYS

/** How OpenSSL numbers what was negotiated: raw public keys both ways, one way, or nothing said in this handshake. */
const RAW = { serverType: 2, clientType: 2, peerKey: 'expected', verified: true }

describe.skipIf(missing !== null)(`raw public keys with OpenSSL${missing === null ? '' : `: ${missing}`}`, () => {
  let folder = ''
  let peers: RawKeyPeers
  const file = (name: string) => join(folder, name)

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'trefoil-raw-keys-'))
    for (const name of Object.keys(KEYS) as Name[]) {
      writeFileSync(file(`${name}.key`), KEYS[name].key, { mode: 0o600 })
      writeFileSync(file(`${name}.pub`), KEYS[name].publicKey)
    }
    peers = new RawKeyPeers()
  })
  afterAll(() => {
    peers?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const startServer = (more: Partial<RawKeyPeerOptions> = {}) =>
    peers.start({ role: 'server', key: file('server.key'), ...more })
  const startClient = (port: number, more: Partial<RawKeyPeerOptions> = {}) =>
    peers.start({ role: 'client', port, expected: file('server.pub'), ...more })

  describe('a client of ours', () => {
    const options = (port: number) => ({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      pinnedKeys: [KEYS.server.publicKey],
    })
    const mutual = (port: number) => ({ ...options(port), rawPublicKey: true, key: KEYS.client.key })

    async function exchange(socket: TLSSocket): Promise<void> {
      socket.write('hello')
      const [echo] = (await once(socket, 'data')) as [Buffer]
      expect(echo.toString()).toBe('hello')
      socket.end()
      await readAll(socket)
    }

    it('knows its server by the pin of its ML-DSA key', async () => {
      const peer = startServer()
      const socket = await secured(connect(options(await peer.port())))
      expect(socket.protection?.authentication).toMatchObject({ scheme: 'mldsa65', certificateType: 'RawPublicKey' })
      expect(socket.getPeerRawPublicKey()?.publicKeyInfo).toEqual(Buffer.from(KEYS.server.info.der))
      await exchange(socket)
      expect(await peer.end()).toMatchObject([
        { event: 'handshake', serverType: 2 },
        { event: 'closed', received: 5 },
      ])
    })

    it('is known by its own, and its session is resumed', async () => {
      const peer = startServer({ expected: file('client.pub'), connections: 2 })
      const port = await peer.port()
      const first = await secured(connect(mutual(port)))
      await exchange(first)
      const second = await secured(connect({ ...mutual(port), session: first.getSession() }))
      expect(second.isSessionReused()).toBe(true)
      expect(second.protection?.authentication.certificateType).toBe('RawPublicKey')
      await exchange(second)
      // OpenSSL answers server_certificate_type in a resumption too, where no certificate follows.
      expect((await peer.end()).filter(({ event }) => event === 'handshake')).toMatchObject([
        { ...RAW, resumed: false, group: 'X25519MLKEM768' },
        { peerKey: 'expected', resumed: true },
      ])
    })

    it('is refused with another key than the server expects', async () => {
      const peer = startServer({ expected: file('other.pub') })
      const socket = connect(mutual(await peer.port()))
      socket.resume()
      expect((await failure(socket)).code).toBe('ERR_ALERT_RECEIVED')
      expect(await peer.end()).toMatchObject([{ event: 'failed' }])
    })

    it('refuses a server with another key than the pinned', async () => {
      const peer = startServer()
      const socket = connect({ ...options(await peer.port()), pinnedKeys: [KEYS.other.publicKey] })
      expect((await failure(socket)).code).toBe('ERR_UNTRUSTED_KEY')
      expect(await peer.end()).toMatchObject([{ event: 'failed', error: 'ssl/tls alert certificate unknown' }])
    })
  })

  describe('a server of ours', () => {
    const options: ServerOptions = { rawPublicKey: true, key: KEYS.server.key }
    const asking: ServerOptions = {
      ...options,
      requestCert: true,
      pinnedKeys: [{ name: 'branch-17', key: KEYS.client.publicKey }],
    }
    const echo = (socket: TLSSocket) => socket.pipe(socket)

    it('is known by the pin of its ML-DSA key, and its sessions are resumed', async () => {
      const { port } = await listen(options, echo)
      const said = await startClient(port, { connections: 2 }).end()
      expect(said).toMatchObject([
        { event: 'handshake', serverType: 2, clientType: 0, peerKey: 'expected', verified: true, resumed: false },
        { event: 'closed', received: 5 },
        { event: 'handshake', peerKey: 'expected', resumed: true },
        { event: 'closed', received: 5 },
      ])
    })

    it('knows its client by the pin of its key', async () => {
      const met: unknown[] = []
      const { port } = await listen(asking, (socket) => {
        met.push(socket.getPeerRawPublicKey()?.names)
        echo(socket)
      })
      const said = await startClient(port, { key: file('client.key') }).end()
      expect(said).toMatchObject([RAW, { received: 5 }])
      expect(met).toEqual([['branch-17']])
    })

    it('refuses a client with another key, or without any', async () => {
      const { port, refused } = await listen(asking, echo)
      await startClient(port, { key: file('other.key') }).end()
      await startClient(port).end()
      await expect
        .poll(() => refused.map(({ code }) => code))
        .toEqual(['ERR_UNTRUSTED_KEY', 'ERR_CERTIFICATE_REQUIRED'])
    })

    it('with certificates alone has nothing for a client that takes raw keys alone', async () => {
      const { port, refused } = await listen(serverIdentity, echo)
      const said = await startClient(port).end()
      expect(said).toMatchObject([{ event: 'failed', error: 'ssl/tls alert unsupported certificate' }])
      expect(refused.map(({ code }) => code)).toEqual(['ERR_UNSUPPORTED_CERTIFICATE'])
    })
  })
})
