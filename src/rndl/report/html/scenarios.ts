/** Each scenario in detail, folded: how the connection was made, and who says what opens each thing. */

import { html, type Markup, NOTHING } from '../../../pages/markup.js'
import type { Report, ScenarioReport, ThingReport } from '../../report.js'
import { cellsOf, disagreementsOf, disagrees } from '../findings.js'
import { formulaOf, keyOf, words } from '../formula.js'
import { count, listLeaks, plural, THINGS } from '../words.js'
import type { Graphs } from './graph.js'

export function scenariosSection({ scenarios }: Report, graphs: Graphs): Markup {
  if (scenarios.length === 0) return NOTHING
  return html`<section aria-labelledby="scenarios">
<h2 id="scenarios">Scenario by scenario</h2>
${scenarios.map((scenario, index) => scenarioDetails(scenario, index, graphs))}
</section>`
}

function scenarioDetails(scenario: ScenarioReport, index: number, graphs: Graphs): Markup {
  const { title, mode, cipherSuite, group, tapedOctets, leaks, things } = scenario
  const differing = disagreementsOf(scenario).length
  const mark =
    differing === 0
      ? html`<span class="tag good">agree</span>`
      : html`<span class="tag bad">${count(differing)} differ</span>`
  return html`<details id="scenario-${index}">
<summary>${title} ${mark}</summary>
<p>${mode}, ${cipherSuite}, ${group}; ${plural(tapedOctets, 'octet')} on the tape;
${plural(cellsOf(scenario), 'combination')}. Handed out: ${listLeaks(leaks)}.</p>
<div class="wide">
<table class="plain">
<thead><tr><th scope="col">Thing</th><th scope="col">Connection</th><th scope="col" class="takes">It takes</th>
<th scope="col" class="number">Opened in</th><th scope="col">claim, graph and adversary</th></tr></thead>
<tbody>${things.map(thingRow)}</tbody>
</table>
</div>
${graphs.of(scenario)}
</details>\n`
}

function thingRow(thing: ThingReport): Markup {
  const open = thing.cells.filter(({ achieved }) => achieved).length
  const differing = thing.cells.filter(disagrees).length
  return html`<tr><th scope="row">${THINGS[thing.name].name}</th><td>${thing.connection}</td><td class="takes">${takes(thing)}</td>
<td class="number">${count(open)} of ${count(thing.cells.length)}</td>
<td class="${differing === 0 ? 'good' : 'bad'}">${differing === 0 ? 'agree in all' : `differ in ${count(differing)}`}</td></tr>\n`
}

/** Once when all three say the same. */
function takes({ claimed, predicted, achieved }: ThingReport): Markup {
  const keys = new Set([claimed, predicted, achieved].map(keyOf))
  if (keys.size === 1) return html`${words(formulaOf(achieved))}`
  return html`<ul><li>claim: ${words(formulaOf(claimed))}</li><li>graph: ${words(formulaOf(predicted))}</li>
<li>adversary: ${words(formulaOf(achieved))}</li></ul>`
}
