/** Trefoil with Trefoil in every mode, with key managers over real sockets: what both ends say of the session. */
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { ConnectionOptions, Protection, QkdPolicy, ServerOptions } from '../../src/index.js'
import { keyDeliveryGroups } from '../../src/qkd/index.js'
import { saeA, saeB } from '../support/kme.js'
import { PROVIDERS } from '../support/providers.js'
import { exchangeAndClose, listen, meet, type Session } from './ends.js'
import { psk } from './identities.js'
import { NO_KEY, ONE_KEY, useLink } from './link.js'
import { MODES, type Mode } from './modes.js'

const link = useLink()
const [noble, node] = PROVIDERS
/** Each provider in each role. */
const CASES = MODES.flatMap((mode) => {
  const policies: QkdPolicy[] = mode.qkd === null ? ['off'] : ['require', 'prefer']
  return policies.flatMap((policy) => [
    { mode, policy, name: `${mode.name}, ${policy}`, providers: 'noble to node', client: noble, server: node },
    { mode, policy, name: `${mode.name}, ${policy}`, providers: 'node to noble', client: node, server: noble },
  ])
})
type Case = (typeof CASES)[number]

/** Resumption is off under `require` unless asked for. */
const resumption = { maxAgeSeconds: 60 }

function options({ mode, policy, client, server }: Case, more = {}): [ServerOptions, ConnectionOptions] {
  const qkd = { ...mode.qkd, policy, ...more }
  const [qkdServer, qkdClient] = mode.qkd === null ? [{}, {}] : [{ qkd: link.server(qkd) }, { qkd: link.client(qkd) }]
  return [
    { ...mode.server, ...qkdServer, crypto: server },
    { ...mode.client, ...qkdClient, crypto: client },
  ]
}

/** What the protection of both ends must be, apart from the figures of the handshake. */
function expected(mode: Mode, keyId: string | undefined) {
  const common = {
    keyExchange: { group: 'X25519MLKEM768', x25519: true, mlkem: 'ML-KEM-768' },
    psk: mode.psk ? { identity: psk.identity, localId: null, peerId: null } : null,
    cipher: mode.cipher,
    resumed: false,
    freshQkdAt: mode.qkd === null ? null : expect.any(Number),
  }
  const group = keyDeliveryGroups().split(':')[0]
  const delivery = { kind: 'tls', protocol: 'TLSv1.3', group, postQuantum: group === 'X25519MLKEM768' }
  const qkd = { keyId, source: 'etsi014', delivery }
  const { client, server } = mode.knownBy
  const scheme = { client: schemeOf(client), server: schemeOf(server) }
  return {
    client: {
      ...common,
      qkd: mode.qkd === null ? null : { ...qkd, localSaeId: saeA, peerSaeId: saeB },
      authentication: {
        peer: server,
        scheme: scheme.server,
        local: client,
        localScheme: scheme.client,
        certificateType: typeOf(server),
        bootstrap: null,
      },
    },
    server: {
      ...common,
      qkd: mode.qkd === null ? null : { ...qkd, localSaeId: saeB, peerSaeId: saeA },
      authentication: {
        peer: client,
        scheme: scheme.client,
        local: server,
        localScheme: scheme.server,
        certificateType: typeOf(client),
        bootstrap: null,
      },
    },
  }
}

function schemeOf(knownBy: string | null): string | null {
  return knownBy === 'certificate' ? 'mldsa44' : null
}

function typeOf(knownBy: string | null): 'X509' | null {
  return knownBy === 'certificate' ? 'X509' : null
}

/** Checks the figures against each other and returns the rest. */
function protections({ client, server }: Session) {
  const [atClient, atServer] = [client.protection as Protection, server.protection as Protection]
  expect(atClient.handshake.bytesSent).toBe(atServer.handshake.bytesReceived)
  expect(atClient.handshake.bytesReceived).toBe(atServer.handshake.bytesSent)
  const without = ({ handshake: _, ...rest }: Protection) => rest
  return { client: without(atClient), server: without(atServer) }
}

describe.each(CASES)('$name, $providers', (given) => {
  const { mode } = given
  const keys = mode.qkd === null ? NO_KEY : ONE_KEY

  it('both ends say the same of the session, at the cost of one key each', async () => {
    const session = await meet(...options(given))
    const keyId = session.client.protection?.qkd?.keyId
    expect(protections(session)).toEqual(expected(mode, keyId))
    expect([session.client.authorized, session.server.authorized]).toEqual([true, mode.knownBy.client !== null])
    await exchangeAndClose(session)
    expect(link.calls()).toEqual(keys)
  })

  it('a HelloRetryRequest costs no second key', async () => {
    const [server, client] = options(given)
    const groups = ['X25519MLKEM768', 'SecP256r1MLKEM768']
    const session = await meet({ ...server, groups: 'SecP256r1MLKEM768' }, { ...client, groups })
    const { client: atClient, server: atServer } = expected(mode, session.client.protection?.qkd?.keyId)
    const keyExchange = { group: 'SecP256r1MLKEM768', x25519: false, mlkem: 'ML-KEM-768' }
    expect(protections(session)).toEqual({ client: { ...atClient, keyExchange }, server: { ...atServer, keyExchange } })
    await exchangeAndClose(session)
    expect(link.calls()).toEqual(keys)
  })

  it('a resumed session costs no key, and still says who is known by what and which key was the last', async () => {
    const [server, client] = options(given, { resumption })
    const listening = await listen(server)
    const first = await meet(listening, client)
    const [ticket] = (await once(first.client, 'session')) as [Buffer]
    await exchangeAndClose(first)
    expect(link.calls()).toEqual(keys)
    const second = await meet(listening, { ...client, session: ticket })
    const { client: atClient, server: atServer } = expected(mode, first.client.protection?.qkd?.keyId)
    const resumed = (end: typeof atClient | typeof atServer) => ({
      ...end,
      resumed: true,
      // No key was delivered for it.
      qkd: end.qkd && { ...end.qkd, delivery: null },
      // No CertificateVerify in a resumed handshake.
      authentication: { ...end.authentication, scheme: null, localScheme: null },
    })
    expect(protections(second)).toEqual({ client: resumed(atClient), server: resumed(atServer) })
    for (const end of ['client', 'server'] as const) {
      expect(second[end].protection?.freshQkdAt).toBe(first[end].protection?.freshQkdAt)
      expect(second[end].isSessionReused()).toBe(true)
    }
    await exchangeAndClose(second)
    expect(link.calls()).toEqual(keys)
  })
})

it.each(CASES.filter(({ policy }) => policy === 'require'))(
  '$name, $providers: without a bound on resumption no ticket is given out',
  async (given) => {
    const session = await meet(...options(given))
    await exchangeAndClose(session)
    expect(session.client.getSession()).toBeUndefined()
  },
)
