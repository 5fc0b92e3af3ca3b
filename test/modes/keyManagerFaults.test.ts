/** Key managers that misbehave in the middle of a handshake: a typed error at both ends, and never a lesser session. */
import { describe, expect, it, vi } from 'vitest'
import type { ConnectionOptions, ErrorCode, ServerOptions } from '../../src/index.js'
import type { KeyManagerFault } from '../../src/qkd/index.js'
import { type End, exchangeAndClose, listen, meet, refused } from './ends.js'
import { ca, psk, serverIdentity } from './identities.js'
import { CLIENT_KEY_ONLY, NO_KEY, ONE_KEY, recorded, useLink } from './link.js'

const link = useLink()

interface Setting {
  readonly mode: string
  readonly server: ServerOptions
  readonly client: ConnectionOptions
  /** How a wrong binder is told: RFC 9973 5.1, RFC 9846 6.2. */
  readonly badBinder: End
}
const SETTINGS: Setting[] = [
  {
    mode: 'certificate + QKD',
    server: serverIdentity,
    client: { ca },
    badBinder: ['ERR_BAD_BINDER_WITH_CERTIFICATE', 'illegal_parameter'],
  },
  { mode: 'psk + QKD', server: { psk }, client: { psk }, badBinder: ['ERR_BAD_BINDER', 'decrypt_error'] },
  { mode: 'QKD alone', server: {}, client: {}, badBinder: ['ERR_BAD_BINDER', 'decrypt_error'] },
]

/** Faults that the end which asked notices by itself. */
const FAULTS: [KeyManagerFault, ErrorCode][] = [
  ['down', 'ERR_QKD_UNREACHABLE'],
  ['wrong-length', 'ERR_QKD_KEY_LENGTH'],
  ['bits-as-bytes', 'ERR_QKD_KEY_LENGTH'],
  ['exhausted', 'ERR_QKD_EXHAUSTED'],
  ['half-answered', 'ERR_QKD_BAD_REPLY'],
]
const TOLD = ['ERR_ALERT_RECEIVED', 'internal_error'] as const
/** RFC 9846 6.1: user_canceled is a warning, and the close_notify behind it is what ends the handshake. */
const CANCELED = ['ERR_ALERT_RECEIVED', 'close_notify'] as const

describe.each(SETTINGS)('$mode', ({ server, client, badBinder }) => {
  const both = (): [ServerOptions, ConnectionOptions] => [
    { ...server, qkd: link.server() },
    { ...client, qkd: link.client() },
  ]
  const sound = async () => exchangeAndClose(await meet(...both()))

  it.each(FAULTS)("the client's key manager is %s: %s", async (fault, code) => {
    link.fault('client', fault)
    expect(await refused(...both())).toEqual({ client: [code, 'internal_error'], server: TOLD, sessions: 0 })
    expect(link.calls().server).toEqual(NO_KEY.server)
    link.fault('client', null)
    await sound()
  })

  it.each(FAULTS)("the server's key manager is %s: %s", async (fault, code) => {
    link.fault('server', fault)
    expect(await refused(...both())).toEqual({ client: TOLD, server: [code, 'internal_error'], sessions: 0 })
    expect(link.calls().client).toEqual(CLIENT_KEY_ONLY.client)
    link.fault('server', null)
    await sound()
  })

  it.each(['client', 'server'] as const)("the %s's key manager gives another key than the one named", async (end) => {
    link.fault(end, 'swapped-key')
    const told: End = ['ERR_ALERT_RECEIVED', badBinder[1]]
    expect(await refused(...both())).toEqual({ client: told, server: badBinder, sessions: 0 })
    expect(link.calls()).toEqual(ONE_KEY)
    link.fault(end, null)
    await sound()
  })

  it("the client's key manager gives a key_ID for the second time", async () => {
    await sound()
    link.fault('client', 'duplicate-id')
    const outcome = await refused(...both())
    expect(outcome).toEqual({ client: ['ERR_QKD_BAD_REPLY', 'internal_error'], server: TOLD, sessions: 0 })
    expect(link.calls().server.dec).toBe(1)
  })

  it("the server's key manager answers with another key_ID than the one asked for", async () => {
    await sound()
    link.fault('server', 'duplicate-id')
    const outcome = await refused(...both())
    expect(outcome).toEqual({ client: TOLD, server: ['ERR_QKD_BAD_REPLY', 'internal_error'], sessions: 0 })
  })

  it('a key manager that is slow beyond its own time-out: ERR_QKD_TIMEOUT', async () => {
    const [onServer, onClient] = both()
    const impatient = { timeoutMilliseconds: 100 }
    link.fault('client', 'slow')
    const source = link.managers.source('A', impatient)
    const atClient = await refused(onServer, { ...onClient, qkd: link.client({ source }) })
    expect(atClient).toEqual({ client: ['ERR_QKD_TIMEOUT', 'internal_error'], server: TOLD, sessions: 0 })
    link.fault('client', null)
    link.fault('server', 'slow')
    const sourceB = link.managers.source('B', impatient)
    const atServer = await refused({ ...onServer, qkd: link.server({ source: sourceB }) }, onClient)
    expect(atServer).toEqual({ client: TOLD, server: ['ERR_QKD_TIMEOUT', 'internal_error'], sessions: 0 })
  })

  it('a key manager that is slow beyond the time of the handshake: ERR_HANDSHAKE_TIMEOUT, and the call is given up', async () => {
    const [onServer, onClient] = both()
    const timedOut = ['ERR_HANDSHAKE_TIMEOUT', 'user_canceled'] as const
    link.fault('client', 'slow')
    const atClient = await refused(onServer, { ...onClient, handshakeTimeout: 150 })
    expect(atClient).toEqual({ client: timedOut, server: CANCELED, sessions: 0 })
    link.fault('client', null)
    link.fault('server', 'slow')
    const atServer = await refused({ ...onServer, handshakeTimeout: 150 }, onClient)
    expect(atServer).toEqual({ client: CANCELED, server: timedOut, sessions: 0 })
    link.fault('server', null)
    await sound()
  })

  it('a key whose handshake failed is burnt: the next handshake has another one', async () => {
    const [onServer, onClient] = both()
    const source = recorded(link.managers.sourceA)
    const listening = await listen(onServer)
    const options = { ...onClient, qkd: link.client({ source }) }
    link.fault('server', 'half-answered')
    await refused(listening, options)
    link.fault('server', null)
    const session = await meet(listening, options)
    const [burnt, used] = source.given.map(({ keyId }) => keyId)
    expect(session.client.protection?.qkd?.keyId).toBe(used)
    expect(session.server.protection?.qkd?.keyId).toBe(used)
    expect(used).not.toBe(burnt)
    expect(link.calls()).toEqual({ client: { enc: 2, dec: 0 }, server: { enc: 0, dec: 2 } })
    // It is not to be had at the key manager any more either, though its reply never came through.
    const late = link.managers.source('B').getKeyWithId('sae-alice', burnt as string)
    await expect(late).rejects.toMatchObject({ code: 'ERR_QKD_KEY_NOT_FOUND' })
  })
})

it('a client that is aborted while it waits for a key gives up the call, and the server hears of it', async () => {
  link.fault('client', 'slow')
  const stop = new AbortController()
  const outcome = refused({ ...serverIdentity, qkd: link.server() }, { ca, qkd: link.client(), signal: stop.signal })
  await vi.waitUntil(() => link.calls().client.enc === 1, { timeout: 10_000 })
  stop.abort()
  expect(await outcome).toEqual({ client: ['ERR_ABORTED', 'user_canceled'], server: CANCELED, sessions: 0 })
})
