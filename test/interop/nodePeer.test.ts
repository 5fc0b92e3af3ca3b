/**
 * The peers that the interoperability tests rely on, tested against one another: a fault here is not one of Trefoil.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type ClientPeerOptions,
  type ClientPeerResult,
  deterministicBytes,
  type PeerMajor,
  peerMissing,
  receivedOf,
  runClientPeer,
  type ServerPeer,
  type ServerPeerOptions,
  startServerPeer,
} from '../support/nodePeer.js'
import { startRecordingRelay } from './recordingRelay.js'

const folder = fileURLToPath(new URL('../../../shared/vectors/pki/rfc9881', import.meta.url))
const missing =
  peerMissing(26) ?? peerMissing(24) ?? (existsSync(folder) ? null : 'no shared vectors beside the repository')

/** One connection between two peers, after which the server is stopped. */
async function handshake(
  server: ServerPeerOptions,
  client: Omit<ClientPeerOptions, 'port'>,
): Promise<{ peer: ServerPeer; result: ClientPeerResult }> {
  const peer = await startServerPeer(server)
  onTestFinished(() => peer.stop())
  return { peer, result: await runClientPeer({ ...client, port: peer.port }) }
}

function identity(level: 44 | 65 | 87) {
  const cert = readFileSync(join(folder, `ML-DSA-${level}.crt`), 'utf8')
  return { cert, key: readFileSync(join(folder, `ML-DSA-${level}-seed.priv`), 'utf8') }
}

describe.skipIf(missing !== null)(`Node's tls as a peer${missing === null ? '' : `: ${missing}`}`, () => {
  const psk = { identity: 'site-a', key: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f' }
  const trusting = (level: 44 | 65 | 87) => ({ ca: identity(level).cert, checkName: false })

  it.each([
    ['X25519MLKEM768', 'TLS_AES_256_GCM_SHA384'],
    ['SecP384r1MLKEM1024', 'TLS_CHACHA20_POLY1305_SHA256'],
    ['SecP256r1MLKEM768', 'TLS_AES_128_GCM_SHA256'],
  ])('agrees on %s with %s and mldsa65', async (group, ciphers) => {
    const exporter = { label: 'EXPORTER-test', length: 32, context: '00ff' }
    const options = { groups: [group], ciphers, exporter }
    const data = { bytes: 100_000, seed: group }
    const { peer, result } = await handshake(
      { ...identity(65), ...options, sigalgs: ['mldsa65'], alpn: ['x', 'y'] },
      { ...trusting(65), ...options, alpn: ['y'], send: data, expectEcho: true },
    )
    expect(result).toMatchObject({ ok: true, error: null, ended: true })
    expect(result.connection).toMatchObject({
      protocol: 'TLSv1.3',
      cipher: ciphers,
      group,
      alpn: 'y',
      authorized: true,
    })
    expect(result.received).toEqual(receivedOf(deterministicBytes(data.seed, data.bytes)))
    const seen = await peer.next('secureConnection')
    expect(seen).toMatchObject({ cipher: ciphers, alpn: 'y', exporter: result.connection?.exporter })
    expect((await peer.next('ended')).received).toEqual(result.received)
    expect(result.keylog.map((line) => line.split(' ')[0])).toContain('EXPORTER_SECRET')
  })

  it.each([24, 26] as PeerMajor[])('Node %i authenticates both sides with ML-DSA-44 and ML-DSA-87', async (node) => {
    const { peer, result } = await handshake(
      { node, ...identity(44), requestCert: true, ca: identity(87).cert },
      { node, ...identity(87), ...trusting(44), send: { bytes: 1, seed: 1 }, expectEcho: true },
    )
    expect(result.ok).toBe(true)
    const seen = await peer.next('secureConnection')
    expect(seen.authorized).toBe(true)
    expect(seen.peerCertificate).toMatch(/^3082/)
  })

  it.each([24, 26] as PeerMajor[])(
    'Node %i accepts an external PSK and refuses a wrong one with decrypt_error',
    async (node) => {
      const ciphers = 'TLS_AES_128_GCM_SHA256'
      const right = await handshake(
        { node, psk, ciphers },
        { node, psk, ciphers, send: { bytes: 9, seed: 1 }, expectEcho: true },
      )
      expect(right.result).toMatchObject({ ok: true, received: { bytes: 9 }, connection: { peerCertificate: null } })
      const wrong = await handshake({ node, psk, ciphers }, { node, psk: { ...psk, key: 'ff'.repeat(32) }, ciphers })
      expect(wrong.result).toMatchObject({ ok: false, connection: null, error: { alert: 51 } })
      expect((await wrong.peer.next('tlsClientError')).error.alert).toBeNull()
    },
  )

  it('resumes a session that it has a ticket for', async () => {
    const peer = await startServerPeer(identity(65))
    onTestFinished(() => peer.stop())
    const first = await runClientPeer({ ...trusting(65), port: peer.port, sessions: 2 })
    expect(first.sessions).toHaveLength(2)
    const [session = ''] = first.sessions
    const second = await runClientPeer({
      ...trusting(65),
      port: peer.port,
      session,
      send: { bytes: 4, seed: 4 },
      expectEcho: true,
    })
    expect([first.connection?.reused, second.connection?.reused]).toEqual([false, true])
  })

  it('goes through HelloRetryRequest when the first share is of a group that the server lacks', async () => {
    const peer = await startServerPeer({ ...identity(65), groups: ['X25519MLKEM768'] })
    onTestFinished(() => peer.stop())
    const { port, retried } = await startRecordingRelay(peer.port)
    const groups = ['P-256', 'X25519MLKEM768']
    const result = await runClientPeer({
      ...trusting(65),
      port,
      groups,
      send: { bytes: 5, seed: 5 },
      expectEcho: true,
    })
    expect(result).toMatchObject({ ok: true, connection: { group: 'X25519MLKEM768' } })
    expect(retried()).toBe(true)
  })

  it('carries 10 MiB each way, both directions at once', async () => {
    const size = 10 * 1024 * 1024
    const { peer, result } = await handshake(
      { ...identity(65), echo: false, send: { bytes: size, seed: 'down' } },
      { ...trusting(65), send: { bytes: size, seed: 'up' }, expectBytes: size },
    )
    expect(result.ok).toBe(true)
    expect(result.received).toEqual(receivedOf(deterministicBytes('down', size)))
    expect((await peer.next('ended')).received).toEqual(receivedOf(deterministicBytes('up', size)))
  })

  it('keeps one direction open after the other has ended', async () => {
    const { result } = await handshake(
      { ...identity(65), endAfterSend: true, send: { bytes: 3, seed: 's' }, echo: false },
      { ...trusting(65), waitForEnd: true },
    )
    expect(result).toMatchObject({ ok: true, ended: true, received: { bytes: 3 } })
    const echoed = await handshake(identity(65), {
      ...trusting(65),
      send: { bytes: 70_000, seed: 'c' },
      endAfterSend: true,
      waitForEnd: true,
    })
    expect(echoed.result).toMatchObject({ ok: true, ended: true, received: { bytes: 70_000 } })
  })

  it('drops a certificate it does not trust without an alert, on either side', async () => {
    const stranger = await handshake(
      { ...identity(65), requestCert: true, ca: identity(87).cert },
      { ...identity(44), ...trusting(65), send: { bytes: 1, seed: 1 }, expectEcho: true },
    )
    expect(stranger.result).toMatchObject({ received: { bytes: 0 } })
    expect(stranger.result.error?.alert ?? null).toBeNull()
    const untrusted = await handshake(identity(65), trusting(44))
    expect(untrusted.result).toMatchObject({ ok: false, connection: null, error: { alert: null } })
  })

  it('names the alert it was sent, and its own error when it finds the fault', async () => {
    const { peer, result } = await handshake(
      { ...identity(65), groups: ['X25519MLKEM768'] },
      { ...trusting(65), groups: ['X25519'] },
    )
    expect(result.error).toMatchObject({ alert: 40 })
    expect((await peer.next('tlsClientError')).error.code).toBe('ERR_SSL_NO_SUITABLE_KEY_SHARE')
  })

  it('says why when OpenSSL does not take its options', async () => {
    await expect(startServerPeer({ ...identity(65), groups: ['no-such-group'] })).rejects.toThrow(/the TLS peer failed/)
    await expect(runClientPeer({ port: 1, cert: 'not PEM', key: 'not PEM' })).rejects.toThrow(/the TLS peer failed/)
  })
})
