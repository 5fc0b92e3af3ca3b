import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { connect, createSecureContext, type ServerOptions, type TLSSocket } from '../../src/index.js'
import {
  authority,
  ca,
  clientIdentity,
  identity,
  listen,
  plain,
  psk,
  qkdPair,
  readAll,
  refusal,
  secured,
  serverIdentity,
  shake,
  testCa,
} from './fixtures.js'

describe('ALPN', () => {
  it('is chosen by the server in its own order', async () => {
    const { client, server } = await plain({ ALPNProtocols: ['h2', 'http/1.1'] }, { ALPNProtocols: ['http/1.1', 'h2'] })
    expect([client.alpnProtocol, server.alpnProtocol]).toEqual(['h2', 'h2'])
  })

  it('may be given in octets as to node:tls', async () => {
    const octets = Buffer.from('\x02h2\x08http/1.1', 'latin1')
    const { client } = await plain({ ALPNProtocols: octets }, { ALPNProtocols: ['http/1.1'] })
    expect(client.alpnProtocol).toBe('http/1.1')
  })

  it('is false where one side has none', async () => {
    const { client, server } = await plain({}, { ALPNProtocols: ['h2'] })
    expect([client.alpnProtocol, server.alpnProtocol]).toEqual([false, false])
  })

  it('without a protocol in common ends with no_application_protocol (RFC 7301 3.2)', async () => {
    const errors = await refusal({ ...serverIdentity, ALPNProtocols: ['a'] }, { ca, ALPNProtocols: ['b'] })
    expect(errors.server.code).toBe('ERR_NO_APPLICATION_PROTOCOL')
    expect(errors.client).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'no_application_protocol' })
  })

  it('may be left to ALPNCallback, which sees name and offer, and refuses by undefined', async () => {
    const questions: unknown[] = []
    const options: Partial<ServerOptions> = {
      ALPNCallback: (question) => {
        questions.push(question)
        return question.protocols.find((protocol) => protocol.startsWith('x'))
      },
    }
    const { client } = await plain(options, { servername: 'localhost', ALPNProtocols: ['h2', 'xyz'] })
    expect(client.alpnProtocol).toBe('xyz')
    expect(questions).toEqual([{ servername: 'localhost', protocols: ['h2', 'xyz'] }])
    const errors = await refusal({ ...serverIdentity, ...options }, { ca, ALPNProtocols: ['h2'] })
    expect(errors.client.alert).toBe('no_application_protocol')
  })
})

describe('the server name', () => {
  it('goes out as SNI when it is a DNS name, and not when it is an address (RFC 6066 3)', async () => {
    const named = await plain({}, { servername: 'localhost' })
    expect([named.client.servername, named.server.servername]).toEqual(['localhost', 'localhost'])
    const address = await plain()
    expect([address.client.servername, address.server.servername]).toEqual([false, false])
  })

  it.each([
    ['a DNS name the certificate lacks', { servername: 'elsewhere.test' }],
    ['an address the certificate lacks', { servername: '127.0.0.2' }],
    ['a name in the certificate under which it is not reached', { servername: '::1' }],
  ])('is refused: %s', async (_, options) => {
    const errors = await refusal(serverIdentity, { ca, ...options })
    expect(errors.client).toMatchObject({ code: 'ERR_CERTIFICATE_NAME_MISMATCH', alert: 'bad_certificate' })
    expect(errors.server).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'bad_certificate' })
  })

  it('is checked by checkServerIdentity instead, when that is given', async () => {
    const seen: unknown[] = []
    await plain(
      {},
      {
        servername: 'elsewhere.test',
        checkServerIdentity: (hostname, certificate) => {
          seen.push(hostname, certificate.subjectaltname)
          return undefined
        },
      },
    )
    expect(seen).toEqual(['elsewhere.test', 'DNS:localhost, IP Address:127.0.0.1'])
    const errors = await refusal(serverIdentity, { ca, checkServerIdentity: () => new Error('not them') })
    expect(errors.client.code).toBe('ERR_CERTIFICATE_NAME_MISMATCH')
  })

  it('chooses among several certificates of a server', async () => {
    const other = identity(testCa, ['other.test'], 'mldsa65')
    const options = { cert: [serverIdentity.cert, other.cert], key: [serverIdentity.key, other.key] }
    const { client } = await shake(options, { ca, servername: 'other.test' })
    expect(client.getPeerCertificate().subjectaltname).toBe('DNS:other.test')
    expect(client.protection?.authentication.scheme).toBe('mldsa65')
  })

  it('chooses the context by SNICallback, with the own one as default', async () => {
    const other = createSecureContext(identity(testCa, ['other.test']))
    const asked: string[] = []
    const SNICallback: ServerOptions['SNICallback'] = (servername, callback) => {
      asked.push(servername)
      setImmediate(() => callback(null, servername === 'other.test' ? other : undefined))
    }
    const { port } = await listen({ ...serverIdentity, SNICallback })
    for (const servername of ['other.test', 'localhost']) {
      const client = await secured(connect({ host: '127.0.0.1', port, ca, servername }))
      expect(client.getPeerCertificate().subjectaltname).toContain(`DNS:${servername}`)
    }
    expect(asked).toEqual(['other.test', 'localhost'])
  })

  it('is refused with unrecognized_name when SNICallback fails', async () => {
    const SNICallback: ServerOptions['SNICallback'] = (_, callback) => callback(new Error('nobody'))
    const errors = await refusal({ ...serverIdentity, SNICallback }, { ca, servername: 'localhost' })
    expect(errors.client.alert).toBe('unrecognized_name')
  })
})

describe('algorithms', () => {
  it('groups: a group that only the server knows costs a retry, none in common is refused', async () => {
    const retried = await plain({ groups: 'SecP384r1MLKEM1024' }, { groups: 'X25519MLKEM768,SecP384r1MLKEM1024' })
    expect(retried.client.getEphemeralKeyInfo()).toEqual({ type: 'TLSGroup', name: 'SecP384r1MLKEM1024' })
    expect(retried.client.protection?.keyExchange.mlkem).toBe('ML-KEM-1024')
    const errors = await refusal(
      { ...serverIdentity, groups: ['SecP384r1MLKEM1024'] },
      { ca, groups: ['SecP256r1MLKEM768'] },
    )
    expect(errors.server.code).toBe('ERR_NO_COMMON_GROUP')
    expect(errors.client.alert).toBe('handshake_failure')
  })

  it('ciphers', async () => {
    const ciphers = 'TLS_CHACHA20_POLY1305_SHA256'
    const { client } = await plain({}, { ciphers })
    expect(client.getCipher()).toEqual({ name: ciphers, standardName: ciphers, version: 'TLSv1.3' })
    const errors = await refusal({ ...serverIdentity, ciphers: 'TLS_AES_128_GCM_SHA256' }, { ca, ciphers })
    expect(errors.server.code).toBe('ERR_NO_COMMON_CIPHER_SUITE')
  })

  it('sigalgs: a server without a certificate of a wanted kind refuses', async () => {
    const errors = await refusal(serverIdentity, { ca, sigalgs: 'mldsa87' })
    expect(errors.server.code).toBe('ERR_NO_COMMON_SIGNATURE_SCHEME')
  })
})

describe('certificates', () => {
  const stranger = authority('Stranger')

  it('of an unknown CA are refused, whoever shows them', async () => {
    const byClient = await refusal(serverIdentity, { ca: stranger.certificatePem })
    expect(byClient.client).toMatchObject({ code: 'ERR_UNKNOWN_CA', alert: 'unknown_ca' })
    const byServer = await refusal(
      { ...serverIdentity, ca: stranger.certificatePem, requestCert: true },
      { ca, ...clientIdentity },
    )
    expect(byServer.server).toMatchObject({ code: 'ERR_UNKNOWN_CA', alert: 'unknown_ca' })
  })

  it('requestCert refuses a client without one by certificate_required', async () => {
    const listening = await listen({ ...serverIdentity, ca, requestCert: true })
    const refused = once(listening.server, 'tlsClientError')
    const client = connect({ host: '127.0.0.1', port: listening.port, ca })
    // The client is done before the server judges: the alert comes after secureConnect.
    await expect(readAll(client)).rejects.toMatchObject({ alert: 'certificate_required' })
    expect(((await refused) as [{ code: string }])[0].code).toBe('ERR_CERTIFICATE_REQUIRED')
  })

  it('rejectUnauthorized: false lets an unknown server pass, and says so', async () => {
    const { client } = await plain({}, { ca: stranger.certificatePem, rejectUnauthorized: false })
    expect(client.authorized).toBe(false)
    expect(client.authorizationError?.code).toBe('ERR_UNKNOWN_CA')
    expect(client.protection?.authentication).toMatchObject({ peer: null, scheme: 'mldsa44' })
    expect(client.getPeerCertificate().subjectaltname).toContain('localhost')
    // Its session must not come back as an authenticated one.
    expect(client.getSession()).toBeUndefined()
  })

  it('rejectUnauthorized: false lets clients pass without and with unknown certificates, and says so', async () => {
    const options = { ...serverIdentity, ca: stranger.certificatePem, requestCert: true, rejectUnauthorized: false }
    const without = await shake(options, { ca })
    expect([without.server.authorized, without.server.authorizationError]).toEqual([false, null])
    const unknown = await shake(options, { ca, ...clientIdentity })
    expect([unknown.server.authorized, unknown.server.authorizationError?.code]).toEqual([false, 'ERR_UNKNOWN_CA'])
  })

  it('can be replaced while the server runs', async () => {
    const { server, port } = await listen(serverIdentity)
    server.setSecureContext(identity(stranger, ['localhost']))
    await secured(connect({ host: '127.0.0.1', servername: 'localhost', port, ca: stranger.certificatePem }))
    expect(() => server.setSecureContext({})).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }))
  })

  it('classical ones pass in both roles when the policy permits them, and only then', async () => {
    const classicalCa = authority('Classical', 'ecdsa-p256')
    const policy = { allowClassicalAuthentication: true }
    const server = { ...identity(classicalCa, ['127.0.0.1'], 'ecdsa-p384'), policy }
    const { client } = await shake(server, { ca: classicalCa.certificatePem, policy })
    expect(client.protection?.authentication.scheme).toBe('ecdsa_secp384r1_sha384')
    const errors = await refusal(server, { ca: classicalCa.certificatePem })
    expect(errors.server.code).toBe('ERR_NO_COMMON_SIGNATURE_SCHEME')
  })
})

describe('PSK and QKD refusals reach both sides', () => {
  it('a wrong PSK is decrypt_error', async () => {
    const errors = await refusal({ psk }, { psk: { ...psk, key: new Uint8Array(32) } })
    expect([errors.server.code, errors.client.alert]).toEqual(['ERR_BAD_BINDER', 'decrypt_error'])
  })

  it('an unknown identity looks the same as a wrong PSK', async () => {
    const errors = await refusal({ psk }, { psk: { ...psk, identity: 'stranger' } })
    expect([errors.server.code, errors.client.alert]).toEqual(['ERR_UNKNOWN_PSK_IDENTITY', 'decrypt_error'])
  })

  it('under require a key source without keys ends the client before it says anything', async () => {
    const { client } = qkdPair(0)
    const { port, refused } = await listen(serverIdentity)
    await expect(secured(connect({ host: '127.0.0.1', port, ca, qkd: client }))).rejects.toMatchObject({
      code: 'ERR_QKD_EXHAUSTED',
      blame: 'key-source',
    })
    await expect.poll(() => refused.length).toBe(1)
  })

  it('under require a client refuses a server that leaves the QKD key out', async () => {
    const qkd = qkdPair()
    const errors = await refusal(serverIdentity, { ca, qkd: qkd.client })
    expect(errors.client.code).toMatch(/^ERR_POLICY_/)
  })

  it('under require a server refuses a client that offers no QKD key', async () => {
    const qkd = qkdPair()
    const errors = await refusal({ ...serverIdentity, qkd: qkd.server }, { ca })
    expect([errors.server.code, errors.client.alert]).toEqual(['ERR_POLICY_QKD_REQUIRED', 'insufficient_security'])
  })
})

it('each connection has its own answer to who it is', async () => {
  const { server, port } = await listen({ ...serverIdentity, ca, requestCert: true, rejectUnauthorized: false })
  const sockets: TLSSocket[] = []
  server.on('secureConnection', (socket) => sockets.push(socket))
  await secured(connect({ host: '127.0.0.1', port, ca, ...clientIdentity }))
  await secured(connect({ host: '127.0.0.1', port, ca }))
  await expect.poll(() => sockets.map(({ authorized }) => authorized)).toEqual([true, false])
})
