/**
 * Keys and messages that are put where they do not belong: by a man in the middle, by a dishonest client, by a third
 * SAE, or by reflection (RFC 9257 4.1, arXiv 2509.12478). What fails, at which end, and what the key managers are asked.
 */
import { once } from 'node:events'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type ConnectionOptions,
  connect,
  type KeySource,
  type QkdKey,
  type QkdOption,
  type ServerOptions,
} from '../../src/index.js'
import { etsi014 } from '../../src/qkd/index.js'
import { credentials, saeA, saeB } from '../support/kme.js'
import { type End, listen, meddle, meet, refused, replaceText, tcp } from './ends.js'
import { ca, psk, serverIdentity } from './identities.js'
import { CLIENT_KEY_ONLY, forged, ONE_KEY, recorded, useLink } from './link.js'

const saeC = 'sae-carol'
const saeD = 'sae-daves'
const managed = (kmeId: string, sae: string[]) => ({ kmeId, sae, tls: credentials(kmeId) })
/** Two SAEs at each site. */
const link = useLink({ siteA: managed('KME-A', [saeA, saeC]), siteB: managed('KME-B', [saeB, saeD]) })

let sourceOfCarol: KeySource
beforeAll(() => {
  const carol = etsi014({ url: link.managers.urlA, ...credentials(saeC) })
  sourceOfCarol = carol
  return () => carol.close()
})

interface Setting {
  readonly mode: string
  readonly server: ServerOptions
  readonly client: ConnectionOptions
  readonly raw: boolean
  readonly badBinder: End
  /** How a server tells an identity that it does not know. */
  readonly unknown: End
}
const BY_CERTIFICATE = {
  server: serverIdentity,
  client: { ca },
  badBinder: ['ERR_BAD_BINDER_WITH_CERTIFICATE', 'illegal_parameter'],
  unknown: ['ERR_POLICY_QKD_REQUIRED', 'insufficient_security'],
} as const
const BY_KEY = {
  badBinder: ['ERR_BAD_BINDER', 'decrypt_error'],
  unknown: ['ERR_UNKNOWN_PSK_IDENTITY', 'decrypt_error'],
} as const
const SETTINGS: Setting[] = [
  { mode: 'certificate + QKD', raw: false, ...BY_CERTIFICATE },
  { mode: 'psk + QKD', raw: false, server: { psk }, client: { psk }, ...BY_KEY },
  { mode: 'QKD alone', raw: false, server: {}, client: {}, ...BY_KEY },
  { mode: 'raw QKD key with certificate', raw: true, ...BY_CERTIFICATE },
]
const NOT_FOUND: End = ['ERR_QKD_KEY_NOT_FOUND', 'decrypt_error']
const told = ([, alert]: End): End => ['ERR_ALERT_RECEIVED', alert]
const refusedBy = (server: End) => ({ client: told(server), server, sessions: 0 })

describe.each(SETTINGS)('$mode', ({ server, client, raw, badBinder, unknown }) => {
  const importer = { importer: !raw }
  const serverWith = (more: Partial<QkdOption> = {}): ServerOptions => {
    return { ...server, qkd: link.server({ ...importer, ...more }) }
  }
  const clientWith = (more: Partial<QkdOption> = {}): ConnectionOptions => {
    return { ...client, qkd: link.client({ ...importer, ...more }) }
  }
  const fetched = (source: KeySource = link.managers.sourceA): Promise<QkdKey> => source.getKey(saeB)

  it('a key_ID swapped on the way for that of another key of the same pair: the binder fails', async () => {
    const other = await fetched()
    const source = recorded(link.managers.sourceA)
    const listening = await listen(serverWith())
    const middle = await meddle(listening.port, (hello) => {
      return replaceText(hello, source.given[0]?.keyId as string, other.keyId)
    })
    const outcome = await refused(listening, clientWith({ source }), middle.port)
    expect(outcome).toEqual(refusedBy(badBinder))
  })

  it('a key_ID swapped by the client for that of another key of the same pair: the binder fails', async () => {
    const [named, kept] = [await fetched(), await fetched()]
    const source = forged(link.managers.sourceA, { keyId: named.keyId, key: kept.key })
    expect(await refused(serverWith(), clientWith({ source }))).toEqual(refusedBy(badBinder))
  })

  it("a key_ID of another client's, from the same key manager: not found", async () => {
    const source = forged(sourceOfCarol, await fetched(sourceOfCarol))
    expect(await refused(serverWith(), clientWith({ source }))).toEqual(refusedBy(NOT_FOUND))
  })

  it("a key for another server's SAE is refused by the key manager", async () => {
    const key = await link.managers.sourceA.getKey(saeD)
    const source = forged(link.managers.sourceA, key)
    expect(await refused(serverWith(), clientWith({ source }))).toEqual(
      refusedBy(['ERR_QKD_UNAUTHORIZED', 'internal_error']),
    )
  })

  // A raw PSK has no context to hold names.
  if (!raw) {
    it('the key of another client is never mixed though that SAE is accepted too: the context names one of them', async () => {
      const source = forged(sourceOfCarol, await fetched(sourceOfCarol))
      const both = serverWith({ peerSaeId: [saeA, saeC] })
      expect(await refused(both, clientWith({ source }))).toEqual(refusedBy(NOT_FOUND))
      const honest = await meet(both, clientWith({ source: sourceOfCarol, localSaeId: saeC }))
      expect(honest.server.protection?.qkd?.peerSaeId).toBe(saeC)
    })

    it('an SAE that the server does not accept is refused before its key is asked for', async () => {
      const outcome = await refused(serverWith(), clientWith({ source: sourceOfCarol, localSaeId: saeC }))
      expect(outcome).toEqual(refusedBy(unknown))
      expect(link.calls()).toEqual(CLIENT_KEY_ONLY)
    })

    it('a key source under another name makes another context, so the identity is unknown', async () => {
      const source = link.managers.source('A', { name: 'another network' })
      expect(await refused(serverWith(), clientWith({ source }))).toEqual(refusedBy(unknown))
      expect(link.calls()).toEqual(CLIENT_KEY_ONLY)
    })
  }

  it('a key that was used before is refused, without asking for it again', async () => {
    const listening = await listen(serverWith())
    const source = recorded(link.managers.sourceA)
    await meet(listening, clientWith({ source }))
    const again = clientWith({ source: forged(source, source.given[0] as QkdKey) })
    expect(await refused(listening, again)).toEqual(refusedBy(NOT_FOUND))
    expect(link.calls()).toEqual(ONE_KEY)
  })

  it('so it is by a server that has no memory of it, and by a twin: then the key manager says no', async () => {
    const source = recorded(link.managers.sourceA)
    await meet(serverWith(), clientWith({ source }))
    const again = clientWith({ source: forged(source, source.given[0] as QkdKey) })
    const fresh = link.managers.source('B')
    expect(await refused(serverWith({ source: fresh }), again)).toEqual(refusedBy(NOT_FOUND))
    expect(link.calls().server.dec).toBe(2)
  })

  it('a recorded ClientHello that is sent again gets decrypt_error, and no key is asked for', async () => {
    const listening = await listen(serverWith())
    const middle = await meddle(listening.port, (hello) => hello)
    const accepted = once(listening.server, 'secureConnection')
    const honest = connect({ ...clientWith(), host: '127.0.0.1', port: middle.port })
    await accepted
    honest.destroy()
    const refusal = once(listening.server, 'tlsClientError')
    const replay = tcp(listening.port)
    replay.write(middle.seen[0] as Buffer)
    const [[error], [alert]] = await Promise.all([refusal, once(replay, 'data')])
    expect(error).toMatchObject({ code: 'ERR_QKD_KEY_NOT_FOUND' })
    // An alert record in the clear: fatal, decrypt_error.
    expect((alert as Buffer).toString('hex')).toBe('15030300020233')
    expect(link.calls()).toEqual(ONE_KEY)
    expect(listening.sessions.length).toBe(1)
  })

  it('a ClientHello reflected to its sender, who serves with the same configuration, is refused (Selfie)', async () => {
    // With one source for both roles, as a host would have it: its own keys are no use to it as a server.
    const reflected = { ...server, qkd: link.client(importer) }
    expect(await refused(reflected, clientWith())).toEqual(refusedBy(raw ? NOT_FOUND : unknown))
    expect(link.calls()).toEqual(CLIENT_KEY_ONLY)
  })
})

describe('key_IDs that cannot be', () => {
  const setting = async (change: (keyId: string) => string) => {
    const source = recorded(link.managers.sourceA)
    const listening = await listen({ psk, qkd: link.server() })
    const middle = await meddle(listening.port, (hello) => {
      const keyId = source.given.at(-1)?.keyId as string
      return replaceText(hello, keyId, change(keyId))
    })
    return () => refused(listening, { psk, qkd: link.client({ source }) }, middle.port)
  }

  it.each([
    ['control characters', '\r\nHost: elsewhere\0'.padEnd(36, '\x07')],
    ['octets that are not UTF-8', '\xff'.repeat(36)],
    ['a surrogate', '\xed\xa0\x80'.repeat(12)],
  ])('%s are refused like any unknown identity, and never reach the key manager', async (_, keyId) => {
    const attempt = await setting(() => keyId)
    expect(await attempt()).toEqual(refusedBy(['ERR_UNKNOWN_PSK_IDENTITY', 'decrypt_error']))
    expect(link.calls()).toEqual(CLIENT_KEY_ONLY)
  })

  it('one that the key manager does not know is asked for once, and looks the same the second time', async () => {
    const attempt = await setting(() => '00000000-0000-4000-8000-000000000000')
    expect(await attempt()).toEqual(refusedBy(NOT_FOUND))
    expect(await attempt()).toEqual(refusedBy(NOT_FOUND))
    expect(link.calls()).toEqual({ client: { enc: 2, dec: 0 }, server: { enc: 0, dec: 1 } })
  })

  it('one that would be another path of the key manager goes to it as what it is: a name', async () => {
    const attempt = await setting(() => '../../../../status?key_ID=1#x'.padEnd(36, '/'))
    expect(await attempt()).toEqual(refusedBy(NOT_FOUND))
    expect(link.managers.b.counters.status).toBe(0)
    expect(link.calls()).toEqual(ONE_KEY)
  })
})
