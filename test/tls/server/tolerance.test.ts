import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.js'
import { encodeApplicationProtocols } from '../../../src/tls/extensions/applicationProtocols.js'
import { encodeCodePoints } from '../../../src/tls/extensions/codePointList.js'
import { decodeClientKeyShares, encodeClientKeyShares } from '../../../src/tls/extensions/keyShare.js'
import { type ClientHello, decodeClientHello, encodeClientHello } from '../../../src/tls/messages/clientHello.js'
import { ExtensionType, greaseValue } from '../../../src/tls/wire/codePoints.js'
import {
  type AttackOptions,
  attackServer,
  expectComplete,
  expectRefusal,
  knowing,
  offering,
  PSK,
} from '../../support/attack.js'
import { adding, clientHello, extensionData, having, onMessage, without } from '../../support/hellos.js'
import type { Script } from '../../support/scriptedPeer.js'

const GREASE = Array.from({ length: 16 }, (_, i) => greaseValue(i * 16))

/** A handshake with an edited first hello completes. */
function tolerates(edit: (hello: ClientHello) => ClientHello, options: AttackOptions = {}) {
  const outcome = attackServer({ ...options, script: clientHello(edit) })
  expectComplete(outcome)
  return outcome
}

describe('a server takes a ClientHello however it is cut', () => {
  it.each([1, 2, 3, 5, 100])('into records of %i octets of content', (size) => {
    expectComplete(attackServer({ script: inRecordsOf(size) }))
  })

  it('into records of one octet that come one octet at a time', () => {
    expectComplete(attackServer({ script: inRecordsOf(1), cut: octetByOctet }))
  })

  it('one octet at a time', () => {
    expectComplete(attackServer({ cut: octetByOctet }))
  })

  it('in any portions', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        expectComplete(attackServer({ cut: (bytes) => portions(bytes, sizes) }))
      }),
      { numRuns: 30 },
    )
  })

  it('with the record version 3.1, or any other, which says nothing', () => {
    for (const version of [0x0301, 0x0300, 0x0303, 0x0304, 0x7f1c]) {
      const script = onMessage('client_hello', 0, (bytes, peer) => {
        peer.transcript.add(bytes)
        const header = [22, version >>> 8, version & 0xff, bytes.length >>> 8, bytes.length & 0xff]
        peer.sendOctets(Uint8Array.from([...header, ...bytes]))
        return null
      })
      expectComplete(attackServer({ script }))
    }
  })
})

describe('a server takes a ClientHello of up to 64 KiB', () => {
  it('filled by one padding extension', () => {
    tolerates((hello) => having(hello, 'padding', new Uint8Array(paddingFor(hello, 65_536))))
  })

  it('filled by thousands of unknown extensions', () => {
    tolerates((hello) => adding(hello, ...unknownExtensions(12_000)))
  })

  it('filled by one reserved extension, with a pre-shared key at the end', () => {
    const options = { clientHandlers: offering([PSK]), serverHandlers: knowing([PSK]) }
    const script = clientHello((hello) => having(hello, 0xdada, new Uint8Array(60_000)), { psks: [PSK] })
    expectComplete(attackServer({ ...options, script }))
  })

  it('filled, in records of one octet', () => {
    const grow = clientHello((hello) => having(hello, 'padding', new Uint8Array(paddingFor(hello, 65_536))))
    const cut = inRecordsOf(1)
    expectComplete(
      attackServer({ script: (message, peer) => cut({ ...message, bytes: grow(message, peer) as Uint8Array }, peer) }),
    )
  })

  it('and refuses one octet more by the header alone, with illegal_parameter', () => {
    const script = onMessage('client_hello', 0, () => Uint8Array.of(1, 1, 0, 1))
    expectRefusal(attackServer({ script }), 'ERR_MESSAGE_TOO_LARGE', 'illegal_parameter')
  })
})

describe('a server passes over what it does not know', () => {
  it('reserved values in every list', () => {
    tolerates((hello) => {
      const shares = decodeClientKeyShares(extensionData(hello, 'key_share'))
      const groups = codePoints(extensionData(hello, 'supported_groups'))
      const schemes = codePoints(extensionData(hello, 'signature_algorithms'))
      const greaseShares = GREASE.map((group) => ({ group, keyExchange: new Uint8Array(group % 50).fill(1) })).filter(
        ({ keyExchange }) => keyExchange.length > 0,
      )
      let edited: ClientHello = { ...hello, cipherSuites: [...GREASE, ...hello.cipherSuites, ...GREASE] }
      edited = having(edited, 'supported_groups', encodeCodePoints(2, [...GREASE, ...groups, ...GREASE]))
      edited = having(edited, 'key_share', encodeClientKeyShares([...greaseShares, ...withoutGrease(shares)]))
      edited = having(edited, 'signature_algorithms', encodeCodePoints(2, [...GREASE, ...schemes]))
      edited = having(edited, 'signature_algorithms_cert', encodeCodePoints(2, [...GREASE, ...schemes]))
      edited = having(edited, 'supported_versions', encodeCodePoints(1, [...GREASE, 0x0304, 0x0303, 0x0302]))
      edited = having(edited, 'psk_key_exchange_modes', [4, 0x0b, 0x2a, 1, 0])
      const present = new Set(edited.extensions.map(({ type }) => type))
      const more = GREASE.filter((type) => !present.has(type)).map((type) => ({ type, data: utf8('grease') }))
      return adding(edited, ...more)
    })
  })

  it.each([
    ['status_request', [1, 0, 0, 0, 0]],
    ['signed_certificate_timestamp', []],
    ['compress_certificate', [2, 0, 2]],
    ['post_handshake_auth', []],
    ['client_certificate_type', [1, 0]],
    ['server_certificate_type', [1, 0]],
    ['max_fragment_length', [1]],
    ['padding', [0, 0, 0]],
    ['certificate_authorities', [0, 4, 0, 2, 0x30, 0]],
    [0x0017, []],
    [0x0023, [1, 2, 3]],
    [0xff01, [0]],
    [0x000b, [1, 0]],
    [0xfe0d, [0, 1, 2, 3]],
  ] as const)('the extension %s of other clients', (name, data) => {
    tolerates((hello) => having(hello, name, data))
  })

  it('names of other types in server_name', () => {
    const { target } = tolerates((hello) => having(hello, 'server_name', [0, 10, 7, 0, 2, 1, 2, 0, 0, 2, 0x61, 0x62]))
    expect(target.summary?.serverName).toBe('ab')
  })

  it('unknown application protocols, whatever octets they have', () => {
    const protocols = encodeApplicationProtocols(['\x0a\x0a', 'h2', '\xff\xfe\x00'])
    const selectApplicationProtocol = () => 'h2'
    const { target } = tolerates((hello) => having(hello, 'application_layer_protocol_negotiation', protocols), {
      client: { applicationProtocols: ['h2'] },
      serverHandlers: { selectApplicationProtocol },
    })
    expect(target.summary?.applicationProtocol).toBe('h2')
  })

  it('key shares of groups that it does not know or want, well formed or not', () => {
    tolerates((hello) => {
      const shares = withoutGrease(decodeClientKeyShares(extensionData(hello, 'key_share')))
      const others = [0x0018, 0x11ec, 0x6399, 0x0100].map((group) => ({ group, keyExchange: Uint8Array.of(1, 2, 3) }))
      const groups = encodeCodePoints(2, [...others.map(({ group }) => group), 0x001d, 0x0017])
      return having(
        having(hello, 'supported_groups', groups),
        'key_share',
        encodeClientKeyShares([...others, ...shares]),
      )
    })
  })
})

describe('a server needs nothing of a ClientHello that is not required', () => {
  it('no session id: then it sends no change_cipher_spec either', () => {
    const { target } = attackServer({ client: { middleboxCompatibility: false } })
    expect(target.error).toBeNull()
    expect(target.sent.some((bytes) => bytes[0] === 20)).toBe(false)
    expect(target.summary).not.toBeNull()
  })

  it('a session id of any length up to 32 octets', () => {
    for (const length of [1, 8, 31]) {
      // The peer compares the echo with what it meant to send, so it stops; the server went on.
      const script = clientHello((hello) => ({ ...hello, sessionId: new Uint8Array(length).fill(3) }))
      const { target, peer } = attackServer({ script })
      expect([target.error, target.sent[0]?.[43]]).toEqual([null, length])
      expect(String(peer.failure)).toContain('session id')
    }
  })

  it('no server name', () => {
    const { target } = tolerates((hello) => without(hello, 'server_name'))
    expect(target.summary?.serverName).toBeNull()
  })

  it('no psk_key_exchange_modes: then it gives no tickets', () => {
    const sealTicket = () => Uint8Array.of(1)
    const { peer } = tolerates((hello) => without(hello, 'psk_key_exchange_modes'), { serverHandlers: { sealTicket } })
    expect(peer.transitions.some((transition) => transition.includes('ticket'))).toBe(false)
  })

  it('no key share: an empty list asks for a retry', () => {
    const outcome = attackServer({ client: { keyShareGroups: [], grease: false } })
    expectComplete(outcome)
    expect(outcome.target.summary?.helloRetryRequest).toBe(true)
  })

  it('a legacy_version of TLS 1.2: any but SSL 3.0 will do', () => {
    for (const version of [0x0301, 0x0302, 0x0304, 0x7a7a]) {
      const script = onMessage('client_hello', 0, (bytes) => {
        const edited = bytes.slice()
        edited.set([version >>> 8, version & 0xff], 4)
        return edited
      })
      expectComplete(attackServer({ script }))
    }
  })

  it('no order of the extensions, but for pre_shared_key', () => {
    tolerates((hello) => ({ ...hello, extensions: [...hello.extensions].reverse() }))
  })
})

describe('a server passes over change_cipher_spec records during the handshake', () => {
  it('as many as a client sends, but before its Finished', () => {
    const script: Script = ({ type, bytes }, peer) => {
      if (type !== 'client_hello') for (let i = 0; i < 3; i++) peer.sendPlain(20, Uint8Array.of(1))
      return bytes
    }
    expectComplete(attackServer({ script }))
    expectComplete(attackServer({ script, server: { alwaysRetry: true, cookieKey: new Uint8Array(32) } }))
  })
})

/** Sends ClientHellos in many records; the transcript does not notice. */
function inRecordsOf(size: number): Script {
  return ({ type, bytes }, peer) => {
    if (type !== 'client_hello') return bytes
    peer.transcript.add(bytes)
    const records: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at += size) {
      const content = bytes.subarray(at, at + size)
      records.push(Uint8Array.of(22, 3, 3, 0, content.length), content)
    }
    peer.sendOctets(new Uint8Array(Buffer.concat(records)))
    return null
  }
}

function octetByOctet(bytes: Uint8Array): Uint8Array[] {
  return portions(bytes, [1])
}

function portions(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

/** Octets of padding with which the hello's body becomes so long. */
function paddingFor(hello: ClientHello, length: number): number {
  const before = encodeClientHello(having(hello, 'padding', [])).length - 4
  expect(decodeClientHello(encodeClientHello(hello).subarray(4)).extensions.length).toBe(hello.extensions.length)
  return length - before
}

function unknownExtensions(count: number) {
  const known = new Set<number>(Object.values(ExtensionType))
  const types = Array.from({ length: count + 100 }, (_, i) => 0x2000 + i).filter((type) => !known.has(type))
  return types
    .filter((type) => (type & 0x0f0f) !== 0x0a0a)
    .slice(0, count)
    .map((type) => ({ type, data: new Uint8Array(0) }))
}

function codePoints(list: Uint8Array): number[] {
  const values: number[] = []
  for (let at = 2; at < list.length; at += 2) values.push(((list[at] as number) << 8) | (list[at + 1] as number))
  return values
}

function withoutGrease<T extends { readonly group: number }>(shares: readonly T[]): T[] {
  return shares.filter(({ group }) => !GREASE.includes(group))
}
