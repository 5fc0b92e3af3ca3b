import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../src/errors.js'
import { ERROR_TABLE } from '../../../src/errors.js'
import { encodeSelectedGroup } from '../../../src/tls/extensions/keyShare.js'
import { decodeClientHello } from '../../../src/tls/messages/clientHello.js'
import { HELLO_RETRY_REQUEST_RANDOM, type ServerHello } from '../../../src/tls/messages/serverHello.js'
import {
  type AttackOptions,
  attackClient,
  expectComplete,
  expectRefusal,
  knowing,
  offering,
  PSK,
} from '../../support/attack.js'
import { having, onMessage, serverHello, without } from '../../support/hellos.js'
import type { Script } from '../../support/scriptedPeer.js'

type Edit = (hello: ServerHello) => ServerHello

const COOKIE: AttackOptions = { server: { alwaysRetry: true, cookieKey: new Uint8Array(32) } }
const GROUP: AttackOptions = { server: { groups: ['secp256r1'] } }

/** Edits the retry (0) or the hello after it (1). */
function refuses(edit: Edit, nth: 0 | 1, code: ErrorCode, options: AttackOptions): void {
  const outcome = attackClient({ ...options, script: serverHello(edit, nth) })
  expectRefusal(outcome, code, ERROR_TABLE[code].alert as 'illegal_parameter')
}

/** The two ClientHellos of a handshake with a retry. */
function helloes(options: AttackOptions) {
  const outcome = attackClient(options)
  expectComplete(outcome)
  const records = outcome.target.sent.flatMap((bytes) => splitRecords(bytes)).filter(([type]) => type === 22)
  return records.slice(0, 2).map((record) => decodeClientHello(record.subarray(9)))
}

describe('a client that is asked for a retry', () => {
  it('sends the one share that was asked for, and nothing else changes', () => {
    const [first, second] = helloes({ ...GROUP, client: { keyShareGroups: ['x25519'] } })
    const fixed = (hello = first) => without(hello as never, 'key_share') as unknown
    expect(fixed(second)).toEqual(fixed())
  })

  it('sends the cookie back, and keeps its shares when no group is named', () => {
    const [first, second] = helloes(COOKIE)
    expect(without(second as never, 'cookie')).toEqual(first)
  })

  it('does both when both are asked for', () => {
    const outcome = attackClient({ ...GROUP, server: { ...GROUP.server, cookieKey: new Uint8Array(32) } })
    expectComplete(outcome)
    expect(outcome.target.summary).toMatchObject({ group: 'secp256r1', helloRetryRequest: true })
  })

  it('makes new binders, over the retry, and drops keys that do not fit its suite', () => {
    const other = { ...PSK, identity: Uint8Array.of(1), hash: 'SHA-384' as const, psk: new Uint8Array(48) }
    const outcome = attackClient({
      ...GROUP,
      clientHandlers: offering([other, PSK]),
      serverHandlers: knowing([PSK]),
    })
    expectComplete(outcome)
    expect(outcome.target.summary?.psk?.identity).toEqual(PSK.identity)
  })

  it('moves ticket ages on with the clock, but no others', () => {
    let now = 1000
    const ages: number[][] = []
    const ticket = { ...PSK, kind: 'resumption' as const, obfuscatedTicketAge: 2 ** 32 - 10 }
    const known = knowing([ticket, PSK])
    const outcome = attackClient({
      ...COOKIE,
      clientHandlers: {
        ...offering([{ ...PSK, obfuscatedTicketAge: 0, identity: Uint8Array.of(3) }, ticket]),
        currentTime: () => (now += 25),
      },
      serverHandlers: {
        ...known,
        selectPsk: (request) => {
          ages.push(request.identities.map(({ obfuscatedTicketAge }) => obfuscatedTicketAge))
          return known.selectPsk?.(request) as never
        },
      },
    })
    expectComplete(outcome)
    expect(ages).toEqual([
      [0, 2 ** 32 - 10],
      [0, 15],
    ])
  })

  it('refuses a suite with which none of its required keys can be used, with handshake_failure', () => {
    for (const withCertificate of [false, true]) {
      const outcome = attackClient({
        ...COOKIE,
        clientHandlers: offering([PSK], { withCertificate }),
        server: { ...COOKIE.server, cipherSuites: ['TLS_AES_256_GCM_SHA384'] },
      })
      expectRefusal(outcome, 'ERR_POLICY_PSK_NOT_MIXED', 'handshake_failure')
    }
  })
})

describe('a client refuses a HelloRetryRequest with illegal_parameter', () => {
  it.each<readonly [string, Edit, AttackOptions]>([
    ['that would change nothing', (hello) => without(hello, 'cookie'), COOKIE],
    ['for a share that it has sent already', group(0x1d), GROUP],
    ['for a group that it did not offer', group(0x18), GROUP],
    ['for an unknown group', group(0x4242), GROUP],
    ['for a reserved group, though it offered that', group(0x0a0a), GROUP],
    ['with another session id', (hello) => ({ ...hello, sessionId: new Uint8Array(32) }), GROUP],
    ['with a suite that it did not offer', (hello) => ({ ...hello, cipherSuite: 0x1304 }), GROUP],
    ['of another version', (hello) => having(hello, 'supported_versions', [3, 3]), GROUP],
    ['with pre_shared_key, which has no place in it', (hello) => having(hello, 'pre_shared_key', [0, 0]), GROUP],
    [
      'with tls_cert_with_extern_psk, which has no place in it',
      (hello) => having(hello, 'tls_cert_with_extern_psk', []),
      GROUP,
    ],
  ])('%s', (_title, edit, options) => refuses(edit, 0, 'ERR_ILLEGAL_PARAMETER', options))
})

describe('a client refuses a HelloRetryRequest', () => {
  it('of TLS 1.2 with protocol_version', () => {
    refuses((hello) => without(hello, 'supported_versions'), 0, 'ERR_PROTOCOL_VERSION', GROUP)
  })

  it('with an unknown extension with unsupported_extension', () => {
    refuses((hello) => having(hello, 0x4242, []), 0, 'ERR_UNSUPPORTED_EXTENSION', GROUP)
  })

  it.each([
    ['an empty cookie', (hello: ServerHello) => having(hello, 'cookie', [0, 0])],
    ['a whole key share', (hello: ServerHello) => having(hello, 'key_share', [0, 23, 0, 1, 4])],
  ])('with %s with decode_error', (_title, edit) => refuses(edit, 0, 'ERR_DECODE', GROUP))

  it('that comes second with unexpected_message', () => {
    for (const options of [GROUP, COOKIE]) {
      const again: Edit = (hello) => ({ ...without(hello, 'key_share'), random: HELLO_RETRY_REQUEST_RANDOM })
      refuses(again, 1, 'ERR_UNEXPECTED_MESSAGE', options)
    }
  })

  it('that does not end its record with unexpected_message', () => {
    const script: Script = onMessage('server_hello', 0, (bytes) => Uint8Array.from([...bytes, 2]))
    expectRefusal(attackClient({ ...GROUP, script }), 'ERR_UNEXPECTED_MESSAGE', 'unexpected_message')
  })
})

describe('after a retry a client refuses with illegal_parameter', () => {
  it.each<readonly [string, Edit]>([
    ['another suite', (hello) => ({ ...hello, cipherSuite: hello.cipherSuite === 0x1301 ? 0x1303 : 0x1301 })],
    [
      'a share of another group',
      (hello) => having(hello, 'key_share', [0, 0x1d, 0, 32, ...new Uint8Array(32).fill(9)]),
    ],
    ['another session id', (hello) => ({ ...hello, sessionId: new Uint8Array(32) })],
  ])('%s', (_title, edit) => refuses(edit, 1, 'ERR_ILLEGAL_PARAMETER', GROUP))

  it('a cookie in the ServerHello', () => {
    refuses((hello) => having(hello, 'cookie', [0, 1, 1]), 1, 'ERR_ILLEGAL_PARAMETER', COOKIE)
  })
})

function group(codePoint: number): Edit {
  return (hello) => having(hello, 'key_share', encodeSelectedGroup(codePoint))
}

function splitRecords(bytes: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = 5 + (((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number))
    records.push(bytes.subarray(at, at + length))
    at += length
  }
  return records
}
