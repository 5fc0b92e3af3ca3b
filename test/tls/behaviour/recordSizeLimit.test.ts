import { describe, expect, it } from 'vitest'
import { equalBytes } from '../../../src/bytes.js'
import { nodeProvider } from '../../../src/crypto/index.js'
import { Connection } from '../../../src/tls/index.js'
import { attackClient, attackServer, cheap, cheapClient, cheapServer, expectRefusal } from '../../support/attack.js'
import { type Endpoint, runPair, testCredential } from '../../support/pair.js'
import { refusal } from '../../support/refusal.js'

/** Lengths of the protected records that an endpoint sent, as TLSInnerPlaintext. */
function innerLengths({ sent }: Endpoint): number[] {
  const lengths: number[] = []
  const stream = Buffer.concat(sent)
  for (let at = 0; at < stream.length; at += 5 + stream.readUInt16BE(at + 3)) {
    if (stream[at] === 23) lengths.push(stream.readUInt16BE(at + 3) - 16)
  }
  return lengths
}

const DATA = new Uint8Array(40_000).map((_, i) => i)

describe('record_size_limit (RFC 8449)', () => {
  it.each([
    [64, 64],
    [64, undefined],
    [1000, 64],
    [16_385, 100],
    [500, 16_385],
  ])('a client that takes %s octets and a server that takes %s get no longer records', async (client, server) => {
    const pair = await runPair(
      cheap({
        client: { recordSizeLimit: client, signatureSchemes: ['mldsa44'] },
        server: { clientCertificate: 'request', ...(server !== undefined && { recordSizeLimit: server }) },
        serverHandlers: {
          selectCertificate: () => testCredential(nodeProvider, 'mldsa44'),
          sealTicket: () => DATA.slice(0, 300),
        },
      }),
    )
    expect([pair.client.error, pair.server.error]).toEqual([null, null])
    pair.client.driver.send(DATA)
    pair.server.driver.send(DATA)
    expect([equalBytes(pair.client.data, DATA), equalBytes(pair.server.data, DATA)]).toEqual([true, true])
    // The handshake's own records are bound too, and the type octet counts.
    expect(Math.max(...innerLengths(pair.server))).toBe(client)
    expect(Math.max(...innerLengths(pair.client))).toBe(server ?? 16_385)
  })

  it('is not said by a client that has no limit, and then the server keeps to none', async () => {
    const pair = await runPair(cheap({ server: { recordSizeLimit: 64 } }))
    pair.client.driver.send(DATA)
    expect(equalBytes(pair.server.data, DATA)).toBe(true)
    expect(Math.max(...innerLengths(pair.client))).toBe(16_385)
  })

  it('is enforced: a longer record is refused with record_overflow, padding included', () => {
    for (const [content, type] of [
      [new Uint8Array(100), 23],
      [Uint8Array.of(1, 23, ...new Uint8Array(99)), 0],
    ] as const) {
      for (const attack of [attackClient, attackServer]) {
        const limit = { recordSizeLimit: 100 }
        const outcome = attack({
          client: { recordSizeLimit: 16_385, ...(attack === attackClient && limit) },
          server: limit,
        })
        outcome.peer.sendRecord(type, content.subarray(0, 99))
        expect(outcome.target.error).toBeNull()
        outcome.peer.sendRecord(type, content)
        expectRefusal(outcome, 'ERR_RECORD_OVERFLOW', 'record_overflow')
      }
    }
  })

  it('is configured within 64 and 16,385 octets, or not at all', () => {
    for (const recordSizeLimit of [0, 63, 16_386, 100.5, Number.NaN]) {
      expect(refusal(() => Connection.client(cheapClient({ recordSizeLimit })))).toBe('ERR_INVALID_OPTION')
      expect(refusal(() => Connection.server(cheapServer({ recordSizeLimit })))).toBe('ERR_INVALID_OPTION')
    }
  })
})

describe('other settings of a server', () => {
  it('that would put something illegal on the wire are refused', () => {
    for (const config of [{ tickets: 9 }, { tickets: -1 }, { ticketLifetime: 604_801 }, { alwaysRetry: true }]) {
      expect(refusal(() => Connection.server(cheapServer(config)))).toBe('ERR_INVALID_OPTION')
    }
  })
})
