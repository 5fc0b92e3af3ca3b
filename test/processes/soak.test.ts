/** bench/soak.mjs in short, and what would make it fail. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../bench/soak/judge.mjs'
import { isBuilt, notBuilt } from './part.js'

const SECONDS = 120
/** Milliseconds, many times what it takes: what then still runs is killed, and what it said is told. */
const LIMIT = 80_000

/** Runs the soak to its verdict. No process of it is left when this settles. */
async function soak(...options: string[]): Promise<Verdict> {
  // A group of its own, to be killed with all that it started.
  const program = ['bench/soak.mjs', '--json', ...options]
  const child = spawn(process.execPath, program, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Nothing of the group is left.
    }
  }
  const late = setTimeout(kill, LIMIT)
  try {
    const [verdict, said] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    if (verdict === '') throw new Error(`the soak came to no verdict: ${said}`)
    return JSON.parse(verdict)
  } finally {
    clearTimeout(late)
    kill()
  }
}

/** What it did not meet, with what was measured. */
function unmet({ demands }: Verdict): readonly string[] {
  return demands.flatMap(({ demand, measured, met }) => (met === false ? [`${demand}: ${measured}`] : []))
}

/** A run of two processes that met every demand, as `run` tells it; each call a new one. */
function soundOutcome() {
  const rest = { heapUsed: 20e6, arrayBuffers: 1e6, sockets: 2, descriptors: 20, uncaught: [] as string[] }
  const sample = (seconds: number) => ({
    seconds,
    connections: 9,
    server: { ...rest },
    clients: { ...rest, visits: 1 },
  })
  const ways = { 'certificate, http/1.1': 250, 'certificate, h2': 250, 'qkd, http/1.1': 250, 'qkd, h2': 250 }
  return {
    samples: Array.from({ length: SECONDS }, (_, i) => sample(i + 1)),
    restBefore: { ...sample(0), connections: 0 },
    restAfter: { ...sample(0), connections: 0 },
    counts: {
      keyManagerRestarts: 20,
      server: {
        attempts: 1005,
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
        attempts: 1007,
        cutInHandshake: 5,
        cut: 9,
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
    ({ counts }) => (counts.clients.handshakeFailures.qkd = { '?ECONNRESET: read': 2 }),
  ],
  [
    'a handshake of a client that ended, nobody knows how',
    'begun at the client',
    ({ counts }) => (counts.clients.attempts += 1),
  ],
  [
    'a handshake at the server that ended, nobody knows how',
    'begun at the server',
    ({ counts }) => (counts.server.attempts += 1),
  ],
  [
    'more connections that the server found broken than were cut',
    'no more than were cut',
    ({ counts }) => (counts.server.connectionErrors = { ERR_TRUNCATED: 10 }),
  ],
  [
    'a defect of ours',
    'failed at the server',
    ({ counts }) => (counts.server.handshakeFailures.qkd = { ERR_INTERNAL: 2 }),
  ],
  [
    'a handshake without a key manager that fails at the client',
    'with certificate that failed at the client',
    ({ counts }) => {
      counts.clients.attempts += 1
      counts.clients.handshakeFailures.certificate = { ERR_QKD_TIMEOUT: 1 }
    },
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
    'clients: sockets, beside those of visits under way, rise',
    ({ samples }) => {
      for (const sample of samples) sample.clients.sockets += sample.seconds
    },
  ],
  [
    'sockets of the server that no client holds',
    'server: sockets, beside those of visits under way, rise',
    ({ samples }) => {
      for (const sample of samples) sample.server.sockets += sample.seconds
    },
  ],
  ['buffers that each connection leaves', 'at rest grow', ({ restAfter }) => (restAfter.server.arrayBuffers += 4e6)],
]

describe.skipIf(!isBuilt)(`the soak${notBuilt}`, () => {
  it(
    'loses no byte, leaves nothing behind and gives every failure a reason, in a few seconds',
    async () => {
      const verdict = await soak('--clients', '12', '--seconds', '1')
      expect(verdict.uncaught).toEqual([])
      expect(unmet(verdict)).toEqual([])
      expect(verdict.met).toBe(true)
    },
    LIMIT + 10_000,
  )

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

/** How a server may answer, and what comes of the request. */
const ANSWERS: readonly [string, string, (received: Buffer, reply: Buffer, response: ServerResponse) => void][] = [
  ['a request and its reply that came whole', 'whole', (_, reply, response) => response.end(reply)],
  [
    'a flipped byte in a reply',
    'mismatch',
    (_, reply, response) => {
      reply[reply.length >> 1] = ~(reply[reply.length >> 1] ?? 0)
      response.end(reply)
    },
  ],
  [
    'a request that arrived with an octet too many',
    'mismatch',
    (received, reply, response) => {
      response.setHeader('x-received', hashOf(Buffer.concat([received, Buffer.of(0)]))).end(reply)
    },
  ],
  [
    'a reply that is broken off',
    'Error',
    (_, reply, response) => response.write(reply.subarray(1), () => response.destroy()),
  ],
  ['a connection that ends without a reply', 'Error', (_received, _reply, response) => response.destroy()],
]

describe('a client of the soak', () => {
  it.each(ANSWERS)('notices %s', async (_, outcome, answer) => {
    const server = createServer(async (incoming: IncomingMessage, response) => {
      const received = await buffer(incoming)
      const reply = Buffer.alloc(1000, 'reply')
      response.setHeader('content-length', reply.length)
      response.setHeader('x-hash', hashOf(reply)).setHeader('x-received', hashOf(received))
      answer(received, reply, response)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { exchange } = await import('../../bench/soak/exchange.mjs')
    const counted: string[] = []
    const connection = { isPolite: true, expectCut: () => {}, cut: () => {} }
    const exchanged = exchange(
      (headers) => request({ port, method: 'POST', headers, agent: false }),
      connection,
      'polite',
      { add: (name) => counted.push(name) },
      { waitsFor: () => {} },
    )
    const error = await exchanged.catch((thrown) => thrown)
    server.close()
    const came = error instanceof Error ? 'Error' : counted.includes('mismatches') ? 'mismatch' : 'whole'
    expect(came).toBe(outcome)
  })
})

function hashOf(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('base64url')
}
