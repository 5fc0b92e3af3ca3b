/** What makes a run fail, each with who says what. Nothing at all for a sound run. */

import { html, type Markup, NOTHING } from '../../../pages/markup.js'
import type { Report, ScenarioReport, ThingReport } from '../../report.js'
import {
  cameOutOtherwise,
  type Disagreement,
  describeCell,
  disagreementsOf,
  missedControls,
  slopeInWords,
  unexpectedSearches,
} from '../findings.js'
import { formulaOf, words } from '../formula.js'
import { count, listLeaks, plural, THINGS } from '../words.js'

/** Cells that are spelled out for each thing. */
const SHOWN = 12

export function disagreementsSection(report: Report): Markup {
  const items = [
    ...report.scenarios.flatMap((scenario, index) => ofScenario(scenario, index)),
    ...report.timeline
      .filter(cameOutOtherwise)
      .map(
        ({ mode, attack }) =>
          html`<li><b>${mode}</b>: ${attack}: came out otherwise, see <a href="#time">Time</a>.</li>`,
      ),
    ...missedControls(report).map(
      ({ title, defect }) => html`<li><b>${title}</b>: not caught although broken on purpose (${defect}).</li>`,
    ),
    ...report.falseAlarms.map(
      ({ check, finding }) => html`<li><b>False alarm</b> of ${check}, at sound endpoints: ${finding}.</li>`,
    ),
    ...unexpectedSearches(report).map(
      (search) => html`<li><b>Search for ${search.component}</b>: slope ${slopeInWords(search)}.</li>`,
    ),
  ]
  if (items.length === 0) return NOTHING
  return html`<section aria-labelledby="failures">
<h2 id="failures">What does not fit</h2>
<ul class="failures">${items}</ul>
</section>`
}

function ofScenario(scenario: ScenarioReport, index: number): Markup[] {
  const all = disagreementsOf(scenario)
  return scenario.things.flatMap((thing) => {
    const found = all.filter((each) => each.thing === thing)
    return found.length === 0 ? [] : [ofThing(scenario, index, thing, found)]
  })
}

function ofThing({ title }: ScenarioReport, index: number, thing: ThingReport, found: readonly Disagreement[]): Markup {
  const sides = [
    ['claim', thing.claimed],
    ['graph', thing.predicted],
    ['adversary', thing.achieved],
  ] as const
  const more = found.length - SHOWN
  return html`<li><details><summary><b>${title}: ${THINGS[thing.name].name}</b>, in ${count(found.length)} of
${plural(thing.cells.length, 'combination')}</summary>
<p>See <a href="#scenario-${index}">${title}</a>.</p>
<dl>${sides.map(([side, sets]) => html`<div><dt>${side}</dt><dd>${words(formulaOf(sets))}</dd></div>`)}</dl>
<ul>${found.slice(0, SHOWN).map(({ leaks, cell }) => html`<li>with ${listLeaks(leaks)}: ${describeCell(cell)}</li>`)}
${more > 0 ? html`<li>and ${count(more)} more</li>` : NOTHING}</ul></details></li>`
}
