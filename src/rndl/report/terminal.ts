/** A report for a terminal: the verdict first, then everything that it rests on. */
import type { Report } from '../report.js'
import { extremes, holds, leaksTried, verdictLine } from './findings.js'
import { drawControls } from './terminal/controls.js'
import { drawDisagreements } from './terminal/disagreements.js'
import { drawLegend, drawMatrix } from './terminal/matrix.js'
import { type Canvas, canvas } from './terminal/paint.js'
import { drawSearches } from './terminal/searches.js'
import { drawTimeline } from './terminal/timeline.js'
import { listLeaks, plural, seconds } from './words.js'

export interface TerminalOptions {
  /** Width of the terminal; at most 100 are used, and no fewer than 60. */
  readonly columns?: number
  readonly colours?: boolean
}

/** Lines that end with a newline each. Meant for 100 columns, readable at 80. */
export function renderTerminal(report: Report, { columns = 100, colours = false }: TerminalOptions = {}): string {
  const on = canvas(Math.max(60, Math.min(100, columns)), colours)
  const sections = [
    drawVerdict(report, on),
    drawDisagreements(report, on),
    drawMatrix(report, on),
    drawLegend(report, on),
    drawControls(report, on),
    drawSearches(report, on),
    drawTimeline(report, on),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${line.trimEnd()}\n`).join(''))
    .join('\n')
}

function drawVerdict(report: Report, on: Canvas): string[] {
  const { environment, extent, summary } = report
  const { things, openWithNone, openWithAll } = extremes(report)
  const { inVain } = leaksTried(report)
  const word = holds(report) ? on.paint('good', 'HOLDS') : on.paint('bad', 'FAILS')
  const [first = '', ...rest] = on.wrap(verdictLine(report), on.columns - 7)
  const where = `Node ${environment.node}, ${environment.provider}, ${environment.platform}`
  return [
    `${word}  ${first}`,
    ...rest.map((line) => `       ${line}`),
    ...on.wrap(
      `Of ${plural(things, 'thing')} on the tapes the adversary opened ${openWithNone} with nothing but the tape, ` +
        `and ${openWithAll} with all that could leak.${inVain.length === 0 ? '' : ` Of no use: ${listLeaks(inVain)}.`}`,
    ),
    ...on
      .wrap(
        `${extent} run in ${seconds(summary.milliseconds)}; trefoil ${environment.trefoil}; ${where}; seed ${environment.seed}`,
      )
      .map((line) => on.paint('dim', line)),
  ]
}
