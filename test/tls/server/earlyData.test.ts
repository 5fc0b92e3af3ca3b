import { describe, expect, it } from 'vitest'
import type { OfferedPsk } from '../../../src/tls/index.js'
import type { ClientHello } from '../../../src/tls/messages/clientHello.js'
import { attackServer, expectComplete, expectRefusal, knowing, offering, PSK } from '../../support/attack.js'
import { clientHello, having } from '../../support/hellos.js'
import type { Script, ScriptedPeer } from '../../support/scriptedPeer.js'

const TICKET: OfferedPsk = { ...PSK, kind: 'resumption' }
const RETRY = { alwaysRetry: true, cookieKey: new Uint8Array(32) }
const OPTIONS = { clientHandlers: offering([TICKET]), serverHandlers: knowing([TICKET]) }

const offered = clientHello((hello: ClientHello) => having(hello, 'early_data', []), { psks: [TICKET] })

/** Offers early data in the first hello, and `send`s something that looks like it right after. */
function early(send: (peer: ScriptedPeer) => void): Script {
  return (message, peer) => {
    const bytes = offered(message, peer)
    if (message.type !== 'client_hello' || message.nth > 0) return bytes
    peer.transcript.add(bytes as Uint8Array)
    peer.sendPlain(22, bytes as Uint8Array)
    send(peer)
    return null
  }
}

const records = (count: number, length: number) => (peer: ScriptedPeer) => {
  for (let i = 0; i < count; i++) peer.sendPlain(23, new Uint8Array(length).fill(i))
}

describe.each([
  ['a ServerHello', {}],
  ['a HelloRetryRequest', RETRY],
])('a server that answers early data with %s', (_title, server) => {
  it('says that it does not take it by leaving early_data out, and passes over what was sent', () => {
    for (const send of [records(0, 0), records(1, 17), records(3, 16_000), records(100, 300)]) {
      const outcome = attackServer({ ...OPTIONS, server, script: early(send) })
      expectComplete(outcome)
      expect(outcome.target.count('applicationData')).toBe(0)
      outcome.peer.sendRecord(23, Uint8Array.of(1, 2, 3))
      expect(outcome.target.data).toEqual(Buffer.of(1, 2, 3))
    }
  })

  it('passes over a change_cipher_spec between hello and early data', () => {
    const script = early((peer) => {
      peer.sendPlain(20, Uint8Array.of(1))
      records(2, 100)(peer)
    })
    expectComplete(attackServer({ ...OPTIONS, server, script }))
  })

  it('refuses more than 64 KiB of it', () => {
    const outcome = attackServer({ ...OPTIONS, server, script: early(records(6, 16_000)) })
    const code = server === RETRY ? 'ERR_UNEXPECTED_MESSAGE' : 'ERR_BAD_RECORD_MAC'
    expect(outcome.target.error?.code).toBe(code)
  })
})

describe('a server passes over early data at no other time', () => {
  it('not when none was offered', () => {
    const script: Script = ({ type, bytes }, peer) => {
      if (type !== 'client_hello') return bytes
      peer.transcript.add(bytes)
      peer.sendPlain(22, bytes)
      records(1, 100)(peer)
      return null
    }
    expect(attackServer({ ...OPTIONS, script }).target.error?.code).toBe('ERR_BAD_RECORD_MAC')
    const outcome = attackServer({ ...OPTIONS, script, server: RETRY })
    expectRefusal(outcome, 'ERR_UNEXPECTED_MESSAGE', 'unexpected_message')
  })

  it('not before the ClientHello', () => {
    const script = early(() => {})
    const outcome = attackServer({
      ...OPTIONS,
      script: (message, peer) => {
        records(1, 100)(peer)
        return script(message, peer)
      },
    })
    expectRefusal(outcome, 'ERR_UNEXPECTED_MESSAGE', 'unexpected_message')
  })

  it('not once a record of the client has decrypted', () => {
    const outcome = attackServer({
      ...OPTIONS,
      script: (message, peer) => {
        if (message.type === 'finished') {
          // The Finished in two records, with something undecryptable between them.
          peer.transcript.add(message.bytes)
          peer.sendRecord(22, message.bytes.subarray(0, 10))
          records(1, 100)(peer)
          return null
        }
        return offered(message, peer)
      },
    })
    expectRefusal(outcome, 'ERR_BAD_RECORD_MAC', 'bad_record_mac')
  })

  it('not inside the second hello', () => {
    const outcome = attackServer({
      ...OPTIONS,
      server: RETRY,
      script: (message, peer) => {
        const bytes = offered(message, peer) as Uint8Array
        if (message.type !== 'client_hello' || message.nth === 0) return bytes
        peer.sendPlain(22, bytes.subarray(0, 20))
        records(1, 100)(peer)
        return null
      },
    })
    expectRefusal(outcome, 'ERR_UNEXPECTED_MESSAGE', 'unexpected_message')
  })

  it('not after the second hello, which may not offer it again', () => {
    const again = clientHello((hello) => having(hello, 'early_data', []), { nth: 1, psks: [TICKET] })
    const outcome = attackServer({ ...OPTIONS, server: RETRY, script: again })
    expectRefusal(outcome, 'ERR_ILLEGAL_PARAMETER', 'illegal_parameter')
  })
})
