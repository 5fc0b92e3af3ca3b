import { describe, expect, it } from 'vitest'
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  createServer,
  type ServerOptions,
} from '../../src/index.js'
import { ca, clientIdentity, identity, psk, qkdPair, serverIdentity, testCa } from './fixtures.js'

const invalid = (sentence: RegExp) =>
  expect.objectContaining({
    name: 'TrefoilError',
    code: 'ERR_INVALID_OPTION',
    message: expect.stringMatching(sentence),
  })

describe('createSecureContext refuses, and names what is wrong', () => {
  const classical = identity(testCa, ['classical.test'], 'ed25519')
  it.each<[string, Parameters<typeof createSecureContext>[0], RegExp]>([
    ['an unknown group', { groups: 'X25519MLKEM768:curve448' }, /unknown group "curve448"/],
    ['an unknown cipher suite', { ciphers: ['TLS_RSA'] }, /unknown cipher suite "TLS_RSA"/],
    ['an unknown signature scheme', { sigalgs: 'mldsa65,slhdsa' }, /unknown signature scheme "slhdsa"/],
    ['an empty list', { groups: [] }, /group list is empty/],
    ['a classical group without permission', { groups: 'x25519' }, /allowClassicalKeyExchange/],
    ['a classical scheme without permission', { sigalgs: 'ed25519' }, /allowClassicalAuthentication/],
    [
      'schemes that sign no handshake',
      { sigalgs: 'rsa_pkcs1_sha256', policy: { allowClassicalAuthentication: true } },
      /no signature scheme/,
    ],
    ['a misspelt permission', { policy: { allowClassicalKeyexchange: true } as object }, /allowClassicalKeyexchange/],
    ['a permission that is no boolean', { policy: { allowClassicalKeyExchange: 1 } as object }, /true or false/],
    ['a certificate without its key', { cert: serverIdentity.cert }, /each chain needs its own key/],
    ['the key of another certificate', { ...serverIdentity, key: clientIdentity.key }, /does not belong/],
    ['a classical certificate without permission', classical, /allowClassicalAuthentication/],
    ['a CA that is no PEM', { ca: 'trust me' }, /certificate/],
    ['a CA of another type', { ca: 7 as unknown as string }, /ca must be PEM/],
  ])('%s', (_, options, sentence) => {
    expect(() => createSecureContext(options)).toThrow(invalid(sentence))
  })

  it('and freezes what it made', () => {
    const context = createSecureContext({ ca })
    expect(Object.isFrozen(context) && Object.isFrozen(context.policy) && Object.isFrozen(context.groups)).toBe(true)
    expect(context.policy).toEqual({
      allowClassicalKeyExchange: false,
      allowClassicalAuthentication: false,
      allowClassicalCertificateSignatures: false,
      requirePostQuantumDelivery: false,
    })
    expect(context.groups).toEqual(['X25519MLKEM768', 'SecP384r1MLKEM1024', 'SecP256r1MLKEM768'])
    expect(context.signatureSchemes).toEqual(['mldsa65', 'mldsa87', 'mldsa44'])
  })

  it('and appends classical algorithms only behind the others', () => {
    const policy = { allowClassicalKeyExchange: true, allowClassicalAuthentication: true }
    const context = createSecureContext({ policy })
    expect(context.groups.slice(3)).toEqual(['x25519', 'secp256r1', 'secp384r1'])
    expect(context.signatureSchemes.slice(0, 3)).toEqual(['mldsa65', 'mldsa87', 'mldsa44'])
    // RFC 9846 4.3.3: PKCS#1 v1.5 in certificates only.
    expect(context.signatureSchemes.some((name) => name.startsWith('rsa_pkcs1'))).toBe(false)
    expect(context.certificateSignatureSchemes).toContain('rsa_pkcs1_sha256')
  })
})

describe('connect throws at once for', () => {
  const qkd = qkdPair().client
  it.each<[string, ConnectionOptions, RegExp]>([
    ['nothing that would authenticate the server', { port: 1 }, /nothing authenticates the server/],
    ['nowhere to go', { ca }, /port, path or socket/],
    ['a port out of range', { ca, port: 70_000 }, /port/i],
    ['a host that is no name', { ca, port: 1, host: 'two words' }, /no DNS name/],
    ['a short PSK', { port: 1, psk: { ...psk, key: new Uint8Array(15) } }, /16 octets/],
    ['an unknown QKD policy', { port: 1, qkd: { ...qkd, policy: 'maybe' as 'off' } }, /policy/],
    ['a PSK with certificates without anchors', { port: 1, psk, pskWithCertificate: true }, /trust anchors/],
    ['a session that is none', { port: 1, ca, session: Buffer.from('old') }, /session/],
    ['an impossible handshakeTimeout', { port: 1, ca, handshakeTimeout: -1 }, /handshakeTimeout/],
    ['an empty protocol name', { port: 1, ca, ALPNProtocols: [''] }, /1 to 255/],
    ['protocols cut off', { port: 1, ca, ALPNProtocols: Uint8Array.of(3, 0x68) }, /ends inside/],
  ])('%s', (_, options, sentence) => {
    expect(() => connect(options)).toThrow(invalid(sentence))
  })
})

describe('createServer throws at once for', () => {
  it.each<[string, ServerOptions, RegExp]>([
    ['nothing that would authenticate it', {}, /nothing authenticates this server/],
    ['QKD switched off and nothing else', { qkd: { ...qkdPair().server, policy: 'off' } }, /nothing authenticates/],
    ['requestCert without trust anchors', { ...serverIdentity, requestCert: true }, /requestCert needs ca/],
    ['two ways to choose a protocol', { psk, ALPNProtocols: ['a'], ALPNCallback: () => 'a' }, /exclude each other/],
    ['ticket keys of the wrong length', { psk, ticketKeys: new Uint8Array(32) }, /48 octets/],
    ['a limit of nothing', { psk, maxHandshakes: 0 }, /start at 1/],
  ])('%s', (_, options, sentence) => {
    expect(() => createServer(options)).toThrow(invalid(sentence))
  })
})

it('connect takes port, host, options and listener in the ways of tls.connect', async () => {
  const server = createServer({ psk })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise<void>((resolve) =>
    connect(port, '127.0.0.1', { psk }, resolve)
      .once('secureConnect', () => {})
      .unref(),
  )
  const socket = connect(port, { host: '127.0.0.1', psk }, () => socket.destroy())
  await new Promise((resolve) => socket.once('close', resolve))
  server.close()
})
