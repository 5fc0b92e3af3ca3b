/** The verdict, and what it means in plain words, before anything that takes knowledge to read. */

import { html, type Markup, NOTHING } from '../../../pages/markup.js'
import type { Report } from '../../report.js'
import { extremes, holds, leaksTried, verdictLine } from '../findings.js'
import { formulaOf, keyOf, words } from '../formula.js'
import { count, LEAKS, listLeaks, plural, seconds } from '../words.js'

const EXTENTS: Readonly<Record<Report['extent'], string>> = {
  full: 'Full run',
  quick: 'Quick run: fewer scenarios, a shorter search',
  configuration: 'Assessment of one configuration',
}

export function verdictSection(report: Report): Markup {
  const sound = holds(report)
  const { startedAt, trefoil } = report.environment
  return html`<header>
<p class="kicker">Trefoil ${trefoil} · ${EXTENTS[report.extent]} · <time datetime="${startedAt}">${startedAt.slice(0, 16).replace('T', ' ')} UTC</time></p>
<h1>Record now, decrypt later</h1>
<div class="verdict ${sound ? 'good' : 'bad'}" role="status">
<p class="word">${sound ? 'The claim holds' : 'The claim does not hold'}</p>
<p>${capital(verdictLine(report))}.</p>
</div>
${figures(report)}
</header>`
}

export function meaningSection(report: Report): Markup {
  return html`<section aria-labelledby="meaning">
<h2 id="meaning">What this means</h2>
<p>Whoever records encrypted traffic today can wait for the day on which something that protected it falls: a quantum
computer, new mathematics, a theft. This run finds out what such an adversary could read then. Real connections were made
and recorded. A program that shares no code with either end was given the recording and, in every combination, what might
leak one day. For each protected thing it was asked whether three answers agree:</p>
<ul>
<li><b>claim</b>: what the documents promise, written down by hand;</li>
<li><b>graph</b>: what follows from the computations that both ends were seen to make;</li>
<li><b>adversary</b>: what was really read from the recorded octets.</li>
</ul>
<p>${meaning(report)}</p>
${leakList(report)}
${dataTable(report)}
</section>`
}

function figures(report: Report): Markup {
  const { cells, disagreements, controls, milliseconds } = report.summary
  const figure = (id: string, value: string, name: string) =>
    html`<div><dt>${name}</dt><dd id="${id}">${value}</dd></div>`
  return html`<dl class="figures">
${figure('cells', count(cells), 'combinations compared')}
${figure('disagreements', count(disagreements), 'disagreements')}
${controls.total === 0 ? NOTHING : figure('controls', `${controls.caught} of ${controls.total}`, 'broken endpoints caught')}
${figure('duration', seconds(milliseconds), 'duration')}
</dl>`
}

function meaning(report: Report): Markup {
  const { things, openWithNone, openWithAll } = extremes(report)
  const { inVain } = leaksTried(report)
  const real =
    `With the recording alone the adversary read ${count(openWithNone)} of ${plural(things, 'thing')}; ` +
    `with everything that could leak, ${count(openWithAll)}.`
  const vain = inVain.length === 0 ? '' : `In no combination did it help to have ${listLeaks(inVain, ' or ')}.`
  const verdict = holds(report)
    ? 'Nothing opened that should have stayed closed, and nothing stayed closed that theory says opens: the adversary is neither lucky nor lame.'
    : 'Do not rely on this build until what is listed below has been explained.'
  return html`${real} ${vain} ${verdict}`
}

/** For each way in which application data is protected: what it takes to read it, and where. */
function dataTable({ scenarios }: Report): Markup {
  const rows = new Map<string, { readonly takes: string; readonly titles: string[] }>()
  for (const { title, things } of scenarios) {
    for (const { achieved } of things.filter(({ name }) => name === 'response')) {
      const row = rows.get(keyOf(achieved)) ?? { takes: words(formulaOf(achieved)), titles: [] }
      if (!row.titles.includes(title)) row.titles.push(title)
      rows.set(keyOf(achieved), row)
    }
  }
  if (rows.size === 0) return NOTHING
  const body = [...rows.values()].map(
    ({ takes, titles }) =>
      html`<tr><th scope="row" class="takes">${capital(takes)}</th><td>${titles.join('; ')}</td></tr>\n`,
  )
  return html`<h3>What it takes to read recorded data</h3>
<div class="wide"><table class="plain">
<caption>The server’s response, by how the connection was made</caption>
<thead><tr><th scope="col" class="takes">It takes</th><th scope="col">Connection made with</th></tr></thead>
<tbody>${body}</tbody>
</table></div>`
}

function leakList(report: Report): Markup {
  const { tried, inVain } = leaksTried(report)
  if (tried.length === 0) return NOTHING
  const rows = tried.map(
    (leak) =>
      html`<div><dt>${LEAKS[leak].name}</dt><dd>${LEAKS[leak].means}${inVain.includes(leak) ? ' (opened nothing)' : ''}</dd></div>`,
  )
  return html`<h3>What could leak</h3>
<dl class="terms">${rows}</dl>`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
