/** bench/soak.mjs in short, and what would make it fail. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../bench/soak/judge.mjs'
import { isBuilt, notBuilt } from './part.js'

const SECONDS = 120

/** A run of two processes that met every demand, as `run` tells it; each call a new one. */
function soundOutcome() {
  const rest = { heapUsed: 20e6, arrayBuffers: 1e6, sockets: 2, descriptors: 20, uncaught: [] as string[] }
  const sample = (seconds: number) => ({ seconds, connections: 9, server: { ...rest }, clients: { ...rest } })
  const ways = { 'certificate, http/1.1': 250, 'certificate, h2': 250, 'qkd, http/1.1': 250, 'qkd, h2': 250 }
  return {
    samples: Array.from({ length: SECONDS }, (_, i) => sample(i + 1)),
    restBefore: { ...sample(0), connections: 0 },
    restAfter: { ...sample(0), connections: 0 },
    counts: {
      keyManagerRestarts: 20,
      server: {
        connections: 1000,
        requests: 3000,
        resumed: 300,
        reloads: 40,
        mismatches: 0,
        withoutQkd: 0,
        handshakeFailures: { certificate: { ERR_TRUNCATED: 3 }, qkd: { ERR_QKD_KEY_NOT_FOUND: 2 } } as Failures,
        connectionErrors: { ERR_TRANSPORT: 5 } as Record<string, number>,
      },
      clients: {
        ...ways,
        connections: 1000,
        requests: 3000,
        mismatches: 0,
        handshakeFailures: { certificate: {}, qkd: { 'ERR_ALERT_RECEIVED decrypt_error': 2 } } as Failures,
        lost: {} as Record<string, number>,
      },
    },
    leftOpen: { server: 0, clients: 0 },
    endedByItself: { server: true, clients: true },
  }
}

type Failures = Record<'certificate' | 'qkd', Record<string, number>>
type Outcome = ReturnType<typeof soundOutcome>

/** What must not pass, with a word of the demand that it fails. */
const FAILINGS: readonly [string, string, (outcome: Outcome) => void][] = [
  ['a body that was corrupted on its way to the server', 'corrupted', ({ counts }) => (counts.server.mismatches = 1)],
  ['a body that was corrupted on its way back', 'corrupted', ({ counts }) => (counts.clients.mismatches = 1)],
  ['a reply that was lost', 'lost', ({ counts }) => (counts.clients.lost = { 'h2, polite: ERR_TRUNCATED': 1 })],
  ['a session without a QKD key', 'where one is required', ({ counts }) => (counts.server.withoutQkd = 1)],
  ['a protocol that was never spoken', 'both protocols', ({ counts }) => (counts.clients['qkd, h2'] = 0)],
  ['no resumption', 'resumed', ({ counts }) => (counts.server.resumed = 0)],
  ['no restart', 'killed', (outcome) => (outcome.counts.keyManagerRestarts = 0)],
  [
    'an error that is none of ours',
    'failed at the client',
    ({ counts }) => (counts.clients.handshakeFailures.qkd = { '?ECONNRESET: read': 1 }),
  ],
  [
    'a defect of ours',
    'failed at the server',
    ({ counts }) => (counts.server.handshakeFailures.qkd = { ERR_INTERNAL: 1 }),
  ],
  [
    'a handshake without a key manager that fails at the client',
    'with certificate that failed at the client',
    ({ counts }) => (counts.clients.handshakeFailures.certificate = { ERR_QKD_TIMEOUT: 1 }),
  ],
  [
    'a connection whose records do not open',
    'ended at the server',
    ({ counts }) => (counts.server.connectionErrors = { ERR_BAD_RECORD_MAC: 1 }),
  ],
  ['an exception that nobody caught', 'uncaught', ({ restAfter }) => restAfter.clients.uncaught.push('Error')],
  ['sockets that stay open', 'sockets left', ({ leftOpen }) => (leftOpen.clients = 1)],
  ['connections that stay at the server', 'connections left', ({ restAfter }) => (restAfter.connections = 1)],
  ['a process that does not end', 'ends by itself', ({ endedByItself }) => (endedByItself.server = false)],
  [
    'a heap that rises',
    'server: heap rises',
    ({ samples }) => {
      for (const sample of samples) sample.server.heapUsed += 100_000 * sample.seconds
    },
  ],
  [
    'sockets that become more',
    'clients: sockets rise',
    ({ samples }) => {
      for (const sample of samples) sample.clients.sockets += sample.seconds
    },
  ],
  ['buffers that each connection leaves', 'at rest grow', ({ restAfter }) => (restAfter.server.arrayBuffers += 4e6)],
]

describe.skipIf(!isBuilt)(`the soak${notBuilt}`, () => {
  it('loses no byte, leaves nothing behind and gives every failure a reason, in a few seconds', async () => {
    const program = ['bench/soak.mjs', '--clients', '12', '--seconds', '2', '--json']
    const { stdout } = await promisify(execFile)(process.execPath, program).catch((failed) => failed)
    const { met, demands, uncaught }: Verdict = JSON.parse(stdout)
    expect(uncaught).toEqual([])
    expect(demands.filter((demand) => demand.met === false)).toEqual([])
    expect(met).toBe(true)
  }, 120_000)

  it('passes a run without a flaw', async () => {
    const { judge } = await import('../../bench/soak/judge.mjs')
    const { met, demands } = judge({ clients: 9, seconds: SECONDS, outcome: soundOutcome() })
    expect(demands.filter((demand) => demand.met !== true)).toEqual([])
    expect(met).toBe(true)
  })

  it.each(FAILINGS)('does not pass %s', async (_, words, spoil) => {
    const { judge } = await import('../../bench/soak/judge.mjs')
    const outcome = soundOutcome()
    spoil(outcome)
    const { met, demands } = judge({ clients: 9, seconds: SECONDS, outcome })
    expect(met).toBe(false)
    const failed = demands.filter((demand) => demand.met === false)
    expect(failed.map(({ demand }) => demand)).toEqual([expect.stringContaining(words)])
  })
})
