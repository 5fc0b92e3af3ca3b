/** Where graph, claim and adversary do not agree: the thing, what each of them says opens it, and the first cells. */
import type { Report, ScenarioReport, ThingReport, TimelineEntry } from '../../report.js'
import {
  cameOutOtherwise,
  type Disagreement,
  describeCell,
  disagreementsOf,
  slopeInWords,
  unexpectedSearches,
} from '../findings.js'
import { formulaOf, words } from '../formula.js'
import { count, listLeaks, plural, THINGS } from '../words.js'
import type { Canvas } from './paint.js'

/** Things that are shown, and cells that are spelled out for each. */
const THINGS_SHOWN = 8
const SHOWN = 3

export function drawDisagreements(report: Report, on: Canvas): string[] {
  const things = report.scenarios.flatMap((scenario) => {
    const all = disagreementsOf(scenario)
    return scenario.things.flatMap((thing) => {
      const cells = all.filter((found) => found.thing === thing)
      return cells.length === 0 ? [] : [drawThing(scenario, thing, cells, on)]
    })
  })
  const more = things.length - THINGS_SHOWN
  const late = report.timeline.filter(cameOutOtherwise).flatMap((entry) => drawLate(entry, on))
  const found = [
    ...things.slice(0, THINGS_SHOWN).flat(),
    ...(more > 0 ? [`and ${plural(more, 'more thing')}, which the page and the JSON lines list`] : []),
    ...late,
    ...report.falseAlarms.flatMap(({ check, finding }) =>
      on.wrap(`false alarm of ${check}, at sound endpoints: ${finding}`),
    ),
    ...unexpectedSearches(report).flatMap((search) =>
      on.wrap(`search for ${search.component}: slope ${slopeInWords(search)}`),
    ),
  ]
  return found.length === 0 ? [] : [on.paint('bad', 'DISAGREEMENTS'), ...found]
}

function drawLate({ attack, mode, sessions }: TimelineEntry, on: Canvas): string[] {
  const wrong = sessions.filter(({ expected, achieved }) => expected !== achieved)
  return [
    ...on.wrap(`${mode}: ${attack}`),
    ...wrong.map(({ at, expected, achieved }) => `  ${at} session: ${expected} expected, ${achieved} found`),
  ]
}

function drawThing(scenario: ScenarioReport, thing: ThingReport, cells: readonly Disagreement[], on: Canvas): string[] {
  const sides = [
    ['claim', thing.claimed],
    ['graph', thing.predicted],
    ['adversary', thing.achieved],
  ] as const
  const more = cells.length - SHOWN
  return [
    ...on.wrap(
      `${scenario.title}: ${THINGS[thing.name].name}, in ${count(cells.length)} of ${count(thing.cells.length)} cells`,
    ),
    ...sides.flatMap(([side, sets]) => hang(`  ${side.padEnd(10)}`, words(formulaOf(sets)), on)),
    ...cells
      .slice(0, SHOWN)
      .flatMap(({ leaks, cell }) => hang('  ', `with ${listLeaks(leaks)}: ${describeCell(cell)}`, on)),
    ...(more > 0 ? [`  and ${count(more)} more`] : []),
  ]
}

function hang(label: string, text: string, on: Canvas): string[] {
  const lines = on.wrap(text, on.columns - label.length)
  return lines.map((line, index) => (index === 0 ? label : ' '.repeat(label.length)) + line)
}
