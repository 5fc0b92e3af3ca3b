/** A PSK's key replaced while both ends go on working: over sockets, by the steps of docs/pre-shared-keys.md. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { connect, type PskOption, type QkdOption } from '../../../src/index.js'
import { createServerPsks } from '../../../src/node/psk/serverPsks.js'
import { TicketKeys } from '../../../src/node/psk/ticketKeys.js'
import { refusal } from '../../support/refusal.js'
import { ca, failure, listen, secured, serverIdentity } from '../fixtures.js'
import { accept, CRYPTO, offer, server, sites } from './support.js'

const [oldKey, newKey] = [randomBytes(32), randomBytes(32)]
const link = (...keys: Uint8Array[]): PskOption => ({ identity: 'link', key: keys, localId: 'hq', peerId: 'branch' })
const client = (...keys: Uint8Array[]): PskOption => ({ ...link(...keys), localId: 'branch', peerId: 'hq' })

describe('a key is replaced', () => {
  it('under one identity: at every step each end takes what the other has', async () => {
    const steps: [string, Uint8Array[], Uint8Array[][]][] = [
      ['before', [oldKey], [[oldKey]]],
      ['the server takes both', [oldKey, newKey], [[oldKey], [newKey], [newKey, oldKey]]],
      ['the order is nothing to a server', [newKey, oldKey], [[oldKey], [newKey]]],
      ['after', [newKey], [[newKey], [newKey, oldKey]]],
    ]
    for (const [step, atServer, clients] of steps) {
      const { port } = await listen({ psk: link(...atServer) })
      for (const keys of clients) {
        const socket = await secured(connect({ host: '127.0.0.1', port, psk: client(...keys) }))
        expect(socket.protection?.psk?.identity, step).toBe('link')
        socket.destroy()
      }
    }
    const { port, refused } = await listen({ psk: link(newKey) })
    expect((await failure(connect({ host: '127.0.0.1', port, psk: client(oldKey) }))).alert).toBe('decrypt_error')
    expect(refused.map(({ code }) => code)).toEqual(['ERR_BAD_BINDER'])
  })

  it('under two identities: a client offers both, and a server takes the one it has', async () => {
    const entries = [
      { identity: 'link-2027', key: newKey },
      { identity: 'link-2026', key: oldKey },
    ]
    for (const psk of [...entries, entries]) {
      const { port } = await listen({ psk })
      const socket = await secured(connect({ host: '127.0.0.1', port, psk: entries }))
      expect(socket.protection?.psk?.identity).toBe([psk].flat()[0]?.identity)
    }
  })

  it('sessions end with the key that they began with, at a server that shares its ticket keys and at a client', async () => {
    const ticketKeys = randomBytes(48)
    const before = await listen({ psk: link(newKey, oldKey), ticketKeys })
    const first = await secured(connect({ host: '127.0.0.1', port: before.port, psk: client(oldKey) }))
    const [session] = (await once(first, 'session')) as [Buffer]
    const resumes = async (port: number, ...keys: Uint8Array[]) => {
      const socket = await secured(connect({ host: '127.0.0.1', port, psk: client(...keys), session }))
      return socket.protection?.resumed
    }
    expect(await resumes(before.port, oldKey)).toBe(true)
    // The client offers the session only with its key; under the new one it makes a full handshake.
    expect(await resumes(before.port, newKey)).toBe(false)
    const after = await listen({ psk: link(newKey), ticketKeys })
    // A client that holds both has dropped neither, but the server has: it is left with the new key.
    expect(await resumes(after.port, newKey, oldKey)).toBe(false)
  })

  it('beside a certificate too: no session is offered by itself that a server may have dropped with its key', async () => {
    const ticketKeys = randomBytes(48)
    const pskWithCertificate = true
    const before = await listen({ ...serverIdentity, psk: link(oldKey), ticketKeys, pskWithCertificate })
    const options = { host: '127.0.0.1', ca, pskWithCertificate }
    const first = await secured(connect({ ...options, port: before.port, psk: client(oldKey) }))
    const [session] = (await once(first, 'session')) as [Buffer]
    const after = await listen({ ...serverIdentity, psk: link(newKey), ticketKeys, pskWithCertificate })
    const socket = await secured(connect({ ...options, port: after.port, psk: client(newKey, oldKey), session }))
    expect(socket.protection).toMatchObject({ resumed: false, authentication: { peer: 'certificate' } })
  })

  it.each<[string, Partial<QkdOption>]>([
    ['imported', {}],
    ['raw', { importer: false }],
  ])('in psk + QKD too, at the price of one QKD key: %s', async (_, more) => {
    for (const used of [oldKey, newKey]) {
      const { alice, bob } = sites(more)
      const entry = (...key: Uint8Array[]) => ({ identity: 'link', key })
      const made = await offer({ psk: entry(used), qkd: alice.qkd, certificates: false })
      const accepted = await accept(server({ psk: entry(newKey, oldKey), qkd: bob.qkd, certificates: false }), made)
      expect(accepted?.psk).toEqual(made.psks[accepted?.selection.index ?? -1]?.psk)
      expect(bob.source.calls).toHaveLength(1)
      expect(bob.source.delivered[0]?.key).toEqual(new Uint8Array(32))
    }
  })

  it('with four keys at once at most', () => {
    const keys = (count: number) => Array.from({ length: count }, () => randomBytes(32))
    const make = (count: number) => () => {
      createServerPsks({ psk: link(...keys(count)), certificates: false }, CRYPTO, new TicketKeys(CRYPTO))
    }
    expect(refusal(make(5))).toBe('ERR_INVALID_OPTION')
    expect(make(4)).not.toThrow()
  })
})

describe('the servers that a PSK is for', () => {
  const entries: PskOption[] = [
    { identity: 'at-a', key: newKey, servers: 'A.example.' },
    { identity: 'at-b', key: oldKey, servers: ['b.example', '127.0.0.1'] },
  ]

  it('are offered it, and no others', async () => {
    const seen: string[] = []
    const { port } = await listen({
      psk: (identity) => {
        seen.push(identity)
        return { key: identity === 'at-a' ? newKey : oldKey }
      },
    })
    const to = async (servername?: string) => {
      seen.length = 0
      await secured(connect({ host: '127.0.0.1', port, psk: entries, servername }))
      return seen
    }
    expect(await to('a.example')).toEqual(['at-a'])
    expect(await to('B.example')).toEqual(['at-b'])
    expect(await to()).toEqual(['at-b'])
  })

  it('are all there are: another server is not gone to without a PSK', () => {
    const elsewhere = () => connect({ host: '127.0.0.1', port: 1, psk: entries, servername: 'c.example' })
    expect(refusal(elsewhere)).toBe('ERR_INVALID_OPTION')
    const unnameable = () => connect({ host: '127.0.0.1', port: 1, psk: { identity: 'a', key: newKey, servers: '' } })
    expect(refusal(unnameable)).toBe('ERR_INVALID_OPTION')
  })
})
