/** The way of a QKD key to its consumer: what `protection` says of it, and what the policy takes. */
import { describe, expect, it } from 'vitest'
import type { ConnectionOptions, DeliveryLink, KeySource, ServerOptions, TrefoilError } from '../../src/index.js'
import { exchangeAndClose, listen, meet, refused } from './ends.js'
import { ca, serverIdentity } from './identities.js'
import { CLIENT_KEY_ONLY, useLink } from './link.js'

const link = useLink()
const policy = { requirePostQuantumDelivery: true }

const MEMORY: DeliveryLink = { kind: 'memory', protocol: null, group: null, postQuantum: true }
const HYBRID: DeliveryLink = { kind: 'tls', protocol: 'TLSv1.3', group: 'X25519MLKEM768', postQuantum: true }
const CLASSICAL: DeliveryLink = { kind: 'tls', protocol: 'TLSv1.2', group: 'X25519', postQuantum: false }

/** The same source, whose keys came the given way. */
function delivered(source: KeySource, delivery: DeliveryLink | null): KeySource {
  const mark = async (key: Promise<{ keyId: string; key: Uint8Array }>) => {
    const { keyId, key: octets } = await key
    return { keyId, key: octets, ...(delivery && { delivery }) }
  }
  return {
    name: source.name,
    getKey: (peer, options) => mark(source.getKey(peer, options)),
    getKeyWithId: (peer, keyId, options) => mark(source.getKeyWithId(peer, keyId, options)),
    status: (peer, options) => source.status(peer, options),
  }
}

function ends(atClient: DeliveryLink | null, atServer: DeliveryLink | null, more = {}) {
  const { sourceA, sourceB } = link.managers
  const server: ServerOptions = {
    ...serverIdentity,
    qkd: link.server({ source: delivered(sourceB, atServer), ...more }),
  }
  const client: ConnectionOptions = { ca, qkd: link.client({ source: delivered(sourceA, atClient), ...more }) }
  return { server, client }
}

it('each end says how its own key came', async () => {
  const { server, client } = ends(MEMORY, HYBRID)
  const session = await meet({ ...server, policy }, { ...client, policy })
  expect(session.client.protection?.qkd?.delivery).toEqual(MEMORY)
  expect(session.server.protection?.qkd?.delivery).toEqual(HYBRID)
  await exchangeAndClose(session)
})

it('without the rule a key is used however it came, and said so', async () => {
  const { server, client } = ends(CLASSICAL, null)
  const session = await meet(server, client)
  expect(session.client.protection?.qkd?.delivery).toEqual(CLASSICAL)
  expect(session.server.protection?.qkd?.delivery).toBeNull()
})

describe.each([
  ['over a classical exchange', CLASSICAL, /X25519/],
  ['by a way that its source does not tell', null, /does not tell/],
] as const)('a key that came %s', (_, delivery, message) => {
  it('is no key for a client that requires post-quantum delivery', async () => {
    const { server, client } = ends(delivery, HYBRID)
    const refusal = await refused(server, { ...client, policy })
    expect(refusal).toMatchObject({ client: ['ERR_QKD_DELIVERY_LINK', 'internal_error'], sessions: 0 })
    expect(link.calls()).toEqual(CLIENT_KEY_ONLY)
  })

  it('is no key for a server that requires it', async () => {
    const { server, client } = ends(HYBRID, delivery)
    const refusal = await refused({ ...server, policy }, client)
    expect(refusal).toMatchObject({
      server: ['ERR_QKD_DELIVERY_LINK', 'internal_error'],
      client: ['ERR_ALERT_RECEIVED', 'internal_error'],
      sessions: 0,
    })
  })

  it('is reported as a fall-back under prefer, and enters nothing', async () => {
    const told: TrefoilError[] = []
    const { server, client } = ends(delivery, HYBRID, { policy: 'prefer' })
    const listening = await listen(server)
    const session = await meet(listening, { ...client, policy, onQkdFallback: (error) => told.push(error) })
    expect(told.map(({ code }) => code)).toEqual(['ERR_QKD_DELIVERY_LINK'])
    expect(told[0]?.message).toMatch(message)
    expect(session.client.protection).toMatchObject({ qkd: null, authentication: { peer: 'certificate' } })
  })
})
