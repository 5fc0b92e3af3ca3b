import { describe, expect, it } from 'vitest'
import { nobleProvider, nodeProvider } from '../../../src/crypto/index.js'
import { type ConnectionOptions, connect, type WebOfTrust } from '../../../src/index.js'
import { keyFingerprint } from '../../../src/pki/index.js'
import { refusal as codeOf } from '../../support/refusal.js'
import { failure, listen, qkdPair, refusal, secured, shake } from '../fixtures.js'
import { byKey, client, rawKey, server, sessionOf, vouch } from './keys.js'

const introducers = ['one', 'two', 'three'].map((name) => rawKey(name).publicKey)

const web = (endorsements: readonly string[], more: Partial<WebOfTrust> = {}): WebOfTrust => ({
  introducers,
  threshold: 2,
  endorsements,
  ...more,
})
const asked = { servername: 'localhost', rawPublicKey: true, key: client.key }

/** What each end holds in files: the words of two introducers about the other. */
const aboutServer = [vouch('one', 'server', 'localhost'), vouch('three', 'server', 'localhost')]
const aboutClient = [vouch('one', 'client', 'branch-17'), vouch('two', 'client', 'branch-17')]
const mutual = {
  server: { ...byKey, requestCert: true, trust: web(aboutClient) },
  client: { ...asked, trust: web(aboutServer) },
}

describe.each([nodeProvider, nobleProvider])('a web of trust with the $name provider', (crypto) => {
  it.each([false, true])(
    'lets both ends accept each other on the word of 2 of 3 introducers; with QKD: %s',
    async (qkd) => {
      const link = qkd ? qkdPair() : { client: undefined, server: undefined }
      const met = await shake(
        { ...mutual.server, crypto, qkd: link.server },
        { ...mutual.client, crypto, qkd: link.client },
      )
      for (const end of [met.client, met.server]) {
        expect(end.protection?.authentication).toMatchObject({
          peer: 'certificate',
          certificateType: 'RawPublicKey',
          scheme: 'mldsa44',
        })
        expect(end.protection?.qkd !== null).toBe(qkd)
      }
      expect(met.client.getPeerRawPublicKey()?.names).toEqual(['localhost'])
      expect(met.server.getPeerRawPublicKey()).toMatchObject({
        names: ['branch-17'],
        fingerprint: keyFingerprint(client.info),
      })
    },
  )

  it.each(['client', 'server'] as const)('makes a %s refuse a peer that k-1 introducers know', async (end) => {
    const short = {
      client: { trust: web(aboutServer.slice(1)) },
      server: { trust: web(aboutClient.slice(1)) },
    }[end]
    const ends = await refusal(
      { ...mutual.server, crypto, ...(end === 'server' && short) },
      { ...mutual.client, crypto, ...(end === 'client' && short) },
    )
    expect([ends[end].code, ends[end].alert]).toEqual(['ERR_UNTRUSTED_KEY', 'certificate_unknown'])
    expect(ends[end].message).toContain('1 of the 2 introducers that it needs')
  })
})

describe('a web of trust', () => {
  it.each<readonly [string, WebOfTrust, RegExp]>([
    ['nobody has endorsed the key', web([]), /0 of the 2 introducers/],
    [
      'it is for another name',
      web([aboutServer[0] as string, vouch('two', 'server', 'other')]),
      /1 of the 2 .*other-name/,
    ],
    [
      'it is for clients',
      web([aboutServer[0] as string, vouch('two', 'server', 'localhost', { purposes: ['client'] })]),
      /other-purpose/,
    ],
    [
      'it has expired',
      web([aboutServer[0] as string, vouch('two', 'server', 'localhost', { notAfter: Date.now() - 2000 })]),
      /expired/,
    ],
    ['a stranger wrote it', web([aboutServer[0] as string, vouch('four', 'server', 'localhost')]), /unknown-endorser/],
    ['the key is revoked', web(aboutServer, { revoked: [keyFingerprint(server.info)] }), /which is revoked/],
    ['an introducer is revoked', web(aboutServer, { revoked: [rawKey('one').publicKey] }), /1 of the 2 .*revoked/],
    [
      'an introduced one is too far away',
      web(
        [aboutServer[0] as string, vouch('two', 'dave', 'dave', { depth: 1 }), vouch('dave', 'server', 'localhost')],
        { maxDepth: 0 },
      ),
      /depth-exceeded/,
    ],
  ])('refuses a server, and says why, when %s', async (_title, trust, message) => {
    const { client: error } = await refusal(byKey, { ...asked, trust })
    expect(error.code).toBe('ERR_UNTRUSTED_KEY')
    expect(error.message).toMatch(message)
  })

  it('refuses a client that nobody has endorsed', async () => {
    const ends = await refusal({ ...mutual.server, trust: web(aboutServer) }, mutual.client)
    expect(ends.server.message).toContain('which nobody has endorsed')
  })

  it('counts those whom introducers introduced', async () => {
    const chain = [vouch('two', 'dave', 'dave', { depth: 1 }), vouch('dave', 'server', 'localhost')]
    const met = await shake(byKey, { ...asked, trust: web([aboutServer[0] as string, ...chain]) })
    expect(met.client.authorized).toBe(true)
  })

  it('gives a client every name for which enough introducers know its key, and no other', async () => {
    const more = [
      ...aboutClient,
      vouch('one', 'client', 'branch-18'),
      vouch('three', 'client', 'branch-18'),
      vouch('one', 'client', 'headquarters'),
    ]
    const met = await shake({ ...mutual.server, trust: web(more) }, mutual.client)
    expect(met.server.getPeerRawPublicKey()?.names).toEqual(['branch-17', 'branch-18'])
  })

  it('is asked again when a session is resumed', async () => {
    const { server: running, port } = await listen(mutual.server)
    const options: ConnectionOptions = { host: '127.0.0.1', port, ...mutual.client }
    // A ticket serves once, and each connection here is to find it unused.
    const [session, unused] = [await sessionOf(port, mutual.client), await sessionOf(port, mutual.client)]
    const again = await secured(connect({ ...options, session }))
    expect(again.isSessionReused()).toBe(true)
    expect(again.getPeerRawPublicKey()?.names).toEqual(['localhost'])
    running.setSecureContext({ ...mutual.server, trust: web(aboutClient, { revoked: [client.publicKey] }) })
    expect((await failure(connect({ ...options, session: unused }))).alert).toBe('certificate_unknown')
    const withdrawn = web(aboutServer, { revoked: [rawKey('one').publicKey] })
    expect((await failure(connect({ ...options, session: unused, trust: withdrawn }))).code).toBe('ERR_UNTRUSTED_KEY')
  })

  it.each<readonly [string, Partial<WebOfTrust>]>([
    ['a threshold above the number of introducers', { threshold: 4 }],
    ['no threshold', { threshold: undefined as unknown as number }],
    [
      'the same introducer twice for a threshold of two',
      { introducers: [introducers[0] as string, introducers[0] as string] },
    ],
    ['an introducer by its fingerprint alone', { introducers: [keyFingerprint(server.info)], threshold: 1 }],
    ['a classical introducer', { introducers: [rawKey('one', 'ed25519').publicKey], threshold: 1 }],
    ['introducers that are no array', { introducers: introducers[0] as unknown as string[] }],
    ['an endorsement that is none', { endorsements: ['hello'] }],
    ['a revoked key that is none', { revoked: ['hello'] }],
    ['a depth above 8', { maxDepth: 9 }],
  ])('is refused when it is given with %s', (_title, change) => {
    expect(codeOf(() => connect({ port: 1, trust: web(aboutServer, change) }))).toBe('ERR_INVALID_OPTION')
  })
})
