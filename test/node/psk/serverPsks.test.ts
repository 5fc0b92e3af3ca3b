import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.js'
import { TrefoilError } from '../../../src/errors.js'
import type { PskOptions } from '../../../src/node/psk/options.js'
import { createServerPsks } from '../../../src/node/psk/serverPsks.js'
import { importPsk } from '../../../src/tls/psk/importer.js'
import { encodeImporterContext } from '../../../src/tls/psk/importerContext.js'
import {
  alternativesOf,
  type PskIdentity,
  type PskOffer,
  type PskSelection,
  type SelectPskRequest,
} from '../../../src/tls/requests.js'
import { accept, CRYPTO, KEY_DOWN, offer, psk, refusalOf, selectRequest, server, sites } from './support.js'

const select = (options: PskOptions, made: PskOffer | null, change: Partial<SelectPskRequest> = {}) =>
  refusalOr(async () => {
    const selection = await server(options).handlers.selectPsk(selectRequest(made, change))
    // The core refuses it so, after a binder check that must fail.
    return selection?.decoy === true ? 'ERR_UNKNOWN_PSK_IDENTITY' : selection
  })

async function refusalOr<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof TrefoilError) return error.code
    throw error
  }
}

const garbage = (text: string): PskIdentity => ({ identity: utf8(text), obfuscatedTicketAge: 0 })

describe('what a server selects', () => {
  it('is nothing when nothing is configured', async () => {
    expect(await select({ certificates: true }, null)).toBeNull()
    expect(await select({ certificates: true }, await offer({ psk: psk(), certificates: false }))).toBeNull()
  })

  it('is for its preferred suite first, then in the order of the client', async () => {
    const made = await offer({ psk: [psk('a'), psk('b')], certificates: false }, { hashes: ['SHA-256', 'SHA-384'] })
    const options = { psk: [psk('b'), psk('a')], certificates: false }
    expect(await select(options, made)).toMatchObject({ index: 1, hash: 'SHA-384' })
    expect(await select(options, made, { excluded: [1] })).toMatchObject({ index: 3, hash: 'SHA-384' })
    expect(await select(options, made, { excluded: [1, 3] })).toMatchObject({ index: 0, hash: 'SHA-256' })
    const small = { suites: ['TLS_AES_128_GCM_SHA256'] } as const
    expect(await select(options, made, small)).toMatchObject({ index: 0, hash: 'SHA-256' })
  })

  it('asks no key source', async () => {
    const { alice, bob } = sites()
    await select({ qkd: bob.qkd, certificates: true }, await offer({ qkd: alice.qkd, certificates: true }))
    expect(bob.source.calls).toEqual([])
  })

  it('says in its note where the PSK comes from, with the roles as the server sees them', async () => {
    const { alice, bob } = sites()
    const made = await offer({ psk: psk('link-1'), qkd: alice.qkd, certificates: false })
    const chosen = await select(
      { psk: psk('link-1'), qkd: bob.qkd, certificates: false, now: () => 77 } as PskOptions,
      made,
    )
    expect(chosen).toMatchObject({
      kind: 'imported',
      withCertificate: false,
      source: {
        mode: 'psk+qkd',
        keyId: 'key-1',
        keySourceName: 'kms',
        localSaeId: 'bob',
        peerSaeId: 'alice',
        pskIdentity: utf8('link-1'),
        freshQkdAt: 77,
        resumed: null,
      },
    })
  })

  it('takes a certificate mode only where the client offers both (RFC 9973), and a PSK mode always', async () => {
    const withCertificate = await offer({ psk: psk(), pskWithCertificate: true, certificates: true })
    const options = { psk: psk(), pskWithCertificate: true, certificates: true }
    expect(await select(options, withCertificate)).toMatchObject({ index: 0, withCertificate: true })
    expect(await select(options, withCertificate, { withCertificate: false })).toBe('ERR_POLICY_PSK_REQUIRED')
    expect(await select({ psk: psk(), certificates: true }, withCertificate)).toMatchObject({ withCertificate: false })
  })

  it('compares raw identities octet by octet', async () => {
    const options = { psk: [psk('a'), psk('b', { importer: false, hash: 'SHA-384' })], certificates: false }
    const asked = (identity: string) => select(options, null, { identities: [garbage(identity)] })
    expect(await asked('b')).toMatchObject({ index: 0, kind: 'external', hash: 'SHA-384' })
    for (const other of ['B', 'b\0', 'bb', 'a']) expect(await asked(other)).toBe('ERR_UNKNOWN_PSK_IDENTITY')
  })

  it('looks at a bounded number of identities', async () => {
    const many = Array.from({ length: 64 }, (_, i) => garbage(`unknown ${i}`))
    const raw = { psk: psk('a', { importer: false }), certificates: true }
    expect(await select(raw, null, { identities: [...many, garbage('a')] })).toBeNull()
    expect(await select(raw, null, { identities: [...many.slice(1), garbage('a')] })).toMatchObject({ index: 63 })
  })

  it('lets no PSK get round a client certificate that is required', async () => {
    const made = await offer({ psk: psk(), certificates: false })
    expect(await select({ psk: psk(), certificates: true, requireClientCertificate: true }, made)).toBeNull()
    const both = { psk: psk(), certificates: true, pskWithCertificate: true }
    const madeBoth = await offer(both)
    expect(await select({ ...both, requireClientCertificate: true }, madeBoth)).toMatchObject({ withCertificate: true })
  })
})

describe('when a server finds nothing to select', () => {
  const { bob } = sites()
  const prefer = { ...bob.qkd, policy: 'prefer' } as const
  const unknown = 'ERR_UNKNOWN_PSK_IDENTITY'
  it.each<[string, PskOptions, string | null, string | null]>([
    // what the server has, no identities offered, unknown ones offered
    ['psk, no certificate', { psk: psk(), certificates: false }, 'ERR_POLICY_PSK_REQUIRED', unknown],
    ['psk, certificate', { psk: psk(), certificates: true }, null, null],
    [
      'psk with certificate',
      { psk: psk(), pskWithCertificate: true, certificates: true },
      'ERR_POLICY_PSK_REQUIRED',
      'ERR_POLICY_PSK_REQUIRED',
    ],
    [
      'qkd require, certificate',
      { qkd: bob.qkd, certificates: true },
      'ERR_POLICY_QKD_REQUIRED',
      'ERR_POLICY_QKD_REQUIRED',
    ],
    ['qkd require', { qkd: bob.qkd, certificates: false }, 'ERR_POLICY_QKD_REQUIRED', unknown],
    ['psk and qkd require', { psk: psk(), qkd: bob.qkd, certificates: false }, 'ERR_POLICY_QKD_REQUIRED', unknown],
    [
      'psk and qkd require, certificate',
      { psk: psk(), qkd: bob.qkd, certificates: true },
      'ERR_POLICY_QKD_REQUIRED',
      unknown,
    ],
    ['qkd prefer, certificate', { qkd: prefer, certificates: true }, null, null],
    ['qkd prefer', { qkd: prefer, certificates: false }, 'ERR_POLICY_PSK_REQUIRED', unknown],
    ['psk and qkd prefer', { psk: psk(), qkd: prefer, certificates: false }, 'ERR_POLICY_PSK_REQUIRED', unknown],
    ['qkd off', { qkd: { ...bob.qkd, policy: 'off' }, certificates: true }, null, null],
  ])('%s', async (_, options, withNone, withUnknown) => {
    expect(await select(options, null)).toBe(withNone)
    expect(await select(options, null, { identities: [garbage('who?')] })).toBe(withUnknown)
  })

  it('an unknown identity has the alert of a wrong binder (RFC 9846 appendix F.6), known key_ID or not', () => {
    const alerts = (['ERR_UNKNOWN_PSK_IDENTITY', 'ERR_QKD_KEY_NOT_FOUND', 'ERR_BAD_BINDER'] as const).map(
      (code) => new TrefoilError(code, '').alert,
    )
    expect(new Set(alerts)).toEqual(new Set(['decrypt_error']))
  })

  it('an unknown identity costs as many derivations as any known one, whichever of them has a key to come', async () => {
    const listed = [{ ...psk('a'), key: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] }, psk('b')]
    const derivations = async (identity: string) => {
      const made = await offer({ psk: psk(identity), certificates: false })
      const { handlers } = server({ psk: listed, certificates: false })
      const selection = (await handlers.selectPsk(selectRequest(made))) as PskSelection
      const offered = made.psks[selection.index]?.identity as Uint8Array
      return alternativesOf(await handlers.fetchPsk({ type: 'fetchPsk', selection, identity: offered }), null).length
    }
    expect(await Promise.all(['a', 'b', 'whose'].map(derivations))).toEqual([2, 2, 2])
  })

  it('and a certificate is not possible, an unknown identity is told the same way', async () => {
    const change = { identities: [garbage('who?')], certificatePossible: false }
    expect(await select({ psk: psk(), certificates: true }, null, change)).toBe(unknown)
  })
})

describe('identities that a server with QKD takes', () => {
  const ours = {
    kind: 'qkd',
    keySourceName: 'kms',
    initiatorSaeId: 'alice',
    responderSaeId: 'bob',
    authPskIdentity: new Uint8Array(0),
  } as const
  const both = { ...ours, kind: 'psk+qkd', authPskIdentity: utf8('link-1') } as const
  const bare = {
    kind: 'psk',
    keySourceName: '',
    initiatorSaeId: '',
    responderSaeId: '',
    authPskIdentity: utf8('link-1'),
  } as const
  const { bob } = sites()
  const alone = { qkd: bob.qkd, certificates: false }
  const combined = { psk: psk('link-1'), qkd: bob.qkd, certificates: false }
  const preferred = { ...combined, qkd: { ...bob.qkd, policy: 'prefer' } as const }

  it.each<[string, PskOptions, Parameters<typeof encodeImporterContext>[0], string, boolean]>([
    ['its own link', alone, ours, 'key-1', true],
    ['roles swapped (Selfie)', alone, { ...ours, initiatorSaeId: 'bob', responderSaeId: 'alice' }, 'key-1', false],
    ['itself at both ends', alone, { ...ours, initiatorSaeId: 'bob' }, 'key-1', false],
    ['another initiator', alone, { ...ours, initiatorSaeId: 'carol' }, 'key-1', false],
    ['another responder (rerouted)', alone, { ...ours, responderSaeId: 'carol' }, 'key-1', false],
    ['another key source', alone, { ...ours, keySourceName: 'other' }, 'key-1', false],
    ['an auth PSK it does not have', alone, both, 'key-1', false],
    ['its own link and auth PSK', combined, both, 'key-1', true],
    ['another auth PSK', combined, { ...both, authPskIdentity: utf8('link-2') }, 'key-1', false],
    ['QKD without the auth PSK it asks for', combined, ours, 'key-1', false],
    ['the auth PSK alone under require', combined, bare, 'link-1', false],
    ['the auth PSK alone under prefer', preferred, bare, 'link-1', true],
    ['the auth PSK in the name of a key_ID', preferred, bare, 'key-1', false],
    ['the auth PSK with SAEs in its context', preferred, { ...bare, initiatorSaeId: 'alice' }, 'link-1', false],
    ['an endless key_ID', alone, ours, 'k'.repeat(257), false],
    ['a key_ID with a line end', alone, ours, 'key\n1', false],
  ])('%s', async (_, options, context, keyId, taken) => {
    const external = { identity: utf8(keyId), epsk: new Uint8Array(32), hash: 'SHA-256' as const }
    const { identity } = importPsk(CRYPTO, { ...external, context: encodeImporterContext(context) }, 'SHA-384')
    const chosen = await select(options, null, { identities: [{ identity, obfuscatedTicketAge: 0 }] })
    if (taken) expect(chosen).toMatchObject({ index: 0, hash: 'SHA-384' })
    else expect(chosen).toBe('ERR_UNKNOWN_PSK_IDENTITY')
  })

  it('are for TLS 1.3 and the KDF of a common suite', async () => {
    const external = { identity: utf8('key-1'), epsk: new Uint8Array(32), hash: 'SHA-256' as const }
    const { identity } = importPsk(CRYPTO, { ...external, context: encodeImporterContext(ours) }, 'SHA-256')
    const asked = (octets: Uint8Array, suites: SelectPskRequest['suites']) =>
      select(alone, null, { identities: [{ identity: octets, obfuscatedTicketAge: 0 }], suites })
    expect(await asked(identity, ['TLS_AES_128_GCM_SHA256'])).toMatchObject({ hash: 'SHA-256' })
    expect(await asked(identity, ['TLS_AES_256_GCM_SHA384'])).toBe('ERR_UNKNOWN_PSK_IDENTITY')
    const older = identity.slice()
    older[identity.length - 3] = 0x03
    expect(await asked(older, ['TLS_AES_128_GCM_SHA256'])).toBe('ERR_UNKNOWN_PSK_IDENTITY')
  })

  it('may come from any of several peers, each asked for by its own name', async () => {
    const several = { qkd: { ...bob.qkd, peerSaeId: ['carol', 'alice'] }, certificates: true }
    const { alice } = sites()
    const chosen = await select(several, await offer({ qkd: alice.qkd, certificates: true }))
    expect(chosen).toMatchObject({ source: { peerSaeId: 'alice' } })
  })

  it('are bare key_IDs without the importer, any printable one', async () => {
    const raw = { qkd: { ...bob.qkd, importer: false }, certificates: true }
    const asked = (identity: string) => select(raw, null, { identities: [garbage(identity)], withCertificate: true })
    expect(await asked('some-key')).toMatchObject({ kind: 'external', hash: 'SHA-256', source: { keyId: 'some-key' } })
    expect(await asked('some\0key')).toBe('ERR_POLICY_QKD_REQUIRED')
  })
})

describe('the QKD key of a server', () => {
  const pair = async (policy: 'require' | 'prefer', options: Omit<PskOptions, 'qkd'>) => {
    const { alice, bob } = sites({ policy })
    const made = await offer({ ...options, qkd: alice.qkd })
    return { alice, bob, made, psks: createServerPsks({ ...options, qkd: bob.qkd }, CRYPTO, null) }
  }

  it('is fetched by the ID the client named, and wiped', async () => {
    const { bob, made, psks } = await pair('require', { certificates: true })
    const connection = psks.forConnection()
    await accept(connection, made)
    expect(bob.source.calls).toEqual([{ method: 'getKeyWithId', peerSaeId: 'alice', keyId: 'key-1' }])
    expect(bob.source.delivered[0]?.key).toEqual(new Uint8Array(32))
    expect(connection.keyFetch.milliseconds).toBeGreaterThan(0)
    expect(psks.forConnection().keyFetch.milliseconds).toBe(0)
  })

  it('may come as a Buffer', async () => {
    const { alice, bob } = sites({ importer: false })
    bob.source.change = ({ keyId, key }) => ({ keyId, key: Buffer.from(key) })
    const made = await offer({ qkd: alice.qkd, certificates: true })
    const accepted = await accept(server({ qkd: bob.qkd, certificates: true }), made)
    expect(accepted?.psk).toEqual(made.psks[0]?.psk)
  })

  it('is asked for once, whoever asks and whatever the key source said', async () => {
    const { bob, made, psks } = await pair('require', { certificates: true })
    bob.source.failure = KEY_DOWN
    expect(await refusalOf(accept(psks.forConnection(), made))).toBe('ERR_QKD_UNREACHABLE')
    bob.source.failure = null
    const again = [1, 2].map(() => refusalOf(accept(psks.forConnection(), made)))
    expect(await Promise.all(again)).toEqual(['ERR_QKD_KEY_NOT_FOUND', 'ERR_QKD_KEY_NOT_FOUND'])
    expect(bob.source.calls).toHaveLength(1)
  })

  it('is asked for once even by two handshakes at a time', async () => {
    const { bob, made, psks } = await pair('require', { certificates: true })
    const outcomes = await Promise.all([1, 2].map(() => refusalOf(accept(psks.forConnection(), made))))
    expect(outcomes).toEqual([null, 'ERR_QKD_KEY_NOT_FOUND'])
    expect(bob.source.calls).toHaveLength(1)
  })

  it('stays refused to a replay after a flood of made-up key_IDs', async () => {
    const { bob, made, psks } = await pair('require', { certificates: true })
    await accept(psks.forConnection(), made)
    const context = encodeImporterContext({
      kind: 'qkd',
      keySourceName: 'kms',
      initiatorSaeId: 'alice',
      responderSaeId: 'bob',
      authPskIdentity: new Uint8Array(0),
    })
    for (let i = 0; i < 10_001; i++) {
      const external = { identity: utf8(`made-up-${i}`), epsk: new Uint8Array(32), hash: 'SHA-256' as const, context }
      const { identity } = importPsk(CRYPTO, external, 'SHA-384')
      const identities = [{ identity, obfuscatedTicketAge: 0 }]
      expect(await refusalOf(accept(psks.forConnection(), made, { identities }))).toBe('ERR_QKD_KEY_NOT_FOUND')
    }
    expect(bob.source.calls).toHaveLength(10_002)
    expect(await refusalOf(accept(psks.forConnection(), made))).toBe('ERR_QKD_KEY_NOT_FOUND')
    expect(bob.source.calls).toHaveLength(10_002)
  })

  it('is one for a hello, however many a client names: the key source is called once', async () => {
    const { alice, bob } = sites({ policy: 'prefer' })
    const options = { psk: psk(), certificates: false }
    const offers = [1, 2, 3].map(() => offer({ ...options, qkd: alice.qkd }))
    const identities = (await Promise.all(offers)).flatMap(({ psks }) =>
      psks.slice(0, 2).map(({ identity }) => ({ identity, obfuscatedTicketAge: 0 })),
    )
    bob.source.failure = KEY_DOWN
    const connection = createServerPsks({ ...options, qkd: bob.qkd }, CRYPTO, null).forConnection()
    const made = await offer(options)
    expect(await refusalOf(accept(connection, made, { identities }))).toBe('ERR_UNKNOWN_PSK_IDENTITY')
    expect(bob.source.calls).toHaveLength(1)
  })

  it('is asked for only through the gate, and only what the gate was asked for first is selected', async () => {
    const { bob, made, psks } = await pair('prefer', { psk: psk(), certificates: false })
    const closed = () => {
      throw new TrefoilError('ERR_TOO_MANY_KEY_LOOKUPS', 'closed')
    }
    const reported: TrefoilError[] = []
    const onFallback = (error: TrefoilError) => reported.push(error)
    const shut = psks.forConnection({ onFallback, gate: { check: closed, run: (ask) => ask() } })
    expect(await refusalOf(accept(shut, made))).toBe('ERR_TOO_MANY_KEY_LOOKUPS')
    const full = psks.forConnection({ onFallback, gate: { check() {}, run: async () => closed() } })
    expect(await refusalOf(accept(full, made))).toBe('ERR_TOO_MANY_KEY_LOOKUPS')
    // No flood talks a server that prefers QKD out of it.
    expect([bob.source.calls, reported]).toEqual([[], []])
    // What needs no key needs no gate.
    const withoutKey = await accept(shut, await offer({ psk: psk(), certificates: false }))
    expect(withoutKey?.selection.source).toMatchObject({ mode: 'psk' })
  })

  it.each([
    ['of a wrong length', { keyId: 'key-1', key: new Uint8Array(8) }, 'ERR_QKD_KEY_LENGTH'],
    ['of another ID', { keyId: 'key-2', key: new Uint8Array(32).fill(7) }, 'ERR_QKD_BAD_REPLY'],
  ])('is refused when it is %s', async (_, key, code) => {
    const { bob, made, psks } = await pair('require', { certificates: true })
    bob.source.change = () => key
    expect(await refusalOf(accept(psks.forConnection(), made))).toBe(code)
    expect(key.key).toEqual(new Uint8Array(key.key.length))
  })

  it('under prefer: gives way to the PSK alone, then to a certificate, and it is reported once', async () => {
    const { bob, made, psks } = await pair('prefer', { psk: psk(), certificates: false })
    bob.source.failure = KEY_DOWN
    const reported: TrefoilError[] = []
    const connection = psks.forConnection({ onFallback: (error) => reported.push(error) })
    const accepted = await accept(connection, made)
    expect(accepted?.selection.source).toMatchObject({ mode: 'psk', keyId: null, freshQkdAt: null })
    expect(accepted?.psk).toEqual(made.psks[2]?.psk)
    expect(reported).toEqual([KEY_DOWN])

    const other = await pair('prefer', { certificates: true })
    other.bob.source.failure = KEY_DOWN
    expect(await accept(other.psks.forConnection(), other.made)).toBeNull()
  })

  it('under prefer: does not give way when the handshake itself was given up', async () => {
    const { made, psks } = await pair('prefer', { psk: psk(), certificates: false })
    const signal = AbortSignal.abort(new TrefoilError('ERR_HANDSHAKE_TIMEOUT', 'too late'))
    expect(await refusalOf(accept(psks.forConnection({ signal }), made))).toBe('ERR_HANDSHAKE_TIMEOUT')
  })

  it('is fetched only for what was selected on this connection', async () => {
    const { made, psks } = await pair('require', { certificates: true })
    const request = selectRequest(made)
    const selection = await psks.forConnection().handlers.selectPsk(request)
    if (selection === null) throw new Error('nothing was selected')
    const { identity } = request.identities[0] as PskIdentity
    const fetch = async () => psks.forConnection().handlers.fetchPsk({ type: 'fetchPsk', selection, identity })
    expect(await refusalOf(fetch)).toBe('ERR_INVALID_STATE')
  })
})
