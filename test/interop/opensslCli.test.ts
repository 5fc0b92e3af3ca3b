import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { peerMissing, runClientPeer, startServerPeer } from '../support/nodePeer.js'
import { opensslMissing, startOpensslClient, startOpensslServer } from '../support/opensslCli.js'

const missing = opensslMissing() ?? peerMissing(26)

describe.skipIf(missing !== null)(`the openssl command as a peer${missing === null ? '' : `: ${missing}`}`, () => {
  let folder = ''
  const file = (name: string) => join(folder, name)
  const groups = ['X25519']

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'trefoil-openssl-'))
    const { status, stderr } = spawnSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
        '-keyout',
        file('key.pem'),
        '-out',
        file('cert.pem'),
      ],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(stderr)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('as a client updates the keys of both directions, and data still flows', async () => {
    const cert = readFileSync(file('cert.pem'), 'utf8')
    const peer = await startServerPeer({ cert, key: readFileSync(file('key.pem'), 'utf8'), groups })
    onTestFinished(() => peer.stop())
    const client = startOpensslClient(peer.port, ['-CAfile', file('cert.pem'), '-verify_return_error'])
    onTestFinished(() => client.stop())
    await client.waitFor(/Verify return code: 0/)
    await client.sendLine('before')
    await client.waitFor(/^before$/m)
    await client.updateKeysOfBoth()
    await client.sendLine('behind')
    await client.waitFor(/^behind$/m)
    await client.receivedKeyUpdates(1)
    await client.end()
    expect((await peer.next('ended')).received.bytes).toBe('before\nbehind\n'.length)
  })

  it('as a server without tickets updates its keys while a client is connected', async () => {
    const { server, port } = await startOpensslServer([
      '-cert',
      file('cert.pem'),
      '-key',
      file('key.pem'),
      '-num_tickets',
      '0',
    ])
    onTestFinished(() => server.stop())
    const running = runClientPeer({ port, ca: readFileSync(file('cert.pem'), 'utf8'), groups, expectBytes: 12 })
    await server.waitFor(/CIPHER is/)
    await server.sendLine('one')
    await server.updateOwnKeys()
    await server.sendLine('two')
    await server.updateKeysOfBoth()
    await server.sendLine('six')
    const result = await running
    expect(result).toMatchObject({ ok: true, received: { bytes: 12 }, sessions: [] })
  })
})
