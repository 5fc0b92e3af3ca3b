/** The life of a QKD link's authentication: first contact by certificate or PSK, then by the link's own keys. */
import { describe, expect, it } from 'vitest'
import { type ConnectionOptions, QkdBootstrap, type ServerOptions } from '../../src/index.js'
import { exchangeAndClose, failureOf, listen, meet, refused } from './ends.js'
import { authority, ca, clientIdentity, psk, serverIdentity } from './identities.js'
import { ONE_KEY, useLink } from './link.js'

const link = useLink()

const FIRST_CONTACTS: readonly (readonly [string, 'certificate' | 'psk', ServerOptions, ConnectionOptions])[] = [
  ['a server certificate', 'certificate', serverIdentity, { ca }],
  ['certificates both ways', 'certificate', { ...serverIdentity, ca, requestCert: true }, { ...clientIdentity, ca }],
  ['a PSK', 'psk', { psk }, { psk }],
  [
    'a certificate and a PSK',
    'certificate',
    { ...serverIdentity, psk, pskWithCertificate: true },
    { ca, psk, pskWithCertificate: true },
  ],
]

describe.each(FIRST_CONTACTS)('after first contact by %s', (_, by, server, client) => {
  const ends = (atServer = new QkdBootstrap(), atClient = new QkdBootstrap()) => ({
    server: { ...server, qkd: link.server({ bootstrap: atServer }) },
    client: { ...client, qkd: link.client({ bootstrap: atClient }) },
    atServer,
    atClient,
  })

  it('later sessions rest on the QKD key alone, and say so at both ends', async () => {
    const { server: serverOptions, client: clientOptions, atClient } = ends()
    const listening = await listen(serverOptions)
    const first = await meet(listening, clientOptions)
    expect(first.client.protection?.authentication).toMatchObject({ peer: by, bootstrap: null })
    await exchangeAndClose(first)
    for (let i = 0; i < 2; i++) {
      const later = await meet(listening, clientOptions)
      for (const end of [later.client, later.server]) {
        expect(end.authorized).toBe(true)
        expect(end.protection).toMatchObject({
          psk: null,
          qkd: { keyId: later.client.protection?.qkd?.keyId },
          authentication: { peer: 'qkd', scheme: null, local: 'qkd', localScheme: null },
        })
        expect(end.getPeerX509Certificate()).toBeUndefined()
      }
      // The proof is that of first contact: sessions that rest on it do not make it younger.
      expect(later.client.protection?.authentication.bootstrap).toEqual({ by, at: atClient.entries[0]?.at })
      await exchangeAndClose(later)
    }
    expect(link.calls().client.enc).toBe(3 * ONE_KEY.client.enc)
  })

  it('a server that has forgotten refuses once, and the next connection is first contact again', async () => {
    const { client: clientOptions, atServer, atClient, server: serverOptions } = ends()
    await exchangeAndClose(await meet(await listen(serverOptions), clientOptions))
    const restarted = await listen({ ...server, qkd: link.server({ bootstrap: new QkdBootstrap() }) })
    const refusal = await refused(restarted, clientOptions)
    expect(refusal.sessions).toBe(0)
    expect(refusal.server[0]).toMatch(/^ERR_POLICY_CERTIFICATE_MISSING$|^ERR_UNKNOWN_PSK_IDENTITY$/)
    expect([atServer.entries.length, atClient.entries.length]).toEqual([1, 0])
    const again = await meet(restarted, clientOptions)
    expect(again.client.protection?.authentication).toMatchObject({ peer: by, bootstrap: null })
    expect((await meet(restarted, clientOptions)).client.protection?.authentication.peer).toBe('qkd')
  })

  it('a proof that has grown old counts no more, and first contact renews it', async () => {
    const clock = { now: Date.now() }
    const { server: serverOptions, client: clientOptions } = ends(
      new QkdBootstrap({ maxAgeSeconds: 60, now: () => clock.now }),
      new QkdBootstrap({ maxAgeSeconds: 60, now: () => clock.now }),
    )
    const listening = await listen(serverOptions)
    await meet(listening, clientOptions)
    expect((await meet(listening, clientOptions)).client.protection?.authentication.peer).toBe('qkd')
    clock.now += 60_000
    expect((await meet(listening, clientOptions)).client.protection?.authentication.peer).toBe(by)
    expect((await meet(listening, clientOptions)).client.protection?.authentication.peer).toBe('qkd')
  })
})

it('a session that breaks off once it is there leaves the entry where it is', async () => {
  const atClient = new QkdBootstrap()
  const listening = await listen({ ...serverIdentity, qkd: link.server({ bootstrap: new QkdBootstrap() }) })
  const clientOptions = { ca, qkd: link.client({ bootstrap: atClient }) }
  await exchangeAndClose(await meet(listening, clientOptions))
  const { client, server } = await meet(listening, clientOptions)
  expect(client.protection?.authentication.peer).toBe('qkd')
  const failure = failureOf(client)
  server.destroy()
  expect((await failure).code).toBe('ERR_TRUNCATED')
  expect(atClient.entries).toHaveLength(1)
})

it('a handshake that fails leaves no entry at either end', async () => {
  const stranger = authority('Stranger CA').certificatePem
  const [atServer, atClient] = [new QkdBootstrap(), new QkdBootstrap()]
  const refusal = await refused(
    { ...serverIdentity, qkd: link.server({ bootstrap: atServer }) },
    { ca: stranger, qkd: link.client({ bootstrap: atClient }) },
  )
  expect(refusal.client[0]).toBe('ERR_UNKNOWN_CA')
  expect([atServer.entries, atClient.entries]).toEqual([[], []])
})

it('a peer that was let pass without being verified makes no entry', async () => {
  const atClient = new QkdBootstrap()
  const { client } = await meet(
    { ...serverIdentity, qkd: link.server({ bootstrap: new QkdBootstrap() }) },
    {
      ca: authority('Stranger CA').certificatePem,
      rejectUnauthorized: false,
      qkd: link.client({ bootstrap: atClient }),
    },
  )
  expect(client.authorized).toBe(false)
  expect(atClient.entries).toEqual([])
})
