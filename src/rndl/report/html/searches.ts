/** What the last component costs: measured trials over bits, and the same line led on to the real size. */

import { html, type Markup, NOTHING } from '../../../pages/markup.js'
import type { Report, SearchReport } from '../../report.js'
import { slopeInWords } from '../findings.js'
import { count } from '../words.js'
import { costPlot, extrapolationPlot } from './plots.js'

export function searchSection({ searches }: Report): Markup {
  if (searches.length === 0) return NOTHING
  return html`<section aria-labelledby="cost">
<h2 id="cost">The cost of the last component</h2>
<p>“Cannot be read” should be more than a failure to read. Everything but one component was handed over, the last was cut down
to a few bits of entropy, and the adversary searched for it. On average that takes half of all values; every bit more
doubles the work. The line is that of theory, and leads on to the real size.
That is the price of plain search. Curves and ML-KEM have better attacks, and a quantum computer would need no search for a
curve: the leaks of the matrix stand for those.</p>
${searches.map(one)}
</section>`
}

function one(search: SearchReport): Markup {
  const { component, trial, microsecondsPerTrial, realBits, log2RealYears, points } = search
  const rows = points.map(
    ({ bits, trials, meanTrials, expectedTrials }) => html`<tr><th scope="row" class="number">${bits}</th>
<td class="number">${trials.length}</td><td class="number">${count(Math.round(meanTrials))}</td>
<td class="number">${count(Math.round(expectedTrials))}</td><td class="number">${(meanTrials / expectedTrials).toFixed(2)}</td></tr>\n`,
  )
  return html`<h3>${component}</h3>
<p>A trial: ${trial}. It takes ${microsecondsPerTrial.toFixed(1)} µs. Measured slope ${slopeInWords(search)}; with a slope of 1
the work doubles with every bit. The real one has ${realBits} bits: at this speed 2<sup>${Math.round(log2RealYears)}</sup> years.</p>
<div class="plots">
<figure>${costPlot(search)}<figcaption>Small dots: single searches. Large dots: their mean. Line: 2<sup>n−1</sup>.</figcaption></figure>
<figure>${extrapolationPlot(search)}<figcaption>The same line up to the real size. Dots: what was measured.</figcaption></figure>
</div>
<details>
<summary>Figures of ${component}</summary>
<div class="wide">
<table class="plain">
<thead><tr><th scope="col" class="number">Bits</th><th scope="col" class="number">Searches</th><th scope="col" class="number">Mean trials</th>
<th scope="col" class="number">Expected</th><th scope="col" class="number">Ratio</th></tr></thead>
<tbody>${rows}</tbody>
</table>
</div>
</details>\n`
}
