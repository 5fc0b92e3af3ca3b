/** Throughput as tables and plots. */
import { ratio, rounded } from '../report/figures.js'
import type { Plot, Section, Table } from '../report/sections.js'
import { STACKS, type Stack } from '../stacks/settings.js'
import type { ThroughputCell, ThroughputResult } from './result.js'

export function throughputSection(result: ThroughputResult): Section<ThroughputResult> {
  return {
    name: 'throughput',
    result,
    tables: [ratioTable(result), cellTable(result)],
    plots: [
      plot(result, 'Throughput over loopback', 'MiB/s', ({ mebibytesPerSecond }) => mebibytesPerSecond.median),
      plot(result, 'CPU of the sender', 'µs per MiB', ({ senderCpuPerMebibyte }) => senderCpuPerMebibyte.median),
      plot(result, 'CPU of the receiver', 'µs per MiB', ({ receiverCpuPerMebibyte }) => receiverCpuPerMebibyte.median),
    ],
  }
}

function ratioTable({ byWriteSize, rounds, suite }: ThroughputResult): Table {
  return {
    title: 'Throughput of Trefoil as a multiple of others',
    note: `${suite}; Trefoil's MiB/s over theirs, median (quartiles) of ${rounds} rounds, each compared by itself. More is better.`,
    columns: ['write', '× node:tls', '× plain TCP'],
    rows: byWriteSize.map(({ writeSize, nodeTls, tcp }) => [octets(writeSize), ratio(nodeTls), ratio(tcp)]),
  }
}

function cellTable({ cells, rounds, suite, group, certificate }: ThroughputResult): Table {
  return {
    title: 'Throughput and CPU by write size',
    note:
      `One connection over 127.0.0.1, each end in a process of its own, ${suite}, ${group}, certificates of ${certificate}. ` +
      `The sender writes until write() returns false, then waits for drain. Medians of ${rounds} rounds, with the quartiles.`,
    columns: ['write', 'stack', 'MiB/s', 'quartiles', 'sender CPU µs/MiB', 'receiver CPU µs/MiB'],
    rows: sizesOf(cells).flatMap((writeSize) =>
      cells
        .filter((cell) => cell.writeSize === writeSize)
        .map(({ stack, mebibytesPerSecond, senderCpuPerMebibyte, receiverCpuPerMebibyte }) => [
          octets(writeSize),
          stack,
          rounded(mebibytesPerSecond.median, 1),
          `${rounded(mebibytesPerSecond.low, 1)} to ${rounded(mebibytesPerSecond.high, 1)}`,
          rounded(senderCpuPerMebibyte.median),
          rounded(receiverCpuPerMebibyte.median),
        ]),
    ),
  }
}

function plot(
  { cells }: ThroughputResult,
  title: string,
  yLabel: string,
  value: (cell: ThroughputCell) => number,
): Plot {
  const points = (stack: Stack) =>
    cells.filter((cell) => cell.stack === stack).map((cell) => [cell.writeSize, value(cell)] as const)
  return {
    title,
    kind: 'lines',
    xLabel: 'octets per write',
    yLabel,
    logX: true,
    logY: true,
    series: STACKS.map((name) => ({ name, points: points(name) })),
  }
}

function sizesOf(cells: readonly ThroughputCell[]): number[] {
  return [...new Set(cells.map(({ writeSize }) => writeSize))]
}

function octets(size: number): string {
  if (size >= 1024 * 1024) return `${size / 1024 / 1024} MiB`
  return size >= 1024 ? `${size / 1024} KiB` : `${size} B`
}
