import { describe, expect, it } from 'vitest'
import { ALERTS } from '../../../src/alerts.js'
import { TrefoilError } from '../../../src/errors.js'
import { attackClient, attackServer, cheap, expectRefusal } from '../../support/attack.js'
import { makePair, type Pair, runPair } from '../../support/pair.js'
import { refusal } from '../../support/refusal.js'

const ATTACKS = [
  ['client', attackClient],
  ['server', attackServer],
] as const
const CLOSE_NOTIFY = Uint8Array.of(1, ALERTS.close_notify)

describe('close_notify', () => {
  it('closes one direction: the other side may go on sending', async () => {
    const { client, server } = await runPair(cheap())
    client.driver.close()
    expect([server.count('peerClosed'), server.error]).toEqual([1, null])
    server.driver.send(Uint8Array.of(1, 2))
    expect([...client.data]).toEqual([1, 2])
    server.driver.requestKeyUpdate(true)
    server.driver.send(Uint8Array.of(3))
    server.driver.close()
    expect([client.count('peerClosed'), client.error, server.error]).toEqual([1, null, null])
    expect([...client.data]).toEqual([1, 2, 3])
  })

  it('is the last thing that is sent: not even a KeyUpdate, a ticket or an alert comes after it', () => {
    for (const [, attack] of ATTACKS) {
      const { target, peer } = attack()
      target.driver.close()
      const sent = target.sent.length
      peer.sendKeyUpdate(true)
      peer.sendRecord(23, Uint8Array.of(1))
      expect([...target.data]).toEqual([1])
      peer.sendPlain(23, new Uint8Array(30))
      expect(target.error?.code).toBe('ERR_BAD_RECORD_MAC')
      expect([target.sent.length, peer.alerts]).toEqual([sent, ['close_notify']])
    }
  })

  it('keeps tickets back that would be sealed after it', async () => {
    const seals: ((ticket: Uint8Array) => void)[] = []
    const sealTicket = () => new Promise<Uint8Array>((resolve) => seals.push(resolve))
    const { client, server, settle } = await runPair(cheap({ serverHandlers: { sealTicket } }))
    server.driver.close()
    while (seals.length > 0) {
      seals.shift()?.(Uint8Array.of(1))
      await settle()
    }
    expect([client.count('peerClosed'), client.count('session'), client.error, server.error]).toEqual([
      1,
      0,
      null,
      null,
    ])
  })

  it('has the level warning', () => {
    const { target, peer } = attackClient()
    let content: Uint8Array | null = null
    const { records } = peer
    const open = Object.getPrototypeOf(records).sort as (type: number, content: Uint8Array) => unknown
    Object.assign(records, {
      sort(type: number, octets: Uint8Array) {
        if (type === 21) content = octets.slice()
        return open.call(records, type, octets)
      },
    })
    target.driver.close()
    expect(content).toEqual(CLOSE_NOTIFY)
  })

  it('means that what its sender sends afterwards is ignored', () => {
    for (const [, attack] of ATTACKS) {
      const { target, peer } = attack()
      peer.sendRecord(21, CLOSE_NOTIFY)
      peer.sendRecord(23, Uint8Array.of(1))
      peer.sendOctets(Uint8Array.of(255, 255))
      expect([target.error, target.data.length, target.count('peerClosed')]).toEqual([null, 0, 1])
      target.driver.endOfInput()
      target.driver.send(Uint8Array.of(2))
      expect([target.error, peer.data]).toEqual([null, [Uint8Array.of(2)]])
    }
  })

  it('ignores what comes after it in the same octets', () => {
    const { target, peer } = attackServer()
    const sent: Uint8Array[] = []
    const { deliver } = peer
    peer.deliver = (bytes) => sent.push(bytes)
    peer.sendRecord(21, CLOSE_NOTIFY)
    peer.sendRecord(23, Uint8Array.of(1))
    deliver(Buffer.concat(sent))
    expect([target.error, target.data.length]).toEqual([null, 0])
  })

  it('during the handshake ends it with an error, on both sides', () => {
    for (const [, attack] of ATTACKS) {
      const { target } = attack({
        script: ({ type, bytes }, peer) => {
          if (type !== 'finished') return bytes
          peer.sendRecord(21, CLOSE_NOTIFY)
          return null
        },
      })
      expect(target.error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', receivedAlert: 'close_notify' })
    }
  })

  it('by both sides is the end: nothing can be sent, exported or received any more', async () => {
    const { client, server } = await runPair(cheap())
    client.driver.close()
    server.driver.close()
    for (const { connection, events } of [client, server]) {
      expect(connection.handshakeComplete).toBe(false)
      expect(refusal(() => connection.send(Uint8Array.of(1)))).toBe('ERR_INVALID_STATE')
      expect(refusal(() => connection.requestKeyUpdate(true))).toBe('ERR_INVALID_STATE')
      // The exporter secret has been wiped: keys from zeros would be no keys.
      expect(refusal(() => connection.exportKeyingMaterial('x', new Uint8Array(0), 32))).toBe('ERR_INVALID_STATE')
      connection.receive(Uint8Array.of(1))
      connection.endOfInput()
      connection.abort(new TrefoilError('ERR_ABORTED', 'too late'))
      expect(events.some(({ type }) => type === 'error')).toBe(false)
    }
  })
})

describe('the end of the transport', () => {
  it('without a close_notify is a truncation, and no alert is sent', () => {
    for (const [, attack] of ATTACKS) {
      const { target, peer } = attack()
      const sent = target.sent.length
      target.driver.endOfInput()
      expect([target.error?.code, target.sent.length, peer.alerts]).toEqual(['ERR_TRUNCATED', sent, []])
    }
  })

  it('during the handshake is one too', () => {
    const { client } = makePair(cheap())
    client.driver.start()
    client.driver.endOfInput()
    expect(client.error?.code).toBe('ERR_TRUNCATED')
  })

  it.each([1, 4, 5, 20])('after %i octets of a record is one too', (octets) => {
    const { target, peer } = attackClient()
    peer.deliver = (bytes) => target.driver.receive(bytes.subarray(0, octets))
    peer.sendRecord(23, new Uint8Array(100))
    target.driver.endOfInput()
    expect([target.error?.code, target.data.length]).toEqual(['ERR_TRUNCATED', 0])
  })

  it('is heeded only when what came before it has been read, however long an answer takes', async () => {
    // The server's last flight, data, close_notify and the end of the transport, while the client verifies a chain.
    let verified = (): void => {}
    const pair = makePair(
      cheap({
        clientHandlers: {
          currentTime: () => new Promise((resolve) => (verified = () => resolve(0))),
        },
        serverHandlers: { sealTicket: () => Uint8Array.of(1) },
        server: { tickets: 1 },
      }),
    )
    const { client, server } = pair
    server.driver.start()
    client.driver.start()
    await pair.settle()
    server.driver.send(Uint8Array.of(1, 2, 3))
    server.driver.close()
    client.driver.endOfInput()
    expect([client.error, client.data.length]).toEqual([null, 0])
    verified()
    await pair.settle()
    expect([client.error, [...client.data], client.count('peerClosed')]).toEqual([null, [1, 2, 3], 1])
  })

  it('is reported at once when nothing is left to read, though an answer is awaited', () => {
    const pair = makePair(cheap({ serverHandlers: { selectCertificate: () => new Promise(() => {}) } }))
    pair.server.driver.start()
    pair.client.driver.start()
    pair.server.driver.endOfInput()
    expect(pair.server.error?.code).toBe('ERR_TRUNCATED')
  })

  it('after waiting octets that end in the middle of a record is a truncation', async () => {
    let go = (): void => {}
    const random = ({ length }: { readonly length: number }) =>
      new Promise<Uint8Array>((resolve) => (go = () => resolve(new Uint8Array(length))))
    const pair = makePair(cheap({ serverHandlers: { random } }))
    pair.server.driver.start()
    pair.client.driver.start()
    pair.server.driver.receive(Uint8Array.of(22, 3, 3))
    pair.server.driver.endOfInput()
    expect(pair.server.error).toBeNull()
    go()
    await pair.settle()
    expect(pair.server.error?.code).toBe('ERR_TRUNCATED')
  })
})

describe.each(ATTACKS)('a connected %s', (_role, attack) => {
  it('ends at once at any alert but close_notify and user_canceled, of any level, without an alert of its own', () => {
    for (const [level, description, name] of [
      [2, 40, 'handshake_failure'],
      [1, 40, 'handshake_failure'],
      [2, 80, 'internal_error'],
      [1, 113, 'bad_certificate_status_response'],
      [0, 200, 200],
      [255, 116, 'certificate_required'],
    ] as const) {
      const { target, peer } = attack()
      const sent = target.sent.length
      peer.sendRecord(21, Uint8Array.of(level, description))
      expect(target.error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', receivedAlert: name, alert: name })
      peer.sendRecord(23, Uint8Array.of(1))
      expect([target.data.length, target.sent.length]).toEqual([0, sent])
    }
  })

  it('reads on after user_canceled: a close_notify follows it', () => {
    const { target, peer } = attack()
    peer.sendRecord(21, Uint8Array.of(1, 90))
    peer.sendRecord(23, Uint8Array.of(1))
    expect([target.error, [...target.data]]).toEqual([null, [1]])
  })

  it('refuses a malformed alert', () => {
    for (const [content, code, alert] of [
      [[], 'ERR_UNEXPECTED_MESSAGE', 'unexpected_message'],
      [[1], 'ERR_DECODE', 'decode_error'],
      [[1, 0, 0], 'ERR_DECODE', 'decode_error'],
    ] as const) {
      const outcome = attack()
      outcome.peer.sendRecord(21, Uint8Array.from(content))
      expectRefusal(outcome, code, alert)
    }
  })

  it('refuses an alert inside a handshake message with unexpected_message', () => {
    const outcome = attack()
    outcome.peer.sendRecord(22, Uint8Array.of(24, 0))
    outcome.peer.sendRecord(21, CLOSE_NOTIFY)
    expectRefusal(outcome, 'ERR_UNEXPECTED_MESSAGE', 'unexpected_message')
  })

  it('refuses an unprotected alert with unexpected_message: anyone could have sent it', () => {
    const outcome = attack()
    outcome.peer.sendRecord(23, Uint8Array.of(1))
    outcome.peer.sendPlain(21, Uint8Array.of(2, 40))
    expectRefusal(outcome, 'ERR_UNEXPECTED_MESSAGE', 'unexpected_message')
  })
})

describe('a caller ends the handshake', () => {
  it('by close or abort: user_canceled, then close_notify, and ERR_ABORTED on its own side', async () => {
    for (const end of [
      (pair: Pair) => pair.client.driver.close(),
      (pair: Pair) => pair.client.driver.abort(new TrefoilError('ERR_ABORTED', 'no more')),
    ]) {
      const pair = makePair(cheap({ serverHandlers: { selectCertificate: () => new Promise(() => {}) } }))
      pair.server.driver.start()
      pair.client.driver.start()
      await pair.settle()
      end(pair)
      expect(pair.client.error?.code).toBe('ERR_ABORTED')
      expect(Buffer.concat(pair.client.sent.slice(-1)).toString('hex')).toBe('15030300020' + '15a' + '15030300020100')
    }
  })

  it('and its peer is told so', async () => {
    const pair = makePair(cheap({ clientHandlers: { verifyCertificate: () => new Promise(() => {}) } }))
    pair.server.driver.start()
    pair.client.driver.start()
    await pair.settle()
    pair.client.driver.close()
    expect(pair.server.error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', receivedAlert: 'close_notify' })
  })
})
