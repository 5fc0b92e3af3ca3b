/** The last line of a report: how much was tried, and how much of it came out otherwise than it should. */
import { disagreements } from './matrix/index.js'
import type { Report, ReportSummary } from './report.js'
import { isAsExpected } from './search/index.js'

export type Found = Pick<Report, 'scenarios' | 'controls' | 'falseAlarms' | 'searches' | 'timeline'>

export function summarize(found: Found, milliseconds: number): ReportSummary {
  const things = found.scenarios.flatMap((scenario) => scenario.things)
  const surprises = found.timeline.filter(({ sessions }) =>
    sessions.some(({ expected, achieved }) => expected !== achieved),
  )
  const unexpected = found.searches.filter((search) => !isAsExpected(search))
  return {
    cells: things.reduce((sum, { cells }) => sum + cells.length, 0),
    disagreements: disagreements(things) + found.falseAlarms.length + surprises.length + unexpected.length,
    controls: { total: found.controls.length, caught: found.controls.filter(({ caught }) => caught).length },
    milliseconds: Math.round(milliseconds),
  }
}
