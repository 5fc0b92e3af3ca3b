import { describe, expect, it } from 'vitest'
import type { AlertName } from '../../../src/alerts.js'
import { NAMED_GROUPS } from '../../../src/crypto/groups.js'
import type { ErrorCode } from '../../../src/errors.js'
import { encodeClientKeyShares } from '../../../src/tls/extensions/keyShare.js'
import { encodeCookie } from '../../../src/tls/extensions/scalars.js'
import type { ClientHello } from '../../../src/tls/messages/clientHello.js'
import {
  type AttackOptions,
  attackServer,
  expectComplete,
  expectRefusal,
  knowing,
  offering,
  PSK,
} from '../../support/attack.js'
import { both, clientHello, extensionData, having, without } from '../../support/hellos.js'

type Edit = (hello: ClientHello) => ClientHello

const KEY = new Uint8Array(32).fill(1)
const COOKIE: AttackOptions = { server: { alwaysRetry: true, cookieKey: KEY } }
/** The client's share is for a group that the server does not take. */
const GROUP: AttackOptions = { server: { groups: ['secp256r1'] }, client: { groups: ['x25519', 'secp256r1'] } }

function refuses(edit: Edit, options: AttackOptions, code: ErrorCode = 'ERR_ILLEGAL_PARAMETER'): void {
  const alert: AlertName = code === 'ERR_MISSING_EXTENSION' ? 'missing_extension' : 'illegal_parameter'
  const outcome = attackServer({ ...options, script: clientHello(edit, { nth: 1 }) })
  expectRefusal(outcome, code, alert)
}

const flip = (data: Uint8Array) => data.with(-1, (data.at(-1) as number) ^ 1)

describe('a server asks for a retry', () => {
  it('when the client has sent no share of a group that it takes', () => {
    const outcome = attackServer(GROUP)
    expectComplete(outcome)
    expect(outcome.target.summary).toMatchObject({ group: 'secp256r1', helloRetryRequest: true })
  })

  it('for a hybrid group rather than take a classical share', () => {
    const groups = ['x25519', 'X25519MLKEM768'] as const
    const outcome = attackServer({ client: { groups }, server: { groups } })
    expectComplete(outcome)
    expect(outcome.target.summary).toMatchObject({ group: 'X25519MLKEM768', helloRetryRequest: true })
  })

  it('for a cookie alone, when it always does', () => {
    const outcome = attackServer(COOKIE)
    expectComplete(outcome)
    expect(outcome.target.summary?.helloRetryRequest).toBe(true)
  })

  it('once only: a second hello that would need another is refused', () => {
    const empty = new Uint8Array([0, 0])
    refuses((hello) => having(hello, 'key_share', empty), GROUP)
    refuses((hello) => having(hello, 'key_share', empty), COOKIE)
  })
})

describe('a second ClientHello that changes what it may', () => {
  it('padding, added or removed', () => {
    const added = clientHello((hello) => having(hello, 'padding', new Uint8Array(9)), { nth: 1 })
    const removed = clientHello((hello) => having(hello, 'padding', new Uint8Array(9)))
    for (const script of [added, removed]) expectComplete(attackServer({ ...GROUP, script }))
  })

  it('pre-shared keys dropped, as they do not fit the suite', () => {
    const other = { ...PSK, identity: Uint8Array.of(1), hash: 'SHA-384' as const, psk: new Uint8Array(48) }
    const outcome = attackServer({
      ...GROUP,
      clientHandlers: offering([other, PSK]),
      serverHandlers: knowing([PSK]),
    })
    expectComplete(outcome)
    expect(outcome.target.summary?.psk?.identity).toEqual(PSK.identity)
  })
})

describe.each([
  ['for another group', GROUP],
  ['for a cookie', COOKIE],
])('after a retry %s a server refuses with illegal_parameter', (_title, options) => {
  it.each<readonly [string, Edit]>([
    ['another random', (hello) => ({ ...hello, random: flip(hello.random) })],
    ['another session id', (hello) => ({ ...hello, sessionId: flip(hello.sessionId) })],
    ['no session id any more', (hello) => ({ ...hello, sessionId: new Uint8Array(0) })],
    ['other cipher suites', (hello) => ({ ...hello, cipherSuites: [0x1301, 0x1302, 0x1303] })],
    ['fewer cipher suites', (hello) => ({ ...hello, cipherSuites: hello.cipherSuites.slice(0, -1) })],
    ['no cipher suite that it knows', (hello) => ({ ...hello, cipherSuites: [0x1304] })],
    ['another server name', (hello) => having(hello, 'server_name', [0, 4, 0, 0, 1, 97])],
    ['no server name any more', (hello) => without(hello, 'server_name')],
    ['other signature algorithms', (hello) => having(hello, 'signature_algorithms', [0, 2, 8, 4])],
    ['other versions beside', (hello) => having(hello, 'supported_versions', [4, 3, 4, 3, 3])],
    ['a new extension', (hello) => having(hello, 0x4242, [1])],
    ['new application protocols', (hello) => having(hello, 'application_layer_protocol_negotiation', [0, 2, 1, 97])],
    ['early data', (hello) => having(hello, 'early_data', [])],
    ['tls_cert_with_extern_psk, new', (hello) => having(pskHello(hello), 'tls_cert_with_extern_psk', [])],
    ['a pre-shared key, new', pskHello],
    ['two key shares', (hello) => having(hello, 'key_share', twoShares())],
  ])('%s', (_what, edit) => refuses(edit, options))
})

describe('a server gets back the cookie that it gave', () => {
  it('or refuses with illegal_parameter', () => {
    refuses((hello) => without(hello, 'cookie'), COOKIE)
    refuses((hello) => having(hello, 'cookie', encodeCookie(new Uint8Array(70))), COOKIE)
    refuses((hello) => having(hello, 'cookie', flip(extensionData(hello, 'cookie'))), COOKIE)
    // None was given.
    refuses((hello) => having(hello, 'cookie', encodeCookie(new Uint8Array(70))), GROUP)
  })
})

describe('after a retry for another group a server refuses with illegal_parameter', () => {
  it('a share of a group that it did not ask for', () => {
    const x25519 = { group: NAMED_GROUPS.x25519.codePoint, keyExchange: new Uint8Array(32).fill(9) }
    refuses((hello) => having(hello, 'key_share', encodeClientKeyShares([x25519])), GROUP)
  })

  it('another pre-shared key than before', () => {
    const outcome = attackServer({
      ...GROUP,
      clientHandlers: offering([PSK]),
      serverHandlers: knowing([PSK]),
      script: clientHello((hello) => having(hello, 'pre_shared_key', offer([...PSK.identity].reverse())), { nth: 1 }),
    })
    expectRefusal(outcome, 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter')
  })

  it('the same pre-shared keys in another order', () => {
    const other = { ...PSK, identity: Uint8Array.of(1, 2, 3) }
    const reversed = clientHello(
      (hello) => {
        return having(hello, 'pre_shared_key', offer([...other.identity], [...PSK.identity]))
      },
      { nth: 1 },
    )
    const outcome = attackServer({
      ...GROUP,
      clientHandlers: offering([PSK, other]),
      serverHandlers: knowing([PSK]),
      script: both(reversed, reversed),
    })
    expectRefusal(outcome, 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter')
  })
})

/** A pre_shared_key body with binders of zeros. */
function offer(...identities: readonly (readonly number[])[]): number[] {
  const entries = identities.flatMap((identity) => [0, identity.length, ...identity, 0, 0, 0, 0])
  const binders = identities.flatMap(() => [32, ...new Uint8Array(32)])
  return [0, entries.length, ...entries, 0, binders.length, ...binders]
}

function pskHello(hello: ClientHello): ClientHello {
  const extension = { type: 41, data: Uint8Array.from(offer([1])) }
  return { ...hello, extensions: [...hello.extensions, extension] }
}

function twoShares(): Uint8Array {
  return encodeClientKeyShares([
    { group: NAMED_GROUPS.secp256r1.codePoint, keyExchange: new Uint8Array(65).fill(4) },
    { group: NAMED_GROUPS.x25519.codePoint, keyExchange: new Uint8Array(32).fill(9) },
  ])
}
