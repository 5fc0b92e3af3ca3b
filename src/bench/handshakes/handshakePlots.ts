/** The same as bars. */
import type { Plot } from '../report/sections.js'
import type { ContestResult } from './contest.js'

export function handshakePlots(contests: readonly ContestResult[]): Plot[] {
  const native = contests.filter(({ provider }) => provider === 'node')
  const bars = (name: string, value: (contest: ContestResult) => number | undefined) => ({
    name,
    points: native.flatMap((contest) => {
      const height = value(contest)
      return height === undefined ? [] : [[contest.mode, height] as const]
    }),
  })
  const ratios = [
    bars('core / floor', ({ ratios: { coreToFloor } }) => coreToFloor.median),
    bars('sockets / node:tls', ({ ratios: { streamsToNodeTls } }) => streamsToNodeTls?.median),
    bars('the same, given anew', ({ ratios: { anewToNodeTls } }) => anewToNodeTls?.median),
  ]
  const times = [
    bars('floor', ({ floor }) => floor.median),
    bars('core', ({ core }) => core.median),
    bars('sockets', ({ streams }) => streams.median),
    bars('node:tls', ({ nodeTls }) => nodeTls?.median),
  ]
  const plot = (title: string, yLabel: string, series: typeof ratios): Plot => ({
    title,
    kind: 'bars',
    xLabel: 'mode',
    yLabel,
    series: series.filter(({ points }) => points.length > 0),
  })
  return [
    plot('Handshakes in memory, ours over theirs', 'ratio of processor time', ratios),
    plot('Processor time of a handshake in memory, both sides', 'µs', times),
  ]
}
