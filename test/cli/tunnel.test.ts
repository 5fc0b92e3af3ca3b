import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { defaultProvider } from '../../src/crypto/index.js'
import { createCertificateAuthority, issueCertificate } from '../../src/pki/index.js'
import { sample } from '../node/metrics/openMetrics.js'
import { credentials, saeA, saeB } from '../support/kme.js'
import { file, isBuilt, misuse, notBuilt, Running, run } from './command.js'
import { dialTunnel, echoService, exchange, rest, startEnd } from './tunnels.js'

const crypto = defaultProvider()
const MIB = 1024 * 1024

function authority(name: string) {
  return createCertificateAuthority({ commonName: name, algorithm: 'mldsa44', crypto })
}

/** Writes server.pem and server.key, over those that are there. */
function writeServer(ca: ReturnType<typeof authority>): string[] {
  const made = issueCertificate({ ca, subjectAltNames: ['127.0.0.1'], algorithm: 'mldsa44', crypto })
  return ['--cert', file('tunnel.pem', made.certificatePem), '--key', file('tunnel.key', made.privateKeyPem)]
}

const hex = randomBytes(32).toString('hex')

describe.skipIf(!isBuilt)(`tunnel client and server${notBuilt}`, () => {
  it('carry connections with certificates, tell of each, go on over a reload, and end in grace', {
    timeout: 90_000,
  }, async () => {
    const [oldCa, newCa] = [authority('Old CA'), authority('New CA')]
    const own = writeServer(oldCa)
    const caFile = file('tunnel-ca.pem', oldCa.certificatePem)
    const server = await startEnd('server', await echoService(), ...own)
    const client = await startEnd('client', `127.0.0.1:${server.port}`, '--ca', caFile)
    const data = randomBytes(5 * MIB)
    const open = dialTunnel(client.port)
    open.write('before')
    await once(open, 'data')

    const many = Array.from({ length: 20 }, () => exchange(client.port, data.subarray(0, 100_000)))
    const [large, ...small] = await Promise.all([exchange(client.port, data), ...many])
    expect(large.equals(data)).toBe(true)
    expect(small.every((echoed) => echoed.equals(data.subarray(0, 100_000)))).toBe(true)
    for (const end of [client, server]) {
      const opened = await end.lines({ event: 'open' }, 22)
      expect(opened[0]).toMatchObject({
        keyExchange: { group: 'X25519MLKEM768' },
        from: expect.stringContaining('127.0.0.1:'),
      })
      const closed = await end.lines({ event: 'close', clean: true }, 21)
      expect(closed.map(({ octets }) => octets)).toContainEqual({ sent: data.length, received: data.length })
    }
    await client.metric('trefoil_octets_total', { direction: 'sent' }, data.length + 20 * 100_000 + 'before'.length)
    await server.metric('trefoil_open_connections', {}, 1)
    await server.metric('trefoil_connections_closed_total', { outcome: 'ok' }, 21)
    const handshakes = (await server.scrape()).filter(({ name }) => name === 'trefoil_handshakes_total')
    expect(handshakes.reduce((sum, { value }) => sum + value, 0)).toBe(22)
    expect(handshakes.map(({ labels }) => labels)).toContainEqual(
      expect.objectContaining({ mode: 'certificate', group: 'X25519MLKEM768', resumed: 'no', outcome: 'ok' }),
    )
    expect(await server.ready()).toEqual([200, 'ready\n'])

    // A bad file changes nothing, and says so.
    const expiry = sample(await server.scrape(), 'trefoil_certificate_expiry_timestamp_seconds', { certificate: 'own' })
    file('tunnel.pem', 'half-written')
    server.command.child.kill('SIGHUP')
    await server.lines({ event: 'reload-failed', code: 'ERR_INVALID_OPTION' })
    await server.metric('trefoil_reloads_total', { outcome: 'failure' }, 1)
    expect(`${await exchange(client.port, 'still here')}`).toBe('still here')
    expect(expiry?.value).toBeGreaterThan(Date.now() / 1000)

    // Good ones count for new connections.
    writeServer(newCa)
    server.command.child.kill('SIGHUP')
    await server.metric('trefoil_reloads_total', { outcome: 'success' }, 1)
    await server.lines({ event: 'reloaded' })
    await expect(exchange(client.port, 'x')).rejects.toThrow()
    await client.lines({ event: 'error', stage: 'handshake', code: 'ERR_UNKNOWN_CA' })
    await client.metric('trefoil_handshakes_total', { outcome: 'ERR_UNKNOWN_CA' }, 1)
    file('tunnel-ca.pem', newCa.certificatePem)
    client.command.child.kill('SIGHUP')
    await client.lines({ event: 'reloaded' })
    expect(`${await exchange(client.port, 'new')}`).toBe('new')

    // The connection of before is as it was, through all of it, and has the grace to end.
    server.command.child.kill('SIGTERM')
    await server.lines({ event: 'stopping', connections: 1 })
    expect(await server.ready()).toEqual([503, 'it does not accept connections\n'])
    open.end(' and after')
    expect(`${await rest(open)}`).toBe(' and after')
    expect(await server.command.exit).toBe(0)
    client.command.child.kill('SIGINT')
    expect(await client.command.exit).toBe(0)
  })

  it('authenticate by PSKs of a file, cut what outlives the grace, and log no key', async () => {
    const psks = ['--psk-file', file('tunnel.psk', `# for the tunnel\n\nlink:${hex}\n`), '--psk-local-id']
    const server = await startEnd(
      'server',
      await echoService(),
      ...psks,
      'hq',
      '--psk-peer-id',
      'branch',
      '--grace',
      '0',
    )
    const client = await startEnd('client', `127.0.0.1:${server.port}`, ...psks, 'branch', '--psk-peer-id', 'hq')
    expect(`${await exchange(client.port, 'by psk')}`).toBe('by psk')
    await client.metric('trefoil_handshakes_total', { mode: 'psk', psk: 'yes', qkd: 'no', outcome: 'ok' }, 1)
    file('tunnel.psk', `link:${hex.slice(0, 20)}\n`)
    server.command.child.kill('SIGHUP')
    const [failed] = await server.lines({ event: 'reload-failed' })
    expect(failed?.['message']).toContain('tunnel.psk, line 1')
    const open = dialTunnel(client.port)
    open.write('x')
    await once(open, 'data')
    server.command.child.kill('SIGTERM')
    await expect(rest(open)).rejects.toThrow()
    expect(await server.command.exit).toBe(0)
    await client.lines({ event: 'close', clean: false })
    for (const { command } of [server, client]) expect(command.stdout + command.stderr).not.toContain(hex.slice(0, 20))
  })

  it('mix QKD keys in, and refuse with a code in the metrics when the key manager is gone', {
    timeout: 90_000,
  }, async () => {
    const [a, b] = [credentials('KME-A'), credentials('KME-B')]
    const caFile = file('kme-ca.pem', a.ca as string)
    const keyManagers = new Running([
      ...[
        'kme',
        '--listen',
        '127.0.0.1:0',
        '--peer-listen',
        '127.0.0.1:0',
        '--sae',
        saeA,
        '--peer-sae',
        saeB,
        '--json',
      ],
      ...['--cert', file('kme-a.pem', a.cert as string), '--key', file('kme-a.key', a.key as string)],
      ...['--peer-cert', file('kme-b.pem', b.cert as string), '--peer-key', file('kme-b.key', b.key as string)],
      ...['--ca', caFile],
    ])
    const listening = () => keyManagers.events().filter(({ event }) => event === 'listening')
    await expect.poll(() => listening().length).toBe(2)
    const qkd = (site: 0 | 1, own: string, peer: string) => [
      ...['--qkd-kme', listening()[site]?.['url'] as string, '--qkd-ca', caFile, '--sae', own, '--peer-sae', peer],
      ...['--qkd-cert', file(`${own}.pem`, credentials(own).cert as string)],
      ...['--qkd-key', file(`${own}.key`, credentials(own).key as string)],
    ]
    const ca = authority('QKD CA')
    const server = await startEnd('server', await echoService(), ...writeServer(ca), ...qkd(1, saeB, saeA))
    const client = await startEnd(
      'client',
      `127.0.0.1:${server.port}`,
      ...['--ca', file('qkd-ca.pem', ca.certificatePem)],
      ...qkd(0, saeA, saeB),
    )
    expect(await client.ready()).toEqual([200, 'ready\n'])
    for (const word of ['one', 'two']) expect(`${await exchange(client.port, word)}`).toBe(word)
    const labels = { mode: 'certificate', qkd: 'yes', resumed: 'no', outcome: 'ok' }
    for (const end of [client, server]) {
      await end.metric('trefoil_handshakes_total', labels, 2)
      await end.metric('trefoil_qkd_bits_total', {}, 512)
    }
    const samples = await client.scrape()
    expect(sample(samples, 'trefoil_key_source_duration_seconds_count', { operation: 'get_key' })?.value).toBe(2)
    expect(sample(samples, 'trefoil_key_source_stored_keys', { peer_sae_id: saeB })?.value).toBeGreaterThan(0)
    const certificates = samples.filter(({ name }) => name === 'trefoil_certificate_expiry_timestamp_seconds')
    expect(certificates.map(({ labels: { certificate } }) => certificate)).toEqual(['ca', 'key_manager_client'])

    // A reload takes a new key source over.
    client.command.child.kill('SIGHUP')
    await client.lines({ event: 'reloaded' })
    expect(`${await exchange(client.port, 'three')}`).toBe('three')

    keyManagers.child.kill('SIGTERM')
    await keyManagers.exit
    await expect(exchange(client.port, 'x')).rejects.toThrow()
    await client.lines({ event: 'error', stage: 'handshake', code: 'ERR_QKD_UNREACHABLE' })
    await client.metric('trefoil_handshakes_total', { outcome: 'ERR_QKD_UNREACHABLE' }, 1)
    await client.metric('trefoil_key_source_calls_total', { operation: 'get_key', outcome: 'ERR_QKD_UNREACHABLE' }, 1)
    await expect.poll(async () => (await client.ready()).join(' ')).toMatch(/^503 .*ERR_QKD_UNREACHABLE/)
    await client.metric('trefoil_key_source_up', {}, 0)
  })

  it('go on when nobody reads their log any more', async () => {
    const psk = ['--psk', `link:${hex}`]
    const server = await startEnd('server', await echoService(), ...psk)
    const client = await startEnd('client', `127.0.0.1:${server.port}`, ...psk)
    for (const end of [server, client]) end.command.child.stdout.destroy()
    for (const word of ['one', 'two', 'three']) expect(`${await exchange(client.port, word)}`).toBe(word)
    for (const end of [server, client]) await end.metric('trefoil_connections_closed_total', { outcome: 'ok' }, 3)
    for (const { command } of [server, client]) {
      command.child.kill('SIGTERM')
      expect(await command.exit).toBe(0)
    }
  })

  it('report what they cannot do with status 1', async () => {
    const listening = await startEnd('client', '127.0.0.1:1', '--psk', `link:${hex}`)
    const taken = await run([
      'tunnel',
      'client',
      '--listen',
      `127.0.0.1:${listening.port}`,
      '--to',
      '127.0.0.1:1',
      '--psk',
      `link:${hex}`,
    ])
    expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining('EADDRINUSE') })
  })
})

describe('tunnel', () => {
  const psk = ['--psk', `link:${hex}`]
  const refused: readonly [string, string[], string][] = [
    [
      'a plain side elsewhere, listening',
      ['client', '--listen', '0.0.0.0:0', '--to', '127.0.0.1:1', ...psk],
      'allowRemotePlain',
    ],
    [
      'a plain side elsewhere, leading',
      ['server', '--listen', '127.0.0.1:0', '--to', '192.0.2.1:1', ...psk],
      'allowRemotePlain',
    ],
    ['nothing that authenticates', ['server', '--listen', '127.0.0.1:0', '--to', '127.0.0.1:1'], 'authenticates'],
    ['no target', ['server', '--listen', '127.0.0.1:0', ...psk], '--to'],
    ['an empty path', ['server', '--listen', 'unix:', '--to', '127.0.0.1:1', ...psk], 'path'],
    [
      'times that are none',
      ['server', '--listen', '127.0.0.1:0', '--to', '127.0.0.1:1', '--grace', '-1', ...psk],
      '--grace',
    ],
  ]
  it.each(refused)('is told wrong by %s', async (_, args, says) => {
    expect(await misuse(['tunnel', ...args])).toMatchObject({ code: 2, stderr: expect.stringContaining(says) })
  })
})
