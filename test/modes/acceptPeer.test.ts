/** The caller's last word on a peer, in every mode and for sessions that are resumed. */
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { AcceptPeer, ConnectionOptions, PeerFacts, Protection, ServerOptions } from '../../src/index.js'
import { PROVIDERS } from '../support/providers.js'
import { exchangeAndClose, type Listening, listen, meet, refused } from './ends.js'
import { useLink } from './link.js'
import { MODES, type Mode } from './modes.js'

const link = useLink()
const [noble, node] = PROVIDERS
const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
/** Resumption of sessions with a QKD key is off under `require` unless asked for. */
const resumption = { maxAgeSeconds: 60 }

function options(mode: Mode): [ServerOptions, ConnectionOptions] {
  const qkd = { ...mode.qkd, resumption }
  const [server, client] = mode.qkd === null ? [{}, {}] : [{ qkd: link.server(qkd) }, { qkd: link.client(qkd) }]
  return [
    { ...mode.server, ...server, crypto: node },
    { ...mode.client, ...client, crypto: noble },
  ]
}

/** Accepts everybody and writes down whom. */
function noting(): { seen: PeerFacts[]; acceptPeer: AcceptPeer } {
  const seen: PeerFacts[] = []
  return {
    seen,
    async acceptPeer(peer) {
      seen.push(peer)
      await later()
    },
  }
}

const ENDED = {
  refusing: ['ERR_PEER_REFUSED_BY_CALLER', 'access_denied'],
  refused: ['ERR_ALERT_RECEIVED', 'access_denied'],
} as const

/** A first session, which the server has given a ticket for. */
async function firstSession(listening: Listening, client: ConnectionOptions): Promise<Buffer> {
  const session = await meet(listening, client)
  const [ticket] = (await once(session.client, 'session')) as [Buffer]
  await exchangeAndClose(session)
  return ticket
}

describe.each(MODES)('$name', (mode) => {
  it('shows both ends whom they are about to believe, and by what', async () => {
    const [server, client] = options(mode)
    const [atServer, atClient] = [noting(), noting()]
    const session = await meet(
      { ...server, acceptPeer: atServer.acceptPeer },
      { ...client, acceptPeer: atClient.acceptPeer },
    )
    for (const [{ seen }, socket, role] of [
      [atServer, session.server, 'client'],
      [atClient, session.client, 'server'],
    ] as const) {
      expect(seen).toEqual([
        expect.objectContaining({ role, remoteAddress: '127.0.0.1', servername: null, authorizationError: null }),
      ])
      const { keyExchange, qkd, psk, cipher, resumed, authentication } = socket.protection as Protection
      const { peer, scheme, bootstrap } = authentication
      expect(seen[0]?.protection).toMatchObject({
        keyExchange,
        qkd,
        psk,
        cipher,
        resumed,
        authentication: { peer, scheme, bootstrap },
      })
      const shown = scheme !== null
      expect(seen[0]?.certificate?.subjectAltNames ?? null).toEqual(
        shown ? [role === 'server' ? 'IP Address:127.0.0.1' : 'DNS:client.test'] : null,
      )
      expect(seen[0]?.certificateChain === null).toBe(!shown)
    }
    await exchangeAndClose(session)
  })

  it.each(['client', 'server'] as const)(
    'lets the %s refuse the other before the handshake is complete',
    async (end) => {
      const [server, client] = options(mode)
      const refusing = { acceptPeer: () => later().then(() => false) }
      const outcome =
        end === 'client'
          ? await refused(server, { ...client, ...refusing })
          : await refused({ ...server, ...refusing }, client)
      expect(outcome).toEqual({
        client: end === 'client' ? ENDED.refusing : ENDED.refused,
        server: end === 'client' ? ENDED.refused : ENDED.refusing,
        sessions: 0,
      })
    },
  )
})

describe.each(MODES.filter(({ qkd, client }) => qkd?.importer !== false && !isRaw(client)))(
  '$name, resumed',
  (mode) => {
    it('asks again, knows the same peer, and may find that it has changed its mind', async () => {
      const [server, client] = options(mode)
      const atServer = noting()
      const atClient = noting()
      let accepted = true
      const listening = await listen({
        ...server,
        acceptPeer: async (peer, more) => {
          await atServer.acceptPeer(peer, more)
          return accepted
        },
      })
      const own = { ...client, acceptPeer: atClient.acceptPeer }
      const [first, second, third] = [
        await firstSession(listening, own),
        await firstSession(listening, own),
        await firstSession(listening, own),
      ]
      const resumed = await meet(listening, { ...own, session: first })
      expect(resumed.client.isSessionReused()).toBe(true)
      for (const { seen } of [atServer, atClient]) {
        const [full, again] = [seen[0] as PeerFacts, seen.at(-1) as PeerFacts]
        expect([full.protection.resumed, again.protection.resumed]).toEqual([false, true])
        expect(again.protection.authentication.peer).toBe(full.protection.authentication.peer)
        expect(again.certificate).toEqual(full.certificate)
        expect(again.protection.psk).toEqual(full.protection.psk)
      }
      await exchangeAndClose(resumed)
      expect((await refused(listening, { ...own, acceptPeer: () => false, session: second })).client).toEqual(
        ENDED.refusing,
      )
      accepted = false
      expect((await refused(listening, { ...own, session: third })).server).toEqual(ENDED.refusing)
    })
  },
)

function isRaw({ psk }: ConnectionOptions): boolean {
  return psk !== undefined && 'importer' in psk && psk.importer === false
}
