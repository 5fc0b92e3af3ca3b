import { createPrivateKey, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { defaultProvider } from '../../src/crypto/index.js'
import { createCertificateAuthority, issueCertificate } from '../../src/pki/index.js'
import { file, isBuilt, notBuilt, Running, run, serve } from './command.js'

const crypto = defaultProvider()
const ca = createCertificateAuthority({ commonName: 'CLI test CA', crypto })

function identity(name: string, subjectAltNames: string[]): string[] {
  const made = issueCertificate({ ca, commonName: name, subjectAltNames, crypto })
  return ['--cert', file(`${name}.pem`, made.certificatePem), '--key', file(`${name}.key`, made.privateKeyPem)]
}

const caOption = ['--ca', file('ca.pem', ca.certificatePem)]
const server = identity('server', ['127.0.0.1', 'named.test'])
const client = identity('client', ['client.test'])
const psk = ['--psk', `with:colons:${randomBytes(32).toString('hex')}`]

describe.skipIf(!isBuilt)(`serve and connect${notBuilt}`, () => {
  it('pipe stdin through the echo to stdout, and end when stdin does', async () => {
    const { target } = await serve(...server)
    const input = randomBytes(200_000).toString('base64')
    const { code, stdout, stderr } = await run(['connect', target, ...caOption], input)
    expect(stdout).toBe(input)
    expect(stderr).toContain('X25519MLKEM768')
    expect(code).toBe(0)
  })

  it('report handshakes of both sides in JSON, before any data', async () => {
    const { server: serving, target } = await serve(...server, ...caOption, '--request-cert', '--alpn', 'a,b')
    const result = await run(
      ['connect', target, ...caOption, ...client, '--servername', 'named.test', '--alpn', 'b', '--json'],
      'data\n',
    )
    expect(result.code).toBe(0)
    const [first, second] = result.stdout.split('\n')
    expect(second).toBe('data')
    expect(JSON.parse(first as string)).toMatchObject({
      event: 'handshake',
      keyExchange: { group: 'X25519MLKEM768', x25519: true, mlkem: 'ML-KEM-768' },
      qkd: null,
      psk: null,
      authentication: { peer: 'certificate', scheme: 'mldsa65', local: 'certificate', localScheme: 'mldsa65' },
      cipher: 'TLS_AES_256_GCM_SHA384',
      resumed: false,
      alpnProtocol: 'b',
      servername: 'named.test',
      peerSubject: 'CN=server',
    })
    expect(await serving.event('handshake')).toMatchObject({ connection: 1, peerSubject: 'CN=client' })
    expect(await serving.event('closed')).toMatchObject({ connection: 1, clean: true, bytesReceived: 5 })
  })

  it('authenticate by PSK, imported, raw, with a foreign context, and with another hash', {
    // Eight processes, one after the other.
    timeout: 90_000,
  }, async () => {
    const raw = ['--psk-raw', psk[1] as string]
    for (const options of [psk, raw, [...psk, '--psk-context', '00ff'], [...raw, '--psk-hash', 'SHA384']]) {
      const { server: serving, target } = await serve(...options)
      const { code, events } = await run(['connect', target, ...options, '--json'])
      expect(code).toBe(0)
      expect(events[0]).toMatchObject({ psk: { identity: 'with:colons' }, authentication: { peer: 'psk' } })
      serving.child.kill()
    }
  })

  it('bind a PSK to names, and take an old and a new key at once', async () => {
    const [old, fresh] = [1, 2].map(() => `link:${randomBytes(32).toString('hex')}`) as [string, string]
    const ends = (ours: string, theirs: string) => ['--psk-local-id', ours, '--psk-peer-id', theirs]
    const { target } = await serve('--psk', fresh, '--psk', old, ...ends('hq', 'branch'))
    const clients = [fresh, old].map((key) => run(['connect', target, '--psk', key, ...ends('branch', 'hq'), '--json']))
    for (const { events } of await Promise.all(clients)) {
      expect(events[0]).toMatchObject({ psk: { identity: 'link', localId: 'branch', peerId: 'hq' } })
    }
  })

  it('open an encrypted key with --passphrase-file', async () => {
    const made = issueCertificate({ ca, subjectAltNames: ['127.0.0.1'], algorithm: 'ed25519', crypto })
    const pem = createPrivateKey(made.privateKeyPem).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    })
    const own = ['--cert', file('locked.pem', made.certificatePem), '--key', file('locked.key', `${pem}`)]
    const { target } = await serve(...own, '--allow-classical', '--passphrase-file', file('passphrase', 'secret\n'))
    expect((await run(['connect', target, ...caOption, '--allow-classical'])).code).toBe(0)
  })

  it('use PSK and certificate together with --psk-with-cert (RFC 9973)', async () => {
    const { target } = await serve(...server, ...psk, '--psk-with-cert')
    const { events } = await run(['connect', target, ...caOption, ...psk, '--psk-with-cert', '--json'])
    expect(events[0]).toMatchObject({
      psk: { identity: 'with:colons' },
      authentication: { peer: 'certificate', local: 'psk' },
    })
  })

  it('use the algorithms asked for', async () => {
    const { target } = await serve(...server)
    const names = { groups: 'SecP256r1MLKEM768', ciphers: 'TLS_CHACHA20_POLY1305_SHA256', sigalgs: 'mldsa65' }
    const options = Object.entries(names).flatMap(([option, name]) => [`--${option}`, name])
    const { events } = await run(['connect', target, ...caOption, ...options, '--json'])
    expect(events[0]).toMatchObject({ keyExchange: { group: names.groups }, cipher: names.ciphers })
  })

  it('report a refusal with code and alert on both sides, and connect exits with 1', async () => {
    const { server: serving, target } = await serve(...server)
    const { code, events, stdout } = await run(['connect', target, ...caOption, '--servername', 'x.test', '--json'])
    expect(code).toBe(1)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    const alert = 'bad_certificate'
    expect(events).toEqual([
      { event: 'error', code: 'ERR_CERTIFICATE_NAME_MISMATCH', alert, message: expect.any(String) },
    ])
    expect(await serving.event('error')).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert })
  })

  it('report a server that is not there', async () => {
    const { server: serving, target } = await serve(...psk)
    serving.child.kill()
    await serving.exit
    expect(await run(['connect', target, ...psk])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('ERR_TRANSPORT'),
    })
  })

  it('report a server that dies as a failure, on a line of its own', async () => {
    const { server: serving, target } = await serve(...psk)
    const connecting = new Running(['connect', target, ...psk, '--json'])
    connecting.child.stdin.write('no line end')
    await expect.poll(() => connecting.stdout).toContain('no line end')
    serving.child.kill('SIGKILL')
    expect(await connecting.exit).toBe(1)
    expect(connecting.events().map(({ event }) => event)).toEqual(['handshake', 'error'])
  })

  it('append to the --keylog file on both sides', async () => {
    const [atServer, atClient] = [file('server.keylog', ''), file('client.keylog', '')]
    const { target } = await serve(...psk, '--keylog', atServer)
    await run(['connect', target, ...psk, '--keylog', atClient])
    const secrets = (path: string) => readFileSync(path, 'utf8').trim().split('\n').toSorted()
    expect(secrets(atClient)[0]).toMatch(/^CLIENT_HANDSHAKE_TRAFFIC_SECRET /)
    expect(secrets(atServer)).toEqual(secrets(atClient))
  })

  it('serve ends on SIGTERM with status 0 and close_notify for its clients', async () => {
    const { server: serving, target } = await serve(...psk)
    const connecting = new Running(['connect', target, ...psk, '--json'])
    await connecting.event('handshake')
    await serving.event('handshake')
    serving.child.kill('SIGTERM')
    expect(await serving.exit).toBe(0)
    expect(await connecting.exit).toBe(0)
  })

  it('serve reports an address that is taken', async () => {
    const { target } = await serve(...psk)
    const second = await run(['serve', '--listen', target, ...psk])
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('EADDRINUSE') })
  })
})

describe.skipIf(!isBuilt)(`serve --http${notBuilt}`, () => {
  /** Sends each request when the answer to the one before is there; gives all that came. */
  async function ask(target: string, requests: string[]): Promise<{ code: number | null; stdout: string }> {
    const connecting = new Running(['connect', target, ...psk])
    for (const [i, request] of requests.entries()) {
      connecting.child.stdin.write(request)
      await expect.poll(() => connecting.stdout.split('HTTP/1.1 ').length - 1).toBe(i + 1)
    }
    connecting.child.stdin.end()
    return { code: await connecting.exit, stdout: connecting.stdout }
  }

  it('answers any number of GETs on one connection, HTTP/1.0 ones too, with what protects it', async () => {
    const { target } = await serve('--http', ...psk)
    const { code, stdout } = await ask(target, [
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET / HTTP/1.0\r\n\r\n',
      'GET /else HTTP/1.0\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n',
    ])
    expect(code).toBe(0)
    expect(stdout.match(/HTTP\/1\.1 \d+/g)).toEqual([200, 200, 200, 405].map((status) => `HTTP/1.1 ${status}`))
    expect(stdout.match(/"mlkem": "ML-KEM-768"/g)).toHaveLength(3)
  })

  it('closes cleanly after a request with Connection: close', async () => {
    const { target } = await serve('--http', ...psk)
    const connecting = new Running(['connect', target, ...psk])
    connecting.child.stdin.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(await connecting.exit).toBe(0)
    expect(connecting.stdout).toContain('</html>')
  })
})
