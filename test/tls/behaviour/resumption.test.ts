import { describe, expect, it } from 'vitest'
import type { ClientSession, OfferedPsk, RequestHandlers, ServerSession } from '../../../src/tls/index.js'
import { encodeNewSessionTicket } from '../../../src/tls/messages/newSessionTicket.js'
import { attackClient, cheap, ed25519Credential, expectRefusal, knowing, offering, PSK } from '../../support/attack.js'
import { type Endpoint, type PairOptions, runPair } from '../../support/pair.js'

/** A server's memory: the ticket is the index of its session. */
class TicketStore {
  readonly sessions: ServerSession[] = []

  readonly handlers: Partial<RequestHandlers> = {
    sealTicket: ({ session }) => {
      this.sessions.push({ ...session, resumptionPsk: session.resumptionPsk.slice() })
      return Uint8Array.of(this.sessions.length - 1)
    },
    selectPsk: ({ identities }) => {
      const session = this.sessions[identities[0]?.identity[0] ?? -1]
      if (session === undefined) return null
      return { index: 0, hash: session.hash, kind: 'resumption', withCertificate: false, source: session }
    },
    fetchPsk: ({ identity }) => this.sessions[identity[0] as number]?.resumptionPsk.slice() ?? null,
  }
}

function sessionsOf(client: Endpoint): ClientSession[] {
  return client.events.flatMap((event) => (event.type === 'session' ? [event.session] : []))
}

function asOffer(session: ClientSession): OfferedPsk {
  const { ticket, psk, hash } = session
  return { identity: ticket, obfuscatedTicketAge: session.ticketAgeAdd, psk, hash, kind: 'resumption', source: null }
}

async function connectAndResume(options: PairOptions = {}) {
  const store = new TicketStore()
  const serverHandlers = { ...options.serverHandlers, ...store.handlers }
  const first = await runPair(cheap({ ...options, serverHandlers }))
  const [session] = sessionsOf(first.client) as [ClientSession]
  const again = cheap({ ...options, serverHandlers, clientHandlers: offering([asOffer(session)], { required: false }) })
  return { store, first, session, second: await runPair(again) }
}

describe('tickets', () => {
  it('resume a session without certificates, with a fresh key exchange, under the same hash', async () => {
    const { first, second, session } = await connectAndResume()
    expect([second.client.error, second.server.error]).toEqual([null, null])
    expect(second.client.summary).toMatchObject({
      psk: { kind: 'resumption' },
      peerCertificateChain: null,
      group: 'x25519',
    })
    expect(session.hash).toBe('SHA-384')
    expect(second.client.summary?.cipherSuite).toBe(first.client.summary?.cipherSuite)
    second.client.driver.send(Uint8Array.of(1))
    expect([...second.server.data]).toEqual([1])
  })

  it('resume over a retry', async () => {
    const { second } = await connectAndResume({ server: { alwaysRetry: true, cookieKey: new Uint8Array(32) } })
    expect([second.client.error, second.server.error]).toEqual([null, null])
    expect(second.client.summary).toMatchObject({ psk: { kind: 'resumption' }, helloRetryRequest: true })
  })

  it('carry on both sides what was agreed, and the same key', async () => {
    const { store, first, session } = await connectAndResume({
      client: { applicationProtocols: ['x'] },
      serverHandlers: { selectApplicationProtocol: () => 'x' },
      server: { ticketLifetime: 600 },
    })
    const [known] = store.sessions
    expect(known).toMatchObject({ lifetime: 600, serverName: 'server.test', applicationProtocol: 'x', pskSource: null })
    expect(session).toMatchObject({
      lifetime: 600,
      serverName: 'server.test',
      applicationProtocol: 'x',
      pskSource: null,
    })
    expect(session.psk).toEqual(known?.resumptionPsk)
    expect(session.ticketAgeAdd).toBe(known?.ticketAgeAdd)
    expect(session.cipherSuite).toBe(known?.cipherSuite)
    expect(session.serverCertificateChain).toEqual(first.client.summary?.peerCertificateChain)
  })

  it('carry the chain by which the client was authenticated, and where the pre-shared key came from', async () => {
    const store = new TicketStore()
    const known = knowing([{ ...PSK, source: 'a note' }])
    await runPair(
      cheap({
        server: { clientCertificate: 'require' },
        clientHandlers: { ...offering([PSK], { withCertificate: true }), selectCertificate: () => ed25519Credential },
        serverHandlers: { ...store.handlers, ...known },
      }),
    )
    expect(store.sessions[0]).toMatchObject({
      clientCertificateChain: ed25519Credential.certificateChain,
      pskSource: 'a note',
    })
  })

  it('are two after a full handshake unless told otherwise, one after a resumed one, each with a key of its own', async () => {
    const { store, first, second } = await connectAndResume()
    expect([first, second].map(({ client }) => sessionsOf(client).length)).toEqual([2, 1])
    expect(new Set(store.sessions.map(({ resumptionPsk }) => Buffer.from(resumptionPsk).toString('hex'))).size).toBe(3)
    for (const tickets of [0, 1, 5]) {
      const handlers = new TicketStore().handlers
      const { client } = await runPair(cheap({ server: { tickets }, serverHandlers: handlers }))
      expect(sessionsOf(client).length).toBe(tickets)
    }
  })

  it('are not sent to a client that has no use for them, nor reported by one that does not want them', async () => {
    const store = new TicketStore()
    const { client } = await runPair(cheap({ client: { tickets: false }, serverHandlers: store.handlers }))
    expect([store.sessions.length, client.count('session'), client.error]).toEqual([0, 0, null])
    const { target, peer } = attackClient({ client: { tickets: false } })
    peer.sendRecord(22, ticket({}))
    expect([target.error, target.count('session')]).toEqual([null, 0])
  })

  it('stop when the driver seals none', async () => {
    const { client, server } = await runPair(cheap({ serverHandlers: { sealTicket: () => null } }))
    expect([client.count('session'), client.error, server.error]).toEqual([0, null, null])
  })

  it('with a lifetime of zero are not reported: they are not to be used', () => {
    const { target, peer } = attackClient()
    peer.sendRecord(22, ticket({ lifetime: 0 }))
    expect([target.error, target.count('session')]).toEqual([null, 0])
  })

  it('for more than seven days are refused with illegal_parameter', () => {
    for (const lifetime of [604_801, 2 ** 32 - 1]) {
      const outcome = attackClient()
      outcome.peer.sendRecord(22, ticket({ lifetime }))
      expectRefusal(outcome, 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter')
    }
  })

  it('with extensions out of place, or twice, are refused with illegal_parameter', () => {
    const extension = { type: 0x4242, data: new Uint8Array(0) }
    for (const extensions of [[{ type: 51, data: Uint8Array.of(0, 0) }], [extension, extension]]) {
      const outcome = attackClient()
      outcome.peer.sendRecord(22, ticket({ extensions }))
      expectRefusal(outcome, 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter')
    }
  })

  it('that are empty or malformed are refused with decode_error', () => {
    const whole = ticket({}).subarray(4)
    for (const body of [whole.subarray(0, -1), Uint8Array.of(...whole, 0), whole.subarray(0, 8)]) {
      const outcome = attackClient()
      outcome.peer.sendMessage('new_session_ticket', body)
      expectRefusal(outcome, 'ERR_DECODE', 'decode_error')
    }
    const outcome = attackClient()
    outcome.peer.sendRecord(22, ticket({ ticket: new Uint8Array(0) }))
    expectRefusal(outcome, 'ERR_DECODE', 'decode_error')
  })
})

describe('a server whose tickets are slow to seal', () => {
  it('is connected meanwhile: it sends data and exports keys', async () => {
    const seals: ((ticket: Uint8Array) => void)[] = []
    const sealTicket = () => new Promise<Uint8Array>((resolve) => seals.push(resolve))
    const { client, server, settle } = await runPair(cheap({ serverHandlers: { sealTicket } }))
    expect([server.connection.handshakeComplete, seals.length]).toEqual([true, 1])
    server.driver.send(Uint8Array.of(1))
    expect([...client.data]).toEqual([1])
    const exported = ({ connection }: Endpoint) => connection.exportKeyingMaterial('x', new Uint8Array(0), 32)
    expect(exported(server)).toEqual(exported(client))
    client.driver.send(Uint8Array.of(2))
    for (let i = 0; i < 2; i++) {
      seals.shift()?.(Uint8Array.of(i))
      await settle()
    }
    expect([[...server.data], client.count('session'), server.error]).toEqual([[2], 2, null])
  })
})

function ticket(change: Partial<Parameters<typeof encodeNewSessionTicket>[0]>): Uint8Array {
  const whole = { lifetime: 60, ageAdd: 1, nonce: Uint8Array.of(0), ticket: Uint8Array.of(9), extensions: [] }
  return encodeNewSessionTicket({ ...whole, ...change })
}
