/** PSKs that a server looks up: over sockets where the outcome is what both ends see, without where it is what is asked. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.js'
import { connect, type PskLookup, type PskOption, type PskQuestion, type ServerOptions } from '../../../src/index.js'
import { createServerPsks } from '../../../src/node/psk/serverPsks.js'
import { encodeImportedIdentity, encodeImporterContext, type ImporterContext } from '../../../src/tls/index.js'
import { refusal } from '../../support/refusal.js'
import { failure, listen, refusal as refusedBoth, secured, shake } from '../fixtures.js'
import { accept, CRYPTO, offer, psk, refusalOf, selectRequest, server, sites } from './support.js'

const key = randomBytes(32)
const wanted = { identity: 'branch-17', key }
const names = { localId: 'hq', peerId: 'branch-17' }
const NEVER = () => new Promise<null>(() => {})

/** A look-up that keeps a record of its questions. */
function recorded(answer: PskLookup): { lookup: PskLookup; asked: ({ identity: string } & PskQuestion)[] } {
  const asked: ({ identity: string } & PskQuestion)[] = []
  const lookup: PskLookup = (identity, question) => {
    asked.push({ identity, ...question })
    return answer(identity, question)
  }
  return { lookup, asked }
}

describe('a PSK that is looked up', () => {
  it.each<[string, PskLookup]>([
    ['at once', () => ({ key })],
    ['later', async () => ({ key })],
  ])('authenticates the client: %s', async (_, answer) => {
    const { lookup, asked } = recorded(answer)
    const { server: socket } = await shake({ psk: lookup }, { psk: wanted, servername: 'hq.example' })
    expect(socket.protection).toMatchObject({ psk: { identity: 'branch-17' }, authentication: { peer: 'psk' } })
    expect(asked).toEqual([
      {
        identity: 'branch-17',
        localId: null,
        peerId: null,
        servername: 'hq.example',
        remoteAddress: '127.0.0.1',
        signal: expect.any(AbortSignal),
      },
    ])
  })

  it.each<[string, PskOption, ReturnType<PskLookup>]>([
    ['bound to names', { ...wanted, localId: 'branch-17', peerId: 'hq' }, { key, ...names }],
    ['raw', { ...wanted, importer: false }, { key, importer: false }],
    [
      'raw, of another hash',
      { ...wanted, importer: false, hash: 'SHA-384' },
      { key, importer: false, hash: 'SHA-384' },
    ],
    ['with a context of the peer', { ...wanted, context: utf8('theirs') }, { key, context: utf8('theirs') }],
    ['with a key to come', wanted, { key: [randomBytes(32), key] }],
  ])('may be %s', async (_, client, answer) => {
    const { server: socket } = await shake({ psk: () => answer }, { psk: client })
    expect(socket.protection?.psk?.identity).toBe('branch-17')
  })

  it.each<[string, PskOption, Awaited<ReturnType<PskLookup>>]>([
    ['is not known', wanted, null],
    ['is not known, said by undefined', wanted, undefined],
    ['is bound to names, and the client names none', wanted, { key, ...names }],
    ['is bound to other names', { ...wanted, localId: 'branch-18', peerId: 'hq' }, { key, ...names }],
    ['is raw, and the client imports it', wanted, { key, importer: false }],
    ['is imported, and the client does not', { ...wanted, importer: false }, { key }],
    ['has another context', { ...wanted, context: utf8('theirs') }, { key, context: utf8('ours') }],
  ])('that %s is told like a wrong key', async (_, client, answer) => {
    const outcome = await refusedBoth({ psk: async () => answer }, { psk: client })
    expect(outcome.client).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'decrypt_error' })
    expect(outcome.server.code).toBe('ERR_UNKNOWN_PSK_IDENTITY')
    const wrong = await refusedBoth({ psk: () => ({ key: randomBytes(32) }) }, { psk: wanted })
    expect([wrong.client.alert, wrong.server.code]).toEqual(['decrypt_error', 'ERR_BAD_BINDER'])
  })

  it.each<[string, PskLookup, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('the database is down')
      },
      /look-up of a PSK failed/,
    ],
    ['rejects', () => Promise.reject(new Error('the database is down')), /look-up of a PSK failed/],
    ['gives a short key', () => ({ key: randomBytes(15) }), /at least 16 octets/],
    ['gives no PSK at all', () => 'branch-17' as never, /unusable PSK/],
    ['gives half the names', () => ({ key, localId: 'hq' }), /go together/],
    ['has not answered when time is up', NEVER, /did not answer/],
  ])('ends the handshake with a reason where the look-up %s', async (_, lookup, reason) => {
    const options: ServerOptions = { psk: lookup, ...(lookup === NEVER && { handshakeTimeout: 300 }) }
    const outcome = await refusedBoth(options, { psk: wanted })
    expect(outcome.client).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'internal_error' })
    expect(outcome.server).toMatchObject({ code: 'ERR_PSK_LOOKUP', message: expect.stringMatching(reason) })
  })

  it('is given up with the connection: the signal fires', async () => {
    const questions: PskQuestion[] = []
    const lookup: PskLookup = (_, question) => {
      questions.push(question)
      return NEVER()
    }
    const { port } = await listen({ psk: lookup })
    const client = connect({ host: '127.0.0.1', port, psk: wanted })
    client.on('error', () => {})
    await expect.poll(() => questions).toHaveLength(1)
    client.destroy()
    await expect.poll(() => questions[0]?.signal.aborted).toBe(true)
  })

  it('goes on under a HelloRetryRequest, and is asked for once', async () => {
    const { lookup, asked } = recorded(() => ({ key }))
    const groups = { client: ['X25519MLKEM768', 'SecP384r1MLKEM1024'], server: ['SecP384r1MLKEM1024'] }
    const { server: socket } = await shake(
      { psk: lookup, groups: groups.server },
      { psk: wanted, groups: groups.client },
    )
    expect(socket.protection?.keyExchange.group).toBe('SecP384r1MLKEM1024')
    expect(asked).toHaveLength(1)
  })

  it('is looked up again for a session, which ends when the PSK is gone or its key is another', async () => {
    let answer: Awaited<ReturnType<PskLookup>> = { key }
    const { port, server: listening } = await listen({ psk: () => answer })
    const accepted = once(listening, 'secureConnection')
    const first = await secured(connect({ host: '127.0.0.1', port, psk: wanted }))
    await accepted
    const [session] = (await once(first, 'session')) as [Buffer]
    const again = () => connect({ host: '127.0.0.1', port, psk: wanted, session })
    expect((await secured(again())).protection).toMatchObject({ resumed: true, psk: { identity: 'branch-17' } })
    answer = { key: [key, randomBytes(32)] }
    const other = connect({ host: '127.0.0.1', port, psk: wanted })
    const [next] = (await once(await secured(other), 'session')) as [Buffer]
    answer = { key: randomBytes(32) }
    const refused = connect({ host: '127.0.0.1', port, psk: wanted, session: next })
    expect((await failure(refused)).alert).toBe('decrypt_error')
    answer = null
    expect((await failure(connect({ host: '127.0.0.1', port, psk: wanted, session: next }))).alert).toBe(
      'decrypt_error',
    )
  })
})

const context = (change: Partial<ImporterContext> = {}): ImporterContext => ({
  kind: 'psk',
  keySourceName: '',
  initiatorSaeId: '',
  responderSaeId: '',
  authPskIdentity: utf8('a'),
  ...change,
})
const imported = (identity: string, of: ImporterContext, targetKdf = 2) => ({
  identity: encodeImportedIdentity({
    externalIdentity: utf8(identity),
    context: encodeImporterContext(of),
    targetProtocol: 0x0304,
    targetKdf,
  }),
  obfuscatedTicketAge: 0,
})
const raw = (identity: Uint8Array) => ({ identity, obfuscatedTicketAge: 0 })

describe('of hostile identities a look-up', () => {
  const { bob } = sites()
  const asked = async (identities: ReturnType<typeof raw>[], options: Omit<ServerOptions, 'psk'> = {}) => {
    const { lookup, asked: questions } = recorded(() => null)
    const psks = createServerPsks({ psk: lookup, qkd: options.qkd, certificates: false }, CRYPTO, null)
    await psks.forConnection().handlers.selectPsk(selectRequest(null, { identities }))
    return questions.map(({ identity, localId, peerId }) => [identity, localId, peerId])
  }

  it('is asked nothing that is not 1 to 256 printable characters, whatever the octets', async () => {
    const long = 'x'.repeat(257)
    const unprintable = [[0xff, 0xfe], [0xc3], [...utf8('a\nb')], [0], [...utf8(long)], [0xed, 0xa0, 0x80]]
    expect(await asked(unprintable.map((octets) => raw(Uint8Array.from(octets))))).toEqual([])
    const inContexts = [
      imported('a\0', context({ authPskIdentity: utf8('a\0') })),
      imported(long, context({ authPskIdentity: utf8(long) })),
      imported('a', context({ initiatorSaeId: 'x\n', responderSaeId: 'y' })),
      imported('a', context({ initiatorSaeId: 'x' })),
      imported('a', context({ initiatorSaeId: long, responderSaeId: 'y' })),
    ]
    expect(await asked(inContexts)).toEqual([])
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 6 }),
        async (all) => {
          for (const [identity] of await asked(all.map(raw))) expect(identity).toMatch(/^[^\p{Cc}\p{Cs}]{1,256}$/u)
        },
      ),
    )
  })

  it('is asked nothing about what could not be a PSK of this server', async () => {
    const ends = { initiatorSaeId: 'alice', responderSaeId: 'bob' }
    const identities = [
      imported('key-1', context({ kind: 'psk+qkd', ...ends })),
      imported('key-1', context({ kind: 'qkd', ...ends, authPskIdentity: new Uint8Array(0) })),
      imported('b', context()),
      imported('a', context()),
    ]
    expect(await asked(identities)).toEqual([['a', null, null]])
    expect(await asked(identities, { qkd: bob.qkd })).toEqual([['a', 'bob', 'alice']])
  })

  it('is asked four times at most for one hello, and once for what is offered under two KDFs', async () => {
    const many = Array.from({ length: 9 }, (_, i) =>
      [1, 2].map((kdf) => imported(`${i}`, context({ authPskIdentity: utf8(`${i}`) }), kdf)),
    )
    expect((await asked(many.flat())).map(([identity]) => identity)).toEqual(['0', '1', '2', '3'])
  })

  it('that answers with the same PSK under several claims does no harm', async () => {
    const claims = ['x', 'y'].map((peer) => imported('a', context({ initiatorSaeId: peer, responderSaeId: 'bob' })))
    const same = server({ psk: () => ({ key, localId: 'bob', peerId: 'x' }), certificates: false })
    const chosen = await same.handlers.selectPsk(selectRequest(null, { identities: claims.toReversed() }))
    expect(chosen).toMatchObject({ index: 1, source: { pskEnds: { localId: 'bob', peerId: 'x' } } })
  })
})

describe('the keys of a look-up', () => {
  it('are copied, and the copies wiped when they have been used', async () => {
    const given = randomBytes(32)
    const before = Buffer.from(given)
    const connection = server({ psk: () => ({ key: given }), certificates: false })
    const made = await offer({ psk: psk('a', { key: given }), certificates: false })
    const accepted = await accept(connection, made)
    expect(accepted?.psk).toEqual(made.psks[0]?.psk)
    expect(given.equals(before)).toBe(true)
    // A client with a binder of zeros would be a holder of what is left of them.
    expect(await refusalOf(accept(connection, made))).toBe('ERR_ABORTED')
  })

  it('that come when the connection is given up are of no use', async () => {
    const abandon = new AbortController()
    const answers: ((psk: { key: Uint8Array }) => void)[] = []
    const lookup: PskLookup = () => new Promise((resolve) => answers.push(resolve))
    const psks = createServerPsks({ psk: lookup, certificates: false }, CRYPTO, null)
    const outcome = refusalOf(
      accept(psks.forConnection({ signal: abandon.signal }), await offer({ psk: psk('a'), certificates: false })),
    )
    await expect.poll(() => answers).toHaveLength(1)
    abandon.abort()
    answers[0]?.({ key: randomBytes(32) })
    expect(await outcome).toBe('ERR_ABORTED')
  })

  it('are combined with a QKD key too', async () => {
    const { alice, bob } = sites()
    const made = await offer({ psk: psk('a', { key }), qkd: alice.qkd, certificates: false })
    const accepted = await accept(server({ psk: async () => ({ key }), qkd: bob.qkd, certificates: false }), made)
    expect(accepted?.psk).toEqual(made.psks[0]?.psk)
    expect(accepted?.selection.source).toMatchObject({ mode: 'psk+qkd', pskIdentity: utf8('a'), peerSaeId: 'alice' })
    const none = server({ psk: () => null, qkd: bob.qkd, certificates: false })
    expect(await refusalOf(accept(none, made))).toBe('ERR_UNKNOWN_PSK_IDENTITY')
  })

  it.each([
    ['of a client', () => connect({ port: 1, psk: (() => null) as never })],
    [
      'beside raw QKD keys',
      () => server({ psk: () => null, qkd: { ...sites().bob.qkd, importer: false }, certificates: false }),
    ],
  ])('are refused as an option %s', (_, make) => {
    expect(refusal(make)).toBe('ERR_INVALID_OPTION')
  })
})
