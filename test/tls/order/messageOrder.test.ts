import { describe, expect, it } from 'vitest'
import { CLIENT_MESSAGE_ORDER, type ClientStateName, SERVER_MESSAGE_ORDER } from '../../../src/tls/messageOrder.js'
import { HandshakeType, type HandshakeTypeName } from '../../../src/tls/wire/codePoints.js'
import {
  type Attack,
  type AttackOptions,
  attackClient,
  attackServer,
  ed25519Credential,
  expectComplete,
  expectRefusal,
  knowing,
  offering,
  PSK,
} from '../../support/attack.js'
import { handshakeMessage, type Script } from '../../support/scriptedPeer.js'

/** How a real connection is brought into a state: up to, not including, the nth message of a type by the peer. */
interface Way {
  readonly options: AttackOptions
  readonly before: readonly [HandshakeTypeName, number] | 'nothing'
}

const RETRY = { alwaysRetry: true, cookieKey: new Uint8Array(32) }
const REQUEST: AttackOptions = { server: { clientCertificate: 'request' } }
const MUTUAL: AttackOptions = { ...REQUEST, clientHandlers: { selectCertificate: () => ed25519Credential } }
const TICKETS: AttackOptions = { serverHandlers: { sealTicket: () => Uint8Array.of(7) } }
const BY_PSK: AttackOptions = { clientHandlers: offering([PSK]), serverHandlers: knowing([PSK]) }

const CLIENT_WAYS: Record<ClientStateName, readonly Way[]> = {
  expectServerHello: [{ options: {}, before: ['server_hello', 0] }],
  expectSecondServerHello: [{ options: { server: RETRY }, before: ['server_hello', 1] }],
  expectEncryptedExtensions: [{ options: {}, before: ['encrypted_extensions', 0] }],
  expectCertificateOrRequest: [
    { options: REQUEST, before: ['certificate_request', 0] },
    { options: {}, before: ['certificate', 0] },
  ],
  expectCertificate: [{ options: REQUEST, before: ['certificate', 0] }],
  expectCertificateVerify: [
    { options: {}, before: ['certificate_verify', 0] },
    { options: REQUEST, before: ['certificate_verify', 0] },
  ],
  expectFinished: [
    { options: {}, before: ['finished', 0] },
    { options: BY_PSK, before: ['finished', 0] },
  ],
  connected: [
    { options: {}, before: 'nothing' },
    { options: BY_PSK, before: 'nothing' },
  ],
}

const SERVER_WAYS: Record<keyof typeof SERVER_MESSAGE_ORDER, readonly Way[]> = {
  expectClientHello: [{ options: {}, before: ['client_hello', 0] }],
  expectSecondClientHello: [{ options: { server: RETRY }, before: ['client_hello', 1] }],
  expectCertificate: [{ options: MUTUAL, before: ['certificate', 0] }],
  expectCertificateVerify: [{ options: MUTUAL, before: ['certificate_verify', 0] }],
  expectFinished: [
    { options: {}, before: ['finished', 0] },
    { options: BY_PSK, before: ['finished', 0] },
    { options: MUTUAL, before: ['finished', 0] },
    { options: REQUEST, before: ['finished', 0] },
  ],
  connected: [
    { options: {}, before: 'nothing' },
    { options: MUTUAL, before: 'nothing' },
  ],
}

/** Real messages of each type, so that nothing but their order can be wrong with them. */
const SAMPLES = recordSamples()
const ALL_TYPES = [...(Object.keys(HandshakeType) as HandshakeTypeName[])]

describe.each([
  ['client', CLIENT_MESSAGE_ORDER, CLIENT_WAYS, attackClient],
  ['server', SERVER_MESSAGE_ORDER, SERVER_WAYS, attackServer],
] as const)('the order of messages at a %s', (_role, order, ways, attack) => {
  const cases = (Object.keys(order) as (keyof typeof order)[]).flatMap(
    (state) =>
      (ways as Record<string, readonly Way[]>)[state]?.map((way) => ({ state, way })) as { state: string; way: Way }[],
  )

  it.each(cases)(
    'in $state (before $way.before) refuses every message that is not due, with unexpected_message',
    ({ state, way }) => {
      const legal = Object.keys((order as Record<string, object>)[state] as object)
      const illegal = ALL_TYPES.filter((type) => !legal.includes(type))
      expect(illegal.length + legal.length).toBe(ALL_TYPES.length)
      for (const type of illegal) {
        const outcome = reach(attack, way, SAMPLES.get(type) ?? handshakeMessage(type, new Uint8Array(0)))
        expectRefusal(outcome, 'ERR_UNEXPECTED_MESSAGE', 'unexpected_message')
        expectNothingElse(outcome, way)
      }
    },
  )

  it.each(cases)('in $state (before $way.before) refuses messages of unknown types by their first octet', ({ way }) => {
    for (const type of [0, 3, 25, 67, 255]) {
      const outcome = reach(attack, way, Uint8Array.of(type))
      expectRefusal(outcome, 'ERR_UNEXPECTED_MESSAGE', 'unexpected_message')
    }
  })

  it('is reached in every state by the ways of this test', () => {
    // What is legal in the state goes through: the handshake ends well when nothing is replaced.
    for (const { way } of cases) expectComplete(attack(way.options))
  })
})

describe('the table of messages', () => {
  it('has exactly the transitions that handshakes of all kinds go through', () => {
    const flows: AttackOptions[] = [TICKETS, REQUEST, MUTUAL, BY_PSK]
    const all = flows.flatMap((options) => [options, { ...options, server: { ...options.server, ...RETRY } }])
    const seen = (attack: typeof attackClient) => new Set(all.flatMap((options) => attack(options).peer.transitions))
    // The peer of an attacked server is a client.
    expect([...seen(attackServer)].sort()).toEqual(edges(CLIENT_MESSAGE_ORDER))
    expect([...seen(attackClient)].sort()).toEqual(edges(SERVER_MESSAGE_ORDER))
  })
})

function edges(order: Record<string, { readonly [M in HandshakeTypeName]?: readonly string[] }>): string[] {
  return (
    Object.entries(order)
      .flatMap(([state, legal]) =>
        Object.entries(legal).flatMap(([type, next]) => next.map((to) => `${state} ${type} ${to}`)),
      )
      // KeyUpdate is the connection's business, not the state machine's.
      .filter((edge) => !edge.includes('key_update'))
      .sort()
  )
}

/** Brings a connection into a state, has the peer send `message` there, and nothing afterwards. */
function reach(attack: typeof attackClient, { options, before }: Way, message: Uint8Array): Attack {
  if (before === 'nothing') {
    const outcome = attack(options)
    expectComplete(outcome)
    outcome.peer.sendRecord(22, message)
    return outcome
  }
  let reached = false
  const script: Script = ({ type, nth, bytes }) => {
    if (reached) return null
    if (type !== before[0] || nth !== before[1]) return bytes
    reached = true
    return message
  }
  const outcome = attack({ ...options, script })
  expect(reached).toBe(true)
  return outcome
}

function expectNothingElse({ target }: Attack, { before }: Way): void {
  const known =
    before === 'nothing' ? ['clientHello', 'handshakeComplete', 'session', 'error'] : ['clientHello', 'error']
  expect(target.events.map(({ type }) => type).filter((type) => !known.includes(type))).toEqual([])
  expect(target.count('error')).toBe(1)
}

function recordSamples(): Map<HandshakeTypeName, Uint8Array> {
  const samples = new Map<HandshakeTypeName, Uint8Array>()
  const script: Script = ({ type, bytes }) => {
    samples.set(type, bytes)
    return bytes
  }
  attackClient({ ...MUTUAL, script })
  attackServer({ ...MUTUAL, script })
  samples.set('key_update', handshakeMessage('key_update', Uint8Array.of(0)))
  const ticket = Uint8Array.of(0, 0, 0, 60, 1, 2, 3, 4, 1, 0, 0, 1, 7, 0, 0)
  samples.set('new_session_ticket', handshakeMessage('new_session_ticket', ticket))
  return samples
}
