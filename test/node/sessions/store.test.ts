/** A server whose sessions are kept in a store of the caller's, over real sockets. */
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import {
  connect,
  type ServerOptions,
  type SessionStore,
  type TLSSocket,
  type TrefoilError,
} from '../../../src/index.js'
import { parseSession, serializeSession } from '../../../src/node/psk/index.js'
import { ca, clientIdentity, listen, psk, qkdPair, readAll, secured, serverIdentity } from '../fixtures.js'
import { memoryStore, offerRegardless, resumes, revisit, sessionOf, ticketKey } from './sessions.js'

const client = { ca }

/** A server with this store, and what it says of the store's failures. */
async function served(sessionStore: SessionStore, options: Partial<ServerOptions> = {}) {
  const failures: TrefoilError[] = []
  const onSessionStoreError = (error: TrefoilError) => failures.push(error)
  const echo = (socket: TLSSocket) => void socket.pipe(socket)
  const listening = await listen({ ...serverIdentity, sessionStore, onSessionStoreError, ...options }, echo)
  return { ...listening, failures }
}

/** A whole connection to a server that echoes: what was to come after the handshake has come. */
async function ticketless(port: number, options = client): Promise<TLSSocket> {
  const socket = await secured(connect({ host: '127.0.0.1', port, ...options }))
  socket.end('over')
  await readAll(socket)
  return socket
}

describe('a server with a session store', () => {
  it('sends tickets that are no more than a name, and keeps the session sealed until it is over', async () => {
    const store = memoryStore()
    const { port, server } = await served(store, { ca, requestCert: true, sessionTimeout: 600 })
    const shown = { ca, ...clientIdentity }
    const session = await sessionOf(port, shown)
    const { ticket, psk: secret, receivedAt } = parseSession(session)
    // Beside it the whole chain of the client, with its ML-DSA key and signature.
    expect(ticket).toHaveLength(44)
    const [[id, { state, expiresAt }]] = [...store.kept] as [[string, { state: Uint8Array; expiresAt: number }]]
    expect(id).toMatch(/^[0-9a-f]{24}$/)
    expect(state.length).toBeGreaterThan(3000)
    for (const part of [secret, 'client.test'])
      expect(Buffer.from(state).includes(Buffer.from(part as string))).toBe(false)
    expect(Math.abs(expiresAt - receivedAt - 600_000)).toBeLessThan(60_000)
    const accepted = once(server, 'secureConnection')
    const socket = await revisit(port, shown, session)
    const [atServer] = (await accepted) as [TLSSocket]
    expect([socket.isSessionReused(), atServer.authorized]).toEqual([true, true])
    expect(socket.protection).toMatchObject({ resumed: true, keyExchange: { mlkem: 'ML-KEM-768' } })
  })

  it('shares its sessions with servers of the same store and ticket keys, each for one use', async () => {
    const store = memoryStore()
    const ticketKeys = [ticketKey()]
    const [one, two] = [await served(store, { ticketKeys }), await served(store, { ticketKeys })]
    const session = await sessionOf(one.port, client)
    expect(await offerRegardless(two.port, session)).toBe(true)
    // What a host of its own would remember, the other learns from the store.
    expect(await offerRegardless(one.port, session)).toBe(false)
    expect(one.server.sessionLookups).toMatchObject({ asked: 1, found: 0, notFound: 1 })
    expect(two.server.sessionLookups).toMatchObject({ asked: 1, found: 1, notFound: 0 })
  })

  it('asks the store for nothing that is not its own: not for identities that somebody made up', async () => {
    const store = memoryStore()
    const { port } = await served(store)
    const session = await sessionOf(port, client)
    const { ticket } = parseSession(session)
    for (const at of [0, 16, 28, 43]) {
      const forged = Uint8Array.from(ticket)
      forged[at] = (forged[at] as number) ^ 1
      expect(await resumes(port, client, serializeSession({ ...parseSession(session), ticket: forged }))).toBe(false)
    }
    expect(store.taken).toEqual([])
    expect(await resumes(port, client, session)).toBe(true)
    expect(store.taken).toHaveLength(1)
  })

  it('does not resume what was not meant for this connection: another name is a full handshake', async () => {
    const { port } = await served(memoryStore())
    const named = { ...client, servername: 'localhost' }
    expect(await offerRegardless(port, await sessionOf(port, named), 'localhost')).toBe(true)
    expect(await offerRegardless(port, await sessionOf(port, client), 'localhost')).toBe(false)
  })

  it('looks up PSKs of resumed sessions as it does without a store', async () => {
    const asked: string[] = []
    let known = true
    const lookup = (identity: string) => {
      asked.push(identity)
      return known ? { key: psk.key } : null
    }
    const store = memoryStore()
    const { port } = await listen({ psk: lookup, sessionStore: store })
    const [one, two] = [await sessionOf(port, { psk }), await sessionOf(port, { psk })]
    expect(await resumes(port, { psk }, one)).toBe(true)
    known = false
    await expect(revisit(port, { psk }, two)).rejects.toMatchObject({ alert: 'decrypt_error' })
    expect(new Set(asked)).toEqual(new Set(['test']))
  })

  it('takes a session once for the two hellos of a retry', async () => {
    const store = memoryStore()
    const { port } = await served(store, { groups: ['SecP384r1MLKEM1024'] })
    const both = { ...client, groups: ['X25519MLKEM768', 'SecP384r1MLKEM1024'] }
    const session = await sessionOf(port, both)
    expect(await resumes(port, both, session)).toBe(true)
    expect(store.taken).toHaveLength(1)
  })

  it('counts a ticket that is shown again as a failed look-up of its address, and bounds them', async () => {
    const store = memoryStore()
    const { port, server } = await served(store, { maxUnknownKeyIdsPerAddress: 2 })
    const sessions: Buffer[] = []
    for (let i = 0; i < 4; i++) sessions.push(await sessionOf(port, client))
    store.kept.clear()
    for (const session of sessions) expect(await resumes(port, client, session)).toBe(false)
    expect(server.sessionLookups).toMatchObject({ asked: 2, notFound: 2, refused: { perAddress: 2 } })
    // Look-ups at the key manager are bounded by themselves.
    expect(server.keyLookups).toMatchObject({ asked: 0, refused: { perAddress: 0 } })
  })

  it.each([
    ['no store at all', { sessionStore: null as never }],
    ['a store without take', { sessionStore: { set() {} } as never }],
    ['no time for it', { sessionStore: memoryStore(), sessionStoreTimeout: 0 }],
    ['a store without tickets', { sessionStore: memoryStore(), tickets: false }],
  ])('is refused with %s', async (_, options) => {
    await expect(listen({ ...serverIdentity, ...options })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
  })
})

describe('a session store that fails', () => {
  const never = () => new Promise<never>(() => {})
  const fails = () => {
    throw new Error('the disk is full')
  }
  const rejects = () => Promise.reject(new Error('the connection is closed'))

  it.each([
    ['throws', fails, /failed to keep a session/],
    ['rejects', rejects, /failed to keep a session/],
    ['never answers', never, /did not answer within 50 milliseconds/],
  ])('to keep sessions (it %s): there is no ticket, and the connection goes on', async (_, set, message) => {
    const { port, failures } = await served({ ...memoryStore(), set }, { sessionStoreTimeout: 50 })
    expect((await ticketless(port)).getSession()).toBeUndefined()
    expect(failures[0]).toMatchObject({ code: 'ERR_SESSION_STORE', message: expect.stringMatching(message) })
  })

  it.each([
    ['throws', fails, /failed to give a session/],
    ['rejects', rejects, /failed to give a session/],
    ['never answers', never, /did not answer within 50 milliseconds/],
    ['gives garbage', () => new Uint8Array(300), /not sealed under that id/],
    ['gives too little', () => new Uint8Array(3), /not sealed under that id/],
    ['gives no octets', () => 'text' as never, /not sealed under that id/],
  ])('to give them back (it %s): the handshake is a full one', async (_, take, message) => {
    const { port, failures } = await served({ ...memoryStore(), take }, { sessionStoreTimeout: 50 })
    expect(await resumes(port, client, await sessionOf(port, client))).toBe(false)
    expect(failures).toMatchObject([{ code: 'ERR_SESSION_STORE', message: expect.stringMatching(message) }])
  })

  it('to keep them apart: the state of another session does not open', async () => {
    const store = memoryStore()
    const { port, failures } = await served({ ...store, take: () => [...store.kept.values()].at(-1)?.state })
    const [one] = [await sessionOf(port, client), await sessionOf(port, client)]
    expect(await resumes(port, client, one)).toBe(false)
    expect(failures).toMatchObject([{ code: 'ERR_SESSION_STORE' }])
  })

  it('to remove them: one process still takes each once', async () => {
    const store = memoryStore()
    const { port } = await served({ ...store, take: (id) => store.kept.get(id)?.state })
    const session = await sessionOf(port, client)
    expect(await offerRegardless(port, session)).toBe(true)
    expect(await offerRegardless(port, session)).toBe(false)
  })

  it('never makes a session weaker: under QKD require the client is refused, not let in without', async () => {
    const link = qkdPair()
    const resumption = { maxAgeSeconds: 600 }
    const qkd = { ...link.server, resumption }
    const { port } = await served({ ...memoryStore(), take: rejects }, { qkd })
    const own = { ca, qkd: { ...link.client, resumption } }
    const session = await sessionOf(port, own)
    await expect(revisit(port, own, session)).rejects.toMatchObject({ code: 'ERR_ALERT_RECEIVED' })
    // Without the session, which was offered once, a fresh key is fetched.
    const again = await revisit(port, own, session)
    expect(again.protection).toMatchObject({ resumed: false, qkd: { peerSaeId: 'sae-server' } })
  })

  it('is told when the client has gone', async () => {
    let told: (reason: unknown) => void
    const gone = new Promise<unknown>((resolve) => {
      told = resolve
    })
    let asked: () => void
    const asking = new Promise<void>((resolve) => {
      asked = resolve
    })
    const take: SessionStore['take'] = (_, { signal }) => {
      signal.addEventListener('abort', () => told(signal.reason))
      asked()
      return never()
    }
    const { port, failures } = await served({ ...memoryStore(), take }, { sessionStoreTimeout: 60_000 })
    const session = await sessionOf(port, client)
    const socket = connect({ host: '127.0.0.1', port, ...client, session })
    socket.on('error', () => {})
    await asking
    socket.destroy()
    expect(await gone).toMatchObject({ code: 'ERR_TRUNCATED' })
    expect(failures).toEqual([])
  })
})
