/**
 * Derivation graphs, each drawn once. What follows from one set of leaks is lit; where scripts run, from those that the
 * reader chooses, in the list above the matrix or by the sources in the picture.
 */

import { html, type Markup, NOTHING } from '../../../pages/markup.js'
import type { LeakName } from '../../model.js'
import type { Report, ScenarioReport } from '../../report.js'
import { listLeaks } from '../words.js'
import { drawGraph } from './graphPicture.js'

/** What stands in the place of each scenario's graph: the picture, or a link to one that is the same. */
export interface Graphs {
  /** The first with the most components, which has a section of its own. */
  readonly featured: { readonly title: string; readonly figure: Markup } | null
  of(scenario: ScenarioReport): Markup
}

export function drawGraphs({ scenarios }: Report): Graphs {
  const drawn = scenarios
    .filter(({ graph }) => graph.nodes.length > 0)
    .map((scenario) => [scenario, figure(scenario)] as const)
  const size = (scenario: ScenarioReport) => exampleLeaks(scenario).length
  const most = drawn.reduce<(typeof drawn)[number] | null>(
    (best, each) => (best === null || size(each[0]) > size(best[0]) ? each : best),
    null,
  )
  const places = new Map<string, ScenarioReport>()
  for (const [scenario, { markup }] of most === null ? [] : [most, ...drawn]) {
    if (!places.has(markup)) places.set(markup, scenario)
  }
  return {
    featured: most === null ? null : { title: most[0].title, figure: most[1] },
    of(scenario) {
      const own = drawn.find(([each]) => each === scenario)?.[1]
      const place = own === undefined ? undefined : places.get(own.markup)
      if (own === undefined || place === undefined) return NOTHING
      if (place === most?.[0]) return html`<p>The derivation graph is <a href="#graphs">the one below</a>.</p>`
      if (place === scenario) return own
      return html`<p>The derivation graph is that of <a href="#scenario-${scenarios.indexOf(place)}">${place.title}</a>.</p>`
    },
  }
}

export function graphSection({ featured }: Graphs): Markup {
  if (featured === null) return NOTHING
  return html`<section aria-labelledby="graphs">
<h2 id="graphs">What follows from what</h2>
<p>Drawn from what both ends of <b>${featured.title}</b> were seen to compute, sources on top. Lines that meet in a dot are
all needed; several dots or lines into one box are alternatives. Lit is what the adversary comes to know. The graphs of the
other scenarios are with their details above.</p>
${featured.figure}
</section>`
}

function figure(scenario: ScenarioReport): Markup {
  const example = exampleLeaks(scenario)
  return html`<figure class="graph">
<figcaption>Lit: what follows from <span class="lit-by">${listLeaks(example)}</span>.</figcaption>
<div class="wide" role="region" aria-label="derivation graph" tabindex="0">${drawGraph(scenario.graph, new Set(example))}</div>
</figure>`
}

/** The set that takes most to open the response: all components at once. */
function exampleLeaks({ things }: ScenarioReport): readonly LeakName[] {
  const sets = things.find(({ name }) => name === 'response')?.achieved ?? things[0]?.achieved ?? []
  return sets.reduce<readonly LeakName[]>((most, set) => (set.length > most.length ? set : most), [])
}
