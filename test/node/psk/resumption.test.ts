import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.js'
import type { ClientPskOptions } from '../../../src/node/psk/clientPsks.js'
import type { PskOptions } from '../../../src/node/psk/options.js'
import { readPsk } from '../../../src/node/psk/readPsk.js'
import type { ServerPskOptions } from '../../../src/node/psk/serverPskOptions.js'
import { createServerPsks } from '../../../src/node/psk/serverPsks.js'
import { serializeSession } from '../../../src/node/psk/session.js'
import { authPskNote, authPskSource, NO_SOURCE, type PskSource } from '../../../src/node/psk/source.js'
import { TicketKeys } from '../../../src/node/psk/ticketKeys.js'
import { createCertificateAuthority } from '../../../src/pki/index.js'
import type { ClientSession, PskOffer, ServerSession } from '../../../src/tls/requests.js'
import { accept, CRYPTO, memoryLink, offer, psk, refusalOf, selectRequest, server, sites } from './support.js'

const NOW = 1_800_000_000_000
const SECOND = 1000
/** A day before now, for two days. */
const CHAIN = chain(NOW - 86_400 * SECOND, 2)
/** Valid to the second before now. */
const EXPIRED = chain(NOW - (86_400 + 1) * SECOND, 1)
const SECRET = new Uint8Array(48).fill(0x5e)
const now = () => NOW

const QKD_NOTE: PskSource = {
  ...NO_SOURCE,
  mode: 'qkd',
  keyId: 'key-0',
  keySourceName: 'kms',
  localSaeId: 'alice',
  peerSaeId: 'bob',
  freshQkdAt: NOW - 60 * SECOND,
}
const PSK_NOTE = authPskSource(readPsk(psk('link-1'), 'client'))
const BOTH_NOTE: PskSource = { ...QKD_NOTE, ...authPskNote(readPsk(psk('link-1'), 'client')), mode: 'psk+qkd' }
const times = (note: PskSource, count: number): PskSource => ({
  ...note,
  resumed: {
    count,
    fullHandshakeAt: NOW - 60 * SECOND,
    peerCertificateChain: CHAIN,
    peerCertificateType: 'X509',
    localCertificateShown: false,
  },
})

const session = (change: Partial<ClientSession> = {}): ClientSession => ({
  ticket: utf8('ticket'),
  psk: SECRET.slice(),
  hash: 'SHA-384',
  cipherSuite: 'TLS_AES_256_GCM_SHA384',
  ticketAgeAdd: 0xffffff00,
  receivedAt: NOW - 30 * SECOND,
  lifetime: 7200,
  serverName: 'bob.example',
  applicationProtocol: null,
  serverCertificateChain: CHAIN,
  serverCertificateType: 'X509',
  localCertificateShown: false,
  pskSource: null,
  ...change,
})

const resume = (options: Omit<ClientPskOptions, 'session'>, change: Partial<ClientSession> = {}) =>
  offer({ now, ...options, session: serializeSession(session(change)) })
const resumes = (made: PskOffer) => made.psks[0]?.kind === 'resumption'

function chain(notBefore: number, days: number): Uint8Array[] {
  const options = { commonName: 'peer', algorithm: 'ed25519', notBefore, days, crypto: CRYPTO } as const
  return [createCertificateAuthority(options).certificateDer, utf8('intermediate')]
}

describe('a client with a session', () => {
  it.each<[string, Uint8Array]>([
    ['has expired', EXPIRED[0] as Uint8Array],
    ['cannot be read', utf8('leaf')],
  ])('does not offer it when the certificate of the server %s', async (_, leaf) => {
    expect(resumes(await resume({ certificates: true }, { serverCertificateChain: [leaf] }))).toBe(false)
  })

  it('offers it by itself, with its age obfuscated (RFC 9846 4.3.11)', async () => {
    const made = await resume({ certificates: true })
    expect(made).toEqual({
      psks: [
        {
          identity: utf8('ticket'),
          obfuscatedTicketAge: (30_000 + 0xffffff00) % 2 ** 32,
          psk: SECRET,
          hash: 'SHA-384',
          kind: 'resumption',
          source: {
            ...NO_SOURCE,
            resumed: {
              count: 1,
              peerCertificateChain: CHAIN,
              peerCertificateType: 'X509',
              localCertificateShown: false,
              fullHandshakeAt: NOW - 30 * SECOND,
            },
          },
        },
      ],
      withCertificate: false,
      required: false,
    })
  })

  it.each<[string, Partial<ClientSession>, boolean]>([
    ['for the last second of its lifetime', { receivedAt: NOW - 7200 * SECOND + 1 }, true],
    ['not beyond its lifetime (RFC 9846 4.7.1)', { receivedAt: NOW - 7200 * SECOND }, false],
    ['not from the future', { receivedAt: NOW + 61 * SECOND }, false],
    ['not for another name (RFC 9846 4.7.1)', { serverName: 'carol.example' }, false],
    ['not for a name when it had none', { serverName: null }, false],
    ['not when no certificate was verified', { serverCertificateChain: null, pskSource: PSK_NOTE }, false],
  ])('offers it %s', async (_, change, expected) => {
    expect(resumes(await resume({ certificates: true }, change))).toBe(expected)
  })

  it('offers it only with a suite of its hash (RFC 9846 4.3.11)', async () => {
    const options = { now, certificates: true, session: serializeSession(session()) }
    expect((await offer(options, { hashes: ['SHA-256'] })).psks).toEqual([])
  })

  it('in PSK mode: offers it before the PSK it was made with, and none made otherwise', async () => {
    const made = await resume(
      { psk: psk('link-1'), certificates: false },
      { serverCertificateChain: null, pskSource: PSK_NOTE },
    )
    expect(made.psks.map(({ kind }) => kind)).toEqual(['resumption', 'imported', 'imported'])
    expect(made).toMatchObject({ withCertificate: false, required: true })
    expect(resumes(await resume({ psk: psk('link-2'), certificates: false }, { pskSource: PSK_NOTE }))).toBe(false)
    expect(resumes(await resume({ psk: psk('link-1'), certificates: true }, { pskSource: null }))).toBe(false)
  })

  const bounded = { maxAgeSeconds: 61, maxResumptions: 2 }
  it.each<[string, Parameters<typeof sites>[0], PskSource | null, boolean]>([
    ['require: not unless allowed', {}, QKD_NOTE, false],
    ['require: while its QKD key is young', { resumption: bounded }, QKD_NOTE, true],
    ['require: not when its QKD key is old', { resumption: { maxAgeSeconds: 60 } }, QKD_NOTE, false],
    ['require: not without a QKD key', { resumption: bounded }, null, false],
    ['require: not after so many resumptions', { resumption: bounded }, times(QKD_NOTE, 2), false],
    ['require: up to so many resumptions', { resumption: bounded }, times(QKD_NOTE, 1), true],
    [
      'require: not with a key fetched in the future',
      { resumption: bounded },
      { ...QKD_NOTE, freshQkdAt: NOW + 61 * SECOND },
      false,
    ],
    ['require: not with another server', { resumption: bounded }, { ...QKD_NOTE, peerSaeId: 'carol' }, false],
    ['require: not as another SAE', { resumption: bounded }, { ...QKD_NOTE, localSaeId: 'carol' }, false],
    ['require: not from another key source', { resumption: bounded }, { ...QKD_NOTE, keySourceName: 'other' }, false],
    ['prefer: as long as the ticket lives', { policy: 'prefer' }, QKD_NOTE, true],
    ['prefer: within bounds that are given', { policy: 'prefer', resumption: { maxAgeSeconds: 60 } }, QKD_NOTE, false],
    ['prefer: not without a QKD key, for one may be had now', { policy: 'prefer' }, null, false],
    ['off: whatever it was made with, if its QKD is gone: no', { policy: 'off' }, QKD_NOTE, false],
    ['off: without QKD', { policy: 'off' }, null, true],
  ])('under %s', async (_, qkd, pskSource, expected) => {
    const { alice } = sites(qkd)
    const made = await resume({ qkd: alice.qkd, certificates: true }, { pskSource })
    expect(resumes(made)).toBe(expected)
    // RFC 9973 5.1: a ticket never goes together with an external PSK and certificate; and it costs no key.
    if (expected) expect([made.psks.length, made.withCertificate, alice.source.calls.length]).toEqual([1, false, 0])
    if (expected) expect(made.required).toBe(qkd?.policy === undefined)
  })

  it('goes on with a fresh QKD key where the session may not be resumed', async () => {
    const { alice } = sites()
    const made = await resume({ qkd: alice.qkd, certificates: true }, { pskSource: QKD_NOTE })
    expect(made).toMatchObject({ withCertificate: true, required: true })
    expect(made.psks[0]?.source).toMatchObject({ mode: 'qkd', keyId: 'key-1', freshQkdAt: NOW, resumed: null })
  })

  it('that QKD alone authenticated: offers it only to the same SAE', async () => {
    const { alice } = sites({ resumption: { maxAgeSeconds: 600 } })
    const options = { qkd: alice.qkd, certificates: false }
    const made = await resume(options, { serverCertificateChain: null, pskSource: QKD_NOTE })
    expect(made).toMatchObject({ psks: [{ kind: 'resumption' }], required: true })
    expect(resumes(await resume(options, { serverCertificateChain: CHAIN, pskSource: BOTH_NOTE }))).toBe(false)
  })

  it('counts resumptions and keeps the time of the QKD key', async () => {
    const { alice } = sites({ resumption: { maxAgeSeconds: 600 } })
    const made = await resume({ qkd: alice.qkd, certificates: true }, { pskSource: times(QKD_NOTE, 4) })
    expect(made.psks[0]?.source).toEqual({
      ...QKD_NOTE,
      resumed: {
        count: 5,
        fullHandshakeAt: NOW - 60 * SECOND,
        peerCertificateChain: CHAIN,
        peerCertificateType: 'X509',
        localCertificateShown: false,
      },
    })
  })

  it('leaves the octets given as they were: they may be offered again', async () => {
    const held = serializeSession(session())
    const before = Buffer.from(held)
    const made = await offer({ now, certificates: true, session: held })
    for (const { psk: secret } of made.psks) secret.fill(0)
    expect(held.equals(before)).toBe(true)
  })

  it('that is no session is refused when it is given', async () => {
    const bad = offer({ certificates: true, session: utf8('no session') })
    expect(await refusalOf(bad)).toBe('ERR_INVALID_OPTION')
  })
})

const issued = (change: Partial<ServerSession> = {}): ServerSession => ({
  cipherSuite: 'TLS_AES_256_GCM_SHA384',
  hash: 'SHA-384',
  resumptionPsk: SECRET.slice(),
  ticketAgeAdd: 7,
  issuedAt: NOW,
  lifetime: 7200,
  serverName: 'bob.example',
  applicationProtocol: null,
  clientCertificateChain: null,
  clientCertificateType: null,
  localCertificateShown: true,
  pskSource: null,
  ...change,
})
const LASTING = { clientCertificateChain: CHAIN, lifetime: 604_800 }
const seen = (note: PskSource): PskSource => ({ ...note, localSaeId: 'bob', peerSaeId: 'alice' })
const FRESH = { ...seen(QKD_NOTE), freshQkdAt: NOW }
const FRESH_BOTH = { ...seen(BOTH_NOTE), freshQkdAt: NOW }

/** A server that issues tickets, and its clock. */
function issuer(options: ServerPskOptions, keys = new TicketKeys(CRYPTO, { now: () => NOW })) {
  const clock = { now: NOW }
  const psks = createServerPsks({ ...options, now: () => clock.now }, CRYPTO, keys)
  const seal = async (change: Partial<ServerSession> = {}) =>
    psks.forConnection().handlers.sealTicket({ type: 'sealTicket', session: issued(change) })
  return { clock, keys, seal, psks }
}
const ticketOffer = (ticket: Uint8Array | null): PskOffer => ({
  psks: [
    {
      identity: ticket ?? new Uint8Array(1),
      obfuscatedTicketAge: 1,
      psk: SECRET,
      hash: 'SHA-384',
      kind: 'resumption',
      source: null,
    },
  ],
  withCertificate: false,
  required: false,
})

describe('a server with tickets', () => {
  it('neither makes nor takes one for a client whose certificate has expired', async () => {
    expect(await issuer({ certificates: true }).seal({ clientCertificateChain: EXPIRED })).toBeNull()
    const { clock, seal, psks } = issuer({ certificates: true })
    const [early, late] = [await seal(LASTING), await seal(LASTING)]
    // The certificate ends a day after now.
    clock.now = NOW + 86_300 * SECOND
    expect(await accept(psks.forConnection(), ticketOffer(early))).not.toBeNull()
    clock.now = NOW + 86_401 * SECOND
    expect(await accept(psks.forConnection(), ticketOffer(late))).toBeNull()
  })

  it('resumes the session of its own ticket', async () => {
    const { seal, psks } = issuer({ certificates: true })
    const ticket = await seal({ clientCertificateChain: CHAIN, clientCertificateType: 'X509' })
    const accepted = await accept(psks.forConnection(), ticketOffer(ticket))
    expect(accepted?.psk).toEqual(SECRET)
    expect(accepted?.selection).toEqual({
      index: 0,
      hash: 'SHA-384',
      kind: 'resumption',
      withCertificate: false,
      source: {
        ...NO_SOURCE,
        resumed: {
          count: 1,
          fullHandshakeAt: NOW,
          peerCertificateChain: CHAIN,
          peerCertificateType: 'X509',
          localCertificateShown: true,
        },
      },
    })
  })

  it('takes a ticket before any external PSK (RFC 9257 6.1.2)', async () => {
    const { seal, psks } = issuer({ psk: psk('link-1'), certificates: false })
    const ticket = ticketOffer(await seal({ pskSource: PSK_NOTE }))
    const external = await offer({ psk: psk('link-1'), certificates: false })
    const both = { ...external, psks: [...external.psks, ...ticket.psks] }
    expect((await accept(psks.forConnection(), both))?.selection).toMatchObject({ index: 2, kind: 'resumption' })
  })

  it('takes each ticket once, and goes on without it', async () => {
    const { seal, psks } = issuer({ certificates: true })
    const made = ticketOffer(await seal())
    expect(await accept(psks.forConnection(), made)).not.toBeNull()
    expect(await accept(psks.forConnection(), made)).toBeNull()
  })

  it.each<[string, Parameters<typeof selectRequest>[1], number]>([
    ['beyond its lifetime', {}, 7200 * SECOND],
    ['for another name', { serverName: 'carol.example' }, 0],
    ['without a name', { serverName: null }, 0],
    ['without a suite of its hash', { suites: ['TLS_AES_128_GCM_SHA256'] }, 0],
    ['from the future', {}, -61 * SECOND],
  ])('does not resume %s', async (_, change, later) => {
    const { clock, seal, psks } = issuer({ certificates: true })
    const made = ticketOffer(await seal())
    clock.now += later
    expect(await accept(psks.forConnection(), made, change)).toBeNull()
  })

  it('refuses a ticket together with tls_cert_with_extern_psk (RFC 9973 5.1)', async () => {
    const { seal, psks } = issuer({ certificates: true })
    const made = { ...ticketOffer(await seal()), withCertificate: true }
    expect(await refusalOf(accept(psks.forConnection(), made))).toBe('ERR_ILLEGAL_PARAMETER')
  })

  it('issues and takes none when they are off', async () => {
    const keys = new TicketKeys(CRYPTO, { now })
    const made = ticketOffer(await issuer({ certificates: true }, keys).seal())
    const off = issuer({ certificates: true, tickets: false }, keys)
    expect(await off.seal()).toBeNull()
    expect(await accept(off.psks.forConnection(), made)).toBeNull()
    expect(await accept(server({ certificates: true }, null), made)).toBeNull()
  })

  const { bob } = sites()
  const allow = (maxAgeSeconds: number, maxResumptions?: number) => ({
    ...bob.qkd,
    resumption: maxResumptions === undefined ? { maxAgeSeconds } : { maxAgeSeconds, maxResumptions },
  })
  const prefer = { ...bob.qkd, policy: 'prefer' } as const
  it.each<[string, PskOptions, Partial<ServerSession>, boolean]>([
    ['require: none by default', { qkd: bob.qkd, certificates: true }, { pskSource: FRESH }, false],
    ['require: while the policy lets it live', { qkd: allow(60), certificates: true }, { pskSource: FRESH }, true],
    ['require: none for an old key', { qkd: allow(60), certificates: true }, { pskSource: seen(QKD_NOTE) }, false],
    ['require: none for a session without QKD', { qkd: allow(60), certificates: true }, {}, false],
    [
      'require: none after the last resumption',
      { qkd: allow(60, 1), certificates: true },
      { pskSource: times(FRESH, 1) },
      false,
    ],
    [
      'require: none without the auth PSK it asks for',
      { psk: psk('link-1'), qkd: allow(60), certificates: false },
      { pskSource: FRESH },
      false,
    ],
    [
      'require: with the auth PSK it asks for',
      { psk: psk('link-1'), qkd: allow(60), certificates: false },
      { pskSource: FRESH_BOTH },
      true,
    ],
    ['prefer: with QKD', { qkd: prefer, certificates: true }, { pskSource: FRESH }, true],
    ['prefer: without QKD', { qkd: prefer, certificates: true }, {}, true],
    ['no QKD, a session with it', { certificates: true }, { pskSource: FRESH }, false],
    ['psk only', { psk: psk('link-1'), certificates: false }, { pskSource: PSK_NOTE }, true],
    ['psk only, a session without', { psk: psk('link-1'), certificates: false }, {}, false],
    ['psk or certificate, a session without psk', { psk: psk('link-1'), certificates: true }, {}, true],
    ['another psk', { psk: psk('link-2'), certificates: true }, { pskSource: PSK_NOTE }, false],
    [
      'psk and certificate, a session with both',
      { psk: psk('link-1'), certificates: true, pskWithCertificate: true },
      { pskSource: PSK_NOTE },
      true,
    ],
    [
      'psk and certificate, shown before this resumption',
      { psk: psk('link-1'), certificates: true, pskWithCertificate: true },
      {
        localCertificateShown: false,
        pskSource: {
          ...PSK_NOTE,
          resumed: { count: 1, peerCertificateChain: null, peerCertificateType: null, localCertificateShown: true },
        },
      },
      true,
    ],
    [
      'client certificate required, and shown',
      { certificates: true, requireClientCertificate: true },
      { clientCertificateChain: CHAIN, clientCertificateType: 'X509' },
      true,
    ],
    ['client certificate required, and not shown', { certificates: true, requireClientCertificate: true }, {}, false],
    [
      'client certificate required, shown before this resumption',
      { certificates: true, requireClientCertificate: true },
      { pskSource: times(NO_SOURCE, 1) },
      true,
    ],
  ])('issues a ticket or none under %s', async (_, options, change, expected) => {
    expect((await issuer(options).seal(change)) !== null).toBe(expected)
  })

  it.each<[string, PskOptions, PskOptions, Partial<ServerSession>]>([
    [
      'a PSK that was withdrawn',
      { psk: psk('link-1'), certificates: true },
      { psk: psk('link-2'), certificates: true },
      { pskSource: PSK_NOTE },
    ],
    [
      'a peer that was dropped',
      { qkd: prefer, certificates: true },
      { qkd: { ...prefer, peerSaeId: 'carol' }, certificates: true },
      { pskSource: FRESH },
    ],
    ['QKD that is required now', { certificates: true }, { qkd: allow(60), certificates: true }, {}],
    [
      'a client certificate that is required now',
      { certificates: true },
      { certificates: true, requireClientCertificate: true },
      {},
    ],
    [
      'a PSK that is required beside the certificate now',
      { psk: psk('link-1'), certificates: true },
      { psk: psk('link-1'), certificates: true, pskWithCertificate: true },
      {},
    ],
    [
      'a certificate that is required beside the PSK now',
      { psk: psk('link-1'), certificates: false },
      { psk: psk('link-1'), certificates: true, pskWithCertificate: true },
      { pskSource: PSK_NOTE, localCertificateShown: false },
    ],
    [
      'a certificate that is required beside the QKD key now',
      { qkd: allow(60), certificates: false },
      { qkd: allow(60), certificates: true },
      { pskSource: FRESH, localCertificateShown: false },
    ],
    ['a certificate that is gone', { certificates: true }, { psk: psk('link-1'), certificates: false }, {}],
  ])('does not resume past %s', async (_, before, after, change) => {
    const keys = new TicketKeys(CRYPTO, { now })
    const made = ticketOffer(await issuer(before, keys).seal(change))
    expect(await issuer(before, keys).psks.forConnection().handlers.selectPsk(selectRequest(made))).not.toBeNull()
    const outcome = async () => {
      const selection = await issuer(after, keys).psks.forConnection().handlers.selectPsk(selectRequest(made))
      expect(selection === null || selection.decoy === true).toBe(true)
    }
    expect([null, 'ERR_UNKNOWN_PSK_IDENTITY', 'ERR_POLICY_PSK_REQUIRED', 'ERR_POLICY_QKD_REQUIRED']).toContain(
      await refusalOf(outcome),
    )
  })

  it('keeps the time of the QKD key over any number of resumptions', async () => {
    const { clock, seal, psks } = issuer({ qkd: allow(60), certificates: true })
    let note: PskSource = FRESH
    for (let resumptions = 1; resumptions <= 3; resumptions++) {
      const accepted = await accept(psks.forConnection(), ticketOffer(await seal({ pskSource: note })))
      note = accepted?.selection.source as PskSource
      expect(note).toEqual({
        ...FRESH,
        resumed: {
          count: resumptions,
          fullHandshakeAt: NOW,
          peerCertificateChain: null,
          peerCertificateType: null,
          localCertificateShown: true,
        },
      })
    }
    clock.now += 60 * SECOND
    expect(await seal({ pskSource: note, issuedAt: clock.now })).toBeNull()
  })

  it('puts neither the QKD key nor the auth PSK into a ticket or a session', async () => {
    const { alice, bob: site } = sites({ resumption: { maxAgeSeconds: 60 } }, memoryLink())
    const keys: Uint8Array[] = []
    site.source.change = (given) => {
      keys.push(given.key.slice())
      return given
    }
    const options = { psk: psk('link-1'), certificates: false }
    const psks = createServerPsks({ ...options, qkd: site.qkd }, CRYPTO, new TicketKeys(CRYPTO))
    const made = await offer({ ...options, qkd: alice.qkd })
    const accepted = await accept(psks.forConnection(), made)
    const held = serializeSession(session({ pskSource: accepted?.selection.source }))
    for (const secret of [...keys, options.psk.key, accepted?.psk as Uint8Array]) {
      expect(held.includes(Buffer.from(secret))).toBe(false)
    }
  })
})
