/** Handshakes over TCP on the loopback interface: processor time of the client's process and of the server's. */
import { hasFeature } from '../../crypto/index.js'
import type { AskedProcess } from '../../processes/askedProcess.js'
import { withProcesses } from '../../processes/withProcesses.js'
import { materialsWith } from '../handshakes/materials.js'
import { type Mode, type ModeOptions, selectModes } from '../handshakes/modes.js'
import { microseconds, ratio } from '../report/figures.js'
import type { MeasureOptions, Section, Table } from '../report/sections.js'
import { processorMicroseconds } from '../rounds.js'
import { ratioOf, type Spread, spreadOf } from '../spread.js'
import { LoopbackClient } from './clients.js'
import type { ServerQuestions } from './serverProcess.js'

export interface LoopbackEntry {
  readonly mode: string
  readonly stack: Stack
  /** Microseconds of processor time for one connection. */
  readonly client: Spread
  readonly server: Spread
  /** Both sides, over node:tls in the same rounds. */
  readonly toNodeTls: Spread | null
}

export type Stack = 'trefoil' | 'node:tls' | 'tcp'

export interface LoopbackResult {
  readonly entries: readonly LoopbackEntry[]
}

type Server = AskedProcess<ServerQuestions>

const PROGRAM = new URL('./serverProcess.js', import.meta.url)
const WANTED = ['mldsa65-server', 'mldsa65-mutual', 'psk', 'psk+qkd', 'certificate+qkd', 'resumption']
const QUICK = ['mldsa65-server', 'psk']

export async function measureLoopback(options: ModeOptions): Promise<Section<LoopbackResult>> {
  const entries = await withProcesses(options.signal, async (start) => {
    const server = start<ServerQuestions>({
      program: PROGRAM,
      name: 'the servers of the bench',
      nodeFlags: ['--no-warnings'],
    })
    const all: LoopbackEntry[] = []
    for (const mode of selectModes(options, options.quick ? QUICK : WANTED)) {
      options.onProgress?.(`${mode.name} over TCP`)
      all.push(...(await entriesOf(mode, server, options)))
    }
    return all
  })
  return {
    name: 'loopback',
    result: { entries },
    tables: [loopbackTable(entries)],
    plots: [
      {
        title: 'Processor time of a handshake over TCP, by process',
        kind: 'bars',
        xLabel: 'mode',
        yLabel: 'µs',
        series: (['trefoil', 'node:tls', 'tcp'] as const).flatMap((stack) =>
          (['client', 'server'] as const).map((side) => ({
            name: `${stack} ${side}`,
            points: entries
              .filter((entry) => entry.stack === stack)
              .map((entry) => [entry.mode, entry[side].median] as const),
          })),
        ),
      },
    ],
  }
}

async function entriesOf(mode: Mode, server: Server, options: MeasureOptions): Promise<LoopbackEntry[]> {
  const materials = materialsWith(mode.certificates)
  const ports = await server.ask('serve', { mode, materials })
  const clients = new Map<Stack, LoopbackClient>([
    ['trefoil', await LoopbackClient.trefoil(mode, materials, ports)],
    ['tcp', LoopbackClient.tcp(ports)],
  ])
  const node = await LoopbackClient.node(mode, materials, ports)
  if (node !== null) clients.set('node:tls', node)
  const rounds = await measure(clients, server, options)
  const both = (stack: Stack) => (rounds.get(stack) ?? []).map((times) => times.client + times.server)
  return [...rounds].map(([stack, times]) => ({
    mode: mode.name,
    stack,
    client: spreadOf(times.map(({ client }) => client)),
    server: spreadOf(times.map((time) => time.server)),
    toNodeTls: stack === 'trefoil' && node !== null ? ratioOf(both(stack), both('node:tls')) : null,
  }))
}

interface Times {
  readonly client: number
  readonly server: number
}

async function measure(
  clients: ReadonlyMap<Stack, LoopbackClient>,
  server: Server,
  { quick, signal }: MeasureOptions,
): Promise<Map<Stack, Times[]>> {
  const native = hasFeature('sign mldsa65')
  const batch = native ? (quick ? 10 : 20) : 5
  const warmUp = quick ? 2 : 6
  const rounds = (quick ? (native ? 8 : 4) : native ? 40 : 20) + warmUp
  const measured = new Map<Stack, Times[]>([...clients.keys()].map((stack) => [stack, []]))
  for (let i = 0; i < rounds; i++) {
    for (const [stack, client] of clients) {
      signal?.throwIfAborted()
      const before = { client: processorMicroseconds(), server: await server.ask('processorTime', null) }
      for (let k = 0; k < batch; k++) await client.run()
      const after = { client: processorMicroseconds(), server: await server.ask('processorTime', null) }
      if (i < warmUp) continue
      measured.get(stack)?.push({
        client: (after.client - before.client) / batch,
        server: (after.server - before.server) / batch,
      })
    }
  }
  return measured
}

function loopbackTable(entries: readonly LoopbackEntry[]): Table {
  return {
    title: 'Handshakes over TCP on the loopback interface',
    note:
      'Processor time of each process for one connection, from opening to closing, tickets included, one at a time: ' +
      'median over interleaved rounds ± median absolute deviation. tcp is a connection without TLS. The ratio is of both ' +
      'processes. QKD keys come from memory.',
    columns: ['mode', 'stack', 'client CPU µs', 'server CPU µs', 'ours / node:tls', 'rounds'],
    rows: entries.map(({ mode, stack, client, server, toNodeTls }) => [
      mode,
      stack,
      microseconds(client),
      microseconds(server),
      ratio(toNodeTls),
      client.rounds,
    ]),
  }
}
