/**
 * A report as one JSON object a line, each with an `event`; the last is the summary that scripts wait for. A cell is a
 * bit: the results of one thing over all subsets of the leaks are a string of hex digits.
 */
import type { Cell, Report, ScenarioReport, ThingReport } from '../report.js'
import { cellsOf, disagreementsOf } from './findings.js'

export function renderJsonLines(report: Report): string {
  const { version, environment, extent, scenarios, controls, falseAlarms, searches, timeline, summary } = report
  const events = [
    { event: 'run', version, extent, environment },
    ...scenarios.flatMap(scenarioEvents),
    ...controls.map((control) => ({ event: 'control', ...control })),
    ...falseAlarms.map((alarm) => ({ event: 'falseAlarm', ...alarm })),
    ...searches.map((search) => ({ event: 'search', ...search })),
    ...timeline.map((entry) => ({ event: 'timeline', ...entry })),
    {
      event: 'summary',
      cells: summary.cells,
      disagreements: summary.disagreements,
      controls: { total: summary.controls.total, caught: summary.controls.caught },
      milliseconds: summary.milliseconds,
    },
  ]
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}

function scenarioEvents(scenario: ScenarioReport): object[] {
  const { things, graph, ...about } = scenario
  const disagreements = disagreementsOf(scenario)
  const own = (thing: ThingReport) => disagreements.filter((found) => found.thing === thing)
  return [
    { event: 'scenario', ...about, cells: cellsOf(scenario), disagreements: disagreements.length },
    ...things.map((thing) => ({
      event: 'thing',
      scenario: scenario.name,
      name: thing.name,
      connection: thing.connection,
      claimed: thing.claimed,
      predicted: thing.predicted,
      achieved: thing.achieved,
      cells: thing.cells.length,
      /** Cells in which the adversary opened it. */
      open: thing.cells.filter(({ achieved }) => achieved).length,
      bits: {
        claimed: bitmap(thing.cells, 'claimed'),
        predicted: bitmap(thing.cells, 'predicted'),
        achieved: bitmap(thing.cells, 'achieved'),
      },
      disagreements: own(thing).map(({ leaks, cell }) => ({ leaks, ...cell })),
    })),
    { event: 'graph', scenario: scenario.name, ...graph },
  ]
}

/** Cell 0 is the lowest bit of the first digit, cell 4 that of the second. */
export function bitmap(cells: readonly Cell[], side: keyof Cell): string {
  let digits = ''
  for (let first = 0; first < cells.length; first += 4) {
    const bits = cells.slice(first, first + 4).reduce((sum, cell, index) => sum | (cell[side] ? 1 << index : 0), 0)
    digits += bits.toString(16)
  }
  return digits
}
