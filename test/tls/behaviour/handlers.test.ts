import { describe, expect, it } from 'vitest'
import type { AlertName } from '../../../src/alerts.js'
import { type ErrorCode, TrefoilError } from '../../../src/errors.js'
import type { OfferedPsk, RequestHandlers, RequestType } from '../../../src/tls/index.js'
import {
  cheap,
  clientHandlers,
  ed25519Credential,
  knowing,
  offering,
  PSK,
  serverHandlers,
} from '../../support/attack.js'
import { type Endpoint, makePair, type PairOptions, runPair } from '../../support/pair.js'

/** A handshake in which each side is asked everything that it can be asked. */
function everything(): PairOptions {
  return cheap({
    client: { applicationProtocols: ['x'] },
    server: { clientCertificate: 'require', alwaysRetry: true, cookieKey: new Uint8Array(32) },
    clientHandlers: {
      ...offering([{ ...PSK, source: 'psk' }], { withCertificate: true }),
      selectCertificate: () => ed25519Credential,
    },
    serverHandlers: {
      ...knowing([PSK]),
      selectApplicationProtocol: () => 'x',
      sealTicket: () => Uint8Array.of(1),
    },
  })
}

const CLIENT_REQUESTS: readonly RequestType[] = [
  'random',
  'currentTime',
  'generateKeyShare',
  'offerPsks',
  'selectCertificate',
  'verifyCertificate',
  'sign',
  'acceptPeer',
]
const SERVER_REQUESTS: readonly RequestType[] = [
  'random',
  'currentTime',
  'respondToKeyShare',
  'selectPsk',
  'fetchPsk',
  'selectCertificate',
  'verifyCertificate',
  'sign',
  'selectApplicationProtocol',
  'sealTicket',
  'acceptPeer',
]

/** Every handler of one side, wrapped. */
function wrap(
  options: PairOptions,
  side: 'client' | 'server',
  wrapper: (type: RequestType, handler: (request: never) => unknown) => (request: never) => unknown,
): PairOptions {
  const key = side === 'client' ? 'clientHandlers' : 'serverHandlers'
  const base: RequestHandlers = side === 'client' ? clientHandlers(options[key]) : serverHandlers(options[key])
  const entries = (Object.keys(base) as RequestType[]).map((type) => [type, wrapper(type, base[type] as never)])
  return { ...options, [key]: Object.fromEntries(entries) as RequestHandlers }
}

const later = (value: unknown) => new Promise((resolve) => setImmediate(() => resolve(value)))

describe('handlers that answer with promises', () => {
  it.each([['client'], ['server'], ['both']] as const)('at the %s change nothing', async (where) => {
    const asked = { client: new Set<RequestType>(), server: new Set<RequestType>() }
    let options = everything()
    for (const side of ['client', 'server'] as const) {
      options = wrap(options, side, (type, handler) => (request) => {
        asked[side].add(type)
        const answer = handler(request)
        return where === side || where === 'both' ? later(answer) : answer
      })
    }
    const { client, server } = await runPair(options)
    expect([client.error, server.error]).toEqual([null, null])
    client.driver.send(Uint8Array.of(1))
    server.driver.send(Uint8Array.of(2))
    expect([[...server.data], [...client.data], client.count('session')]).toEqual([[1], [2], 2])
    // The lists of this test are complete: each request is refused below.
    expect([...asked.client].sort()).toEqual([...CLIENT_REQUESTS].sort())
    expect([...asked.server].sort()).toEqual([...SERVER_REQUESTS].sort())
  })
})

describe.each([
  ['client', CLIENT_REQUESTS],
  ['server', SERVER_REQUESTS],
] as const)('a %s whose handler refuses', (side, requests) => {
  const of = ({ client, server }: { client: Endpoint; server: Endpoint }) => {
    return side === 'client' ? [client, server] : [server, client]
  }

  it.each(requests)(
    '%s ends the connection with the alert of its code, once, and the peer learns it',
    async (request) => {
      const refusals: readonly (readonly [unknown, ErrorCode, AlertName])[] = [
        [
          new TrefoilError('ERR_POLICY_QKD_REQUIRED', 'policy says no'),
          'ERR_POLICY_QKD_REQUIRED',
          'insufficient_security',
        ],
        [new TrefoilError('ERR_UNKNOWN_CA', 'unknown'), 'ERR_UNKNOWN_CA', 'unknown_ca'],
        [new Error('a defect'), request === 'sign' ? 'ERR_SIGNER' : 'ERR_INTERNAL', 'internal_error'],
        ['a string', request === 'sign' ? 'ERR_SIGNER' : 'ERR_INTERNAL', 'internal_error'],
      ]
      for (const [thrown, code, alert] of refusals) {
        for (const asynchronous of [false, true]) {
          const options = wrap(everything(), side, (type, handler) => {
            if (type !== request) return handler
            return () => {
              if (asynchronous) return Promise.reject(thrown)
              throw thrown
            }
          })
          const [refuser, other] = of(await runPair(options)) as [Endpoint, Endpoint]
          expect([refuser.error?.code, refuser.error?.alert, refuser.count('error')]).toEqual([code, alert, 1])
          // A client that fails before its first flight tells nobody but the alert.
          expect(other.error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', receivedAlert: alert })
        }
      }
    },
  )
})

describe('the secrets that handlers give and get', () => {
  it('are wiped when their stage is over: keys, shares and sessions', async () => {
    const given: Record<string, Uint8Array[]> = { client: [], server: [] }
    const offers: OfferedPsk[] = []
    let options = everything()
    options = wrap(options, 'client', (type, handler) => (request) => {
      const answer = handler(request) as never
      if (type === 'offerPsks') offers.push(...(answer as { psks: OfferedPsk[] }).psks)
      return answer
    })
    options = wrap(options, 'server', (type, handler) => (request) => {
      const answer = handler(request) as never
      if (type === 'fetchPsk') given['server']?.push(answer)
      if (type === 'respondToKeyShare') given['server']?.push((answer as { sharedSecret: Uint8Array }).sharedSecret)
      if (type === 'sealTicket')
        given['server']?.push((request as { session: { resumptionPsk: Uint8Array } }).session.resumptionPsk)
      return answer
    })
    const { client, server } = await runPair(options)
    expect([client.error, server.error, offers.length, given['server']?.length]).toEqual([null, null, 1, 4])
    for (const secret of [...offers.map(({ psk }) => psk), ...(given['server'] ?? [])]) {
      expect(secret).toEqual(new Uint8Array(secret.length))
    }
  })

  it('are wiped when the handshake fails at any later request, of either side', async () => {
    for (const [side, requests] of [
      ['client', CLIENT_REQUESTS],
      ['server', SERVER_REQUESTS],
    ] as const) {
      for (const failing of requests) {
        const secrets: Uint8Array[] = []
        const note = (type: RequestType, answer: unknown) => {
          if (type === 'offerPsks') secrets.push(...(answer as { psks: OfferedPsk[] }).psks.map(({ psk }) => psk))
          if (type === 'fetchPsk') secrets.push(answer as Uint8Array)
          if (type === 'respondToKeyShare') secrets.push((answer as { sharedSecret: Uint8Array }).sharedSecret)
        }
        let options = everything()
        for (const role of ['client', 'server'] as const) {
          options = wrap(options, role, (type, handler) => (request) => {
            if (role === side && type === failing) throw new TrefoilError('ERR_ABORTED', 'enough')
            const answer = handler(request)
            note(type, answer)
            return answer
          })
        }
        const { client, server } = await runPair(options)
        expect((side === 'client' ? client : server).error?.code).toBe('ERR_ABORTED')
        for (const secret of secrets) expect([failing, secret]).toEqual([failing, new Uint8Array(secret.length)])
      }
    }
  })

  it('are wiped when they come after the connection has ended', async () => {
    const late: { readonly resolve: () => void; readonly secret: () => Uint8Array }[] = []
    const delayed = (secretOf: (answer: never) => Uint8Array, answer: unknown) =>
      new Promise<never>((resolve) => {
        late.push({ resolve: () => resolve(answer as never), secret: () => secretOf(answer as never) })
      })
    const steps: readonly (readonly ['client' | 'server', RequestType, (answer: never) => Uint8Array])[] = [
      ['client', 'offerPsks', ({ psks }: { psks: OfferedPsk[] }) => psks[0]?.psk as Uint8Array],
      ['server', 'fetchPsk', (psk: Uint8Array) => psk],
      ['server', 'respondToKeyShare', ({ sharedSecret }: { sharedSecret: Uint8Array }) => sharedSecret],
    ]
    for (const [side, delayedType, secretOf] of steps) {
      const options = wrap(everything(), side, (type, handler) => (request) => {
        return type === delayedType ? delayed(secretOf, handler(request)) : handler(request)
      })
      const pair = makePair(options)
      pair.server.driver.start()
      pair.client.driver.start()
      await pair.settle()
      pair[side].driver.abort(new TrefoilError('ERR_ABORTED', 'too slow'))
      const { resolve, secret } = late.pop() as (typeof late)[0]
      expect(secret().some((octet) => octet !== 0)).toBe(true)
      resolve()
      await pair.settle()
      expect(secret()).toEqual(new Uint8Array(secret().length))
      expect([pair[side].error?.code, pair[side].count('error')]).toEqual(['ERR_ABORTED', 1])
    }
  })

  it('of key shares are wiped with the connection, late or not', async () => {
    let wiped = 0
    for (const moment of ['before', 'after'] as const) {
      let give = (): void => {}
      const options = wrap(everything(), 'client', (type, handler) => (request) => {
        if (type !== 'generateKeyShare') return handler(request)
        const share = handler(request) as { wipe: () => void; publicShare: Uint8Array; agree: () => Uint8Array }
        const watched = {
          ...share,
          publicShare: share.publicShare,
          agree: share.agree.bind(share),
          wipe: () => wiped++,
        }
        return moment === 'before' ? watched : new Promise((resolve) => (give = () => resolve(watched)))
      })
      const pair = makePair({ ...options, toServer: () => [] })
      pair.client.driver.start()
      await pair.settle()
      pair.client.driver.abort(new TrefoilError('ERR_ABORTED', 'no'))
      give()
      await pair.settle()
      expect(wiped).toBeGreaterThan(0)
      wiped = 0
    }
  })
})

describe('abort and close', () => {
  it.each([
    ['client', CLIENT_REQUESTS],
    ['server', SERVER_REQUESTS],
  ] as const)('end a %s at every request, once, and nothing is asked afterwards', async (side, requests) => {
    for (const stage of requests) {
      for (const end of ['abort', 'close'] as const) {
        let ended = false
        let askedLater = 0
        const options = wrap(everything(), side, (type, handler) => (request) => {
          if (ended) askedLater++
          return type === stage && !ended ? new Promise(() => {}) : handler(request)
        })
        const pair = makePair(options)
        pair.server.driver.start()
        pair.client.driver.start()
        await pair.settle()
        const { driver } = pair[side]
        ended = true
        if (end === 'abort') driver.abort(new TrefoilError('ERR_ABORTED', 'no more'))
        else driver[end]()
        const waiting = pair[side].connection.handshakeComplete && end === 'close'
        expect([stage, end, pair[side].count('error'), askedLater]).toEqual([stage, end, waiting ? 0 : 1, 0])
        driver.abort(new TrefoilError('ERR_ABORTED', 'again'))
        expect(pair[side].count('error')).toBe(1)
      }
    }
  })

  it('from inside an event drop the request that was about to be made', async () => {
    const pair = makePair(everything())
    const asked: string[] = []
    const { server } = pair
    const push = server.events.push.bind(server.events)
    server.events.push = (...events) => {
      if (events[0]?.type === 'clientHello') server.driver.abort(new TrefoilError('ERR_ABORTED', 'not this one'))
      return push(...events)
    }
    const handlers = (server.driver as unknown as { handlers: Record<string, unknown> }).handlers
    handlers['selectPsk'] = () => {
      asked.push('selectPsk')
      return null
    }
    handlers['selectApplicationProtocol'] = () => {
      asked.push('selectApplicationProtocol')
      return null
    }
    server.driver.start()
    pair.client.driver.start()
    await pair.settle()
    expect([server.error?.code, asked]).toEqual(['ERR_ABORTED', []])
  })
})

describe('an answer that nobody asked for', () => {
  it('is refused with ERR_INVALID_STATE, and the connection lives on', async () => {
    const { client, server } = await runPair(cheap())
    expect(() => client.connection.answer(1)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_STATE' }))
    expect(() => client.connection.refuse(new TrefoilError('ERR_ABORTED', 'x'))).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_STATE' }),
    )
    client.driver.send(Uint8Array.of(1))
    expect([...server.data]).toEqual([1])
  })
})
