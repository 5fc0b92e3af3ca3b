/**
 * Whom a PSK is for (RFC 9257 section 4.1): over sockets, with a relay that sends a client's octets where they do not
 * belong. Without names the same relay succeeds: what is shown here is the names at work, and nothing else.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { PskOption } from '../../../src/index.js'
import { connect } from '../../../src/index.js'
import { decodeImportedIdentity, decodeImporterContext } from '../../../src/tls/index.js'
import { failure, listen, listenTcp, secured, shake, tcpClient } from '../fixtures.js'
import { offer } from './support.js'

const key = randomBytes(32)
/** The entry of one holder of the key about another. */
const entry = (localId: string, peerId: string): PskOption => ({ identity: 'group', key, localId, peerId })
const nameless: PskOption = { identity: 'group', key }

const warnings: Error[] = []
process.on('warning', (warning) => warnings.push(warning))

/** A client of one host whose octets a relay takes to the server of another. */
async function relayed(client: PskOption, server: PskOption) {
  const listening = await listen({ psk: server })
  const port = await listenTcp(async (near) => {
    const far = await tcpClient(listening.port)
    near.pipe(far).pipe(near)
  })
  return { listening, socket: connect({ host: '127.0.0.1', port, psk: client }) }
}

async function refusedByBoth(client: PskOption, server: PskOption) {
  const { listening, socket } = await relayed(client, server)
  const [error] = await Promise.all([failure(socket), once(listening.server, 'tlsClientError')])
  expect(error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'decrypt_error' })
  expect(listening.refused.map(({ code }) => code)).toEqual(['ERR_UNKNOWN_PSK_IDENTITY'])
}

describe('a PSK that is bound to names', () => {
  it('authenticates the two, and each end is told whom', async () => {
    const { client, server } = await shake({ psk: entry('bob', 'alice') }, { psk: entry('alice', 'bob') })
    expect(client.protection?.psk).toEqual({ identity: 'group', localId: 'alice', peerId: 'bob' })
    expect(server.protection?.psk).toEqual({ identity: 'group', localId: 'bob', peerId: 'alice' })
  })

  it('a client reflected to the server of its own host is refused (Selfie, eprint 2019/347)', async () => {
    await refusedByBoth(entry('alice', 'bob'), entry('alice', 'bob'))
  })

  it('a client rerouted to another holder of the same key is refused', async () => {
    await refusedByBoth(entry('alice', 'bob'), entry('carol', 'alice'))
  })

  it('a client that the server does not name is refused, though it has the key', async () => {
    await refusedByBoth(entry('mallory', 'bob'), entry('bob', 'alice'))
  })

  it('a PSK without names is no way round them, nor the reverse', async () => {
    await refusedByBoth(nameless, entry('bob', 'alice'))
    await refusedByBoth(entry('alice', 'bob'), nameless)
  })

  it('one server tells several holders of one key apart by their names', async () => {
    const psk = ['alice', 'carol'].map((peer) => entry('bob', peer))
    for (const name of ['alice', 'carol']) {
      const { server } = await shake({ psk }, { psk: entry(name, 'bob') })
      expect(server.protection?.psk?.peerId).toBe(name)
    }
  })

  it('has them in its importer context, the client first', async () => {
    const made = await offer({ psk: entry('alice', 'bob'), certificates: false })
    for (const { identity } of made.psks) {
      expect(decodeImporterContext(decodeImportedIdentity(identity).context)).toMatchObject({
        kind: 'psk',
        keySourceName: '',
        initiatorSaeId: 'alice',
        responderSaeId: 'bob',
      })
    }
  })

  it('a session with one client is not resumed by what is left for another', async () => {
    const ticketKeys = randomBytes(48)
    const resumed = async (psk: PskOption[], session: Buffer) => {
      const { port } = await listen({ psk, ticketKeys })
      const socket = await secured(connect({ host: '127.0.0.1', port, psk: entry('alice', 'bob'), session }))
      return socket.protection?.resumed
    }
    const both = ['alice', 'carol'].map((peer) => entry('bob', peer))
    const { client } = await shake({ psk: both, ticketKeys }, { psk: entry('alice', 'bob') })
    const [session] = (await once(client, 'session')) as [Buffer]
    expect(await resumed(both, session)).toBe(true)
    const { port, refused } = await listen({ psk: entry('bob', 'carol'), ticketKeys })
    await failure(connect({ host: '127.0.0.1', port, psk: entry('alice', 'bob'), session }))
    await expect.poll(() => refused.map(({ code }) => code)).toEqual(['ERR_UNKNOWN_PSK_IDENTITY'])
  })
})

describe('a PSK without names', () => {
  it('of a host that is client and server lets its client be reflected to it, and the process is warned', async () => {
    const { socket } = await relayed(nameless, nameless)
    expect((await secured(socket)).protection?.psk).toEqual({ identity: 'group', localId: null, peerId: null })
    await expect.poll(() => warnings).toHaveLength(1)
    expect(warnings[0]).toMatchObject({ code: 'TREFOIL_PSK_BOTH_ROLES', message: expect.stringContaining('"group"') })
    // Once in the life of a process.
    const other = { identity: 'other', key: randomBytes(32) }
    await shake({ psk: other }, { psk: other })
    expect(warnings).toHaveLength(1)
  })

  it('lets its client be rerouted to another holder of the key', async () => {
    const { socket } = await relayed(nameless, nameless)
    expect((await secured(socket)).authorized).toBe(true)
  })
})
