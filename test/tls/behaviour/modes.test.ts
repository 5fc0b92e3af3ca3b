import { describe, expect, it } from 'vitest'
import type { AlertName } from '../../../src/alerts.js'
import { DEFAULT_CIPHER_SUITES } from '../../../src/crypto/cipherSuites.js'
import { CLASSICAL_GROUPS, HYBRID_GROUPS } from '../../../src/crypto/groups.js'
import { nobleProvider, nodeProvider } from '../../../src/crypto/index.js'
import type { ErrorCode } from '../../../src/errors.js'
import { importPsk, type OfferedPsk } from '../../../src/tls/index.js'
import { cheap, ed25519Credential, knowing, offering, PSK } from '../../support/attack.js'
import { type Pair, type PairOptions, runPair, testCredential } from '../../support/pair.js'

function imported(hash: OfferedPsk['hash']): OfferedPsk {
  const external = {
    identity: new TextEncoder().encode('key id'),
    epsk: new Uint8Array(32).fill(8),
    hash: 'SHA-256',
    context: Uint8Array.of(1, 2, 3),
  } as const
  const { identity, psk } = importPsk(nodeProvider, external, hash)
  return { identity, obfuscatedTicketAge: 0, psk, hash, kind: 'imported', source: { hash } }
}

/** Both sides agree on what happened, and data flows. */
function expectAgreement({ client, server }: Pair): void {
  expect([client.error, server.error]).toEqual([null, null])
  const view = (side: typeof client) => {
    const { cipherSuite, group, psk, serverName, applicationProtocol, helloRetryRequest } = side.summary ?? {}
    const pskView = psk && { kind: psk.kind, identity: [...psk.identity], withCertificate: psk.withCertificate }
    return { cipherSuite, group, psk: pskView, serverName, applicationProtocol, helloRetryRequest }
  }
  expect(view(client)).toEqual(view(server))
  expect(client.summary?.peerCertificateChain).toEqual(server.summary?.localCertificateChain)
  expect(server.summary?.peerCertificateChain).toEqual(client.summary?.localCertificateChain)
  const exported = (side: typeof client) => side.connection.exportKeyingMaterial('test', new Uint8Array(0), 32)
  expect(exported(client)).toEqual(exported(server))
  client.driver.send(Uint8Array.of(1, 2, 3))
  server.driver.send(Uint8Array.of(4, 5))
  expect([[...server.data], [...client.data]]).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
}

const withPsk = (psks: readonly OfferedPsk[], modes: Parameters<typeof offering>[1] = {}): PairOptions => {
  return cheap({ clientHandlers: offering(psks, modes), serverHandlers: knowing(psks) })
}

describe('a handshake', () => {
  it.each([...HYBRID_GROUPS, ...CLASSICAL_GROUPS])('agrees by %s, with a retry too', async (group) => {
    for (const keyShareGroups of [[group], []]) {
      const pair = await runPair(cheap({ client: { groups: [group], keyShareGroups }, server: { groups: [group] } }))
      expectAgreement(pair)
      expect(pair.client.summary).toMatchObject({ group, helloRetryRequest: keyShareGroups.length === 0 })
    }
  })

  it.each([
    [nodeProvider, nobleProvider],
    [nobleProvider, nodeProvider],
  ])('agrees between providers', async (clientCrypto, serverCrypto) => {
    for (const cipherSuite of DEFAULT_CIPHER_SUITES) {
      const pair = await runPair(cheap({ clientCrypto, serverCrypto, client: { cipherSuites: [cipherSuite] } }))
      expectAgreement(pair)
    }
    expectAgreement(await runPair({ clientCrypto, serverCrypto, client: { keyShareGroups: [] } }))
  })

  it('authenticates both sides by certificates of different algorithms', async () => {
    const pair = await runPair({
      client: { groups: ['x25519'], signatureSchemes: ['mldsa44'] },
      server: { groups: ['x25519'], signatureSchemes: ['ed25519'], clientCertificate: 'require' },
      clientHandlers: { selectCertificate: () => ed25519Credential },
      serverHandlers: { selectCertificate: () => testCredential(nodeProvider, 'mldsa44') },
    })
    expectAgreement(pair)
    expect(pair.client.summary).toMatchObject({ peerSignatureScheme: 'mldsa44', localSignatureScheme: 'ed25519' })
  })

  it('tells the client what a certificate must be fit for', async () => {
    const asked: unknown[] = []
    const certificateAuthorities = [Uint8Array.of(0x30, 0), Uint8Array.of(0x30, 2, 0x31, 0)]
    const pair = await runPair(
      cheap({
        server: {
          clientCertificate: 'request',
          signatureSchemes: ['ed25519', 'mldsa65'],
          certificateSignatureSchemes: ['mldsa87', 'rsa_pkcs1_sha256'],
          certificateAuthorities,
        },
        client: { applicationProtocols: ['x'] },
        clientHandlers: {
          selectCertificate: (request) => {
            asked.push(request)
            return null
          },
        },
      }),
    )
    expectAgreement(pair)
    expect(asked).toEqual([
      {
        type: 'selectCertificate',
        certificateType: 'X509',
        role: 'client',
        signatureSchemes: ['ed25519', 'mldsa65'],
        certificateSignatureSchemes: ['mldsa87', 'rsa_pkcs1_sha256'],
        certificateAuthorities,
        serverName: 'server.test',
        applicationProtocols: ['x'],
      },
    ])
  })

  it('tells the server which name and protocols the client asked for', async () => {
    const pair = await runPair(
      cheap({
        client: { serverName: 'other.test', applicationProtocols: ['h3', 'h2'] },
        serverHandlers: { selectApplicationProtocol: ({ protocols }) => protocols[1] ?? null },
      }),
    )
    expectAgreement(pair)
    expect(pair.server.events[0]).toEqual({
      type: 'clientHello',
      serverName: 'other.test',
      applicationProtocols: ['h3', 'h2'],
    })
    expect(pair.client.summary).toMatchObject({ serverName: 'other.test', applicationProtocol: 'h2' })
  })
})

describe.each([
  ['external', PSK],
  ['external, SHA-384', { ...PSK, hash: 'SHA-384' as const, psk: new Uint8Array(48).fill(4) }],
  ['imported', imported('SHA-256')],
  ['imported for SHA-384', imported('SHA-384')],
  ['resumption', { ...PSK, kind: 'resumption' as const }],
])('a handshake by a pre-shared key (%s)', (_title, psk) => {
  it('authenticates without certificates, under a suite of its hash', async () => {
    const pair = await runPair(withPsk([psk]))
    expectAgreement(pair)
    expect(pair.client.summary).toMatchObject({ peerCertificateChain: null, psk: { kind: psk.kind } })
    expect(pair.client.summary?.cipherSuite.endsWith(psk.hash.replace('-', ''))).toBe(true)
  })

  it('holds over a retry for a group and for a cookie', async () => {
    const cookieKey = new Uint8Array(32)
    for (const server of [{ cookieKey }, { cookieKey, alwaysRetry: true }]) {
      for (const keyShareGroups of [[], ['x25519' as const]]) {
        const options = withPsk([psk])
        const pair = await runPair({
          ...options,
          client: { ...options.client, keyShareGroups },
          server: { ...options.server, ...server },
        })
        expectAgreement(pair)
      }
    }
  })

  it('goes together with certificates (RFC 9973), unless it is a ticket', async () => {
    for (const clientCertificate of ['no', 'require'] as const) {
      const options = withPsk([psk], { withCertificate: true })
      const pair = await runPair({
        ...options,
        server: { ...options.server, clientCertificate },
        clientHandlers: { ...options.clientHandlers, selectCertificate: () => ed25519Credential },
      })
      if (psk.kind === 'resumption') {
        expect([pair.client.error?.code, pair.client.sent.length]).toEqual(['ERR_INVALID_STATE', 1])
        continue
      }
      expectAgreement(pair)
      expect(pair.client.summary).toMatchObject({ peerSignatureScheme: 'ed25519', psk: { withCertificate: true } })
      expect(pair.server.summary?.peerSignatureScheme ?? null).toBe(clientCertificate === 'no' ? null : 'ed25519')
    }
  })
})

describe('several pre-shared keys', () => {
  it('one per hash of an imported key: the server takes the one that goes with its suite', async () => {
    const both = [imported('SHA-384'), imported('SHA-256')]
    for (const cipherSuite of DEFAULT_CIPHER_SUITES) {
      const pair = await runPair({ ...withPsk(both), server: { groups: ['x25519'], cipherSuites: [cipherSuite] } })
      expectAgreement(pair)
      expect(pair.client.summary?.cipherSuite).toBe(cipherSuite)
    }
  })

  it('the server falls back to the next, and then to a certificate, where keys are not to be had', async () => {
    const other = { ...PSK, identity: Uint8Array.of(1), source: 'other' }
    for (const missing of [[0], [0, 1]]) {
      const options = withPsk([other, PSK], { required: false })
      const fetchPsk = options.serverHandlers?.fetchPsk
      const pair = await runPair({
        ...options,
        serverHandlers: {
          ...options.serverHandlers,
          fetchPsk: (request) => (missing.includes(request.selection.index) ? null : (fetchPsk?.(request) ?? null)),
        },
      })
      expectAgreement(pair)
      expect(pair.client.summary?.psk?.identity ?? null).toEqual(missing.length === 2 ? null : PSK.identity)
    }
  })

  it('the note that a driver left comes back in the summary of its own side', async () => {
    const options = withPsk([{ ...PSK, source: 'client note' }])
    const pair = await runPair({ ...options, serverHandlers: knowing([{ ...PSK, source: 'server note' }]) })
    expectAgreement(pair)
    expect([pair.client.summary?.psk?.source, pair.server.summary?.psk?.source]).toEqual(['client note', 'server note'])
  })
})

describe('what one side refuses, both sides see', () => {
  const WRONG = { ...PSK, psk: new Uint8Array(32) }

  it.each<readonly [string, PairOptions, 'client' | 'server', ErrorCode, AlertName]>([
    [
      'a wrong key',
      { ...withPsk([PSK]), serverHandlers: knowing([WRONG]) },
      'server',
      'ERR_BAD_BINDER',
      'decrypt_error',
    ],
    [
      'a wrong key beside a certificate',
      { ...withPsk([PSK], { withCertificate: true }), serverHandlers: knowing([WRONG]) },
      'server',
      'ERR_BAD_BINDER_WITH_CERTIFICATE',
      'illegal_parameter',
    ],
    [
      'no common group',
      cheap({ client: { groups: ['x25519'] }, server: { groups: ['secp256r1'] } }),
      'server',
      'ERR_NO_COMMON_GROUP',
      'handshake_failure',
    ],
    [
      'no common suite',
      cheap({
        client: { cipherSuites: ['TLS_AES_128_GCM_SHA256'] },
        server: { cipherSuites: ['TLS_AES_256_GCM_SHA384'] },
      }),
      'server',
      'ERR_NO_COMMON_CIPHER_SUITE',
      'handshake_failure',
    ],
    [
      'no client certificate where one is required',
      cheap({ server: { clientCertificate: 'require' } }),
      'server',
      'ERR_CERTIFICATE_REQUIRED',
      'certificate_required',
    ],
    [
      'a signature by a scheme that was not offered',
      cheap({ client: { signatureSchemes: ['mldsa65'] } }),
      'client',
      'ERR_ILLEGAL_PARAMETER',
      'illegal_parameter',
    ],
  ])('%s', async (_title, options, at, code, alert) => {
    const pair = await runPair(options)
    const [refuser, other] = at === 'client' ? [pair.client, pair.server] : [pair.server, pair.client]
    expect([refuser.error?.code, refuser.error?.alert]).toEqual([code, alert])
    expect(other.error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', receivedAlert: alert })
    expect(refuser.summary).toBeNull()
  })
})
