/**
 * Trefoil and the `openssl` command, which does what Node's `tls` does not: it sends KeyUpdate on demand, shows each
 * alert, tells a bad certificate by alert, and takes a PSK for a SHA-384 suite. It may be as old as OpenSSL 3.0, so
 * everything here is classical.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { fromHex } from '../../src/bytes.js'
import type { CipherSuiteName } from '../../src/crypto/index.js'
import { CIPHER_SUITES } from '../../src/crypto/index.js'
import type { TLSSocket } from '../../src/index.js'
import { writePem } from '../../src/pki/index.js'
import { type OpensslProcess, opensslMissing, startOpensslClient, startOpensslServer } from '../support/opensslCli.js'
import { describeWith, listen, open } from './ends.js'
import { identity, impostor, issue } from './identities.js'

const CLOSE_NOTIFY = /<<< TLS 1\.3, Alert \[length 0002\], warning close_notify/
const policy = { allowClassicalKeyExchange: true, allowClassicalAuthentication: true }

describeWith(opensslMissing(), 'the openssl command', () => {
  const { ca, ...own } = identity('ecdsa-p256')
  let folder = ''
  const file = (name: string) => join(folder, name)
  const trusting = () => ['-CAfile', file('ca.pem'), '-verify_return_error']

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'trefoil-openssl-'))
    writeFileSync(file('ca.pem'), ca)
    writeFileSync(file('cert.pem'), own.cert)
    writeFileSync(file('key.pem'), own.key)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function startServer(...args: string[]): Promise<{ server: OpensslProcess; port: number }> {
    const certificate = args.includes('-nocert') ? [] : ['-cert', file('cert.pem'), '-key', file('key.pem')]
    const started = await startOpensslServer([...certificate, ...args])
    onTestFinished(() => started.server.stop())
    return started
  }

  function startClient(port: number, ...args: string[]): OpensslProcess {
    const client = startOpensslClient(port, args)
    onTestFinished(() => client.stop())
    return client
  }

  it('as a client updates its keys, then those of both sides, and data flows before, between and after', async () => {
    const updates: string[] = []
    const server = await listen({ ...own, policy }, (socket) => {
      socket.on('keyUpdate', (direction: string) => updates.push(direction))
      socket.pipe(socket)
    })
    const client = startClient(server.port, ...trusting())
    await client.waitFor(/Verify return code: 0/)
    const steps = [async () => {}, () => client.updateOwnKeys(), () => client.updateKeysOfBoth()]
    for (const [i, step] of steps.entries()) {
      await step()
      await client.sendLine(`line ${i}`)
      await client.waitFor(new RegExp(`^line ${i}$`, 'm'))
    }
    await client.receivedKeyUpdates(1)
    await client.end()
    const { finished } = await server.accepted.take()
    expect(await finished).toMatchObject({ error: null, received: { bytes: 'line 0\n'.length * 3 } })
    expect(updates).toEqual(['received', 'received', 'sent'])
  })

  it('as a server updates its keys, then those of both sides, and data flows before, between and after', async () => {
    const { server, port } = await startServer('-num_tickets', '0')
    const { socket, finished } = await open({ port, ca, policy })
    const updates: string[] = []
    const sessions: Buffer[] = []
    socket.on('keyUpdate', (direction: string) => updates.push(direction))
    socket.on('session', (session: Buffer) => sessions.push(session))
    await server.waitFor(/CIPHER is/)
    const steps = [async () => {}, () => server.updateOwnKeys(), () => server.updateKeysOfBoth()]
    for (const [i, step] of steps.entries()) {
      await step()
      const heard = hear(socket, 'line 0\n'.length)
      await server.sendLine(`line ${i}`)
      expect(await heard).toBe(`line ${i}\n`)
      socket.write(`back ${i}\n`)
      await server.waitFor(new RegExp(`^back ${i}$`, 'm'))
    }
    await server.receivedKeyUpdates(1)
    socket.end()
    await server.waitFor(CLOSE_NOTIFY)
    expect((await finished).error).toBeNull()
    expect(updates).toEqual(['received', 'received', 'sent'])
    expect(sessions).toEqual([])
  })

  it('as a server answers our request for new keys, many times over one connection', async () => {
    const { server, port } = await startServer()
    const { socket, finished } = await open({ port, ca, policy })
    await server.waitFor(/CIPHER is/)
    for (let i = 0; i < 5; i++) {
      socket.requestKeyUpdate({ peer: true })
      socket.write(`ours ${i}\n`)
      await server.waitFor(new RegExp(`^ours ${i}$`, 'm'))
      // OpenSSL answers with its next write.
      const heard = hear(socket, 'theirs 0\n'.length)
      await server.sendLine(`theirs ${i}`)
      expect(await heard).toBe(`theirs ${i}\n`)
    }
    socket.end()
    expect((await finished).error).toBeNull()
  })

  it('as a client answers our request for new keys, many times over one connection', async () => {
    const server = await listen({ ...own, policy }, () => {})
    const client = startClient(server.port, ...trusting())
    await client.waitFor(/Verify return code: 0/)
    const { socket, finished } = await server.accepted.take()
    const updates: string[] = []
    socket.on('keyUpdate', (direction: string) => updates.push(direction))
    for (let i = 0; i < 5; i++) {
      socket.requestKeyUpdate({ peer: true })
      socket.write(`ours ${i}\n`)
      await client.waitFor(new RegExp(`^ours ${i}$`, 'm'))
      const heard = hear(socket, 'theirs 0\n'.length)
      await client.sendLine(`theirs ${i}`)
      expect(await heard).toBe(`theirs ${i}\n`)
    }
    expect(updates).toEqual(Array.from({ length: 5 }, () => ['sent', 'received']).flat())
    await client.end()
    expect((await finished).error).toBeNull()
  })

  it('sees our close_notify as a client, and we see its own', async () => {
    const server = await listen({ ...own, policy }, (socket) => socket.end('bye\n'))
    const client = startClient(server.port, ...trusting())
    await client.waitFor(CLOSE_NOTIFY)
    await client.waitFor(/^bye$/m)
    expect((await (await server.accepted.take()).finished).error).toBeNull()
  })

  it('tells our server by alert that it does not know our authority: unknown_ca', async () => {
    const stranger = issue('ecdsa-p256', { ca: impostor('ecdsa-p384') })
    const server = await listen({ cert: stranger.cert, key: stranger.key, policy })
    startClient(server.port, ...trusting())
    expect(await server.refused.take()).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'unknown_ca' })
  })

  it('tells our server by alert that our certificate has expired: certificate_expired', async () => {
    const old = issue('ecdsa-p256', { notBefore: Date.now() - 3 * 86_400_000, days: 2 })
    const server = await listen({ cert: old.cert, key: old.key, policy })
    startClient(server.port, ...trusting())
    expect(await server.refused.take()).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'certificate_expired' })
  })

  it('tells our client by alert that it does not know the authority of our certificate: unknown_ca', async () => {
    const stranger = issue('ecdsa-p256', { ca: impostor('ecdsa-p384') })
    const { port } = await startServer('-Verify', '1', ...trusting())
    const { finished } = await open({ port, ca, cert: stranger.cert, key: stranger.key, policy })
    expect((await finished).error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'unknown_ca' })
  })

  it.each([
    ['TLS_AES_256_GCM_SHA384', 'SHA-384'],
    ['TLS_AES_128_GCM_SHA256', 'SHA-256'],
  ] as const)('shares an external PSK for %s with us, in either role, without certificates', async (cipher, hash) => {
    const key = fromHex('6b'.repeat(48))
    const psk = { identity: 'site-a', key, importer: false, hash }
    writeFileSync(file('psk.pem'), pskSession(cipher, key))
    const offer = ['-psk_identity', 'site-a', '-psk_session', file('psk.pem')]

    const server = await listen({ psk, policy, ciphers: [cipher] })
    const client = startClient(server.port, ...offer)
    await client.waitFor(/Reused, TLSv1\.3/)
    await client.sendLine('to and fro')
    await client.waitFor(/^to and fro$/m)
    await client.end()
    const accepted = await server.accepted.take()
    expect((await accepted.finished).error).toBeNull()
    expect(accepted.socket.protection).toMatchObject({ psk: { identity: 'site-a' }, cipher, resumed: false })

    const { port } = await startServer('-nocert', ...offer)
    const { socket, finished } = await open({ port, psk, policy, ciphers: [cipher] })
    expect(socket.protection).toMatchObject({ cipher, authentication: { peer: 'psk' }, resumed: false })
    socket.end()
    expect((await finished).error).toBeNull()
  })

  it('lets our client resume by its ticket, and resumes by ours', async () => {
    const { port } = await startServer()
    const ticket = await open({ port, ca, policy })
    const [session] = (await once(ticket.socket, 'session')) as [Buffer]
    ticket.socket.end()
    await ticket.finished
    const again = await open({ port, ca, policy, session })
    expect(again.socket.isSessionReused()).toBe(true)
    again.socket.end()
    expect((await again.finished).error).toBeNull()

    const server = await listen({ ...own, policy })
    const first = startClient(server.port, ...trusting(), '-sess_out', file('session.pem'))
    await first.waitFor(/Post-Handshake New Session Ticket arrived/)
    await first.end()
    const second = startClient(server.port, ...trusting(), '-sess_in', file('session.pem'))
    await second.waitFor(/Reused, TLSv1\.3/)
    await second.end()
    await server.accepted.take()
    expect((await server.accepted.take()).socket.isSessionReused()).toBe(true)
  })
})

/** The next octets that arrive, as text. */
function hear(socket: TLSSocket, length: number): Promise<string> {
  return new Promise((resolve) => {
    let heard = ''
    const listen = (chunk: Buffer) => {
      heard += chunk.toString()
      if (heard.length < length) return
      socket.removeListener('data', listen)
      resolve(heard)
    }
    socket.on('data', listen)
  })
}

/** An OpenSSL session file that is nothing but an external PSK: version, protocol, suite, no session id, key. */
function pskSession(suite: CipherSuiteName, key: Uint8Array): string {
  const { codePoint } = CIPHER_SUITES[suite]
  const content = [
    [0x02, 1, 1],
    [0x02, 2, 0x03, 0x04],
    [0x04, 2, codePoint >> 8, codePoint & 0xff],
    [0x04, 0],
    [0x04, key.length, ...key],
  ].flat()
  // Lengths below 128 are one octet of DER.
  return writePem('SSL SESSION PARAMETERS', Uint8Array.of(0x30, content.length, ...content))
}
