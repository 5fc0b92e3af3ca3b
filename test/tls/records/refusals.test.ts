import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../src/errors.js'
import { ERROR_TABLE } from '../../../src/errors.js'
import type { HandshakeTypeName } from '../../../src/tls/wire/codePoints.js'
import {
  type AttackOptions,
  attackClient,
  attackServer,
  ed25519Credential,
  expectRefusal,
} from '../../support/attack.js'
import { onMessage } from '../../support/hellos.js'
import type { Script, ScriptedPeer } from '../../support/scriptedPeer.js'

const RETRY = { alwaysRetry: true, cookieKey: new Uint8Array(32) }
const MUTUAL: AttackOptions = {
  server: { clientCertificate: 'request' },
  clientHandlers: { selectCertificate: () => ed25519Credential },
}

type Attacker = typeof attackClient

function refuses(attack: Attacker, options: AttackOptions, code: ErrorCode): void {
  const outcome = attack(options)
  expectRefusal(outcome, code, ERROR_TABLE[code].alert as 'unexpected_message')
  expect(outcome.target.count('applicationData')).toBe(0)
}

/** Does something just before a message of the peer, which is sent too. */
function ahead(type: HandshakeTypeName, act: (peer: ScriptedPeer) => void): Script {
  return onMessage(type, 0, (bytes, peer) => {
    act(peer)
    return bytes
  })
}

/** Sends the message in two pieces with something between them. */
function inside(type: HandshakeTypeName, act: (peer: ScriptedPeer) => void): Script {
  return onMessage(type, 0, (bytes, peer) => {
    peer.transcript.add(bytes)
    peer.sendRecord(22, bytes.subarray(0, 8))
    act(peer)
    peer.sendRecord(22, bytes.subarray(8))
    return null
  })
}

/** Every message of the main handshake, with the side that gets it. */
const MESSAGES: readonly (readonly [HandshakeTypeName, Attacker, AttackOptions])[] = [
  ['client_hello', attackServer, {}],
  ['server_hello', attackClient, {}],
  ['encrypted_extensions', attackClient, {}],
  ['certificate_request', attackClient, MUTUAL],
  ['certificate', attackClient, {}],
  ['certificate_verify', attackClient, {}],
  ['finished', attackClient, {}],
  ['certificate', attackServer, MUTUAL],
  ['certificate_verify', attackServer, MUTUAL],
  ['finished', attackServer, {}],
]
const PROTECTED = MESSAGES.filter(([type]) => !type.endsWith('_hello'))

describe.each(MESSAGES)('around the %s', (type, attack, options) => {
  it('application data is refused with unexpected_message', () => {
    const script = ahead(type, (peer) => peer.sendRecord(23, Uint8Array.of(1, 2, 3)))
    refuses(attack, { ...options, script }, 'ERR_UNEXPECTED_MESSAGE')
  })

  it('no record of another type may come between its fragments', () => {
    const intruders: readonly ((peer: ScriptedPeer) => void)[] = [
      (peer) => peer.sendRecord(23, Uint8Array.of(1)),
      (peer) => peer.sendRecord(23, new Uint8Array(0)),
      (peer) => peer.sendPlain(20, Uint8Array.of(1)),
      // Neither an alert that ends nothing nor one that does.
      (peer) => peer.sendRecord(21, Uint8Array.of(1, 90)),
      (peer) => peer.sendRecord(21, Uint8Array.of(1, 0)),
      (peer) => peer.sendRecord(21, Uint8Array.of(2, 40)),
    ]
    for (const act of intruders) refuses(attack, { ...options, script: inside(type, act) }, 'ERR_UNEXPECTED_MESSAGE')
  })

  it('an empty handshake record is refused with unexpected_message', () => {
    const empty = (peer: ScriptedPeer) => peer.sendRecord(22, new Uint8Array(0))
    refuses(attack, { ...options, script: ahead(type, empty) }, 'ERR_UNEXPECTED_MESSAGE')
    refuses(attack, { ...options, script: inside(type, empty) }, 'ERR_UNEXPECTED_MESSAGE')
  })

  it('an empty alert is refused with unexpected_message, one of another length with decode_error', () => {
    const alert = (...content: number[]) => ahead(type, (peer) => peer.sendRecord(21, Uint8Array.from(content)))
    refuses(attack, { ...options, script: alert() }, 'ERR_UNEXPECTED_MESSAGE')
    refuses(attack, { ...options, script: alert(2) }, 'ERR_DECODE')
    refuses(attack, { ...options, script: alert(2, 40, 0) }, 'ERR_DECODE')
    refuses(attack, { ...options, script: alert(1, 0, 1, 0) }, 'ERR_DECODE')
  })

  it('a change_cipher_spec with other content is refused with unexpected_message', () => {
    for (const content of [[], [0], [2], [1, 1]]) {
      const script = ahead(type, (peer) => peer.sendPlain(20, Uint8Array.from(content)))
      refuses(attack, { ...options, script }, 'ERR_UNEXPECTED_MESSAGE')
    }
  })

  it('records of unknown types are refused with unexpected_message', () => {
    for (const unknown of [0, 19, 24, 26, 255]) {
      const script = ahead(type, (peer) => peer.sendOctets(Uint8Array.of(unknown)))
      refuses(attack, { ...options, script }, 'ERR_UNEXPECTED_MESSAGE')
    }
  })

  it('a record that announces more than 2^14 + 256 octets is refused with record_overflow before it is read', () => {
    const script = ahead(type, (peer) => peer.sendOctets(Uint8Array.of(23, 3, 3, 0x41, 1)))
    refuses(attack, { ...options, script }, 'ERR_RECORD_OVERFLOW')
  })

  it('a message that announces more than is taken is refused with illegal_parameter before it is read', () => {
    const limit = type === 'client_hello' ? 64 * 1024 : 128 * 1024
    const script = onMessage(type, 0, (bytes) => Uint8Array.of(bytes[0] as number, (limit + 1) >>> 16, 0, 1))
    refuses(attack, { ...options, script }, 'ERR_MESSAGE_TOO_LARGE')
  })
})

describe.each(PROTECTED)('once keys are in force, around the %s', (type, attack, options) => {
  it('an unprotected handshake record is refused with unexpected_message', () => {
    const script = onMessage(type, 0, (bytes, peer) => {
      peer.sendPlain(22, bytes)
      return null
    })
    refuses(attack, { ...options, script }, 'ERR_UNEXPECTED_MESSAGE')
  })

  it('a record that does not decrypt is refused with bad_record_mac', () => {
    for (const length of [0, 1, 15, 16, 17, 100, 16_640]) {
      const script = ahead(type, (peer) => peer.sendPlain(23, new Uint8Array(length).fill(7)))
      refuses(attack, { ...options, script }, 'ERR_BAD_RECORD_MAC')
    }
  })

  it('a protected change_cipher_spec, and protected records of unknown types, are refused with unexpected_message', () => {
    for (const inner of [20, 24, 99]) {
      const script = ahead(type, (peer) => peer.sendRecord(inner, Uint8Array.of(1)))
      refuses(attack, { ...options, script }, 'ERR_UNEXPECTED_MESSAGE')
    }
  })

  it('a record of padding alone is refused with unexpected_message', () => {
    const script = ahead(type, (peer) => peer.sendRecord(0, new Uint8Array(10)))
    refuses(attack, { ...options, script }, 'ERR_UNEXPECTED_MESSAGE')
  })

  it('more than 2^14 octets of content are refused with record_overflow', () => {
    const script = ahead(type, (peer) => peer.sendRecord(22, new Uint8Array(2 ** 14 + 1)))
    refuses(attack, { ...options, script }, 'ERR_RECORD_OVERFLOW')
  })
})

describe('before keys are in force', () => {
  it.each([
    ['client', attackClient, 'server_hello'],
    ['server', attackServer, 'client_hello'],
  ] as const)('a %s refuses more than 2^14 octets of content with record_overflow', (_role, attack, type) => {
    const script = ahead(type, (peer) => peer.sendPlain(22, new Uint8Array(2 ** 14 + 1).fill(1)))
    refuses(attack, { script }, 'ERR_RECORD_OVERFLOW')
  })
})

describe('a message after which keys change ends its record', () => {
  it.each<readonly [HandshakeTypeName, Attacker, AttackOptions, number]>([
    ['client_hello', attackServer, {}, 0],
    ['client_hello', attackServer, { server: RETRY }, 0],
    ['client_hello', attackServer, { server: RETRY }, 1],
    ['server_hello', attackClient, {}, 0],
    ['server_hello', attackClient, { server: RETRY }, 0],
    ['server_hello', attackClient, { server: RETRY }, 1],
    ['finished', attackClient, {}, 0],
    ['finished', attackServer, {}, 0],
  ])('%s', (type, attack, options, nth) => {
    for (const more of [[8], [24, 0, 0, 1, 0]]) {
      const script = onMessage(type, nth, (bytes, peer) => {
        peer.transcript.add(bytes)
        peer.sendRecord(22, Uint8Array.from([...bytes, ...more]))
        return null
      })
      refuses(attack, { ...options, script }, 'ERR_UNEXPECTED_MESSAGE')
    }
  })

  it('a server that finds out has not been asked to do any work', () => {
    const asked: string[] = []
    const note = (name: string) => () => {
      asked.push(name)
      return null
    }
    const script = onMessage('client_hello', 0, (bytes) => Uint8Array.from([...bytes, 8]))
    const serverHandlers = { selectPsk: note('selectPsk'), selectCertificate: note('selectCertificate') }
    refuses(attackServer, { script, serverHandlers }, 'ERR_UNEXPECTED_MESSAGE')
    expect(asked).toEqual([])
  })
})

describe('a change_cipher_spec', () => {
  const SPEC = Uint8Array.of(1)

  it('before the ClientHello is refused with unexpected_message', () => {
    const script = ahead('client_hello', (peer) => peer.sendPlain(20, SPEC))
    refuses(attackServer, { script }, 'ERR_UNEXPECTED_MESSAGE')
  })

  it('before the ClientHello is passed over by a server that gives cookies, and may keep nothing', () => {
    const script = ahead('client_hello', (peer) => peer.sendPlain(20, SPEC))
    const { target } = attackServer({ script, server: { cookieKey: new Uint8Array(32) } })
    expect([target.error, target.summary?.role]).toEqual([null, 'server'])
  })

  it.each([
    ['client', attackClient],
    ['server', attackServer],
  ])('after the Finished is refused by a %s with unexpected_message', (_role, attack) => {
    const outcome = attack()
    outcome.peer.sendPlain(20, SPEC)
    expectRefusal(outcome, 'ERR_UNEXPECTED_MESSAGE', 'unexpected_message')
  })
})

describe('garbage for a first flight', () => {
  it('is refused whatever it is', () => {
    const greetings = ['GET / HTTP/1.1\r\n\r\n', 'SSH-2.0-x\r\n', '\x80\x2e\x01\x00\x02', '\x00'.repeat(100)]
    for (const text of greetings) {
      const script = ahead('client_hello', (peer) => peer.sendOctets(Buffer.from(text, 'latin1')))
      refuses(attackServer, { script }, 'ERR_UNEXPECTED_MESSAGE')
    }
  })
})
