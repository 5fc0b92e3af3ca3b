/** The event loop as tables and plots. */
import { rounded } from '../report/figures.js'
import type { Section } from '../report/sections.js'
import type { EventLoopResult, LoopDelay, StormResult, Stretches } from './result.js'

export function eventLoopSection(result: EventLoopResult): Section<EventLoopResult> {
  const { storms, parallel } = result
  return {
    name: 'eventLoop',
    result,
    tables: [
      {
        title: 'Event-loop delay of a server under a storm of handshakes',
        note: `${parallel} handshakes at once from another process; by how much a timer of 1 ms came late (monitorEventLoopDelay).`,
        columns: ['handshake', 'stack', 'p50 ms', 'p99 ms', 'max ms', 'handshakes/s', 'server CPU µs'],
        rows: storms.map(({ name, stack, serverDelay, handshakesPerSecond, serverCpuPerHandshake }) => [
          name,
          stack,
          ...milliseconds(serverDelay),
          Math.round(handshakesPerSecond),
          Math.round(serverCpuPerHandshake),
        ]),
      },
      {
        title: 'Longest synchronous stretch of a handshake',
        note:
          'One handshake at a time; the longest turn of the event loop in each: time on the clock, or CPU time of the process ' +
          'where that is less. "Over 5 ms" counts handshakes.',
        columns: ['handshake', 'stack', 'end', 'p50 ms', 'p99 ms', 'max ms', 'over 5 ms', 'handshakes'],
        rows: storms.flatMap(({ name, stack, serverStretch, clientStretch }) => [
          [name, stack, 'server', ...stretch(serverStretch)],
          [name, stack, 'client', ...stretch(clientStretch)],
        ]),
      },
    ],
    plots: [
      {
        title: 'Event-loop delay of a server under a storm of handshakes',
        kind: 'bars',
        xLabel: 'handshake',
        yLabel: 'ms',
        series: (['p50', 'p99', 'max'] as const).map((name) => ({
          name,
          points: storms.map((storm) => [label(storm), storm.serverDelay[name]] as const),
        })),
      },
      {
        title: 'Longest synchronous stretch of a handshake, 99 of 100',
        kind: 'bars',
        xLabel: 'handshake',
        yLabel: 'ms',
        series: (['server', 'client'] as const).map((end) => ({
          name: end,
          points: storms.map((storm) => [label(storm), storm[`${end}Stretch`].p99] as const),
        })),
      },
    ],
  }
}

function label({ stack, name }: StormResult): string {
  return `${stack}: ${name}`
}

function stretch({ over5, handshakes, ...delays }: Stretches): number[] {
  return [...milliseconds(delays), over5, handshakes]
}

function milliseconds({ p50, p99, max }: LoopDelay): number[] {
  return [p50, p99, max].map((value) => rounded(value, 2))
}
