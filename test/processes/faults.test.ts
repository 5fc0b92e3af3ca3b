/**
 * Every fault of a key manager, at either end, under either policy, with everything in a process of its own: never a
 * session with fewer components than were asked for, never one key in two sessions, and every error typed.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { AlertName } from '../../src/alerts.js'
import type { ErrorCode, QkdPolicy } from '../../src/index.js'
import type { KeyManagerFault } from '../../src/qkd/index.js'
import { ca, psk, serverIdentity } from '../modes/identities.js'
import {
  type ClientOutcome,
  isBuilt,
  notBuilt,
  Part,
  qkdOption,
  type ServerLog,
  SITE_A,
  SITE_B,
  type Told,
} from './part.js'

/** What the end whose key manager it is says of each fault; `swapped-key` shows at the server alone, as a wrong binder. */
const FAULTS: Readonly<Record<Exclude<KeyManagerFault, 'swapped-key'>, ErrorCode>> = {
  slow: 'ERR_QKD_TIMEOUT',
  down: 'ERR_QKD_UNREACHABLE',
  'wrong-length': 'ERR_QKD_KEY_LENGTH',
  'bits-as-bytes': 'ERR_QKD_KEY_LENGTH',
  'duplicate-id': 'ERR_QKD_BAD_REPLY',
  exhausted: 'ERR_QKD_EXHAUSTED',
  'half-answered': 'ERR_QKD_BAD_REPLY',
}

interface Mode {
  readonly mode: string
  readonly server: object
  readonly client: object
  /** RFC 9973 5.1, RFC 9846 6.2. */
  readonly badBinder: readonly [ErrorCode, AlertName]
}
const MODES: readonly Mode[] = [
  {
    mode: 'certificate + QKD',
    server: serverIdentity,
    client: { ca },
    badBinder: ['ERR_BAD_BINDER_WITH_CERTIFICATE', 'illegal_parameter'],
  },
  { mode: 'psk + QKD', server: { psk }, client: { psk }, badBinder: ['ERR_BAD_BINDER', 'decrypt_error'] },
]
const ENDS = ['client', 'server'] as const
const POLICIES = ['require', 'prefer'] as const

describe.skipIf(!isBuilt)(`key managers, server and client apart${notBuilt}`, () => {
  const [managers, client] = isBuilt ? [new Part(), new Part()] : []
  let urls: { a: string; b: string }
  /** Of all sessions of this file, as each end reported it. */
  const keyIds = { client: [] as string[], server: [] as string[] }

  beforeAll(async () => {
    urls = (await managers?.tell('keyManagers', { siteA: SITE_A, siteB: SITE_B })) ?? urls
  })
  afterAll(() => {
    expect(keyIds.server).toEqual(keyIds.client)
    expect(new Set(keyIds.client).size).toBe(keyIds.client.length)
  })

  describe.each(MODES)('$mode', (mode) => {
    describe.each(POLICIES)('policy %s', (policy: QkdPolicy) => {
      const server = isBuilt ? new Part() : undefined
      let port: number
      /** Soon enough for the cases of a slow key manager, and more than a first call takes on a busy machine. */
      const source = { policy, timeoutMilliseconds: 2000 }

      beforeAll(async () => {
        port = (await server?.tell('serve', { ...mode.server, qkd: qkdOption('server', urls.b, source) })) ?? port
        // So that there is a key_ID to give for the second time.
        if (server) await sound()
      })
      afterAll(() => server?.kill())

      const shake = async (): Promise<{ atClient: ClientOutcome; atServer: ServerLog }> => {
        if (!client || !server) throw new Error('not started')
        const qkd = qkdOption('client', urls.a, source)
        const atClient = await client.tell('connect', { port, ...mode.client, qkd })
        const atServer = { sessions: [], refusals: [], fallbacks: [] } as Record<keyof ServerLog, unknown[]>
        const hasEnded = async () => {
          const log = await server.tell('takeLog')
          for (const kind of ['sessions', 'refusals', 'fallbacks'] as const) atServer[kind].push(...log[kind])
          return atServer.sessions.length + atServer.refusals.length > 0
        }
        await vi.waitUntil(hasEnded, { timeout: 20_000, interval: 5 })
        expect(atServer.sessions.length + atServer.refusals.length).toBe(1)
        return { atClient, atServer: atServer as unknown as ServerLog }
      }

      /** A session with all its components, whose key is new. */
      const sound = async () => {
        const { atClient, atServer } = await shake()
        expect([atClient.refusal, atClient.text, atClient.fallbacks]).toEqual([undefined, 'there and back', []])
        for (const [end, protection] of [
          ['client', atClient.protection],
          ['server', atServer.sessions[0]],
        ] as const) {
          expect(protection).toMatchObject({
            keyExchange: { x25519: true, mlkem: 'ML-KEM-768' },
            psk: 'psk' in mode.client ? { identity: psk.identity } : null,
            authentication: { [end === 'client' ? 'peer' : 'local']: 'psk' in mode.client ? 'psk' : 'certificate' },
          })
          keyIds[end].push(protection?.qkd?.keyId as string)
        }
      }

      const withFault = async (end: 'client' | 'server', fault: KeyManagerFault) => {
        const site = end === 'client' ? 'a' : 'b'
        await managers?.tell('fault', { site, fault })
        try {
          return await shake()
        } finally {
          await managers?.tell('fault', { site, fault: null })
        }
      }

      const cases = ENDS.flatMap((end) => Object.entries(FAULTS).map(([fault, code]) => [end, fault, code] as const))
      it.each(cases)("the %s's key manager: %s (%s)", async (end, fault, code) => {
        const { atClient, atServer } = await withFault(end, fault as KeyManagerFault)
        const [here, there] = end === 'client' ? [atClient, atServer] : [atServer, atClient]
        if (policy === 'require') {
          expect(atServer.sessions).toEqual([])
          const [mine, theirs] = [refusalOf(here), refusalOf(there)]
          expect([mine?.code, mine?.alert]).toEqual([code, 'internal_error'])
          expect([theirs?.code, theirs?.alert]).toEqual(['ERR_ALERT_RECEIVED', 'internal_error'])
          for (const told of [mine, theirs]) expectSentence(told)
          expect([atClient.fallbacks, atServer.fallbacks]).toEqual([[], []])
        } else {
          // Goes on with what is left, and both ends say that there is no QKD key in it.
          expect([atClient.refusal, atClient.text, atServer.refusals]).toEqual([undefined, 'there and back', []])
          for (const protection of [atClient.protection, atServer.sessions[0]]) {
            expect(protection).toMatchObject({
              keyExchange: { x25519: true, mlkem: 'ML-KEM-768' },
              qkd: null,
              freshQkdAt: null,
              psk: 'psk' in mode.client ? { identity: psk.identity } : null,
            })
          }
          expect(here.fallbacks.map((told) => told.code)).toEqual([code])
          for (const told of here.fallbacks) expectSentence(told)
          expect(there.fallbacks).toEqual([])
        }
        await sound()
      })

      it.each(ENDS)(
        "the %s's key manager: swapped-key, which no policy takes for a key that is missing",
        async (end) => {
          const { atClient, atServer } = await withFault(end, 'swapped-key')
          const [code, alert] = mode.badBinder
          expect(atServer.sessions).toEqual([])
          expect(atServer.refusals.map((told) => [told.code, told.alert])).toEqual([[code, alert]])
          expect([atClient.refusal?.code, atClient.refusal?.alert]).toEqual(['ERR_ALERT_RECEIVED', alert])
          for (const told of [atServer.refusals[0], atClient.refusal]) expectSentence(told)
          await sound()
        },
      )
    })
  })
})

function refusalOf(end: ClientOutcome | ServerLog): Told | undefined {
  return 'refusals' in end ? end.refusals[0] : end.refusal
}

/** Lower case, a few words, and no secret: nothing that looks like a key in base64 or hex. */
function expectSentence(told: Told | undefined): void {
  expect(told?.message).toMatch(/^[a-z][^\n]{10,}$/)
  expect(told?.message.split(' ').length).toBeGreaterThan(4)
  expect(told?.message).not.toMatch(/[0-9a-f]{32}|[A-Za-z0-9+/]{40}/)
}
