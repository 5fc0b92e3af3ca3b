/**
 * kill -9 of any part at any moment of a handshake. Whatever dies and comes back with empty memory, no key enters two
 * sessions, a recorded first flight opens none, and the next handshake is as any other.
 */
import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../src/index.js'
import { ca, serverIdentity } from '../modes/identities.js'
import { isBuilt, notBuilt, Part, qkdOption, SITE_A, SITE_B } from './part.js'
import { startRelay } from './relay.js'

describe.skipIf(!isBuilt)(`a part that is killed${notBuilt}`, () => {
  const urls = { a: '', b: '' }
  const parts = {} as Record<'managerA' | 'managerB' | 'server' | 'client', Part>
  let port = 0
  /** Of all sessions that both ends had, or one end thought it had. */
  const keyIds: string[] = []

  const startManagerB = async (at = 0) => {
    parts.managerB = new Part()
    const { url } = await parts.managerB.tell('keyManager', { site: SITE_B, peer: without(SITE_A), port: at })
    urls.b = url
  }
  const startManagerA = async (at = 0) => {
    parts.managerA = new Part()
    const started = { site: SITE_A, peer: without(SITE_B), port: at, peerUrl: urls.b }
    urls.a = (await parts.managerA.tell('keyManager', started)).url
  }
  const startServer = async (more: object = {}) => {
    parts.server = new Part()
    port = await parts.server.tell('serve', { ...serverIdentity, port, qkd: qkdOption('server', urls.b, more) })
  }
  const startClient = () => {
    parts.client = new Part()
  }
  const begin = (at = port, more: object = {}) => {
    return parts.client.tell('connect', { port: at, ca, qkd: qkdOption('client', urls.a, more) })
  }

  /** A whole handshake, with a key that no session had before. */
  const recovers = async () => {
    await parts.server.tell('takeLog')
    const { refusal, text, protection } = await begin()
    expect([refusal, text]).toEqual([undefined, 'there and back'])
    const { sessions } = await parts.server.tell('takeLog')
    expect(sessions.map(({ qkd }) => qkd?.keyId)).toEqual([protection?.qkd?.keyId])
    keyIds.push(protection?.qkd?.keyId as string)
    expect(new Set(keyIds).size).toBe(keyIds.length)
  }
  /** Sends a first flight again: the server's word on it. The sender has no key share, and can go no further. */
  const replayed = async (hello: Buffer): Promise<ErrorCode> => {
    await parts.server.tell('takeLog')
    const socket = connectTcp({ port, host: '127.0.0.1' })
    socket.on('error', () => {})
    // Whatever the server says first, a flight or an alert, is all that the sender waits for.
    socket.once('data', () => socket.end())
    socket.write(hello)
    const seen: ErrorCode[] = []
    await expect
      .poll(async () => {
        const { sessions, refusals } = await parts.server.tell('takeLog')
        expect(sessions).toEqual([])
        seen.push(...refusals.map(({ code }) => code))
        return seen.length
      })
      .toBe(1)
    socket.destroy()
    return seen[0] as ErrorCode
  }
  const decKeys = async () => (await parts.managerB.tell('counters')).a.dec_keys

  beforeAll(async () => {
    if (!isBuilt) return
    await startManagerB()
    await startManagerA()
    await startServer()
    startClient()
    await recovers()
  })
  afterAll(() => expect(new Set(keyIds).size).toBe(keyIds.length))

  it('the client, after it got its key and before its hello: the key is lost, and the next one is another', async () => {
    const stopped = parts.client.stoppedAtKey()
    void begin(port, { stopAtKey: true })
    const lost = await stopped
    const before = await decKeys()
    await parts.client.kill()
    startClient()
    await recovers()
    expect(keyIds).not.toContain(lost)
    expect(await decKeys()).toBe(before + 1)
  })

  it('the client, after its hello: the server hears of it, and a replay is refused without a call', async () => {
    const relay = await startRelay(port, 'answer')
    void begin(relay.port)
    const hello = await relay.nextHello()
    await expect.poll(async () => (await parts.server.tell('atRest')).keyLookups.found).toBe(keyIds.length + 1)
    await parts.client.kill()
    relay.release()
    await expect.poll(async () => (await parts.server.tell('atRest')).connections).toBe(0)
    const before = await decKeys()
    expect(await replayed(hello)).toBe('ERR_QKD_KEY_NOT_FOUND')
    expect(await decKeys()).toBe(before)
    startClient()
    await recovers()
  })

  it('the server, before it asked for the key: a replay to its successor opens no session, and is the only one', async () => {
    const relay = await startRelay(port, 'hello')
    const handshake = begin(relay.port)
    const hello = await relay.nextHello()
    await parts.server.kill()
    relay.release()
    expectBrokenOff((await handshake).refusal?.code)
    await startServer()
    // Nobody had the key at this end yet, so its successor takes it; but the sender cannot go on from the server's flight.
    expect(await replayed(hello)).toBe('ERR_TRUNCATED')
    expect(await replayed(hello)).toBe('ERR_QKD_KEY_NOT_FOUND')
    await recovers()
  })

  it('the server, when it had the key: its successor, which knows nothing of it, does not get the key again', async () => {
    await parts.server.kill()
    await startServer({ stopAtKey: true })
    const relay = await startRelay(port)
    const handshake = begin(relay.port)
    const hello = await relay.nextHello()
    await parts.server.stoppedAtKey()
    await parts.server.kill()
    expectBrokenOff((await handshake).refusal?.code)
    await startServer()
    const before = await decKeys()
    expect(await replayed(hello)).toBe('ERR_QKD_KEY_NOT_FOUND')
    // Here it is the key manager that refuses: it gives a key once.
    expect(await decKeys()).toBe(before + 1)
    expect(await replayed(hello)).toBe('ERR_QKD_KEY_NOT_FOUND')
    expect(await decKeys()).toBe(before + 1)
    await recovers()
  })

  it('the server, after a session: the session’s first flight opens none with its successor', async () => {
    const relay = await startRelay(port)
    const { protection } = await begin(relay.port)
    keyIds.push(protection?.qkd?.keyId as string)
    const hello = await relay.nextHello()
    await parts.server.kill()
    await startServer()
    expect(await replayed(hello)).toBe('ERR_QKD_KEY_NOT_FOUND')
    await recovers()
  })

  it('the key manager of the server, while the hello is on its way: an error at both ends, and its keys are gone', async () => {
    const relay = await startRelay(port, 'hello')
    const handshake = begin(relay.port)
    const hello = await relay.nextHello()
    await parts.server.tell('takeLog')
    await parts.managerB.kill()
    relay.release()
    const { refusal } = await handshake
    expect([refusal?.code, refusal?.alert]).toEqual(['ERR_ALERT_RECEIVED', 'internal_error'])
    const { refusals, sessions } = await parts.server.tell('takeLog')
    expect([refusals[0]?.code, refusals[0]?.alert, sessions]).toEqual(['ERR_QKD_UNREACHABLE', 'internal_error', []])
    // Site A has nobody to share a key with meanwhile, and says so.
    const meanwhile = await begin()
    expect([meanwhile.refusal?.code, meanwhile.refusal?.alert]).toEqual(['ERR_QKD_UNREACHABLE', 'internal_error'])
    await startManagerB(Number(new URL(urls.b).port))
    expect(await replayed(hello)).toBe('ERR_QKD_KEY_NOT_FOUND')
    await recovers()
  })

  it('the key manager of the client, between two handshakes', async () => {
    await parts.managerA.kill()
    const { refusal } = await begin()
    expect([refusal?.code, refusal?.alert]).toEqual(['ERR_QKD_UNREACHABLE', 'internal_error'])
    await startManagerA(Number(new URL(urls.a).port))
    await recovers()
  })
})

function without({ kmeId, sae }: { kmeId: string; sae: string[] }) {
  return { kmeId, sae }
}

/** Without a word from the server: by the end of the octets, or by a reset. */
function expectBrokenOff(code: ErrorCode | undefined): void {
  expect(['ERR_TRUNCATED', 'ERR_TRANSPORT']).toContain(code)
}
