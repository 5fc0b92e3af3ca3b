/** Options of node:tls: what is done with those that are not the same here. */
import { constants } from 'node:crypto'
import { V4MAPPED } from 'node:dns'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
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
  type ServerOptions,
  type TLSSocket,
} from '../../src/index.js'
import {
  ca,
  crypto,
  failure,
  identity,
  listen,
  plain,
  readAll,
  refusal,
  secured,
  serverIdentity,
  shake,
  testCa,
} from './fixtures.js'

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

describe('addContext', () => {
  const named = (name: string) => identity(testCa, [name])

  async function shownFor(port: number, servername: string): Promise<string | undefined> {
    const options = { host: '127.0.0.1', port, ca, servername, checkServerIdentity: () => undefined }
    return (await secured(connect(options))).getPeerCertificate().subjectaltname
  }

  it('chooses by name, of several the latest, and has * stand for one label', async () => {
    const { server, port } = await listen(serverIdentity)
    server.addContext('a.example', named('first.test'))
    expect(await shownFor(port, 'a.example')).toBe('DNS:first.test')
    server.addContext('*.example', named('any.test'))
    server.addContext('b.example', createSecureContext(named('b.test')))
    expect(await shownFor(port, 'b.example')).toBe('DNS:b.test')
    expect(await shownFor(port, 'A.EXAMPLE')).toBe('DNS:any.test')
    // A dot is a dot, and two labels are not one.
    for (const other of ['axexample', 'x.y.example']) expect(await shownFor(port, other)).toContain('localhost')
  })

  it('is not asked when there is an SNICallback', async () => {
    const SNICallback: ServerOptions['SNICallback'] = (_name, callback) => callback(null)
    const { server, port } = await listen({ ...serverIdentity, SNICallback })
    server.addContext('a.example', named('first.test'))
    expect(await shownFor(port, 'a.example')).toContain('localhost')
  })

  it('refuses a context without a certificate, and no name', async () => {
    const { server } = await listen(serverIdentity)
    expect(() => server.addContext('a.example', { ca })).toThrow(refused(/context with key/))
    expect(() => server.addContext('', serverIdentity)).toThrow(refused(/the name/))
  })
})

describe('setSecureContext', () => {
  it('counts for handshakes that begin afterwards, and leaves open connections and the old context on failure', async () => {
    const listening = await listen(serverIdentity, (socket) => socket.pipe(socket))
    const { server, port } = listening
    const open = await secured(connect({ host: '127.0.0.1', port, ca }))
    const replacement = identity(testCa, ['127.0.0.1', 'replaced.test'])
    server.setSecureContext(replacement)
    const next = await secured(connect({ host: '127.0.0.1', port, ca }))
    expect(next.getPeerCertificate().subjectaltname).toContain('replaced.test')
    expect(() => server.setSecureContext({ ...replacement, key: serverIdentity.key })).toThrow(/does not belong/)
    const after = await secured(connect({ host: '127.0.0.1', port, ca }))
    expect(after.getPeerCertificate().subjectaltname).toContain('replaced.test')
    open.write('still here')
    expect(String((await once(open, 'data'))[0])).toBe('still here')
  })
})

describe('a server', () => {
  it('takes any Duplex by its connection event, and need not listen', async () => {
    const server = createServer(serverIdentity)
    const [ours, theirs] = duplexPair()
    const accepted = once(server, 'secureConnection')
    server.emit('connection', theirs)
    const client = await secured(connect({ socket: ours, servername: 'localhost', ca }))
    const [socket] = (await accepted) as [TLSSocket]
    expect(socket.server).toBe(server)
    socket.end('over a pair')
    expect((await readAll(client)).toString()).toBe('over a pair')
  })

  it('asks ALPNCallback with the name and the protocols, in whatever form the client was given them', async () => {
    const asked: unknown[] = []
    const ALPNCallback: ServerOptions['ALPNCallback'] = (question) => {
      asked.push(question)
      return question.protocols.find((name) => name === 'h2')
    }
    const octets = Buffer.from('\x02h2\x08http/1.1', 'latin1')
    const agreed = await shake(
      { ...serverIdentity, ALPNCallback },
      { ca, ALPNProtocols: new DataView(octets.buffer, octets.byteOffset, octets.length) },
    )
    expect(agreed.client.alpnProtocol).toBe('h2')
    expect(asked.at(-1)).toEqual({ servername: '', protocols: ['h2', 'http/1.1'] })
    expect((await refusal({ ...serverIdentity, ALPNCallback }, { ca, ALPNProtocols: ['x'] })).client.alert).toBe(
      'no_application_protocol',
    )
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
