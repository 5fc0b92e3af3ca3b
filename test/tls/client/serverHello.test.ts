import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../src/errors.js'
import { ERROR_TABLE } from '../../../src/errors.js'
import { decodeServerKeyShare, encodeServerKeyShare } from '../../../src/tls/extensions/keyShare.js'
import type { OfferedPsk } from '../../../src/tls/index.js'
import type { ServerHello } from '../../../src/tls/messages/serverHello.js'
import {
  type AttackOptions,
  attackClient,
  attackServer,
  expectComplete,
  expectRefusal,
  knowing,
  offering,
  PSK,
} from '../../support/attack.js'
import { adding, clientHello, extensionData, having, onMessage, serverHello, without } from '../../support/hellos.js'

type Edit = (hello: ServerHello) => ServerHello

function refuses(edit: Edit, code: ErrorCode, options: AttackOptions = {}): void {
  const outcome = attackClient({ ...options, script: serverHello(edit) })
  expectRefusal(outcome, code, ERROR_TABLE[code].alert as 'illegal_parameter')
  expect(outcome.target.count('handshakeComplete')).toBe(0)
}

const BY_PSK: AttackOptions = { clientHandlers: offering([PSK]), serverHandlers: knowing([PSK]) }
const flip = (data: Uint8Array) => data.with(0, (data[0] as number) ^ 1)
const share = (edit: (share: Uint8Array) => Uint8Array, group?: number) => (hello: ServerHello) => {
  const entry = decodeServerKeyShare(extensionData(hello, 'key_share'))
  const changed = { group: group ?? entry.group, keyExchange: edit(entry.keyExchange) }
  return having(hello, 'key_share', encodeServerKeyShare(changed))
}

describe('a client refuses a ServerHello with protocol_version', () => {
  it.each<readonly [string, Edit]>([
    ['without supported_versions: TLS 1.2 or older', (hello) => without(hello, 'supported_versions')],
    ['without extensions', (hello) => ({ ...hello, extensions: [] })],
    [
      'of TLS 1.2, whatever its random says about the versions that the server knows',
      (hello) => ({
        ...without(hello, 'supported_versions'),
        random: Buffer.from(`${'00'.repeat(24)}444f574e47524401`, 'hex'),
      }),
    ],
  ])('%s', (_title, edit) => refuses(edit, 'ERR_PROTOCOL_VERSION'))

  it.each([0x0300, 0x0302, 0x0304])('with the legacy_version %i', (version) => {
    const script = onMessage('server_hello', 0, (bytes) => {
      const edited = bytes.slice()
      edited.set([version >>> 8, version & 0xff], 4)
      return edited
    })
    expectRefusal(attackClient({ script }), 'ERR_PROTOCOL_VERSION', 'protocol_version')
  })
})

describe('a client refuses a ServerHello with illegal_parameter', () => {
  it.each<readonly [string, Edit]>([
    ['another version than it offered', (hello) => having(hello, 'supported_versions', [3, 3])],
    ['a reserved version, though it offered that', (hello) => having(hello, 'supported_versions', [0x0a, 0x0a])],
    ['another session id', (hello) => ({ ...hello, sessionId: flip(hello.sessionId) })],
    ['no session id', (hello) => ({ ...hello, sessionId: new Uint8Array(0) })],
    ['a suite that it does not know', (hello) => ({ ...hello, cipherSuite: 0x1304 })],
    ['a suite of TLS 1.2', (hello) => ({ ...hello, cipherSuite: 0xc02f })],
    ['a reserved suite, though it offered that', (hello) => ({ ...hello, cipherSuite: 0x0a0a })],
    ['an extension that comes twice', (hello) => adding(hello, hello.extensions[0] as never)],
    ['a key share of a group that it supports but sent none for', share((octets) => octets, 0x0017)],
    ['a key share of an unknown group', share((octets) => octets, 0x4242)],
    ['supported_groups, which belong elsewhere', (hello) => having(hello, 'supported_groups', [0, 2, 0, 29])],
    ['signature_algorithms, which belong elsewhere', (hello) => having(hello, 'signature_algorithms', [0, 2, 8, 7])],
    ['server_name, which belongs into EncryptedExtensions', (hello) => having(hello, 'server_name', [])],
    ['a cookie, which belongs into a retry', (hello) => having(hello, 'cookie', [0, 1, 1])],
    [
      'record_size_limit, which belongs into EncryptedExtensions',
      (hello) => having(hello, 'record_size_limit', [1, 0]),
    ],
  ])('%s', (_title, edit) => refuses(edit, 'ERR_ILLEGAL_PARAMETER'))

  it('a suite that it knows but did not offer', () => {
    const cipherSuites = ['TLS_AES_128_GCM_SHA256'] as const
    refuses((hello) => ({ ...hello, cipherSuite: 0x1302 }), 'ERR_ILLEGAL_PARAMETER', { client: { cipherSuites } })
  })

  it('a compression method', () => {
    const script = onMessage('server_hello', 0, (bytes) => bytes.with(4 + 2 + 32 + 1 + 32 + 2, 1))
    expectRefusal(attackClient({ script }), 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter')
  })

  it.each([
    ['too short', (octets: Uint8Array) => octets.subarray(1)],
    ['too long', (octets: Uint8Array) => Uint8Array.of(...octets, 1)],
    ['all zeros, which gives the all-zero secret', (octets: Uint8Array) => new Uint8Array(octets.length)],
  ])('an X25519 share that is %s', (_title, edit) => refuses(share(edit), 'ERR_BAD_KEY_SHARE'))

  it.each([
    ['too short', (octets: Uint8Array) => octets.subarray(1)],
    ['too long', (octets: Uint8Array) => Uint8Array.of(...octets, 1)],
    ['with an all-zero X25519 half', (octets: Uint8Array) => octets.slice().fill(0, 1088)],
  ])('a hybrid share that is %s', (_title, edit) => {
    const groups = ['X25519MLKEM768'] as const
    refuses(share(edit), 'ERR_BAD_KEY_SHARE', { client: { groups }, server: { groups } })
  })

  it('a point that is not on the curve', () => {
    const groups = ['secp256r1'] as const
    refuses(
      share((octets) => octets.with(40, (octets[40] as number) ^ 1)),
      'ERR_BAD_KEY_SHARE',
      {
        client: { groups },
        server: { groups },
      },
    )
  })

  it('a selected identity beyond those that it offered', () => {
    refuses((hello) => having(hello, 'pre_shared_key', [0, 1]), 'ERR_ILLEGAL_PARAMETER', BY_PSK)
    refuses((hello) => having(hello, 'pre_shared_key', [255, 255]), 'ERR_ILLEGAL_PARAMETER', BY_PSK)
  })

  it('a pre-shared key with the suite of another hash', () => {
    refuses((hello) => ({ ...hello, cipherSuite: 0x1302 }), 'ERR_ILLEGAL_PARAMETER', BY_PSK)
  })

  it('a pre-shared key without a key share: it never offers psk_ke', () => {
    refuses((hello) => without(hello, 'key_share'), 'ERR_ILLEGAL_PARAMETER', BY_PSK)
  })

  it('tls_cert_with_extern_psk without its companions', () => {
    const options = { clientHandlers: offering([PSK], { withCertificate: true }), serverHandlers: knowing([PSK]) }
    refuses((hello) => without(hello, 'pre_shared_key'), 'ERR_ILLEGAL_PARAMETER', options)
    refuses((hello) => without(hello, 'key_share'), 'ERR_ILLEGAL_PARAMETER', options)
  })
})

describe('a client refuses a ServerHello with unsupported_extension, if it answers', () => {
  it.each<readonly [string, Edit]>([
    ['a pre-shared key that was not offered', (hello) => having(hello, 'pre_shared_key', [0, 0])],
    ['tls_cert_with_extern_psk that was not offered', (hello) => having(hello, 'tls_cert_with_extern_psk', [])],
    ['an unknown extension', (hello) => having(hello, 0x4242, [])],
  ])('%s', (_title, edit) => refuses(edit, 'ERR_UNSUPPORTED_EXTENSION'))

  it('a reserved extension, though it sent that', () => {
    const types: number[] = []
    // The types that a client of ours sprinkles over its hello: all zeros for GREASE give 0x0a0a and 0x1a1a.
    const random = ({ length }: { readonly length: number }) => new Uint8Array(length)
    attackServer({
      clientHandlers: { random },
      script: clientHello((hello) => {
        types.push(...hello.extensions.map(({ type }) => type))
        return hello
      }),
    })
    expect(types).toEqual(expect.arrayContaining([0x0a0a, 0x1a1a]))
    for (const type of [0x0a0a, 0x1a1a]) {
      refuses((hello) => having(hello, type, []), 'ERR_UNSUPPORTED_EXTENSION', { clientHandlers: { random } })
    }
  })
})

describe('a client refuses a ServerHello with missing_extension', () => {
  it('that has neither a key share nor a pre-shared key', () => {
    refuses((hello) => without(hello, 'key_share'), 'ERR_MISSING_EXTENSION')
  })
})

describe('a client refuses a ServerHello with decode_error', () => {
  it.each<readonly [string, Edit]>([
    ['a key share of no octets', (hello) => having(hello, 'key_share', [0, 29, 0, 0])],
    ['a key share list', (hello) => having(hello, 'key_share', [0, 36, 0, 29, 0, 32, ...new Uint8Array(32)])],
    ['a list of versions', (hello) => having(hello, 'supported_versions', [2, 3, 4])],
    ['left-over octets in an extension', (hello) => having(hello, 'supported_versions', [3, 4, 0])],
  ])('%s', (_title, edit) => refuses(edit, 'ERR_DECODE'))
})

describe('what a client demands beyond the standard', () => {
  it('a server that drops the required pre-shared key is refused with handshake_failure', () => {
    for (const withCertificate of [false, true]) {
      const outcome = attackClient({
        clientHandlers: offering([PSK], { withCertificate, required: true }),
        serverHandlers: knowing([PSK]),
        script: serverHello((hello) => without(hello, 'pre_shared_key', 'tls_cert_with_extern_psk')),
      })
      expectRefusal(outcome, 'ERR_POLICY_PSK_NOT_MIXED', 'handshake_failure')
    }
  })

  it('so is one that takes the key but leaves out the certificate that was to come with it', () => {
    const known = knowing([PSK])
    const outcome = attackClient({
      clientHandlers: offering([PSK], { withCertificate: true }),
      serverHandlers: {
        ...known,
        selectPsk: () => ({ index: 0, hash: PSK.hash, kind: PSK.kind, withCertificate: false, source: null }),
      },
    })
    expectRefusal(outcome, 'ERR_POLICY_CERTIFICATE_MISSING', 'handshake_failure')
  })

  it('a server may go on with a certificate where the key is not required, and the summary says so', () => {
    for (const withCertificate of [false, true]) {
      const outcome = attackClient({ clientHandlers: offering([PSK], { withCertificate, required: false }) })
      expectComplete(outcome)
      expect(outcome.target.summary).toMatchObject({ psk: null, peerSignatureScheme: 'ed25519' })
    }
  })

  it('it never offers a ticket together with a certificate, nor requires a key without having one', () => {
    const ticket: OfferedPsk = { ...PSK, kind: 'resumption' }
    const mixed = attackClient({ clientHandlers: offering([PSK, ticket], { withCertificate: true }) })
    expect(mixed.target.error?.code).toBe('ERR_INVALID_STATE')
    const none = attackClient({ clientHandlers: offering([], { required: true }) })
    expect(none.target.error?.code).toBe('ERR_INVALID_STATE')
    expect(mixed.peer.transitions.concat(none.peer.transitions)).toEqual([])
  })
})
