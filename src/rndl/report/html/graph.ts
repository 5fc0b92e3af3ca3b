/**
 * Derivation graphs as pictures. What follows from one set of leaks is lit; where scripts run, from those that the reader
 * chooses, in the list above or by the sources in the picture.
 */
import type { LeakName } from '../../model.js'
import type { GraphNode, GraphPicture, Report, ScenarioReport } from '../../report.js'
import { width } from '../text.js'
import { listLeaks, THINGS } from '../words.js'
import { type GraphLayout, layOut, NODE_HEIGHT, type Point } from './graphLayout.js'
import { html, type Markup, NOTHING } from './markup.js'

/** How far above a node what it is derived from comes together. */
const JOIN_ABOVE = 13
const JOIN_GAP = 22
/** Width of a letter of the labels, and of what stands below them, about. */
const LETTER = 7.4
const SMALL_LETTER = 6.4

export function graphSection({ scenarios }: Report): Markup {
  const figures = new Map<string, { readonly figure: Markup; readonly titles: string[] }>()
  for (const scenario of scenarios.filter(({ graph }) => graph.nodes.length > 0)) {
    const figure = drawFigure(scenario)
    const same = figures.get(figure.markup)
    if (same === undefined) figures.set(figure.markup, { figure, titles: [scenario.title] })
    else same.titles.push(scenario.title)
  }
  if (figures.size === 0) return NOTHING
  return html`<section aria-labelledby="graphs">
<h2 id="graphs">What follows from what</h2>
<p>Drawn from what both ends were seen to compute, sources on top. Lines that meet in a dot are all needed; several dots or
lines into one box are alternatives. Lit is what the adversary comes to know.</p>
${[...figures.values()].map(
  ({ figure, titles }, index) => html`<details class="graph"${index === 0 ? html` open` : NOTHING}>
<summary>${titles[0] ?? ''}${titles.length > 1 ? ` and ${titles.length - 1} more` : ''}</summary>
${titles.length > 1 ? html`<p>The same in: ${titles.slice(1).join('; ')}.</p>` : NOTHING}
${figure}
</details>\n`,
)}
</section>`
}

function drawFigure(scenario: ScenarioReport): Markup {
  const example = exampleLeaks(scenario)
  return html`<figure>
<figcaption>Lit: what follows from <span class="lit-by">${listLeaks(example)}</span>.</figcaption>
<div class="wide" role="region" aria-label="derivation graph" tabindex="0">${drawGraph(scenario.graph, new Set(example))}</div>
</figure>`
}

/** The set that takes most to open the response: all components at once. */
function exampleLeaks({ things }: ScenarioReport): readonly LeakName[] {
  const sets = things.find(({ name }) => name === 'response')?.achieved ?? things[0]?.achieved ?? []
  return sets.reduce<readonly LeakName[]>((most, set) => (set.length > most.length ? set : most), [])
}

function drawGraph(picture: GraphPicture, leaks: ReadonlySet<LeakName>): Markup {
  const layout = layOut(picture, ({ label, id }) =>
    Math.max(64, 22 + LETTER * width(nameOfThing(label)), 16 + SMALL_LETTER * width(stepsTo(picture, id))),
  )
  const numbers = new Map([...layout.nodes.keys()].map((id, index) => [id, index]))
  const open = closure(picture, leaks)
  const size = { width: Math.ceil(layout.width), height: Math.ceil(layout.height) }
  return html`<svg class="derivations" role="img" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}">
<title>Derivation graph: ${picture.nodes.length} values, ${picture.derivations.length} derivations</title>
${picture.derivations.map((derivation) => drawDerivation(derivation, picture, layout, numbers, open))}
${[...layout.nodes.values()].map((placed) => drawNode(placed.node, placed, placed.width, picture, numbers, open))}
</svg>`
}

function drawNode(
  node: GraphNode,
  { x, y }: Point,
  wide: number,
  picture: GraphPicture,
  numbers: ReadonlyMap<string, number>,
  open: ReadonlySet<string>,
): Markup {
  const steps = stepsTo(picture, node.id)
  const leak = node.leak === undefined ? NOTHING : html` data-leak="${node.leak}"`
  const second = steps === '' ? NOTHING : html`<text class="by" x="${round(x)}" y="${round(y + 13)}">${steps}</text>`
  const label = node.kind === 'thing' ? nameOfThing(node.label) : node.label
  return html`<g class="node ${node.kind}${open.has(node.id) ? ' lit' : ''}" data-node="${numbers.get(node.id) ?? ''}"${leak}>
<rect x="${round(x - wide / 2)}" y="${round(y - NODE_HEIGHT / 2)}" width="${round(wide)}" height="${NODE_HEIGHT}" rx="${node.kind === 'thing' ? 20 : 5}"/>
<text x="${round(x)}" y="${round(y + (steps === '' ? 5 : -2))}">${label}</text>${second}</g>\n`
}

function drawDerivation(
  derivation: GraphPicture['derivations'][number],
  picture: GraphPicture,
  layout: GraphLayout,
  numbers: ReadonlyMap<string, number>,
  open: ReadonlySet<string>,
): Markup {
  const { inputs, output, by } = derivation
  const to = layout.nodes.get(output)
  if (to === undefined) return NOTHING
  const siblings = picture.derivations.filter((other) => other.output === output)
  const shift = (siblings.indexOf(derivation) - (siblings.length - 1) / 2) * JOIN_GAP
  const join: Point = { x: to.x + shift, y: to.y - NODE_HEIGHT / 2 - JOIN_ABOVE }
  const paths = inputs.flatMap((input) => {
    const from = layout.nodes.get(input)
    return from === undefined ? [] : [{ input, points: [bottom(from), ...layout.bends(input, output), join] }]
  })
  const lit = inputs.every((input) => open.has(input))
  return html`<g class="step${lit ? ' lit' : ''}" data-inputs="${inputs.map((input) => numbers.get(input) ?? '').join(' ')}" data-output="${numbers.get(output) ?? ''}">
<title>${by}</title>
${paths.map(({ points }) => html`<path d="${curve(points)}"/>`)}
<path d="M${round(join.x)} ${round(join.y)}L${round(join.x)} ${round(join.y + JOIN_ABOVE)}"/>
${inputs.length > 1 ? html`<circle cx="${round(join.x)}" cy="${round(join.y)}" r="4"/>` : NOTHING}</g>\n`
}

/** `request after KeyUpdate`, whatever stands behind `requestAfterKeyUpdate`. */
function nameOfThing(label: string): string {
  return label.replace(/^\w+/, (name) => THINGS[name as keyof typeof THINGS]?.name ?? name)
}

/** What the node is made by, when all its derivations are by the same. */
function stepsTo({ derivations }: GraphPicture, id: string): string {
  const steps = new Set(derivations.filter(({ output }) => output === id).map(({ by }) => by))
  return steps.size === 1 ? ([...steps][0] ?? '') : ''
}

/** Ids of all that follows from public values and these leaks. */
function closure({ nodes, derivations }: GraphPicture, leaks: ReadonlySet<LeakName>): Set<string> {
  const given = nodes.filter(({ kind, leak }) => kind === 'public' || (leak !== undefined && leaks.has(leak)))
  const known = new Set(given.map(({ id }) => id))
  for (let before = -1; before !== known.size; ) {
    before = known.size
    for (const { inputs, output } of derivations) if (inputs.every((input) => known.has(input))) known.add(output)
  }
  return known
}

function bottom({ x, y }: Point): Point {
  return { x, y: y + NODE_HEIGHT / 2 }
}

/** Through all points: straight down at the ends, smoothly past the bends. */
function curve(points: readonly Point[]): string {
  const slopes = points.map((_, index) => {
    const [before, after] = [points[index - 1], points[index + 1]]
    return before === undefined || after === undefined ? 0 : (after.x - before.x) / (after.y - before.y)
  })
  return points
    .map((here, index) => {
      const before = points[index - 1]
      if (before === undefined) return `M${round(here.x)} ${round(here.y)}`
      const reach = (here.y - before.y) / (points.length === 2 ? 2 : 3)
      const leaving = `${round(before.x + reach * (slopes[index - 1] ?? 0))} ${round(before.y + reach)}`
      const arriving = `${round(here.x - reach * (slopes[index] ?? 0))} ${round(here.y - reach)}`
      return `C${leaving} ${arriving} ${round(here.x)} ${round(here.y)}`
    })
    .join('')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
