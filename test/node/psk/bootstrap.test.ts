import { describe, expect, it } from 'vitest'
import { TrefoilError } from '../../../src/errors.js'
import {
  type BootstrapEntry,
  type BootstrapPeer,
  QkdBootstrap,
  type QkdBootstrapOptions,
} from '../../../src/node/psk/bootstrap.js'
import type { PskOptions, QkdOption } from '../../../src/node/psk/options.js'
import type { ServerPskOptions } from '../../../src/node/psk/serverPskOptions.js'
import { createServerPsks } from '../../../src/node/psk/serverPsks.js'
import { NO_SOURCE, type PskSource } from '../../../src/node/psk/source.js'
import { TicketKeys } from '../../../src/node/psk/ticketKeys.js'
import type { ServerSession } from '../../../src/tls/requests.js'
import { accept, CRYPTO, KEY_DOWN, offer, psk, refusalOf, selectRequest, server, sites } from './support.js'

const NOW = 1_000_000_000
const BOB: BootstrapPeer = { keySource: 'kms', localSaeId: 'alice', peerSaeId: 'bob', serverName: 'bob.example' }
const ALICE: BootstrapPeer = { keySource: 'kms', localSaeId: 'bob', peerSaeId: 'alice', serverName: null }

function register(known: readonly BootstrapEntry[] = [], more: QkdBootstrapOptions = {}): QkdBootstrap {
  return new QkdBootstrap({ entries: known, now: () => NOW, ...more })
}

const entry = (peer: BootstrapPeer, more: Partial<BootstrapEntry> = {}): BootstrapEntry => ({
  ...peer,
  by: 'certificate',
  at: NOW - 1000,
  ...more,
})

/** What a QKD key alone left behind. */
const NOTE: PskSource = {
  ...NO_SOURCE,
  mode: 'qkd',
  keyId: 'key-1',
  keySourceName: 'kms',
  localSaeId: 'bob',
  peerSaeId: 'alice',
  freshQkdAt: NOW,
}
const SESSION: Omit<ServerSession, 'pskSource'> = {
  cipherSuite: 'TLS_AES_128_GCM_SHA256',
  hash: 'SHA-256',
  resumptionPsk: new Uint8Array(32),
  ticketAgeAdd: 0,
  issuedAt: NOW,
  lifetime: 60,
  serverName: null,
  applicationProtocol: null,
  clientCertificateChain: null,
  clientCertificateType: null,
  localCertificateShown: true,
}

describe('the bootstrap register', () => {
  it('finds a peer by all of key source, both SAEs and the name that was proved', () => {
    const known = register([entry(BOB)])
    expect(known.find(BOB)).toEqual({ by: 'certificate', at: NOW - 1000 })
    for (const field of ['keySource', 'localSaeId', 'peerSaeId', 'serverName'] as const) {
      expect(known.find({ ...BOB, [field]: 'mallory' }), field).toBeNull()
    }
  })

  it('lets a proof grow old, also when the clock is set back', () => {
    const at = { now: NOW }
    const known = new QkdBootstrap({ maxAgeSeconds: 10, entries: [entry(BOB, { at: NOW })], now: () => at.now })
    expect(known.find(BOB)).not.toBeNull()
    at.now = NOW + 9_999
    expect(known.find(BOB)).not.toBeNull()
    at.now = NOW + 10_000
    expect(known.find(BOB)).toBeNull()
    expect(known.entries).toEqual([])
    at.now = NOW - 1
    expect(known.find(BOB)).toBeNull()
  })

  it('tells of every change, with what counts then, oldest first', () => {
    const told: (readonly BootstrapEntry[])[] = []
    const known = register([], { onChange: (entries) => told.push(entries) })
    known.remember(BOB, 'certificate')
    known.remember(ALICE, 'psk')
    known.remember(BOB, 'psk')
    known.forget(ALICE)
    known.forget(ALICE)
    expect(told.map((entries) => entries.map(({ peerSaeId, by }) => [peerSaeId, by]))).toEqual([
      [['bob', 'certificate']],
      [
        ['bob', 'certificate'],
        ['alice', 'psk'],
      ],
      [
        ['alice', 'psk'],
        ['bob', 'psk'],
      ],
      [['bob', 'psk']],
    ])
  })

  it('gives its entries in a form that it takes again', () => {
    const known = register([entry(BOB), entry(ALICE, { by: 'qkd' })])
    const again = register(JSON.parse(JSON.stringify(known.entries)))
    expect(again.entries).toEqual(known.entries)
  })

  it('forgets the oldest proof when there are too many', () => {
    const known = register()
    for (let i = 0; i <= 10_000; i++) known.remember({ ...ALICE, peerSaeId: `sae-${i}` }, 'qkd')
    expect(known.entries).toHaveLength(10_000)
    expect(known.find({ ...ALICE, peerSaeId: 'sae-0' })).toBeNull()
    expect(known.find({ ...ALICE, peerSaeId: 'sae-1' })).not.toBeNull()
  })

  it.each<[string, QkdBootstrapOptions]>([
    ['an age of zero', { maxAgeSeconds: 0 }],
    ['an age that is no number', { maxAgeSeconds: Number.NaN }],
    ['an entry that is none', { entries: [null as unknown as BootstrapEntry] }],
    ['an entry without SAE', { entries: [entry(BOB, { peerSaeId: '' })] }],
    ['an entry by hearsay', { entries: [entry(BOB, { by: 'hearsay' as 'psk' })] }],
    ['an entry without time', { entries: [entry(BOB, { at: Number.NaN })] }],
  ])('refuses %s', async (_, options) => {
    expect(await refusalOf(async () => new QkdBootstrap(options))).toBe('ERR_INVALID_OPTION')
  })
})

const MODES: readonly (readonly [string, PskOptions, 'certificate' | 'psk'])[] = [
  ['certificates', { certificates: true }, 'certificate'],
  ['a PSK', { certificates: false, psk: psk() }, 'psk'],
  ['a PSK with certificates', { certificates: true, pskWithCertificate: true, psk: psk() }, 'certificate'],
]

describe.each(MODES)('after first contact by %s', (_, options, by) => {
  const both = ({ alice, bob }: { alice: Partial<QkdOption>; bob: Partial<QkdOption> }) => {
    const made = sites()
    return {
      client: { ...options, qkd: { ...made.alice.qkd, ...alice }, serverName: 'bob.example' },
      server: { ...options, qkd: { ...made.bob.qkd, ...bob } } as ServerPskOptions,
      sources: made,
    }
  }

  it('a client without an entry offers what first contact takes, and one with an entry the QKD key alone', async () => {
    const first = await offer(both({ alice: { bootstrap: register() }, bob: {} }).client)
    expect(first.withCertificate).toBe(options.certificates)
    expect(first.psks[0]?.source).toMatchObject({ mode: options.psk ? 'psk+qkd' : 'qkd', bootstrap: null })
    const later = await offer(both({ alice: { bootstrap: register([entry(BOB, { by })]) }, bob: {} }).client)
    expect(later).toMatchObject({ withCertificate: false, required: true })
    expect(later.psks.map(({ source }) => source)).toEqual(
      [1, 2].map(() => expect.objectContaining({ mode: 'qkd', bootstrap: { by, at: NOW - 1000 } })),
    )
  })

  it('the entry for one server name is none for another', async () => {
    const { client } = both({ alice: { bootstrap: register([entry(BOB, { by })]) }, bob: {} })
    const made = await offer({ ...client, serverName: 'eve.example' })
    expect(made.psks[0]?.source).toMatchObject({ bootstrap: null })
  })

  it('a server takes the QKD key alone from a client it has an entry for', async () => {
    const { client, server: atServer } = both({
      alice: { bootstrap: register([entry(BOB, { by })]) },
      bob: { bootstrap: register([entry(ALICE, { by })]) },
    })
    const made = await offer(client)
    const accepted = await accept(server(atServer), made)
    expect(accepted?.psk).toEqual(made.psks[0]?.psk)
    expect(accepted?.selection).toMatchObject({
      withCertificate: false,
      source: { mode: 'qkd', peerSaeId: 'alice', bootstrap: { by } },
    })
  })

  it('a server without an entry refuses it, and asks no key source', async () => {
    const made = both({ alice: { bootstrap: register([entry(BOB, { by })]) }, bob: { bootstrap: register() } })
    const refusal = options.certificates ? 'ERR_POLICY_CERTIFICATE_MISSING' : 'ERR_UNKNOWN_PSK_IDENTITY'
    expect(await refusalOf(accept(server(made.server), await offer(made.client)))).toBe(refusal)
    expect(made.sources.bob.source.calls).toEqual([])
  })

  it('a server without a register refuses it as well', async () => {
    const made = both({ alice: { bootstrap: register([entry(BOB, { by })]) }, bob: {} })
    expect(await refusalOf(accept(server(made.server), await offer(made.client)))).toMatch(/^ERR_POLICY|^ERR_UNKNOWN/)
    expect(made.sources.bob.source.calls).toEqual([])
  })

  it('a server still takes what first contact takes from a client that has forgotten', async () => {
    const made = both({ alice: { bootstrap: register() }, bob: { bootstrap: register([entry(ALICE, { by })]) } })
    const accepted = await accept(server(made.server), await offer(made.client))
    expect(accepted?.selection).toMatchObject({
      withCertificate: options.certificates,
      source: { mode: options.psk ? 'psk+qkd' : 'qkd', bootstrap: null },
    })
  })

  it('an entry that was made by something else counts for neither end', async () => {
    const other = by === 'psk' ? 'certificate' : 'psk'
    const made = both({ alice: { bootstrap: register([entry(BOB, { by: other })]) }, bob: {} })
    expect((await offer(made.client)).psks[0]?.source).toMatchObject({ bootstrap: null })
    // Whoever was known by its QKD key alone never had the PSK, nor showed a certificate.
    if (options.psk === undefined) return
    const known = both({
      alice: { bootstrap: register([entry(BOB, { by })]) },
      bob: { bootstrap: register([entry(ALICE, { by: 'qkd' })]) },
    })
    expect(await refusalOf(accept(server(known.server), await offer(known.client)))).toMatch(/^ERR_POLICY|^ERR_UNKNOWN/)
    expect(known.sources.bob.source.calls).toEqual([])
  })
})

describe('where a client certificate is required', () => {
  it.each([
    ['certificate', true],
    ['qkd', false],
  ] as const)('an entry made by %s opens the door: %s', async (by, opens) => {
    const { alice, bob } = sites()
    const made = await offer({
      certificates: true,
      qkd: { ...alice.qkd, bootstrap: register([entry(BOB)]) },
      serverName: 'bob.example',
    })
    const atServer = server({
      certificates: true,
      requireClientCertificate: true,
      qkd: { ...bob.qkd, bootstrap: register([entry(ALICE, { by })]) },
    })
    const outcome = await accept(atServer, made).then(
      (accepted) => accepted !== null,
      (error: TrefoilError) => error.code,
    )
    expect(outcome).toBe(opens ? true : 'ERR_POLICY_CERTIFICATE_MISSING')
  })
})

describe('under prefer', () => {
  it('a client whose key source is down falls back to what first contact takes, not to less', async () => {
    const { alice } = sites({ policy: 'prefer' })
    alice.source.failure = KEY_DOWN
    const told: TrefoilError[] = []
    const made = await offer({
      certificates: true,
      psk: psk(),
      pskWithCertificate: true,
      qkd: { ...alice.qkd, bootstrap: register([entry(BOB)]) },
      serverName: 'bob.example',
      onFallback: (error) => told.push(error),
    })
    expect(made).toMatchObject({ withCertificate: true, required: true })
    expect(made.psks[0]?.source).toMatchObject({ mode: 'psk', bootstrap: null })
    expect(told).toEqual([KEY_DOWN])
  })
})

describe('a server with certificates and a register', () => {
  it('goes on by certificate when a ticket or identity is not known, as it would without one', async () => {
    const { bob } = sites({ policy: 'prefer' })
    const atServer = server({ certificates: true, qkd: { ...bob.qkd, bootstrap: register() } })
    const stale = { identities: [{ identity: new Uint8Array(200), obfuscatedTicketAge: 1 }] }
    expect(await atServer.handlers.selectPsk(selectRequest(null, stale))).toBeNull()
  })

  it('makes no ticket for a session that rests on the register', () => {
    const { bob } = sites({ policy: 'prefer' })
    const tickets = new TicketKeys(CRYPTO)
    const options = { certificates: true, qkd: { ...bob.qkd, bootstrap: register() }, now: () => NOW }
    const atServer = server(options, tickets)
    const shown = { ...SESSION, localCertificateShown: true }
    const seal = (bootstrap: PskSource['bootstrap']) =>
      atServer.handlers.sealTicket({ type: 'sealTicket', session: { ...shown, pskSource: { ...NOTE, bootstrap } } })
    expect(seal(null)).toBeInstanceOf(Uint8Array)
    expect(seal({ by: 'certificate', at: NOW })).toBeNull()
  })
})

it('a register whose keeper throws harms no session: the process is warned', async () => {
  const warned = new Promise<Error>((resolve) => {
    process.on('warning', (warning) => warning.message.includes('register') && resolve(warning))
  })
  const known = register([], {
    onChange: () => {
      throw new Error('the disk is full')
    },
  })
  known.remember(BOB, 'certificate')
  expect(known.find(BOB)).not.toBeNull()
  expect((await warned).message).toContain('the disk is full')
})

describe('a register is refused', () => {
  it.each<[string, PskOptions, RegExp]>([
    ['where there is no first contact', { certificates: false }, /first contact/],
    ['with raw QKD keys', { certificates: true, qkd: { importer: false } as QkdOption }, /imported/],
  ])('%s', (_, options, message) => {
    const { bob } = sites()
    const qkd = { ...bob.qkd, ...options.qkd, bootstrap: register() }
    const make = () => createServerPsks({ ...options, qkd }, CRYPTO, null)
    expect(make).toThrow(TrefoilError)
    expect(make).toThrow(message)
  })
})
