import { describe, expect, it } from 'vitest'
import type { AlertName } from '../../../src/alerts.js'
import type { ErrorCode } from '../../../src/errors.js'
import { encodeCodePoints } from '../../../src/tls/extensions/codePointList.js'
import { decodeClientKeyShares, encodeClientKeyShares } from '../../../src/tls/extensions/keyShare.js'
import type { ClientHello } from '../../../src/tls/messages/clientHello.js'
import type { ExtensionType } from '../../../src/tls/wire/codePoints.js'
import { type AttackOptions, attackServer, expectRefusal } from '../../support/attack.js'
import { adding, clientHello, extensionData, having, onMessage, without } from '../../support/hellos.js'

type Edit = (hello: ClientHello) => ClientHello
type Refusals = readonly (readonly [string, Edit])[]

function refuses(edit: Edit, code: ErrorCode, alert: AlertName, options: AttackOptions = {}): void {
  const outcome = attackServer({ ...options, script: clientHello(edit) })
  expectRefusal(outcome, code, alert)
  // Nothing but the alert has been sent, and no handler with a cost has been asked.
  expect(outcome.peer.transitions).toEqual([])
}

const list = (name: 'supported_groups' | 'signature_algorithms', codePoints: readonly number[]): Edit => {
  return (hello) => having(hello, name, encodeCodePoints(2, codePoints))
}
const versions = (codePoints: readonly number[]): Edit => {
  return (hello) => having(hello, 'supported_versions', encodeCodePoints(1, codePoints))
}
const shares = (
  edit: (shares: ReturnType<typeof decodeClientKeyShares>) => ReturnType<typeof decodeClientKeyShares>,
) => {
  return (hello: ClientHello) => {
    const known = decodeClientKeyShares(extensionData(hello, 'key_share')).filter(({ group }) => group === 0x1d)
    return having(hello, 'key_share', encodeClientKeyShares(edit(known)))
  }
}

describe('a server refuses with protocol_version', () => {
  it.each<readonly [string, Edit]>([
    ['a client that offers TLS 1.2 at most', versions([0x0303, 0x0302])],
    ['a client that offers reserved versions only', versions([0x0a0a, 0x7f1c])],
    ['a hello without supported_versions', (hello) => without(hello, 'supported_versions')],
    ['a hello without any extensions', (hello) => ({ ...hello, extensions: [] })],
  ] satisfies Refusals)('%s', (_title, edit) => refuses(edit, 'ERR_PROTOCOL_VERSION', 'protocol_version'))

  it('a hello that ends before the extension block, as clients before TLS 1.2 send it', () => {
    const script = onMessage('client_hello', 0, () => {
      const body = [3, 3, ...new Uint8Array(32), 0, 0, 2, 0x13, 2, 1, 0]
      return Uint8Array.from([1, 0, 0, body.length, ...body])
    })
    expectRefusal(attackServer({ script }), 'ERR_PROTOCOL_VERSION', 'protocol_version')
  })

  it.each([0x0300, 0x0200, 0x0002])(
    'a legacy_version of SSL (%i), even with TLS 1.3 in supported_versions',
    (version) => {
      const script = onMessage('client_hello', 0, (bytes) => {
        const edited = bytes.slice()
        edited.set([version >>> 8, version & 0xff], 4)
        return edited
      })
      expectRefusal(attackServer({ script }), 'ERR_PROTOCOL_VERSION', 'protocol_version')
    },
  )
})

describe('a server refuses with illegal_parameter', () => {
  it.each<readonly [string, Edit]>([
    ['a compression method', (hello) => ({ ...hello, compressionMethods: Uint8Array.of(1) })],
    ['null compression together with another', (hello) => ({ ...hello, compressionMethods: Uint8Array.of(0, 1) })],
    ['null compression twice', (hello) => ({ ...hello, compressionMethods: Uint8Array.of(0, 0) })],
    ['an extension that comes twice', (hello) => adding(hello, hello.extensions[1] as never)],
    ['an unknown extension that comes twice', (hello) => adding(hello, ...[1, 2].map(unknownExtension))],
    ['oid_filters, which belong into a CertificateRequest', (hello) => having(hello, 'oid_filters', [0, 0])],
    ['two key shares for one group', shares(([share]) => [share, share] as never)],
    ['a key share for a group that is not in supported_groups', list('supported_groups', [0x17])],
    [
      'an unknown key share for a group that is not in supported_groups',
      shares((known) => [...known, { group: 0x2222, keyExchange: Uint8Array.of(1) }]),
    ],
    ['a record size limit below 64 octets', (hello) => having(hello, 'record_size_limit', [0, 63])],
    ['two host names in server_name', (hello) => having(hello, 'server_name', [0, 8, 0, 0, 1, 97, 0, 0, 1, 98])],
    ['a host name that is not printable ASCII', (hello) => having(hello, 'server_name', [0, 4, 0, 0, 1, 0])],
    ['early data without a pre-shared key', (hello) => having(hello, 'early_data', [])],
    ['a cookie that nobody gave it', (hello) => having(hello, 'cookie', [0, 3, 1, 2, 3])],
  ] satisfies Refusals)('%s', (_title, edit) => refuses(edit, 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter'))

  it.each([
    ['too short', (share: Uint8Array) => share.subarray(1)],
    ['too long', (share: Uint8Array) => Uint8Array.of(...share, 0)],
    ['all zeros, which gives the all-zero secret', (share: Uint8Array) => new Uint8Array(share.length)],
    ['of small order', (share: Uint8Array) => new Uint8Array(share.length).fill(1, 0, 1)],
  ] as const)('an X25519 share that is %s', (_title, change) => {
    const edit = shares((known) => known.map(({ group, keyExchange }) => ({ group, keyExchange: change(keyExchange) })))
    refuses(edit, 'ERR_BAD_KEY_SHARE', 'illegal_parameter')
  })

  it.each([
    ['too short', (share: Uint8Array) => share.subarray(0, -1)],
    ['too long', (share: Uint8Array) => Uint8Array.of(...share, 0)],
    ['with an ML-KEM coefficient out of range', (share: Uint8Array) => share.with(0, 0xff).with(1, 0xff)],
    ['with an all-zero X25519 half', (share: Uint8Array) => share.slice().fill(0, 1184)],
  ] as const)('a hybrid share that is %s', (_title, change) => {
    const edit = (hello: ClientHello) => {
      const known = decodeClientKeyShares(extensionData(hello, 'key_share'))
      const changed = known.map(({ group, keyExchange }) => ({
        group,
        keyExchange: group === 0x11ec ? change(keyExchange) : keyExchange,
      }))
      return having(hello, 'key_share', encodeClientKeyShares(changed))
    }
    const groups = ['X25519MLKEM768'] as const
    refuses(edit, 'ERR_BAD_KEY_SHARE', 'illegal_parameter', { client: { groups }, server: { groups } })
  })
})

describe('a server refuses with missing_extension', () => {
  it.each<readonly [string, Edit]>([
    ['a hello without supported_groups and key_share', (hello) => without(hello, 'supported_groups', 'key_share')],
    ['key_share without supported_groups', (hello) => without(hello, 'supported_groups')],
    ['supported_groups without key_share', (hello) => without(hello, 'key_share')],
    ['a hello without signature_algorithms', (hello) => without(hello, 'signature_algorithms')],
    ['tls_cert_with_extern_psk without pre_shared_key', (hello) => having(hello, 'tls_cert_with_extern_psk', [])],
  ] satisfies Refusals)('%s', (_title, edit) => refuses(edit, 'ERR_MISSING_EXTENSION', 'missing_extension'))
})

describe('a server refuses with decode_error', () => {
  const BODIES: readonly (readonly [keyof typeof ExtensionType, readonly (readonly number[])[]])[] = [
    ['supported_versions', [[], [0], [1, 3], [2, 3], [3, 3, 4, 3], [2, 3, 4, 0]]],
    ['supported_groups', [[], [0, 0], [0, 1, 0], [0, 2, 0, 29, 0], [0, 4, 0, 29], [0, 3, 0, 29, 0]]],
    ['signature_algorithms', [[], [0, 0], [0, 3, 8, 7, 8], [0, 2, 8]]],
    ['signature_algorithms_cert', [[], [0, 0], [0, 2, 8, 7, 0]]],
    ['key_share', [[], [0], [0, 4, 0, 29, 0, 0], [0, 5, 0, 29, 0, 2, 1], [0, 0, 0]]],
    ['psk_key_exchange_modes', [[], [0], [2, 1], [1, 1, 1]]],
    ['server_name', [[0, 0], [0, 3, 0, 0, 0], [0, 4, 0, 0, 1, 97, 0], [0]]],
    ['application_layer_protocol_negotiation', [[], [0, 0], [0, 1, 0], [0, 3, 3, 104, 50], [0, 3, 2, 104, 50, 0]]],
    ['record_size_limit', [[], [64], [64, 0, 0]]],
    ['cookie', [[], [0, 0], [0, 2, 1], [0, 1, 1, 1]]],
    ['certificate_authorities', [[], [0, 0], [0, 2, 0, 0], [0, 3, 0, 1, 1, 1]]],
  ]

  it.each(BODIES)('malformed bodies of %s', (name, bodies) => {
    for (const body of bodies) refuses((hello) => having(hello, name, body), 'ERR_DECODE', 'decode_error')
  })

  it('left-over octets after the extensions', () => {
    const script = onMessage('client_hello', 0, (bytes) => lengthened(bytes))
    expectRefusal(attackServer({ script }), 'ERR_DECODE', 'decode_error')
  })

  it('a session id of 33 octets, an odd list of suites and an empty one, no compression methods', () => {
    refuses((hello) => ({ ...hello, sessionId: new Uint8Array(33) }), 'ERR_DECODE', 'decode_error')
    refuses((hello) => ({ ...hello, cipherSuites: [] }), 'ERR_DECODE', 'decode_error')
    refuses((hello) => ({ ...hello, compressionMethods: new Uint8Array(0) }), 'ERR_DECODE', 'decode_error')
  })
})

describe('a server that has nothing in common with a client refuses with handshake_failure', () => {
  it('for cipher suites', () => {
    const edit: Edit = (hello) => ({ ...hello, cipherSuites: [0x1304, 0x1305, 0xc02f, 0x0a0a] })
    refuses(edit, 'ERR_NO_COMMON_CIPHER_SUITE', 'handshake_failure')
  })

  it('for groups', () => {
    refuses(
      (hello) => having(list('supported_groups', [0x0018, 0x0100])(hello), 'key_share', [0, 0]),
      'ERR_NO_COMMON_GROUP',
      'handshake_failure',
    )
  })

  it('for signature schemes, when it finds no certificate for any of them', () => {
    refuses(list('signature_algorithms', [0x0201]), 'ERR_NO_COMMON_SIGNATURE_SCHEME', 'handshake_failure', {
      serverHandlers: {
        selectCertificate: ({ signatureSchemes }) => {
          expect(signatureSchemes).toEqual([])
          return null
        },
      },
    })
  })
})

function unknownExtension() {
  return { type: 0x4242, data: new Uint8Array(0) }
}

/** The message with one octet more, counted by its header. */
function lengthened(bytes: Uint8Array): Uint8Array {
  const length = bytes.length - 4 + 1
  return Uint8Array.from([
    bytes[0] as number,
    length >>> 16,
    (length >>> 8) & 0xff,
    length & 0xff,
    ...bytes.subarray(4),
    0,
  ])
}
