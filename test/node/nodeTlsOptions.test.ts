/** Options of node:tls: what is done with those that are not the same here. */
import { constants } from 'node:crypto'
import { V4MAPPED } from 'node:dns'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  createServer,
  DEFAULT_CIPHERS,
  DEFAULT_ECDH_CURVE,
  getCiphers,
  rootCertificates,
} from '../../src/index.js'
import { ca, crypto, failure, listen, plain, readAll, secured, serverIdentity } from './fixtures.js'

const secureContext = createSecureContext({ ca })

const refused = (sentence: RegExp) =>
  expect.objectContaining({ code: 'ERR_INVALID_OPTION', message: expect.stringMatching(sentence) })

describe('an option whose neglect would mislead is refused by name, with what to do instead:', () => {
  it.each<[string, object, RegExp]>([
    ['pfx', { pfx: Buffer.of(1) }, /pfx is not taken: .*PEM/],
    ['crl', { crl: '-----BEGIN X509 CRL-----' }, /crl is not taken: .*acceptPeer/],
    ['requestOCSP', { requestOCSP: true }, /requestOCSP is not taken: .*acceptPeer/],
    ['clientCertEngine', { clientCertEngine: 'pkcs11' }, /external signer/],
    ['privateKeyEngine', { privateKeyEngine: 'pkcs11' }, /external signer/],
    ['privateKeyIdentifier', { privateKeyIdentifier: 'id' }, /external signer/],
    ['sessionIdContext', { sessionIdContext: 'mine' }, /ticket keys/],
    ['pskCallback', { pskCallback: () => null }, /option psk/],
    ['enableTrace', { enableTrace: true }, /diagnostics_channel/],
    ['onread', { onread: {} }, /listen for data/],
    ['pauseOnConnect', { pauseOnConnect: true }, /pause the socket/],
    ['maxVersion below 1.3', { maxVersion: 'TLSv1.2' }, /maxVersion "TLSv1.2" leaves out TLSv1.3/],
    ['a minVersion that is none', { minVersion: 'TLSv1.4' }, /no version of TLS/],
    ['a secureProtocol without 1.3', { secureProtocol: 'TLSv1_2_method' }, /secureProtocol "TLSv1_2_method"/],
    ['SSL_OP_NO_TLSv1_3', { secureOptions: constants.SSL_OP_NO_TLSv1_3 }, /secureOptions leaves out/],
    ['SSL_OP_NO_TICKET', { secureOptions: constants.SSL_OP_NO_TICKET }, /tickets: false/],
    ['allowPartialTrustChain: false', { allowPartialTrustChain: false }, /always true/],
  ])('%s', (_, option, sentence) => {
    expect(() => createSecureContext({ ca, ...option })).toThrow(refused(sentence))
    expect(() => connect({ port: 1, ca, ...option })).toThrow(refused(sentence))
    expect(() => createServer({ ...serverIdentity, ...option })).toThrow(refused(sentence))
    // A ready context must not hide it.
    expect(() => connect({ port: 1, secureContext, ...option })).toThrow(refused(sentence))
  })

  it('and none when it says nothing', async () => {
    const nothing = { pfx: undefined, crl: null, requestOCSP: false, enableTrace: false, onread: undefined }
    await plain(nothing as object, nothing as object)
  })
})

it('options that TLS 1.3 makes idle are passed over', async () => {
  const idle = {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    secureProtocol: 'TLS_method',
    secureOptions: constants.SSL_OP_NO_TLSv1_2 | constants.SSL_OP_NO_RENEGOTIATION,
    honorCipherOrder: true,
    dhparam: 'auto',
    minDHSize: 2048,
    certificateCompression: ['zlib'],
    pskIdentityHint: 'hint',
    allowPartialTrustChain: true,
  } as const
  const { client } = await plain(idle, idle)
  expect(client.getProtocol()).toBe('TLSv1.3')
})

describe('ecdhCurve', () => {
  const policy = { allowClassicalKeyExchange: true }

  it('takes the place of groups, in the names of OpenSSL and of IANA', async () => {
    const context = createSecureContext({ policy, ecdhCurve: 'X25519MLKEM768:X25519:P-256:prime256v1:P-384' })
    expect(context.groups).toEqual(['X25519MLKEM768', 'x25519', 'secp256r1', 'secp384r1'])
    expect(createSecureContext({ ecdhCurve: 'auto' }).groups).toEqual(createSecureContext().groups)
    const { client } = await plain({ ecdhCurve: 'SecP384r1MLKEM1024' })
    expect(client.getEphemeralKeyInfo()?.name).toBe('SecP384r1MLKEM1024')
  })

  it('permits nothing that the policy does not, and does not stand beside groups', () => {
    expect(() => createSecureContext({ ecdhCurve: 'P-256' })).toThrow(refused(/allowClassicalKeyExchange/))
    expect(() => createSecureContext({ ecdhCurve: 'X448' })).toThrow(refused(/unknown group "X448"/))
    expect(() => createSecureContext({ ecdhCurve: 'X25519MLKEM768', groups: 'X25519MLKEM768' })).toThrow(
      refused(/exclude each other/),
    )
  })
})

it('sessionTimeout is the lifetime of tickets in seconds, within the seven days of RFC 9846 4.7.1', async () => {
  for (const sessionTimeout of [0, 604_801, Number.NaN]) {
    expect(() => createServer({ ...serverIdentity, sessionTimeout })).toThrow(refused(/604,800/))
  }
  let now = Date.now()
  const { port } = await listen({ ...serverIdentity, sessionTimeout: 60 })
  const first = connect({ host: '127.0.0.1', port, ca })
  const [session] = (await once(first, 'session')) as [Buffer]
  first.destroy()
  const resumed = async () => {
    const clock = Date.now
    Date.now = () => now
    try {
      return (await secured(connect({ host: '127.0.0.1', port, ca, session }))).isSessionReused()
    } finally {
      Date.now = clock
    }
  }
  now += 50_000
  expect(await resumed()).toBe(true)
  now += 20_000
  expect(await resumed()).toBe(false)
})

it('highWaterMark is what both directions buffer before back-pressure', async () => {
  const { client, server } = await plain({ highWaterMark: 5000 }, { highWaterMark: 3000 })
  expect([client.readableHighWaterMark, client.writableHighWaterMark]).toEqual([3000, 3000])
  expect([server.readableHighWaterMark, server.writableHighWaterMark]).toEqual([5000, 5000])
})

describe('connect', () => {
  it('takes a path as its first argument, as tls.connect', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trefoil-path-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'socket')
    const server = createServer(serverIdentity, (socket) => socket.end('by path'))
    server.listen(path)
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const client = connect(path, { ca, servername: 'localhost' })
    expect((await readAll(client)).toString()).toBe('by path')
  })

  it('takes a port as text, and lets the options have the last word', async () => {
    const { port } = await listen(serverIdentity)
    await secured(connect(String(port), { host: '127.0.0.1', ca }))
    await secured(connect(1, 'nowhere.test', { port, host: '127.0.0.1', ca }))
  })

  it('hands options of net.connect on', async () => {
    const { port } = await listen(serverIdentity)
    const asked: unknown[] = []
    const client = connect({
      host: 'localhost',
      port,
      ca,
      autoSelectFamily: false,
      hints: V4MAPPED,
      lookup: (host, options, callback) => {
        asked.push(host, options.hints)
        callback(null, '127.0.0.1', 4)
      },
    })
    await secured(client)
    expect(asked).toEqual(['localhost', V4MAPPED])
  })
})

it('lists and names beside connections are those of node:tls, as far as there are any', () => {
  expect(getCiphers()).toEqual(['tls_aes_256_gcm_sha384', 'tls_chacha20_poly1305_sha256', 'tls_aes_128_gcm_sha256'])
  const context = createSecureContext({ ciphers: DEFAULT_CIPHERS, groups: DEFAULT_ECDH_CURVE, crypto })
  expect(context.cipherSuites).toEqual(createSecureContext({ crypto }).cipherSuites)
  expect(context.groups).toEqual(createSecureContext({ crypto }).groups)
  expect(rootCertificates.length).toBeGreaterThan(50)
})

it('checkServerIdentity of node:tls can be called from ones own', async () => {
  const { port } = await listen(serverIdentity)
  const options = { host: '127.0.0.1', port, ca, checkServerIdentity }
  await secured(connect({ ...options, servername: 'localhost' }))
  const error = await failure(connect({ ...options, servername: 'elsewhere.test' }))
  expect(error).toMatchObject({
    code: 'ERR_CERTIFICATE_NAME_MISMATCH',
    cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  })
})
