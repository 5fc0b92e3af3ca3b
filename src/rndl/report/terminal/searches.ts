/** What the search for the last component costs: mean trials beside what theory expects, with bars of their logarithm. */

import { pad, printable } from '../../../pages/text.js'
import type { Report, SearchReport } from '../../report.js'
import { slopeInWords } from '../findings.js'
import { count } from '../words.js'
import type { Canvas } from './paint.js'

const LEFT = 17

export function drawSearches({ searches }: Report, on: Canvas): string[] {
  if (searches.length === 0) return []
  const perRow = Math.max(1, Math.floor((on.columns - LEFT) / 26))
  const tables = chunks(searches, perRow).map((some) =>
    drawTable(some, Math.floor((on.columns - LEFT) / some.length), on),
  )
  return [
    ...on.heading('COST OF THE LAST COMPONENT', 'all else leaked, the last cut to a few bits and searched'),
    ...tables.flat(),
    ...searches.flatMap((search) => drawSlope(search, on)),
    ...[...new Set(searches.map(({ trial }) => trial))].flatMap((trial) => drawTrial(trial, searches, on)),
  ]
}

/** Rows of bits; a bar grows by the same length with every bit when the work doubles. */
function drawTable(searches: readonly SearchReport[], room: number, on: Canvas): string[] {
  const columns = Math.min(room, 36)
  const points = searches.flatMap((search) => search.points)
  const expected = new Map(points.map(({ bits, expectedTrials }) => [bits, expectedTrials]))
  const rows = [...expected.keys()].sort((a, b) => a - b)
  const most = Math.log2(Math.max(2, ...points.map(({ meanTrials }) => meanTrials)))
  const heads = searches.map(({ component }) => pad(` ${printable(component)}`, columns))
  return [
    on.paint('dim', `${pad('bits', 5, 'right')}${pad('expected', 11, 'right')} ${heads.join('')}`),
    ...rows.map((bits) => {
      const cells = searches.map((search) => {
        const point = search.points.find((each) => each.bits === bits)
        if (point === undefined) return ' '.repeat(columns)
        const length = Math.max(1, Math.round((Math.log2(point.meanTrials) / most) * (columns - 13)))
        return `${pad(trials(point.meanTrials), 10, 'right')} ${on.paint('letter', pad('━'.repeat(length), columns - 11))}`
      })
      return `${pad(String(bits), 5, 'right')}${pad(trials(expected.get(bits) ?? 0), 11, 'right')} ${cells.join('')}`
    }),
  ]
}

function drawSlope(search: SearchReport, on: Canvas): string[] {
  const { component, microsecondsPerTrial, realBits, log2RealYears } = search
  const speed = `${microsecondsPerTrial.toFixed(1)} µs a trial`
  const real = `real size ${realBits} bits: 2^${log2RealYears.toFixed(0)} years`
  return on.wrap(`${component}: slope ${slopeInWords(search)}, ${speed}; ${real}`)
}

/** What a trial is, for those components of which the same can be said. */
function drawTrial(trial: string, searches: readonly SearchReport[], on: Canvas): string[] {
  const which = searches.filter((search) => search.trial === trial).map(({ component }) => component)
  const whose = which.length === searches.length ? 'A trial' : `A trial of ${which.join(', ')}`
  return on.wrap(`${whose}: ${trial}.`).map((line) => on.paint('dim', line))
}

function trials(value: number): string {
  return value < 1000 ? value.toFixed(1) : count(Math.round(value))
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}
