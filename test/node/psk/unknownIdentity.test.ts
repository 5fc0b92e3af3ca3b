/** That nobody can probe a server for PSK identities (RFC 9846 appendix F.6): what a client sees, octet counts included. */
import { randomBytes } from 'node:crypto'
import { connect as connectTcp } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connect, type PskOption, type ServerOptions } from '../../../src/index.js'
import { failure, listen, listenTcp } from '../fixtures.js'

const known = { identity: 'known', key: randomBytes(32) }
const hybrids = ['X25519MLKEM768', 'SecP384r1MLKEM1024']

/** The records that the server sends, and the error at each end. */
async function attempt(serverOptions: ServerOptions, psk: PskOption, groups: string[] = ['X25519MLKEM768']) {
  const { port, refused } = await listen({ groups: hybrids.slice(-1), ...serverOptions })
  const chunks: Buffer[] = []
  const relay = await listenTcp((near) => {
    const far = connectTcp({ port, host: '127.0.0.1' })
    far.on('data', (chunk) => chunks.push(chunk)).on('error', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  const error = await failure(connect({ host: '127.0.0.1', port: relay, psk, groups }))
  await expect.poll(() => refused).toHaveLength(1)
  return { client: [error.code, error.alert], records: shapes(Buffer.concat(chunks)), server: refused[0]?.code }
}

/** Type and length of each record; of an alert what it says. */
function shapes(octets: Buffer): string[] {
  const found: string[] = []
  for (let at = 0; at + 5 <= octets.length; ) {
    const length = octets.readUInt16BE(at + 3)
    const isAlert = octets[at] === 21
    found.push(`${octets[at]} ${isAlert ? octets.toString('hex', at + 5, at + 5 + length) : length}`)
    at += 5 + length
  }
  return found
}

describe.each<[string, ServerOptions, Partial<PskOption>]>([
  ['a list', { psk: known }, {}],
  ['a list, raw', { psk: { ...known, importer: false } }, { importer: false }],
  ['a list with a key to come', { psk: { ...known, key: [randomBytes(32), known.key] } }, {}],
  ['a list bound to names', { psk: { ...known, localId: 's', peerId: 'c' } }, { localId: 'c', peerId: 's' }],
  ['a look-up', { psk: async (identity) => (identity === 'known' ? { key: known.key } : null) }, {}],
])('with %s, an unknown identity is seen as a wrong key', (_, server, more) => {
  const wrongKey = { ...known, ...more, key: randomBytes(32) }
  const unknown = { ...wrongKey, identity: 'whose' }

  it.each<[string, string[], number]>([
    ['at once', ['SecP384r1MLKEM1024'], 1],
    ['and after a HelloRetryRequest', hybrids, 3],
  ])('%s', async (_, groups, records) => {
    const forWrongKey = await attempt(server, wrongKey, groups)
    const forUnknown = await attempt(server, unknown, groups)
    const { server: inLog, ...seen } = forWrongKey
    expect(forUnknown).toMatchObject(seen)
    expect(seen.client).toEqual(['ERR_ALERT_RECEIVED', 'decrypt_error'])
    expect(seen.records).toHaveLength(records)
    expect(seen.records.at(-1)).toBe('21 0233')
    // The server's own log still tells them apart.
    expect([inLog, forUnknown.server]).toEqual(['ERR_BAD_BINDER', 'ERR_UNKNOWN_PSK_IDENTITY'])
  })
})
