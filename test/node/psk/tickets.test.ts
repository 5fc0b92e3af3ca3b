import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '../../../src/bytes.js'
import { CIPHER_SUITES, type CipherSuiteName } from '../../../src/crypto/cipherSuites.js'
import { parseSession, serializeSession } from '../../../src/node/psk/session.js'
import type { PskSource } from '../../../src/node/psk/source.js'
import {
  openStoredSession,
  type StoredSession,
  sealStoredSession,
  storedSessionId,
} from '../../../src/node/psk/storedSessions.js'
import { TicketKeys } from '../../../src/node/psk/ticketKeys.js'
import { openTicket, sealTicket } from '../../../src/node/psk/tickets.js'
import type { CertificateType } from '../../../src/tls/index.js'
import type { ClientSession, ServerSession } from '../../../src/tls/requests.js'
import { PROVIDERS } from '../../support/providers.js'
import { refusal } from '../../support/refusal.js'
import { CRYPTO } from './support.js'

const SUITES = Object.keys(CIPHER_SUITES) as CipherSuiteName[]

const u32 = fc.integer({ min: 0, max: 0xffffffff })
const time = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const text = fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }))
const octets = fc.uint8Array({ minLength: 1, maxLength: 60 })
const chains = fc.option(fc.array(octets, { minLength: 1, maxLength: 3 }))
/** A session without a chain is of no type. */
const types = (chain: readonly Uint8Array[] | null): fc.Arbitrary<CertificateType | null> =>
  chain === null ? fc.constant(null) : fc.constantFrom('X509', 'RawPublicKey')
const count = fc.integer({ min: 0, max: 5 })

/** Notes as the handlers make them; what a resumed session says of its full handshake stands in the session around it. */
const note = (
  chain: readonly Uint8Array[] | null,
  type: CertificateType | null,
  shown: boolean,
  fullHandshakeAt: number,
): fc.Arbitrary<PskSource | null> =>
  fc.option(
    fc
      .record({
        mode: fc.constantFrom('psk', 'qkd', 'psk+qkd', null),
        keyId: text,
        keySourceName: text,
        localSaeId: text,
        peerSaeId: text,
        pskIdentity: fc.option(octets),
        pskTag: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 })),
        pskEnds: fc.option(fc.record({ localId: fc.string({ minLength: 1 }), peerId: fc.string({ minLength: 1 }) })),
        freshQkdAt: fc.option(time),
        bootstrap: fc.constant(null),
        count,
      })
      .map(({ count: resumptions, ...rest }) => ({
        ...rest,
        resumed:
          resumptions === 0
            ? null
            : {
                count: resumptions,
                fullHandshakeAt,
                peerCertificateChain: chain,
                peerCertificateType: type,
                localCertificateShown: shown,
              },
      })),
  )

const shownChains = chains.chain((chain) => fc.tuple(fc.constant(chain), types(chain)))
const states = fc.tuple(fc.constantFrom(...SUITES), shownChains, fc.boolean(), time).chain((drawn) => {
  const [cipherSuite, [chain, type], shown, began] = drawn
  const { hash, hashLength } = CIPHER_SUITES[cipherSuite]
  return fc.record({
    cipherSuite: fc.constant(cipherSuite),
    hash: fc.constant(hash),
    psk: fc.uint8Array({ minLength: hashLength, maxLength: hashLength }),
    ticketAgeAdd: u32,
    time,
    lifetime: u32,
    serverName: text,
    applicationProtocol: text,
    chain: fc.constant(chain),
    type: fc.constant(type),
    localCertificateShown: fc.constant(shown),
    pskSource: note(chain, type, shown, began),
  })
})

const clientSessions: fc.Arbitrary<ClientSession> = fc
  .tuple(states, octets)
  .map(([{ time: receivedAt, chain, type, ...state }, ticket]) => {
    return { ...state, ticket, receivedAt, serverCertificateChain: chain, serverCertificateType: type }
  })
const serverSessions: fc.Arbitrary<ServerSession> = states.map(
  ({ time: issuedAt, chain, type, psk: resumptionPsk, ...state }) => {
    return { ...state, resumptionPsk, issuedAt, clientCertificateChain: chain, clientCertificateType: type }
  },
)
const [SESSION] = fc.sample(clientSessions, { numRuns: 1, seed: 5 }) as [ClientSession]
const [ISSUED] = fc.sample(serverSessions, { numRuns: 1, seed: 5 }) as [ServerSession]
const RESUMED: PskSource = {
  mode: 'qkd',
  keyId: 'key-1',
  keySourceName: 'kms',
  localSaeId: 'alice',
  peerSaeId: 'bob',
  pskIdentity: null,
  pskTag: null,
  pskEnds: null,
  freshQkdAt: 5,
  bootstrap: null,
  resumed: {
    count: 1,
    fullHandshakeAt: 7,
    peerCertificateChain: [utf8('leaf')],
    peerCertificateType: 'RawPublicKey',
    localCertificateShown: true,
  },
}

describe("a client's session as octets", () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(clientSessions, (session) => {
        expect(parseSession(serializeSession(session))).toEqual(session)
      }),
    )
  })

  it('is refused when it ends anywhere too early, or goes on', () => {
    const whole = serializeSession(SESSION)
    for (let length = 0; length < whole.length; length++) {
      expect(refusal(() => parseSession(whole.subarray(0, length)))).toBe('ERR_INVALID_OPTION')
    }
    expect(refusal(() => parseSession(concat(whole, Uint8Array.of(0))))).toBe('ERR_INVALID_OPTION')
    expect(refusal(() => parseSession('text' as never))).toBe('ERR_INVALID_OPTION')
  })

  it('is refused in another version, or for a suite we do not know', () => {
    for (const at of [0, 1]) {
      const other = serializeSession(SESSION)
      other[at] = 0x7f
      expect(refusal(() => parseSession(other))).toBe('ERR_INVALID_OPTION')
    }
  })

  it('is read from garbage or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (garbage) => {
        expect([null, 'ERR_INVALID_OPTION']).toContain(refusal(() => parseSession(garbage)))
      }),
    )
  })

  it('shares no octets with what it was made of', () => {
    const written = serializeSession(SESSION)
    const read = parseSession(written)
    written.fill(0)
    expect(read).toEqual(SESSION)
  })

  it('keeps the chain of the full handshake when the session was itself resumed', () => {
    const session = { ...SESSION, serverCertificateChain: null, serverCertificateType: null, pskSource: RESUMED }
    expect(parseSession(serializeSession(session))).toMatchObject({
      serverCertificateChain: [utf8('leaf')],
      serverCertificateType: 'RawPublicKey',
    })
  })
})

describe.each(PROVIDERS)('a ticket, with $name', (provider) => {
  const seal = (keys: TicketKeys, session = ISSUED) => sealTicket(provider, keys, session) as Uint8Array

  it('opens to what was sealed', () => {
    const keys = new TicketKeys(provider)
    fc.assert(
      fc.property(serverSessions, (session) => {
        const { resumptionPsk, issuedAt, clientCertificateChain, clientCertificateType, pskSource, ...rest } = session
        expect(openTicket(keys, seal(keys, session))).toEqual({
          ...rest,
          psk: resumptionPsk,
          time: issuedAt,
          peerCertificateChain: clientCertificateChain,
          peerCertificateType: clientCertificateType,
          fullHandshakeAt: (pskSource as PskSource | null)?.resumed?.fullHandshakeAt ?? issuedAt,
          source: pskSource,
        })
      }),
    )
  })

  it('does not open when it ends too early, goes on, or has a bit changed anywhere', () => {
    const keys = new TicketKeys(provider)
    const ticket = seal(keys)
    for (let i = 0; i < ticket.length; i++) {
      expect(openTicket(keys, ticket.subarray(0, i))).toBeNull()
      const tampered = ticket.slice()
      tampered[i] = (tampered[i] as number) ^ (1 << (i % 8))
      expect(openTicket(keys, tampered)).toBeNull()
    }
    expect(openTicket(keys, concat(ticket, Uint8Array.of(0)))).toBeNull()
  })

  it('does not open under other keys, and garbage never does', () => {
    const keys = new TicketKeys(provider)
    expect(openTicket(new TicketKeys(provider), seal(keys))).toBeNull()
    const name = keys.export().subarray(0, 16)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (garbage) => {
        expect(openTicket(keys, garbage)).toBeNull()
        expect(openTicket(keys, concat(name, garbage))).toBeNull()
      }),
    )
  })

  it('shows neither the PSK nor a name, and no two are alike', () => {
    const keys = new TicketKeys(provider)
    const session = { ...ISSUED, serverName: 'a-rather-long.example' }
    const [one, two] = [toHex(seal(keys, session)), toHex(seal(keys, session))]
    expect(one).not.toContain(toHex(session.resumptionPsk))
    expect(one).not.toContain(toHex(utf8('a-rather-long')))
    expect(one.slice(32)).not.toBe(two.slice(32))
  })

  it('is not made for a client whose chain would fill the ClientHello', () => {
    const keys = new TicketKeys(provider)
    const clientCertificateChain = [new Uint8Array(0x4000)]
    expect(sealTicket(provider, keys, { ...ISSUED, clientCertificateChain })).toBeNull()
  })
})

describe('ticket keys', () => {
  const HOUR = 3_600_000
  /** A clock to turn by hand. */
  function clocked(options: ConstructorParameters<typeof TicketKeys>[1] = {}) {
    const clock = { now: 1_000_000 }
    return { clock, keys: new TicketKeys(CRYPTO, { ...options, now: () => clock.now }) }
  }
  const seal = (keys: TicketKeys) => sealTicket(CRYPTO, keys, ISSUED)
  const opens = (keys: TicketKeys, ticket: Uint8Array | null) => ticket !== null && openTicket(keys, ticket) !== null

  it('seal for twelve hours, and open for twelve more', () => {
    const { clock, keys } = clocked()
    const first = seal(keys)
    const before = toHex(keys.export())
    clock.now += 12 * HOUR - 1
    expect(toHex(concat(seal(keys)?.subarray(0, 16) as Uint8Array))).toBe(before.slice(0, 32))
    clock.now += 1
    const second = seal(keys)
    expect(toHex(keys.export())).not.toBe(before)
    expect([opens(keys, first), opens(keys, second)]).toEqual([true, true])
    clock.now += 12 * HOUR
    expect([opens(keys, first), opens(keys, second)]).toEqual([false, true])
  })

  it('open nothing old after a day without use', () => {
    const { clock, keys } = clocked()
    const ticket = seal(keys)
    clock.now += 24 * HOUR
    expect(opens(keys, ticket)).toBe(false)
  })

  it('are changed after so many tickets', () => {
    const { keys } = clocked({ maxTicketsPerKey: 2 })
    const [one, two, three] = [seal(keys), seal(keys), seal(keys)] as Uint8Array[]
    expect(toHex((one as Uint8Array).subarray(0, 16))).toBe(toHex((two as Uint8Array).subarray(0, 16)))
    expect(toHex((one as Uint8Array).subarray(0, 16))).not.toBe(toHex((three as Uint8Array).subarray(0, 16)))
  })

  it('given by the caller are 48 octets, name first, and open on every host that has them', () => {
    const given = fromHex('0a'.repeat(16) + '0b'.repeat(32))
    const { keys } = clocked({ keys: given })
    expect(keys.export()).toEqual(given)
    const ticket = seal(keys)
    expect(toHex((ticket as Uint8Array).subarray(0, 16))).toBe('0a'.repeat(16))
    expect(opens(clocked({ keys: given }).keys, ticket)).toBe(true)
    expect(refusal(() => clocked({ keys: given.subarray(1) }))).toBe('ERR_INVALID_OPTION')
    expect(refusal(() => keys.replace(given.subarray(1)))).toBe('ERR_INVALID_OPTION')
  })

  it('given by the caller are not changed by time, and stop when used up', () => {
    const { clock, keys } = clocked({ keys: CRYPTO.randomBytes(48), maxTicketsPerKey: 2 })
    const ticket = seal(keys)
    clock.now += 1000 * HOUR
    expect(opens(keys, ticket)).toBe(true)
    expect([seal(keys) === null, seal(keys) === null]).toEqual([false, true])
  })

  it('replaced by the caller open for a lifetime more, or no longer when replaced twice', () => {
    const fresh = () => CRYPTO.randomBytes(48)
    const { clock, keys } = clocked()
    const ticket = seal(keys)
    keys.replace(fresh())
    expect(opens(keys, ticket)).toBe(true)
    clock.now += 12 * HOUR
    expect(opens(keys, ticket)).toBe(false)
    const other = seal(keys)
    keys.replace(fresh())
    keys.replace(fresh())
    expect(opens(keys, other)).toBe(false)
  })

  it('open for as long as their tickets live, where that is longer than they seal', () => {
    const { clock, keys } = clocked({ ticketSeconds: 24 * 3600 })
    const first = seal(keys)
    clock.now += 12 * HOUR
    const second = seal(keys)
    clock.now += 12 * HOUR
    const third = seal(keys)
    clock.now += 12 * HOUR - 1
    expect([first, second, third].map((ticket) => opens(keys, ticket))).toEqual([true, true, true])
    clock.now += 1
    expect([first, second, third].map((ticket) => opens(keys, ticket))).toEqual([false, true, true])
  })

  it('of a list: the first seals, all open, for as long as they are listed', () => {
    const [one, two, three] = [CRYPTO.randomBytes(48), CRYPTO.randomBytes(48), CRYPTO.randomBytes(48)]
    const { clock, keys } = clocked({ keys: [one, two] })
    const tickets = [one, two, three].map((key) => seal(new TicketKeys(CRYPTO, { keys: key })))
    clock.now += 1000 * HOUR
    expect(tickets.map((ticket) => opens(keys, ticket))).toEqual([true, true, false])
    keys.replace([two, three])
    expect(keys.export()).toEqual(two)
    expect(tickets.map((ticket) => opens(keys, ticket))).toEqual([false, true, true])
  })

  it('given anew still count what they have sealed', () => {
    const [one, two] = [CRYPTO.randomBytes(48), CRYPTO.randomBytes(48)]
    const { keys } = clocked({ keys: [one, two], maxTicketsPerKey: 2 })
    seal(keys)
    keys.replace([two, one])
    keys.replace([one, two])
    expect([seal(keys) === null, seal(keys) === null]).toEqual([false, true])
  })
})

describe.each(PROVIDERS)('a session for a store, with $name', (provider) => {
  const keys = new TicketKeys(provider)
  const kept = (session = ISSUED) => sealStoredSession(provider, keys, session) as StoredSession

  it('opens to what was sealed, with its own ticket alone', () => {
    fc.assert(
      fc.property(serverSessions, (session) => {
        const [one, other] = [kept(session), kept(session)]
        const { ticket, id, state } = one
        expect(storedSessionId(keys, ticket)).toBe(id)
        expect(openStoredSession(keys, ticket, state)?.psk).toEqual(session.resumptionPsk)
        expect(openStoredSession(keys, other.ticket, state)).toBeNull()
        expect(toHex(state)).not.toContain(toHex(session.resumptionPsk))
      }),
    )
  })

  it('has a ticket of 44 octets that nobody can make up', () => {
    const { ticket } = kept()
    expect(ticket).toHaveLength(44)
    for (let i = 0; i < ticket.length; i++) {
      expect(storedSessionId(keys, ticket.subarray(0, i))).toBeNull()
      const tampered = ticket.slice()
      tampered[i] = (tampered[i] as number) ^ (1 << (i % 8))
      expect(storedSessionId(keys, tampered)).toBeNull()
    }
    // Neither form passes for the other.
    expect(openTicket(keys, ticket)).toBeNull()
    expect(storedSessionId(keys, sealTicket(provider, keys, ISSUED) as Uint8Array)).toBeNull()
    expect(storedSessionId(new TicketKeys(provider), ticket)).toBeNull()
  })

  it('does not open when a store has changed it anywhere, or gives anything else', () => {
    const { ticket, state } = kept()
    for (let i = 0; i < state.length; i++) {
      const tampered = state.slice()
      tampered[i] = (tampered[i] as number) ^ (1 << (i % 8))
      expect(openStoredSession(keys, ticket, tampered)).toBeNull()
      expect(openStoredSession(keys, ticket, state.subarray(0, i))).toBeNull()
    }
    fc.assert(
      fc.property(fc.anything(), (garbage) => {
        expect(openStoredSession(keys, ticket, garbage)).toBeNull()
      }),
    )
    expect(openStoredSession(keys, ticket, new Uint8Array(0x40001))).toBeNull()
  })
})
