/** Idle connections as tables and plots, and what is concluded of them. */
import { rounded } from '../report/figures.js'
import type { Section } from '../report/sections.js'
import { type Profile, STACKS, type Stack } from '../stacks/settings.js'
import type { IdleMeasured, IdlePoint, MemoryResult } from './result.js'

type MeasuredPoint = IdlePoint & IdleMeasured

const KIB = 1024
const MIB = 1024 * KIB
/** With fewer connections than these, differences are lost among the pages of a process. */
const FEWEST = 20

export function memoryResult(
  { suite, group }: Profile,
  certificate: string,
  points: readonly IdlePoint[],
): MemoryResult {
  const largest = (stack: Stack) => measured(points, stack).at(-1)
  const connections = Math.min(largest('trefoil')?.connections ?? 0, largest('node-tls')?.connections ?? 0)
  const resident = (stack: Stack) => {
    const point = measured(points, stack).find((each) => each.connections === connections)
    return point === undefined ? null : point.server.rss + point.client.rss
  }
  const [ours, theirs] = [resident('trefoil'), resident('node-tls')]
  return {
    suite,
    group,
    certificate,
    points,
    ratios: {
      'memory-idle':
        connections < FEWEST || ours === null || theirs === null || theirs <= 0
          ? { nodeTls: null, connections: null }
          : { nodeTls: ours / theirs, connections },
    },
    flatness: Object.fromEntries(STACKS.flatMap((stack) => flatnessOf(points, stack))),
  }
}

function flatnessOf(points: readonly IdlePoint[], stack: Stack): [Stack, { connections: number; ratio: number }][] {
  const [first, last] = [measured(points, stack)[0], measured(points, stack).at(-1)]
  if (first === undefined || last === undefined || first === last) return []
  const cost = ({ handshake }: IdleMeasured) => handshake.server + handshake.client
  return [[stack, { connections: last.connections, ratio: cost(last) / cost(first) }]]
}

export function memorySection(result: MemoryResult): Section<MemoryResult> {
  const { points, suite, group, certificate } = result
  const line = (stack: Stack, value: (point: MeasuredPoint) => number) =>
    measured(points, stack).map((point) => [point.connections, value(point)] as const)
  return {
    name: 'memory',
    result,
    tables: [
      {
        title: 'Memory per idle connection',
        note:
          `${suite}, ${group}, certificates of ${certificate}; each end in a process of its own, garbage collected, what the ` +
          'process had before the first connection taken off. RSS holds native memory too; heap is heapUsed + external.',
        columns: [
          'connections',
          'stack',
          'server RSS KiB',
          'client RSS KiB',
          'server heap KiB',
          'client heap KiB',
          'server process RSS MiB',
          'client process RSS MiB',
        ],
        rows: points.map((point) =>
          'skipped' in point
            ? [point.connections, point.stack, point.skipped, null, null, null, null, null]
            : [point.connections, point.stack, ...perConnection(point), ...processes(point)],
        ),
      },
      {
        title: 'CPU of a handshake while connections stand open',
        note: 'Handshakes opened and closed, four at a time, beside so many idle connections. µs of user and system time.',
        columns: ['connections', 'stack', 'server CPU µs', 'client CPU µs'],
        rows: points.map((point) =>
          'skipped' in point
            ? [point.connections, point.stack, point.skipped, null]
            : [point.connections, point.stack, rounded(point.handshake.server), rounded(point.handshake.client)],
        ),
      },
    ],
    plots: [
      {
        title: 'Memory per idle connection, both ends',
        kind: 'bars',
        xLabel: 'connections open',
        yLabel: 'KiB of RSS',
        series: STACKS.map((stack) => ({
          name: stack,
          points: line(stack, ({ server, client }) => (server.rss + client.rss) / KIB)
            .filter(([connections]) => connections >= FEWEST)
            .map(([connections, kib]) => [String(connections), kib] as const),
        })),
      },
      {
        title: 'CPU of a handshake, both ends',
        kind: 'lines',
        xLabel: 'connections open',
        yLabel: 'CPU µs',
        logX: true,
        series: STACKS.map((stack) => ({
          name: stack,
          points: line(stack, ({ handshake }) => handshake.server + handshake.client),
        })),
      },
    ],
  }
}

function perConnection({ connections, server, client }: MeasuredPoint): (number | null)[] {
  const octets = [server.rss, client.rss, server.heapAndExternal, client.heapAndExternal]
  return octets.map((each) => (connections < FEWEST ? null : rounded(each / KIB, 1)))
}

function processes({ process: { server, client } }: IdleMeasured): number[] {
  return [server.rss, client.rss].map((octets) => rounded(octets / MIB, 1))
}

function measured(points: readonly IdlePoint[], stack: Stack): MeasuredPoint[] {
  return points.filter((point): point is MeasuredPoint => point.stack === stack && !('skipped' in point))
}
