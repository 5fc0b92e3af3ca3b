import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeNewSessionTicket } from '../../../src/tls/messages/newSessionTicket.js'
import { type AttackOptions, attackClient, expectComplete, knowing, offering, PSK } from '../../support/attack.js'
import type { Script } from '../../support/scriptedPeer.js'

const FLOWS: readonly (readonly [string, AttackOptions])[] = [
  ['by certificate', {}],
  ['after a retry', { server: { alwaysRetry: true, cookieKey: new Uint8Array(32) } }],
  ['by pre-shared key', { clientHandlers: offering([PSK]), serverHandlers: knowing([PSK]) }],
  ['with a certificate request', { server: { clientCertificate: 'request' } }],
]

describe.each(FLOWS)('a client takes the flight of a server, %s,', (_title, options) => {
  it('octet by octet', () => {
    expectComplete(attackClient({ ...options, cut: (bytes) => Array.from(bytes, (octet) => Uint8Array.of(octet)) }))
  })

  it('in any portions, coalesced or split', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 10 }), (sizes) => {
        expectComplete(attackClient({ ...options, cut: portionsOf(sizes) }))
      }),
      { numRuns: 20 },
    )
  })

  it.each([1, 2, 7])('in records of %i octets of content', (size) => {
    const script: Script = ({ type, bytes }, peer) => {
      if (type === 'server_hello') return bytes
      peer.transcript.add(bytes)
      for (let at = 0; at < bytes.length; at += size) peer.sendRecord(22, bytes.subarray(at, at + size))
      return null
    }
    const cut = (record: Uint8Array) => (record[0] === 22 ? [inRecordsOf(size, record.subarray(5))] : [record])
    expectComplete(attackClient({ ...options, script, cut }))
  })

  it('with every message in a record of its own', () => {
    const script: Script = ({ bytes }, peer) => {
      peer.flush()
      return bytes
    }
    expectComplete(attackClient({ ...options, script }))
  })

  it('with padding in its protected records', () => {
    const script: Script = ({ type, bytes }, peer) => {
      if (type === 'server_hello') return bytes
      peer.transcript.add(bytes)
      // Padding is zeros after the type octet: the inner type goes into the content, and a zero stands for it.
      peer.sendRecord(0, Uint8Array.from([...bytes, 22, ...new Uint8Array(100)]))
      return null
    }
    expectComplete(attackClient({ ...options, script }))
  })

  it('with change_cipher_spec records anywhere before the Finished, or with none', () => {
    const script: Script = ({ bytes }, peer) => {
      for (let i = 0; i < 3; i++) peer.sendPlain(20, Uint8Array.of(1))
      return bytes
    }
    expectComplete(attackClient({ ...options, script }))
    expectComplete(attackClient({ ...options, client: { middleboxCompatibility: false } }))
    expectComplete(attackClient({ ...options, script, client: { middleboxCompatibility: false } }))
  })

  it('with other record versions', () => {
    const cut = (bytes: Uint8Array) => [bytes[0] === 22 ? bytes.with(2, 1) : bytes]
    expectComplete(attackClient({ ...options, cut }))
  })
})

describe('a connected client takes', () => {
  it('data in records of any size from none to 2^14 octets, padded or not', () => {
    const { target, peer } = attackClient()
    peer.sendRecord(23, new Uint8Array(0))
    peer.sendRecord(23, Uint8Array.of(1))
    peer.sendRecord(0, Uint8Array.of(2, 23, 0, 0, 0))
    // A record of padding and a type only: empty data.
    peer.sendRecord(0, Uint8Array.of(23, ...new Uint8Array(1000)))
    peer.sendRecord(23, new Uint8Array(2 ** 14).fill(3))
    expect(target.error).toBeNull()
    expect(target.data).toEqual(Buffer.concat([Buffer.of(1, 2), Buffer.alloc(2 ** 14, 3)]))
    // Empty data is legal and says nothing.
    expect(target.count('applicationData')).toBe(3)
  })

  it('tickets with unknown extensions, with early_data, split and coalesced', () => {
    const { target, peer } = attackClient()
    const ticket = (extensions: { type: number; data: Uint8Array }[]) =>
      encodeNewSessionTicket({ lifetime: 60, ageAdd: 1, nonce: Uint8Array.of(1), ticket: Uint8Array.of(9), extensions })
    const tickets = [
      ticket([
        { type: 0x4242, data: Uint8Array.of(1) },
        { type: 0x0a0a, data: new Uint8Array(0) },
      ]),
      ticket([{ type: 42, data: Uint8Array.of(0, 0, 64, 0) }]),
      ticket([]),
    ]
    const all = Buffer.concat(tickets)
    peer.sendRecord(22, all)
    for (let at = 0; at < all.length; at += 10) peer.sendRecord(22, all.subarray(at, at + 10))
    expect([target.error, target.count('session')]).toEqual([null, 6])
  })
})

function portionsOf(sizes: readonly number[]) {
  return (bytes: Uint8Array): Uint8Array[] => {
    const pieces: Uint8Array[] = []
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = sizes[i % sizes.length] as number
      pieces.push(bytes.subarray(at, at + size))
      at += size
    }
    return pieces
  }
}

/** Unprotected handshake records. */
function inRecordsOf(size: number, content: Uint8Array): Uint8Array {
  const records: Uint8Array[] = []
  for (let at = 0; at < content.length; at += size) {
    const piece = content.subarray(at, at + size)
    records.push(Uint8Array.of(22, 3, 3, 0, piece.length), piece)
  }
  return Buffer.concat(records)
}
