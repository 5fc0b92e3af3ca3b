/** What the option `acceptPeer` may answer, and what comes of it at both ends. */
import { describe, expect, it } from 'vitest'
import { type AcceptPeer, connect, type PeerFacts, TrefoilError } from '../../src/index.js'
import { PROVIDERS } from '../support/providers.js'
import {
  authority,
  ca,
  clientIdentity,
  failure,
  listen,
  plain,
  readAll,
  refusal,
  serverIdentity,
  shake,
} from './fixtures.js'

const revoked = new Error('revoked on Tuesday')
const yes: [string, AcceptPeer][] = [
  ['nothing', () => {}],
  ['undefined', () => undefined],
  ['true', () => true],
  ['a promise of nothing', async () => {}],
  ['a promise of true', async () => true],
]
const no: [string, AcceptPeer, unknown][] = [
  ['false', () => false, undefined],
  ['a promise of false', async () => false, undefined],
  ['an Error', () => revoked, revoked],
  ['a promise of an Error', async () => revoked, revoked],
  ['a rejection', () => Promise.reject(revoked), revoked],
  ['null, which no type allows', () => null as never, null],
  ['a text, which no type allows', () => 'yes' as never, 'yes'],
  [
    'an exception',
    () => {
      throw revoked
    },
    revoked,
  ],
  [
    'an exception with a code of ours, which does not take the place of the right one',
    () => {
      throw new TrefoilError('ERR_CERTIFICATE_EXPIRED', 'expired')
    },
    expect.objectContaining({ code: 'ERR_CERTIFICATE_EXPIRED' }),
  ],
]

describe.each(PROVIDERS)('acceptPeer with $name', (crypto) => {
  it.each(yes)('accepts by %s, at both ends', async (_, acceptPeer) => {
    const { client, server } = await plain({ acceptPeer, crypto }, { acceptPeer, crypto })
    server.end('hello')
    expect(String(await readAll(client))).toBe('hello')
  })

  it.each(no)('refuses by %s, at both ends', async (_, acceptPeer, cause) => {
    const refusing = { code: 'ERR_PEER_REFUSED_BY_CALLER', alert: 'access_denied', blame: 'peer' }
    const refused = { code: 'ERR_ALERT_RECEIVED', alert: 'access_denied' }
    const byClient = await refusal({ ...serverIdentity, crypto }, { ca, acceptPeer, crypto })
    expect(byClient.client).toMatchObject({ ...refusing, message: 'server was refused by acceptPeer' })
    expect(byClient.client.cause).toEqual(cause)
    expect(byClient.server).toMatchObject(refused)
    const byServer = await refusal({ ...serverIdentity, acceptPeer, crypto }, { ca, crypto })
    expect(byServer.server).toMatchObject({ ...refusing, message: 'client was refused by acceptPeer' })
    expect(byServer.server.cause).toEqual(cause)
    expect(byServer.client).toMatchObject(refused)
  })
})

describe('a peer that acceptPeer has not judged yet', () => {
  it('is no connection: nothing that it sent is read, and nothing we write goes out', async () => {
    let release = (): void => {}
    const { server, port } = await listen({
      ...serverIdentity,
      acceptPeer: () => new Promise((resolve) => (release = resolve)),
    })
    let accepted = 0
    server.on('secureConnection', (socket) => {
      accepted++
      socket.pipe(socket)
    })
    const client = connect({ host: '127.0.0.1', port, ca })
    client.end('sent early')
    const echoed = readAll(client)
    // The client has finished: what it sent waits at the server.
    await new Promise((resolve) => client.once('secureConnect', resolve))
    await expect.poll(() => release.name).not.toBe('release')
    expect(accepted).toBe(0)
    release()
    expect(String(await echoed)).toBe('sent early')
    expect(accepted).toBe(1)
  })

  it('may have ended its side by then: it is still there to listen, and the signal is not aborted', async () => {
    let ended: Promise<void> | undefined
    const acceptPeer: AcceptPeer = async (_, { signal }) => {
      await ended
      return !signal.aborted
    }
    const { server, port } = await listen({ ...serverIdentity, acceptPeer }, (socket) => socket.pipe(socket))
    ended = new Promise((resolve) => {
      server.once('connection', (transport) => transport.once('end', () => setImmediate(resolve)))
    })
    const client = connect({ host: '127.0.0.1', port, ca })
    client.end('all of it')
    expect(String(await readAll(client))).toBe('all of it')
  })

  it('learns nothing of a client that refuses it: its certificate stays here', async () => {
    const seen: PeerFacts[] = []
    const errors = await refusal(
      {
        ...serverIdentity,
        ca,
        requestCert: true,
        rejectUnauthorized: false,
        acceptPeer: (peer) => void seen.push(peer),
      },
      { ...clientIdentity, ca, acceptPeer: () => false },
    )
    expect([errors.server.code, seen]).toEqual(['ERR_ALERT_RECEIVED', []])
  })

  it('is refused when the handshake has lasted too long; the signal tells', async () => {
    for (const end of ['client', 'server'] as const) {
      const signals: AbortSignal[] = []
      const waiting: AcceptPeer = (_, { signal }) => {
        signals.push(signal)
        return new Promise(() => {})
      }
      const slow = { acceptPeer: waiting, handshakeTimeout: 2000 }
      const errors = await refusal(
        { ...serverIdentity, ...(end === 'server' && slow) },
        { ca, ...(end === 'client' && slow) },
      )
      expect([errors[end].code, signals.map(({ aborted }) => aborted)]).toEqual(['ERR_PEER_REFUSED_BY_CALLER', [true]])
      expect(errors[end === 'client' ? 'server' : 'client'].alert).toBe('access_denied')
    }
  })

  it('is forgotten when the socket is destroyed meanwhile, whatever is answered then', async () => {
    let answer: (accepted: boolean) => void = () => {}
    let asked: AbortSignal | null = null
    const { port } = await listen(serverIdentity)
    const client = connect({
      host: '127.0.0.1',
      port,
      ca,
      acceptPeer: (_, { signal }) => {
        asked = signal
        return new Promise((resolve) => (answer = resolve))
      },
    })
    const failed = failure(client)
    await expect.poll(() => asked).not.toBeNull()
    client.destroy(new Error('enough'))
    answer(true)
    expect((await failed).code).toBe('ERR_ABORTED')
    expect([(asked as AbortSignal | null)?.aborted, client.protection]).toEqual([true, null])
  })
})

describe('acceptPeer is asked after all other checks', () => {
  it('and never about a peer that they refuse', async () => {
    const stranger = authority('Stranger').certificatePem
    let asked = 0
    const acceptPeer = () => {
      asked++
      return true
    }
    await refusal(serverIdentity, { ca: stranger, acceptPeer })
    await refusal({ ...serverIdentity, ca: stranger, requestCert: true, acceptPeer }, { ca, ...clientIdentity })
    expect(asked).toBe(0)
  })

  it('about a peer that rejectUnauthorized: false lets pass, with the reason why it is not authenticated', async () => {
    const seen: PeerFacts[] = []
    const acceptPeer: AcceptPeer = (peer) => void seen.push(peer)
    const stranger = authority('Stranger').certificatePem
    await shake(serverIdentity, { ca: stranger, rejectUnauthorized: false, acceptPeer })
    expect(seen[0]?.authorizationError?.code).toBe('ERR_UNKNOWN_CA')
    expect(seen[0]?.protection.authentication.peer).toBeNull()
  })

  it('about a client that nothing authenticates', async () => {
    const seen: PeerFacts[] = []
    await plain({ acceptPeer: (peer) => void seen.push(peer) }, { servername: 'localhost' })
    expect(seen[0]).toMatchObject({
      role: 'client',
      servername: 'localhost',
      certificate: null,
      certificateChain: null,
    })
    expect(seen[0]?.protection.authentication.peer).toBeNull()
  })
})
