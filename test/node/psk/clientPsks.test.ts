import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../src/bytes.js'
import { TrefoilError } from '../../../src/errors.js'
import { type ClientPskOptions, createClientPsks } from '../../../src/node/psk/clientPsks.js'
import type { PskSource } from '../../../src/node/psk/source.js'
import { decodeImportedIdentity, TARGET_KDF } from '../../../src/tls/psk/importedIdentity.js'
import { decodeImporterContext } from '../../../src/tls/psk/importerContext.js'
import type { OfferedPsk, PskOffer } from '../../../src/tls/requests.js'
import { CRYPTO, KEY_DOWN, memoryLink, offer, psk, refusalOf, sites } from './support.js'

const REQUEST = {
  type: 'offerPsks',
  hashes: ['SHA-384', 'SHA-256'],
  serverName: 'bob.example',
  applicationProtocols: [],
} as const
const DEAD_SIGNAL = AbortSignal.abort(new TrefoilError('ERR_HANDSHAKE_TIMEOUT', 'too late'))

const modes = (made: PskOffer) => made.psks.map(({ source, hash }) => `${(source as PskSource).mode} ${hash}`)
const contextOf = (offered: OfferedPsk | undefined) =>
  decodeImporterContext(decodeImportedIdentity(offered?.identity ?? new Uint8Array(0)).context)

describe('what a client offers', () => {
  it('is nothing when nothing is configured', async () => {
    expect(await offer({ certificates: true })).toEqual({ psks: [], withCertificate: false, required: false })
  })

  const both = (mode: string) => [`${mode} SHA-384`, `${mode} SHA-256`]
  const { qkd } = sites().alice
  const prefer = { ...qkd, policy: 'prefer' } as const
  const off = { ...qkd, policy: 'off' } as const
  it.each<[string, ClientPskOptions, string[], { withCertificate: boolean; required: boolean }]>([
    ['psk', { psk: psk(), certificates: false }, both('psk'), { withCertificate: false, required: true }],
    [
      'psk beside trust anchors',
      { psk: psk(), certificates: true },
      both('psk'),
      { withCertificate: false, required: true },
    ],
    [
      'psk with certificate',
      { psk: psk(), pskWithCertificate: true, certificates: true },
      both('psk'),
      { withCertificate: true, required: true },
    ],
    ['qkd, require, certificates', { qkd, certificates: true }, both('qkd'), { withCertificate: true, required: true }],
    [
      'qkd, prefer, certificates',
      { qkd: prefer, certificates: true },
      both('qkd'),
      { withCertificate: true, required: false },
    ],
    ['qkd, require, alone', { qkd, certificates: false }, both('qkd'), { withCertificate: false, required: true }],
    [
      'qkd, prefer, alone',
      { qkd: prefer, certificates: false },
      both('qkd'),
      { withCertificate: false, required: true },
    ],
    [
      'psk and qkd, require',
      { psk: psk(), qkd, certificates: false },
      both('psk+qkd'),
      { withCertificate: false, required: true },
    ],
    [
      'psk and qkd, prefer',
      { psk: psk(), qkd: prefer, certificates: false },
      [...both('psk+qkd'), ...both('psk')],
      { withCertificate: false, required: true },
    ],
    [
      'psk and qkd, prefer, with certificate',
      { psk: psk(), qkd: prefer, pskWithCertificate: true, certificates: true },
      [...both('psk+qkd'), ...both('psk')],
      { withCertificate: true, required: true },
    ],
    [
      'psk and qkd, off',
      { psk: psk(), qkd: off, certificates: false },
      both('psk'),
      { withCertificate: false, required: true },
    ],
    ['qkd, off', { qkd: off, certificates: true }, [], { withCertificate: false, required: false }],
  ])('in mode %s', async (_, options, expected, flags) => {
    const made = await offer(options)
    expect(modes(made)).toEqual(expected)
    expect(made).toMatchObject(flags)
    for (const { kind, obfuscatedTicketAge, psk: secret } of made.psks) {
      expect([kind, obfuscatedTicketAge]).toEqual(['imported', 0])
      expect(secret.some((octet) => octet !== 0)).toBe(true)
    }
  })

  it('has one identity for each hash, in the order asked for (RFC 9258 5.1)', async () => {
    const made = await offer({ psk: [psk('a'), psk('b')], certificates: false }, { hashes: ['SHA-256', 'SHA-384'] })
    const seen = made.psks.map(({ identity, hash, psk: secret }) => {
      const { externalIdentity, targetKdf } = decodeImportedIdentity(identity)
      expect(targetKdf).toBe(TARGET_KDF[hash])
      return `${fromUtf8(externalIdentity)} ${hash} ${secret.length}`
    })
    expect(seen).toEqual(['a SHA-256 32', 'a SHA-384 48', 'b SHA-256 32', 'b SHA-384 48'])
  })

  it('binds kind, key source, both SAEs by role and auth PSK into the identity', async () => {
    const { alice } = sites()
    const made = await offer({ psk: psk('link-1'), qkd: alice.qkd, certificates: false })
    expect(fromUtf8(decodeImportedIdentity(made.psks[0]?.identity as Uint8Array).externalIdentity)).toBe('key-1')
    expect(contextOf(made.psks[0])).toEqual({
      kind: 'psk+qkd',
      keySourceName: 'kms',
      initiatorSaeId: 'alice',
      responderSaeId: 'bob',
      authPskIdentity: utf8('link-1'),
    })
  })

  it('says in its note where each PSK came from', async () => {
    const { alice } = sites()
    const made = await offer({ psk: psk('link-1'), qkd: alice.qkd, certificates: false, now: () => 1234 })
    expect(made.psks[0]?.source).toEqual({
      mode: 'psk+qkd',
      keyId: 'key-1',
      keySourceName: 'kms',
      localSaeId: 'alice',
      peerSaeId: 'bob',
      pskIdentity: utf8('link-1'),
      pskTag: expect.any(Uint8Array),
      pskEnds: null,
      freshQkdAt: 1234,
      bootstrap: null,
      resumed: null,
    })
  })

  it('carries the importer context of the caller instead of ours', async () => {
    const context = Uint8Array.of(1, 2, 3)
    const made = await offer({ psk: psk('a', { context }), certificates: false })
    expect(decodeImportedIdentity(made.psks[0]?.identity as Uint8Array).context).toEqual(context)
  })

  it('is the key itself under its own hash for a raw external PSK', async () => {
    const raw = psk('a', { importer: false, hash: 'SHA-384' })
    const made = await offer({ psk: raw, certificates: false })
    expect(made.psks).toMatchObject([{ identity: utf8('a'), psk: raw.key, hash: 'SHA-384', kind: 'external' }])
  })

  it('is the bare key_ID for raw QKD', async () => {
    const { alice } = sites({ importer: false })
    const made = await offer({ qkd: alice.qkd, certificates: true })
    expect(made.psks).toMatchObject([{ identity: utf8('key-1'), hash: 'SHA-256', kind: 'external' }])
  })

  it('leaves no raw PSK whose hash no suite has, and costs no QKD key then', async () => {
    const { alice } = sites({ importer: false, hash: 'SHA-384' })
    expect(await refusalOf(offer({ qkd: alice.qkd, certificates: true }, { hashes: ['SHA-256'] }))).toBe(
      'ERR_INVALID_OPTION',
    )
    const raw = psk('a', { importer: false, hash: 'SHA-384' })
    expect(await refusalOf(offer({ psk: raw, certificates: false }, { hashes: ['SHA-256'] }))).toBe(
      'ERR_INVALID_OPTION',
    )
    expect(alice.source.calls).toEqual([])
  })
})

describe('the secrets of a client', () => {
  it('are copied from the options, and the copies wiped: a key given as a Buffer is as it was', async () => {
    const key = Buffer.from('sixteen octets..')
    for (const importer of [true, false]) {
      const made = await offer({ psk: psk('a', { key, importer }), certificates: false })
      for (const { psk: secret } of made.psks) secret.fill(0)
      expect(key.toString()).toBe('sixteen octets..')
    }
  })

  it('reach the core as octets of its own, also when the key source gives a Buffer', async () => {
    for (const importer of [true, false]) {
      const { alice } = sites({ importer })
      alice.source.change = ({ keyId, key }) => ({ keyId, key: Buffer.from(key) })
      const made = await offer({ qkd: alice.qkd, certificates: true })
      expect(alice.source.delivered[0]?.key.every((octet) => octet === 0)).toBe(true)
      expect(made.psks[0]?.psk.some((octet) => octet !== 0)).toBe(true)
    }
  })
})

describe('the QKD key of a client', () => {
  it('is fetched once per handshake, for the peer, and wiped', async () => {
    const { alice } = sites()
    await offer({ psk: [psk('a'), psk('b')], qkd: alice.qkd, certificates: false })
    expect(alice.source.calls).toEqual([{ method: 'getKey', peerSaeId: 'bob' }])
    expect(alice.source.delivered[0]?.key).toEqual(new Uint8Array(32))
  })

  it('is not offered a second time', async () => {
    const { alice } = sites()
    const { handlers } = createClientPsks({ qkd: alice.qkd, certificates: true }, CRYPTO)
    await handlers.offerPsks(REQUEST)
    expect(await refusalOf(async () => handlers.offerPsks(REQUEST))).toBe('ERR_INVALID_STATE')
  })

  it('counts the time spent on it', async () => {
    const { alice } = sites()
    const psks = createClientPsks({ qkd: alice.qkd, certificates: true }, CRYPTO)
    expect(psks.keyFetch.milliseconds).toBe(0)
    await psks.handlers.offerPsks(REQUEST)
    expect(psks.keyFetch.milliseconds).toBeGreaterThan(0)
    expect(createClientPsks({ certificates: true }, CRYPTO).keyFetch.milliseconds).toBe(0)
  })

  it.each([
    ['a key under 128 bits', { keyId: 'key-1', key: new Uint8Array(15) }, 'ERR_QKD_KEY_LENGTH'],
    ['an empty key_ID', { keyId: '', key: new Uint8Array(32) }, 'ERR_QKD_BAD_REPLY'],
    ['an endless key_ID', { keyId: 'x'.repeat(257), key: new Uint8Array(32) }, 'ERR_QKD_BAD_REPLY'],
    ['a key_ID with control characters', { keyId: 'a\nb', key: new Uint8Array(32) }, 'ERR_QKD_BAD_REPLY'],
    ['a key that is no octets', { keyId: 'key-1', key: 'secret' as never }, 'ERR_QKD_BAD_REPLY'],
  ])('is refused when the key source gives %s', async (_, key, code) => {
    const { alice } = sites()
    alice.source.change = () => key
    expect(await refusalOf(offer({ qkd: alice.qkd, certificates: true }))).toBe(code)
  })

  it('under require: the failure of the key source is the failure of the handshake', async () => {
    const { alice } = sites()
    alice.source.failure = KEY_DOWN
    expect(await refusalOf(offer({ psk: psk(), qkd: alice.qkd, certificates: true }))).toBe('ERR_QKD_UNREACHABLE')
    alice.source.failure = new Error('something private')
    await expect(offer({ qkd: alice.qkd, certificates: true })).rejects.toMatchObject({
      code: 'ERR_QKD_REFUSED',
      message: 'key source failed without saying why',
    })
  })

  it.each<[string, Omit<ClientPskOptions, 'qkd'>, string[], boolean]>([
    ['the PSK is left', { psk: psk(), certificates: false }, ['psk SHA-384', 'psk SHA-256'], true],
    ['the certificate is left', { certificates: true }, [], false],
  ])('under prefer: when the key source fails, %s, and it is reported', async (_, options, expected, required) => {
    const { alice } = sites({ policy: 'prefer' })
    alice.source.failure = KEY_DOWN
    const reported: TrefoilError[] = []
    const made = await offer({ ...options, qkd: alice.qkd, onFallback: (error) => reported.push(error) })
    expect(modes(made)).toEqual(expected)
    expect(made).toMatchObject({ withCertificate: false, required })
    expect(reported).toEqual([KEY_DOWN])
  })

  it('under prefer: is needed all the same where nothing else is left', async () => {
    const { alice } = sites({ policy: 'prefer' })
    alice.source.failure = KEY_DOWN
    expect(await refusalOf(offer({ qkd: alice.qkd, certificates: false }))).toBe('ERR_QKD_UNREACHABLE')
  })

  it.each(['require', 'prefer'] as const)(
    'under %s: is burnt when the handshake was given up meanwhile',
    async (policy) => {
      const { alice } = sites({ policy })
      const made = offer({ psk: psk(), qkd: alice.qkd, certificates: false, signal: DEAD_SIGNAL })
      expect(await refusalOf(made)).toBe('ERR_HANDSHAKE_TIMEOUT')
      expect(alice.source.delivered[0]?.key).toEqual(new Uint8Array(32))
      const unexplained = offer({ qkd: alice.qkd, certificates: false, signal: AbortSignal.abort() })
      expect(await refusalOf(unexplained)).toBe('ERR_ABORTED')
    },
  )

  it('gets the signal with its request', async () => {
    const source = memoryLink()('alice')
    const { signal } = new AbortController()
    const seen: unknown[] = []
    const watching = {
      ...source,
      getKey(peerSaeId: string, options?: object) {
        seen.push(options)
        return source.getKey(peerSaeId)
      },
    }
    await offer({ qkd: { source: watching, localSaeId: 'alice', peerSaeId: 'bob' }, certificates: true, signal })
    expect(seen).toEqual([{ signal }])
  })
})
