/** How long, how often and for what a session is resumed, over real sockets. */
import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { type ConnectionOptions, connect, type ServerOptions } from '../../../src/index.js'
import { parseSession } from '../../../src/node/psk/index.js'
import { ca, listen, psk, qkdPair, serverIdentity } from '../fixtures.js'
import { resumes, revisit, sessionOf } from './sessions.js'

const MODES: readonly (readonly [string, ServerOptions, ConnectionOptions])[] = [
  ['certificate', serverIdentity, { ca }],
  ['psk', { psk }, { psk }],
]

/** Runs `step` with the clock set forward; timers go on as they are. */
async function later<T>(seconds: number, step: () => Promise<T>): Promise<T> {
  const { now } = Date
  const moved = vi.spyOn(Date, 'now').mockImplementation(() => now() + 1000 * seconds)
  try {
    return await step()
  } finally {
    moved.mockRestore()
  }
}

describe.each(MODES)('a session of mode %s', (_, server, client) => {
  it('lives for two hours, or as sessionTimeout says', async () => {
    const short = await listen({ ...server, sessionTimeout: 6000 })
    const usual = await listen(server)
    expect(parseSession(await sessionOf(short.port, client)).lifetime).toBe(6000)
    expect(parseSession(await sessionOf(usual.port, client)).lifetime).toBe(7200)
    const [early, late] = [await sessionOf(short.port, client), await sessionOf(short.port, client)]
    expect(await later(4000, () => resumes(short.port, client, early))).toBe(true)
    expect(await later(6000, () => resumes(short.port, client, late))).toBe(false)
  })

  it('is resumed as often as maxResumptions says, and then begins anew', async () => {
    const { port } = await listen({ ...server, resumption: { maxResumptions: 2 } })
    let session = await sessionOf(port, client)
    session = await sessionOf(port, client, session)
    const socket = await revisit(port, client, session)
    expect(socket.isSessionReused()).toBe(true)
    // The second resumption is the last: there is no ticket for another.
    socket.end()
    await once(socket.resume(), 'close')
    expect(socket.getSession()).toBeUndefined()
    expect(await resumes(port, client, session)).toBe(false)
  })

  it('begins one chain of resumptions where they are counted: two tickets would count apart', async () => {
    for (const [options, tickets] of [
      [{}, 2],
      [{ resumption: { maxResumptions: 2 } }, 1],
    ] as const) {
      const { server: listening, port } = await listen({ ...server, ...options })
      listening.on('secureConnection', (socket) => socket.end('that is all'))
      const socket = connect({ host: '127.0.0.1', port, ...client })
      const sessions: Buffer[] = []
      socket.on('session', (session: Buffer) => sessions.push(session))
      await once(socket.resume(), 'close')
      expect(sessions).toHaveLength(tickets)
    }
  })

  it('is renewed for no longer than maxAgeSeconds after its full handshake', async () => {
    const { port } = await listen({ ...server, resumption: { maxAgeSeconds: 6000 } })
    const [one, two] = [await sessionOf(port, client), await sessionOf(port, client)]
    const [early, late] = await later(3000, async () => {
      return [await sessionOf(port, client, one), await sessionOf(port, client, two)]
    })
    expect(await later(4000, () => resumes(port, client, early))).toBe(true)
    expect(await later(6000, () => resumes(port, client, late))).toBe(false)
  })

  it('ends seven days after its full handshake, however often it was renewed', async () => {
    const { port } = await listen({ ...server, sessionTimeout: 604_800 })
    const day = 86_400
    let session = await sessionOf(port, client)
    for (const days of [3, 6]) session = await later(days * day, () => sessionOf(port, client, session))
    const spare = await later(6 * day, () => sessionOf(port, client, session))
    expect(parseSession(spare).lifetime).toBe(604_800)
    expect(await later(7 * day, () => resumes(port, client, spare))).toBe(false)
  })

  it('is bounded by the client too', async () => {
    const { port } = await listen(server)
    const session = await sessionOf(port, client)
    for (const resumption of [{ maxAgeSeconds: 0 }, { maxResumptions: 0 }]) {
      expect(await resumes(port, { ...client, resumption }, session)).toBe(false)
    }
    expect(await resumes(port, { ...client, resumption: { maxAgeSeconds: 600 } }, session)).toBe(true)
  })

  it('is offered once, whoever gives it to how many connections', async () => {
    const { port } = await listen(server)
    const session = await sessionOf(port, client)
    expect(await resumes(port, client, session)).toBe(true)
    expect(await resumes(port, client, Buffer.from(session))).toBe(false)
  })

  it('goes on with the same application protocol, and with no other', async () => {
    const { port } = await listen({ ...server, ALPNProtocols: ['h2', 'http/1.1'] })
    const sessions = [await sessionOf(port, { ...client, ALPNProtocols: ['http/1.1'] })]
    sessions.push(await sessionOf(port, { ...client, ALPNProtocols: ['http/1.1'] }))
    const [one, two] = sessions as [Buffer, Buffer]
    // Offered, since http/1.1 is in the list; but the server chooses h2 now.
    expect(await resumes(port, { ...client, ALPNProtocols: ['http/1.1', 'h2'] }, one)).toBe(false)
    expect(await resumes(port, { ...client, ALPNProtocols: ['h2'] }, two)).toBe(false)
    expect(await resumes(port, { ...client, ALPNProtocols: ['http/1.1'] }, two)).toBe(true)
  })
})

describe('a session with a QKD key', () => {
  it('lives on without a fresh one for as long and as often as qkd.resumption says', async () => {
    const link = qkdPair()
    const resumption = { maxAgeSeconds: 100, maxResumptions: 1 }
    const { port } = await listen({ ...serverIdentity, qkd: { ...link.server, resumption } })
    const client = { ca, qkd: { ...link.client, resumption } }
    const [early, late] = [await sessionOf(port, client), await sessionOf(port, client)]
    expect(await resumes(port, client, early)).toBe(true)
    const after = await later(100, () => revisit(port, client, late))
    expect([after.isSessionReused(), after.protection?.qkd === null]).toEqual([false, false])
  })
})

it.each([
  ['a session time-out of 0', { sessionTimeout: 0 }],
  ['more than seven days', { sessionTimeout: 604_801 }],
  ['a part of a second', { sessionTimeout: 1.5 }],
  ['a negative age', { resumption: { maxAgeSeconds: -1 } }],
  ['a number of resumptions that is none', { resumption: { maxResumptions: Number.NaN } }],
])('a server refuses %s', async (_, options) => {
  await expect(listen({ psk, ...options })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
})
