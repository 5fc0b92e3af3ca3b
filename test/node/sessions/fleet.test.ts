/** Two servers with one set of ticket keys, whose keys are replaced while clients go from one to the other. */
import { describe, expect, it } from 'vitest'
import type { Server } from '../../../src/index.js'
import { refusal as refusalOf } from '../../support/refusal.js'
import { listen, psk } from '../fixtures.js'
import { resumes, sessionOf, ticketKey } from './sessions.js'

async function fleet(ticketKeys: Buffer[]) {
  const [one, two] = [await listen({ psk, ticketKeys }), await listen({ psk, ticketKeys })]
  const hosts = [one, two]
  /** For every pair of hosts: a session of the first, resumed at the second. */
  const passes = async () => {
    const outcomes: boolean[] = []
    for (const from of hosts) {
      for (const to of hosts) outcomes.push(await resumes(to.port, { psk }, await sessionOf(from.port, { psk })))
    }
    return outcomes
  }
  return { one, two, passes }
}

const ALL = [true, true, true, true]

describe('servers that share ticket keys', () => {
  it('resume one another’s sessions at every step of a change of keys', async () => {
    const [before, now, next, afterNext] = [ticketKey(), ticketKey(), ticketKey(), ticketKey()]
    const { one, two, passes } = await fleet([now, before, next])
    expect(await passes()).toEqual(ALL)
    const early = await sessionOf(one.port, { psk })
    // First one host goes on to the next key, and seals with what the other can open already; then the other.
    one.server.setTicketKeys([next, now, afterNext])
    expect(await passes()).toEqual(ALL)
    two.server.setTicketKeys([next, now, afterNext])
    expect(await passes()).toEqual(ALL)
    expect(await resumes(two.port, { psk }, early)).toBe(true)
  })

  it('would not, where a host seals with a key that the other does not have yet', async () => {
    const [now, next] = [ticketKey(), ticketKey()]
    const { one, two } = await fleet([now])
    one.server.setTicketKeys([next, now])
    expect(await resumes(two.port, { psk }, await sessionOf(one.port, { psk }))).toBe(false)
    expect(await resumes(one.port, { psk }, await sessionOf(two.port, { psk }))).toBe(true)
  })

  it('forget at once what is not in the list any more, as after a leak', async () => {
    const [leaked, fresh] = [ticketKey(), ticketKey()]
    const { one } = await fleet([leaked])
    const session = await sessionOf(one.port, { psk })
    one.server.setTicketKeys([fresh])
    expect(await resumes(one.port, { psk }, session)).toBe(false)
  })

  it('open with the key before when one key is given by itself, as with node:tls', async () => {
    const { one } = await fleet([ticketKey()])
    const session = await sessionOf(one.port, { psk })
    const given = ticketKey()
    one.server.setTicketKeys(given)
    expect(one.server.getTicketKeys()).toEqual(given)
    expect(await resumes(one.port, { psk }, session)).toBe(true)
  })

  it('refuse lists that are no use, and stay with the keys they had', async () => {
    const key = ticketKey()
    const { one } = await fleet([key])
    const sameName = Buffer.concat([key.subarray(0, 16), ticketKey().subarray(16)])
    const lists = [
      [],
      [key, sameName],
      [key, key],
      [key.subarray(1)],
      [key, 'text' as never],
      [key, Buffer.alloc(48)],
      Array.from({ length: 17 }, ticketKey),
    ]
    for (const list of lists) {
      expect(refusalOf(() => one.server.setTicketKeys(list))).toBe('ERR_INVALID_OPTION')
      expect(await refusalOfServer({ psk, ticketKeys: list })).toBe('ERR_INVALID_OPTION')
    }
    expect((one.server as Server).getTicketKeys()).toEqual(key)
    expect(await resumes(one.port, { psk }, await sessionOf(one.port, { psk }))).toBe(true)
  })
})

async function refusalOfServer(options: Parameters<typeof listen>[0]): Promise<unknown> {
  return listen(options).then(
    () => null,
    (error) => error.code,
  )
}
