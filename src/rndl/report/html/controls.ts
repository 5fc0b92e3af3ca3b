/** Endpoints that were broken on purpose: what is wrong, and what saw it. */

import { html, type Markup, NOTHING } from '../../../pages/markup.js'
import type { ControlReport, Report } from '../../report.js'

export function controlsSection({ controls }: Report): Markup {
  if (controls.length === 0) return NOTHING
  return html`<section aria-labelledby="broken">
<h2 id="broken">Broken on purpose</h2>
<p>A test that finds nothing proves little unless it would find something. Each of these endpoints has a defect of a kind
that has been made before; both ends agree on it, so connections work and nobody notices. The harness must.</p>
<div class="wide" role="region" aria-labelledby="broken" tabindex="0">
<table class="plain controls">
<caption>Endpoints with a defect</caption>
<thead><tr><th scope="col">Endpoint</th><th scope="col">What is wrong with it</th><th scope="col">Outcome</th>
<th scope="col">What was found</th></tr></thead>
<tbody>${controls.map(row)}</tbody>
</table>
</div>
</section>`
}

function row({ title, defect, caught, caughtBy, finding }: ControlReport): Markup {
  const outcome = caught
    ? html`<td><span class="tag good">caught</span> by ${caughtBy.join(', ')}</td>`
    : html`<td><span class="tag bad">missed</span></td>`
  return html`<tr><th scope="row">${title}</th><td>${defect}</td>${outcome}<td>${finding}</td></tr>\n`
}
