/** The policies `require` and `prefer`: what each end refuses, and what it goes on with and says so. */
import { describe, expect, it } from 'vitest'
import type { ConnectionOptions, ServerOptions } from '../../src/index.js'
import { exchangeAndClose, listen, meet, refused } from './ends.js'
import { ca, psk, serverIdentity } from './identities.js'
import { CLIENT_KEY_ONLY, NO_KEY, ONE_KEY, useLink } from './link.js'

const link = useLink()
const other = { identity: 'branch-18', key: psk.key }

interface Refusal {
  readonly title: string
  readonly server: () => ServerOptions
  readonly client: () => ConnectionOptions
  readonly atServer: readonly [string, string]
  readonly atClient: readonly [string, string]
  readonly calls?: typeof NO_KEY
}

describe('`require` at the server: no session without a QKD key', () => {
  const received = (alert: string) => ['ERR_ALERT_RECEIVED', alert] as const
  const REFUSALS: Refusal[] = [
    {
      title: 'a client with a certificate alone is refused',
      server: () => ({ ...serverIdentity, qkd: link.server() }),
      client: () => ({ ca }),
      atServer: ['ERR_POLICY_QKD_REQUIRED', 'insufficient_security'],
      atClient: received('insufficient_security'),
    },
    {
      title: 'so is one with a psk alone, told like any unknown identity',
      server: () => ({ psk, qkd: link.server() }),
      client: () => ({ psk }),
      atServer: ['ERR_UNKNOWN_PSK_IDENTITY', 'decrypt_error'],
      atClient: received('decrypt_error'),
    },
    {
      title: 'so is one with a psk beside certificates',
      server: () => ({ ...serverIdentity, qkd: link.server() }),
      client: () => ({ ca, psk, pskWithCertificate: true }),
      atServer: ['ERR_POLICY_QKD_REQUIRED', 'insufficient_security'],
      atClient: received('insufficient_security'),
    },
    {
      title: 'so is one whose own QKD policy is off',
      server: () => ({ ...serverIdentity, qkd: link.server() }),
      client: () => ({ ca, qkd: link.client({ policy: 'off' }) }),
      atServer: ['ERR_POLICY_QKD_REQUIRED', 'insufficient_security'],
      atClient: received('insufficient_security'),
    },
    {
      title: 'so is one that prefers QKD and whose key manager is down',
      server: () => ({ ...serverIdentity, qkd: link.server() }),
      client: () => {
        link.fault('client', 'exhausted')
        return { ca, qkd: link.client({ policy: 'prefer' }) }
      },
      atServer: ['ERR_POLICY_QKD_REQUIRED', 'insufficient_security'],
      atClient: received('insufficient_security'),
      calls: CLIENT_KEY_ONLY,
    },
    {
      title: 'a QKD key without the auth PSK that is configured is no known identity',
      server: () => ({ psk, qkd: link.server() }),
      client: () => ({ qkd: link.client() }),
      atServer: ['ERR_UNKNOWN_PSK_IDENTITY', 'decrypt_error'],
      atClient: received('decrypt_error'),
      calls: CLIENT_KEY_ONLY,
    },
    {
      title: 'nor is one combined with another auth PSK',
      server: () => ({ psk, qkd: link.server() }),
      client: () => ({ psk: other, qkd: link.client() }),
      atServer: ['ERR_UNKNOWN_PSK_IDENTITY', 'decrypt_error'],
      atClient: received('decrypt_error'),
      calls: CLIENT_KEY_ONLY,
    },
    {
      title: 'nor does the QKD key help where the auth PSK of that name is another',
      server: () => ({ psk, qkd: link.server() }),
      client: () => ({ psk: { ...psk, key: Buffer.alloc(32, 1) }, qkd: link.client() }),
      atServer: ['ERR_BAD_BINDER', 'decrypt_error'],
      atClient: received('decrypt_error'),
      calls: ONE_KEY,
    },
  ]
  it.each(REFUSALS)('$title', async ({ server, client, atServer, atClient, calls }) => {
    expect(await refused(server(), client())).toEqual({ client: atClient, server: atServer, sessions: 0 })
    expect(link.calls()).toEqual(calls ?? NO_KEY)
  })
})

describe('`require` at the client: no session without a QKD key', () => {
  const REFUSALS: Refusal[] = [
    {
      title: 'a server without QKD that would go on by its certificate is refused',
      server: () => ({ ...serverIdentity }),
      client: () => ({ ca, qkd: link.client() }),
      atClient: ['ERR_POLICY_PSK_NOT_MIXED', 'handshake_failure'],
      atServer: ['ERR_ALERT_RECEIVED', 'handshake_failure'],
    },
    {
      title: 'so is one whose QKD policy is off',
      server: () => ({ ...serverIdentity, qkd: link.server({ policy: 'off' }) }),
      client: () => ({ ca, qkd: link.client() }),
      atClient: ['ERR_POLICY_PSK_NOT_MIXED', 'handshake_failure'],
      atServer: ['ERR_ALERT_RECEIVED', 'handshake_failure'],
    },
    {
      title: 'so is one that prefers QKD and cannot get the key',
      server: () => {
        link.fault('server', 'exhausted')
        return { ...serverIdentity, qkd: link.server({ policy: 'prefer' }) }
      },
      client: () => ({ ca, qkd: link.client() }),
      atClient: ['ERR_POLICY_PSK_NOT_MIXED', 'handshake_failure'],
      atServer: ['ERR_ALERT_RECEIVED', 'handshake_failure'],
      calls: ONE_KEY,
    },
    {
      title: 'a server that has the auth PSK and no QKD knows none of the identities',
      server: () => ({ psk }),
      client: () => ({ psk, qkd: link.client() }),
      atClient: ['ERR_ALERT_RECEIVED', 'decrypt_error'],
      atServer: ['ERR_UNKNOWN_PSK_IDENTITY', 'decrypt_error'],
    },
  ]
  it.each(REFUSALS)('$title', async ({ server, client, atServer, atClient, calls }) => {
    expect(await refused(server(), client())).toEqual({ client: atClient, server: atServer, sessions: 0 })
    expect(link.calls()).toEqual(calls ?? CLIENT_KEY_ONLY)
  })
})

describe('a server that takes less than was offered is refused by the client (RFC 9973 lets it do so in silence)', () => {
  const groups = { server: 'SecP256r1MLKEM768', client: ['X25519MLKEM768', 'SecP256r1MLKEM768'] }
  const LESS: Refusal[] = [
    {
      title: 'it drops the QKD key and shows its certificate',
      server: () => serverIdentity,
      client: () => ({ ca, qkd: link.client() }),
      atClient: ['ERR_POLICY_PSK_NOT_MIXED', 'handshake_failure'],
      atServer: ['ERR_ALERT_RECEIVED', 'handshake_failure'],
      calls: CLIENT_KEY_ONLY,
    },
    {
      title: 'it drops the auth PSK and shows its certificate',
      server: () => serverIdentity,
      client: () => ({ ca, psk, pskWithCertificate: true }),
      atClient: ['ERR_POLICY_PSK_NOT_MIXED', 'handshake_failure'],
      atServer: ['ERR_ALERT_RECEIVED', 'handshake_failure'],
    },
    {
      title: 'it drops an auth PSK that must authenticate it: then it cannot, as no signatures were offered',
      server: () => serverIdentity,
      client: () => ({ psk }),
      atClient: ['ERR_ALERT_RECEIVED', 'missing_extension'],
      atServer: ['ERR_MISSING_EXTENSION', 'missing_extension'],
    },
    {
      title: 'it takes the QKD key and leaves out the certificate',
      server: () => ({ qkd: link.server() }),
      client: () => ({ ca, qkd: link.client() }),
      atClient: ['ERR_POLICY_CERTIFICATE_MISSING', 'handshake_failure'],
      atServer: ['ERR_ALERT_RECEIVED', 'handshake_failure'],
      calls: ONE_KEY,
    },
    {
      title: 'it takes the auth PSK and leaves out the certificate',
      server: () => ({ psk }),
      client: () => ({ ca, psk, pskWithCertificate: true }),
      atClient: ['ERR_POLICY_CERTIFICATE_MISSING', 'handshake_failure'],
      atServer: ['ERR_ALERT_RECEIVED', 'handshake_failure'],
    },
  ]
  it.each(LESS)('$title', async ({ server, client, atServer, atClient, calls }) => {
    expect(await refused(server(), client())).toEqual({ client: atClient, server: atServer, sessions: 0 })
    expect(link.calls()).toEqual(calls ?? NO_KEY)
  })

  it.each(LESS)('after a HelloRetryRequest: $title', async ({ server, client, atServer, atClient, calls }) => {
    const target = { ...server(), groups: groups.server }
    const outcome = await refused(target, { ...client(), groups: groups.client })
    expect(outcome).toEqual({ client: atClient, server: atServer, sessions: 0 })
    expect(link.calls()).toEqual(calls ?? NO_KEY)
  })
})

describe('`prefer`: with a QKD key if it is to be had, and never silently without', () => {
  interface Fallback {
    readonly title: string
    readonly server: ServerOptions
    readonly client: ConnectionOptions
  }
  const FALLBACKS: Fallback[] = [
    { title: 'certificate', server: serverIdentity, client: { ca } },
    { title: 'psk', server: { psk }, client: { psk } },
    {
      title: 'psk with certificate',
      server: { ...serverIdentity, psk, pskWithCertificate: true },
      client: { ca, psk, pskWithCertificate: true },
    },
    { title: 'raw psk', server: { psk: { ...psk, importer: false } }, client: { psk: { ...psk, importer: false } } },
  ]
  const prefer = { policy: 'prefer' } as const

  it.each(FALLBACKS)('$title: goes on without when the key manager of either end fails', async ({ server, client }) => {
    for (const end of ['client', 'server'] as const) {
      link.fault('client', null)
      link.fault(end, 'exhausted')
      const told: string[] = []
      const session = await meet(
        { ...server, qkd: link.server(prefer), onQkdFallback: ({ code }) => told.push(`server ${code}`) },
        { ...client, qkd: link.client(prefer), onQkdFallback: ({ code }) => told.push(`client ${code}`) },
      )
      for (const { protection } of [session.client, session.server]) {
        expect(protection).toMatchObject({
          qkd: null,
          freshQkdAt: null,
          psk: 'psk' in client ? { identity: 'branch-17' } : null,
        })
      }
      expect(told).toEqual([`${end} ERR_QKD_EXHAUSTED`])
      await exchangeAndClose(session)
    }
  })

  it.each(FALLBACKS)(
    '$title: goes on without when the other end has no QKD, and reports it',
    async ({ server, client }) => {
      const withoutServer = await meet(server, { ...client, qkd: link.client(prefer) })
      const withoutClient = await meet({ ...server, qkd: link.server(prefer) }, client)
      for (const session of [withoutServer, withoutClient]) {
        expect([session.client.protection?.qkd, session.server.protection?.qkd]).toEqual([null, null])
        await exchangeAndClose(session)
      }
      expect(link.calls()).toEqual(CLIENT_KEY_ONLY)
    },
  )

  it('QKD alone has nothing to go on with', async () => {
    link.fault('client', 'exhausted')
    expect(await refused({ qkd: link.server(prefer) }, { qkd: link.client(prefer) })).toEqual({
      client: ['ERR_QKD_EXHAUSTED', 'internal_error'],
      server: ['ERR_ALERT_RECEIVED', 'internal_error'],
      sessions: 0,
    })
    link.fault('client', null)
    link.fault('server', 'exhausted')
    expect(await refused({ qkd: link.server(prefer) }, { qkd: link.client(prefer) })).toEqual({
      client: ['ERR_ALERT_RECEIVED', 'decrypt_error'],
      server: ['ERR_UNKNOWN_PSK_IDENTITY', 'decrypt_error'],
      sessions: 0,
    })
  })

  it('a key that is wrong is no key that is missing: a bad binder is refused, not fallen back from', async () => {
    link.fault('server', 'swapped-key')
    const certificate = refused({ ...serverIdentity, qkd: link.server(prefer) }, { ca, qkd: link.client(prefer) })
    expect((await certificate).server).toEqual(['ERR_BAD_BINDER_WITH_CERTIFICATE', 'illegal_parameter'])
    const both = refused({ psk, qkd: link.server(prefer) }, { psk, qkd: link.client(prefer) })
    expect((await both).server).toEqual(['ERR_BAD_BINDER', 'decrypt_error'])
  })

  it('the server takes the QKD key whatever the order of its suites', async () => {
    for (const ciphers of [
      'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384',
      'TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256',
    ]) {
      const listening = await listen({ psk, ciphers, qkd: link.server({ ...prefer, importer: false }) })
      const session = await meet(listening, { psk, qkd: link.client({ ...prefer, importer: false }) })
      expect(session.server.protection?.qkd?.keyId).toBe(session.client.protection?.qkd?.keyId)
      expect(session.server.protection?.qkd).not.toBeNull()
    }
  })
})
