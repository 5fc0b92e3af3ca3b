import { createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { nobleProvider, nodeProvider } from '../../../src/crypto/index.js'
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  createServer,
  type PinnedKey,
  type ServerOptions,
} from '../../../src/index.js'
import { keyFingerprint } from '../../../src/pki/index.js'
import { refusal as codeOf } from '../../support/refusal.js'
import {
  ca,
  clientIdentity,
  identity,
  listen,
  psk,
  qkdPair,
  readAll,
  refusal,
  secured,
  serverIdentity,
  shake,
  testCa,
} from '../fixtures.js'
import { byKey, client, mutual, other, pinning, rawKey, server, serverSpki, spkiOf } from './keys.js'

const classical = rawKey('server', 'ed25519')

describe.each([nodeProvider, nobleProvider])('raw public keys with the $name provider', (crypto) => {
  it('authenticate both ends by their pins, and each is told whom it met', async () => {
    const met = await shake({ ...mutual.server, crypto }, { ...mutual.client, crypto })
    const authentication = {
      peer: 'certificate',
      scheme: 'mldsa44',
      local: 'certificate',
      localScheme: 'mldsa44',
      certificateType: 'RawPublicKey',
      bootstrap: null,
    }
    expect(met.client.protection?.authentication).toEqual(authentication)
    expect(met.server.protection?.authentication).toEqual(authentication)
    expect([met.client.authorized, met.server.authorized]).toEqual([true, true])
    expect(met.client.getPeerRawPublicKey()).toEqual({
      algorithm: 'mldsa44',
      publicKeyInfo: Buffer.from(server.info.der),
      fingerprint: keyFingerprint(server.info),
      names: ['localhost'],
    })
    expect(met.server.getPeerRawPublicKey()).toMatchObject({
      fingerprint: keyFingerprint(client.info),
      names: ['branch-17'],
    })
    const { client: c } = met
    expect([c.getPeerCertificate(), c.getPeerX509Certificate(), c.getCertificate(), c.getX509Certificate()]).toEqual([
      {},
      undefined,
      {},
      undefined,
    ])
    met.server.end('welcome')
    expect((await readAll(met.client)).toString()).toBe('welcome')
  })
})

describe('raw public keys', () => {
  it.each([
    ['QKD keys (RFC 9973)', () => qkdPair(), 'qkd'],
    ['a PSK (RFC 9973)', () => ({ client: undefined, server: undefined }), 'psk'],
  ] as const)('go with %s', async (_title, link, kind) => {
    const ends = link()
    const withPsk = kind === 'psk' ? { psk, pskWithCertificate: true } : {}
    const met = await shake(
      { ...mutual.server, ...withPsk, qkd: ends.server },
      { ...mutual.client, ...withPsk, qkd: ends.client },
    )
    for (const end of [met.client, met.server]) {
      expect(end.protection?.authentication).toMatchObject({ peer: 'certificate', certificateType: 'RawPublicKey' })
      expect(end.protection?.[kind]).not.toBeNull()
    }
  })

  it('are left out where a PSK alone authenticates both ends', async () => {
    const met = await shake({ ...byKey, psk }, { servername: 'localhost', psk })
    expect(met.client.protection?.authentication).toMatchObject({ peer: 'psk', certificateType: null })
    expect(met.client.getPeerRawPublicKey()).toBeUndefined()
  })

  it('serve beside certificates: each client gets what it accepts', async () => {
    const listening = await listen({ ...serverIdentity, rawPublicKey: true })
    const { port } = listening
    const chain = await secured(connect({ host: '127.0.0.1', port, ca }))
    expect(chain.protection?.authentication.certificateType).toBe('X509')
    const raw = await secured(connect({ host: '127.0.0.1', port, pinnedKeys: [serverSpki] }))
    expect(raw.protection?.authentication.certificateType).toBe('RawPublicKey')
    // Who takes both is shown the raw key: the server's choice.
    const both = await secured(connect({ host: '127.0.0.1', port, ca, pinnedKeys: [serverSpki] }))
    expect(both.protection?.authentication.certificateType).toBe('RawPublicKey')
  })

  it('are shown by clients to servers that ask for them, and certificates to those that ask for these', async () => {
    const shown = { ...clientIdentity, rawPublicKey: true, ca }
    const chains = await shake({ ...serverIdentity, ca, requestCert: true }, shown)
    expect(chains.server.protection?.authentication.certificateType).toBe('X509')
    const raw = await shake({ ...serverIdentity, pinnedKeys: [spkiOf(clientIdentity)], requestCert: true }, shown)
    expect(raw.server.protection?.authentication.certificateType).toBe('RawPublicKey')
    expect(raw.server.getPeerRawPublicKey()?.names).toEqual([])
  })

  it.each<readonly [string, () => PinnedKey]>([
    ['PEM', () => server.publicKey],
    ['PEM in octets', () => Buffer.from(server.publicKey)],
    ['DER', () => server.info.der],
    ['a fingerprint', () => keyFingerprint(server.info)],
    ['PEM for this name', () => ({ name: 'LOCALHOST.', key: server.publicKey })],
    ['a fingerprint for this name', () => ({ name: 'localhost', key: keyFingerprint(server.info) })],
  ])('are known by %s', async (_title, pin) => {
    const met = await shake(byKey, { ...pinning, pinnedKeys: [other.publicKey, pin()] })
    expect(met.client.getPeerRawPublicKey()?.names).toEqual(['localhost'])
  })

  it('are known for an address', async () => {
    const met = await shake(byKey, { pinnedKeys: [{ name: '127.0.0.1', key: server.publicKey }] })
    expect(met.client.getPeerRawPublicKey()?.names).toEqual(['127.0.0.1'])
  })

  it('come out of a KeyObject', async () => {
    const der = classical.info.der
    const options = { policy: { allowClassicalAuthentication: true } }
    const pin = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
    const met = await shake(
      { rawPublicKey: true, key: classical.key, ...options },
      { servername: 'localhost', pinnedKeys: [pin], ...options },
    )
    expect(met.client.protection?.authentication.scheme).toBe('ed25519')
  })

  it('of a client may stand for several names', async () => {
    const pins = ['b', 'a', 'A'].map((name) => ({ name, key: client.publicKey }))
    const met = await shake({ ...mutual.server, pinnedKeys: pins }, mutual.client)
    expect(met.server.getPeerRawPublicKey()?.names).toEqual(['a', 'b'])
  })
})

describe('a handshake with raw public keys is refused', () => {
  it.each<readonly [string, ServerOptions, ConnectionOptions, string, string, 'client' | 'server']>([
    [
      'when that of the server is not pinned',
      byKey,
      { ...pinning, pinnedKeys: [other.publicKey] },
      'ERR_UNTRUSTED_KEY',
      'certificate_unknown',
      'client',
    ],
    [
      'when that of the server is pinned for another name',
      byKey,
      { ...pinning, pinnedKeys: [{ name: 'other.test', key: server.publicKey }] },
      'ERR_UNTRUSTED_KEY',
      'certificate_unknown',
      'client',
    ],
    [
      'when that of the client is not pinned',
      { ...mutual.server, pinnedKeys: [other.publicKey] },
      mutual.client,
      'ERR_UNTRUSTED_KEY',
      'certificate_unknown',
      'server',
    ],
    [
      'when the client has none',
      mutual.server,
      pinning,
      'ERR_UNSUPPORTED_CERTIFICATE',
      'unsupported_certificate',
      'server',
    ],
    [
      'when the server has certificates alone',
      serverIdentity,
      pinning,
      'ERR_UNSUPPORTED_CERTIFICATE',
      'unsupported_certificate',
      'server',
    ],
    [
      'when the client takes certificates alone',
      byKey,
      { ca },
      'ERR_UNSUPPORTED_CERTIFICATE',
      'unsupported_certificate',
      'server',
    ],
    [
      'when that of the server is classical and the policy of the client is not',
      { rawPublicKey: true, key: classical.key, policy: { allowClassicalAuthentication: true } },
      { ...pinning, pinnedKeys: [keyFingerprint(classical.info)] },
      'ERR_NO_COMMON_SIGNATURE_SCHEME',
      'handshake_failure',
      'server',
    ],
  ])('%s', async (_title, serverOptions, clientOptions, code, alert, who) => {
    const ends = await refusal(serverOptions, clientOptions)
    expect([ends[who].code, ends[who].alert]).toEqual([code, alert])
    expect([
      ends[who === 'client' ? 'server' : 'client'].code,
      ends[who === 'client' ? 'server' : 'client'].receivedAlert,
    ]).toEqual(['ERR_ALERT_RECEIVED', alert])
  })

  it('when the server does not have the private key of the one that it shows', async () => {
    const context = createSecureContext(byKey)
    const [own] = context.rawKeys
    const stolen = { ...context, rawKeys: [{ ...own, publicKeyInfo: other.info.der }] } as typeof context
    const ends = await refusal({ secureContext: stolen }, { ...pinning, pinnedKeys: [other.publicKey] })
    expect([ends.client.code, ends.client.alert]).toEqual(['ERR_BAD_CERTIFICATE_VERIFY', 'decrypt_error'])
  })

  it('unless rejectUnauthorized is false: then nobody is authenticated', async () => {
    const open = { ...pinning, pinnedKeys: [other.publicKey], rejectUnauthorized: false }
    const met = await shake(byKey, open)
    expect(met.client.authorized).toBe(false)
    expect(met.client.authorizationError?.code).toBe('ERR_UNTRUSTED_KEY')
    expect(met.client.protection?.authentication).toMatchObject({ peer: null, certificateType: 'RawPublicKey' })
    expect(met.client.getPeerRawPublicKey()).toMatchObject({ fingerprint: keyFingerprint(server.info), names: [] })
  })
})

describe('options', () => {
  it.each<readonly [string, ConnectionOptions]>([
    ['no pins', { pinnedKeys: [] }],
    ['pins that are no array', { pinnedKeys: server.publicKey as unknown as string[] }],
    ['a pin that is no key', { pinnedKeys: ['hello'] }],
    ['a pin that is a number', { pinnedKeys: [5 as unknown as string] }],
    ['a pin that is a private key', { pinnedKeys: [server.key] }],
    ['a pin with a name that is none', { pinnedKeys: [{ name: 'two words', key: server.publicKey }] }],
    ['a classical pin without the policy', { pinnedKeys: [classical.publicKey] }],
    [
      'pins and a web of trust',
      { pinnedKeys: [server.publicKey], trust: { introducers: [server.publicKey], threshold: 1, endorsements: [] } },
    ],
    ['a raw key that is not given', { ...pinning, rawPublicKey: true }],
    ['a classical key of its own without the policy', { ...pinning, rawPublicKey: true, key: classical.key }],
  ])('of a client are refused with %s', (_title, options) => {
    expect(codeOf(() => connect({ port: 1, ...options }))).toBe('ERR_INVALID_OPTION')
  })

  it('of a server: requestCert needs to know of whom', () => {
    expect(codeOf(() => createServer({ ...byKey, requestCert: true }))).toBe('ERR_INVALID_OPTION')
    expect(codeOf(() => createServer({}))).toBe('ERR_INVALID_OPTION')
  })

  it('of a server may change its key while it runs, but not take it away', async () => {
    const { server: running, port } = await listen(byKey)
    running.setSecureContext({ rawPublicKey: true, key: other.key })
    const met = await secured(connect({ host: '127.0.0.1', port, ...pinning, pinnedKeys: [other.publicKey] }))
    expect(met.getPeerRawPublicKey()?.fingerprint).toBe(keyFingerprint(other.info))
    expect(codeOf(() => running.setSecureContext({}))).toBe('ERR_INVALID_OPTION')
    running.setSecureContext(identity(testCa, ['localhost']))
  })
})
