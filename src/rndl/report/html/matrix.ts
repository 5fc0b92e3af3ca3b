/**
 * The matrix: a row for each scenario, a column for each protected thing, a letter for what opens it. Where scripts run,
 * leaks can be chosen, and every thing shows whether the adversary opened it with exactly these.
 */

import { html, type Markup, NOTHING } from '../../../pages/markup.js'
import { PROTECTED_THINGS, type ProtectedThingName } from '../../model.js'
import type { Report, ScenarioReport, ThingReport } from '../../report.js'
import { cellsOf, disagreementsOf, disagrees, leaksTried, type Rules, rulesOf, thingsNamed } from '../findings.js'
import { formulaOf, shareOpen, words } from '../formula.js'
import { bitmap } from '../jsonLines.js'
import { count, LEAKS, THINGS } from '../words.js'

export function matrixSection(report: Report): Markup {
  const { scenarios } = report
  if (scenarios.length === 0) return NOTHING
  const rules = rulesOf(report)
  const names = PROTECTED_THINGS.filter((name) => scenarios.some((scenario) => thingsNamed(scenario, name).length > 0))
  return html`<section aria-labelledby="matrix">
<h2 id="matrix">What opens what</h2>
<p>A letter stands for a rule: which leaks it takes to read the thing, as <a href="#letters">spelled out below</a>. Equal
letters are equal rules. A capital letter: the same, and the memory of an endpoint alone would do as well. An exclamation mark: claim, graph and adversary do not agree.</p>
${chooser(report)}
<div class="wide" role="region" aria-labelledby="matrix" tabindex="0">
<table class="matrix">
<caption>Scenarios and what they protect</caption>
<thead><tr><th scope="col">Scenario</th>${names.map((name) => html`<th scope="col">${THINGS[name].name}</th>`)}
<th scope="col">claim, graph and adversary</th></tr></thead>
<tbody>
${scenarios.map((scenario, index) => row(scenario, index, names, rules))}
</tbody>
</table>
</div>
${legend(rules)}
</section>`
}

/** Shown by the script, since without it there is nothing to choose. */
function chooser(report: Report): Markup {
  const boxes = leaksTried(report).tried.map(
    (leak) => html`<label><input type="checkbox" name="leak" value="${leak}"> ${LEAKS[leak].name}</label>\n`,
  )
  return html`<fieldset id="chooser" hidden>
<legend>Hand to the adversary</legend>
<div class="boxes">${boxes}</div>
<p><button type="button" data-choose="all">everything</button> <button type="button" data-choose="none">nothing</button>
<output id="chosen" aria-live="polite"></output></p>
</fieldset>`
}

function row(scenario: ScenarioReport, index: number, names: readonly ProtectedThingName[], rules: Rules): Markup {
  const differing = disagreementsOf(scenario).length
  const cells = names.map((name) => cell(thingsNamed(scenario, name), rules))
  const verdict =
    differing === 0
      ? html`<td class="good">agree in ${count(cellsOf(scenario))}</td>`
      : html`<td class="bad">differ in ${count(differing)} of ${count(cellsOf(scenario))}</td>`
  return html`<tr data-leaks="${scenario.leaks.join(' ')}">
<th scope="row"><a href="#scenario-${index}">${scenario.title}</a></th>${cells}${verdict}</tr>\n`
}

function cell(things: readonly ThingReport[], rules: Rules): Markup {
  if (things.length === 0) return html`<td class="absent"><span aria-label="not in this scenario">·</span></td>`
  const parts = things.map((thing) => {
    const letter = rules.letterOf(thing.achieved)
    const wrong = thing.cells.some(disagrees)
    return html`<span class="thing" data-cells="${bitmap(thing.cells, 'achieved')}"><b class="${wrong ? 'wrong' : 'rule'}"
 title="${words(formulaOf(thing.achieved))}">${letter}${wrong ? '!' : ''}</b> <span class="state"></span></span>`
  })
  return html`<td>${parts}</td>`
}

function legend(rules: Rules): Markup {
  const rows = rules.list.map(({ letter, sets }) => {
    const { open, of } = shareOpen(sets)
    return html`<tr><th scope="row"><b class="rule">${letter}</b></th><td>${words(formulaOf(sets))}</td>
<td class="number">${count(open)} of ${count(of)}</td></tr>\n`
  })
  return html`<h3 id="letters">The letters</h3>
<div class="wide"><table class="plain legend">
<caption>Rules that the adversary’s results follow</caption>
<thead><tr><th scope="col">Rule</th><th scope="col">It takes</th>
<th scope="col" class="number">subsets that open it</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>`
}
