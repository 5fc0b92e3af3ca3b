/** Draws a derivation graph, with what an adversary comes to know by some leaks lit. */

import { html, type Markup, NOTHING } from '../../../pages/markup.js'
import { width } from '../../../pages/text.js'
import type { LeakName } from '../../model.js'
import type { GraphNode, GraphPicture } from '../../report.js'
import { THINGS } from '../words.js'
import { type GraphLayout, layOut, NODE_HEIGHT, type Point } from './graphLayout.js'

/** How far above a node what it is derived from comes together. */
const JOIN_ABOVE = 13
const JOIN_GAP = 22
/** Width of a letter of the labels, and of what stands below them, about. */
const LETTER = 7.7
const SMALL_LETTER = 6.4
/** Wider pictures are shrunk to the page, within reason. */
const LARGE = 1100

/** @param leaks by which it is lit */
export function drawGraph(picture: GraphPicture, leaks: ReadonlySet<LeakName>): Markup {
  const layout = layOut(picture, ({ label, id }) =>
    Math.max(64, 24 + LETTER * width(nameOfThing(label)), 22 + SMALL_LETTER * width(stepsTo(picture, id))),
  )
  const numbers = new Map([...layout.nodes.keys()].map((id, index) => [id, index]))
  const open = closure(picture, leaks)
  const size = { width: Math.ceil(layout.width), height: Math.ceil(layout.height) }
  return html`<svg class="derivations${size.width > LARGE ? ' large' : ''}" role="img" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}">
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

/** Through all points, straight down at each; past the nodes of a layer between, straight on. */
function curve([first, ...rest]: readonly Point[]): string {
  if (first === undefined) return ''
  let here = first
  let path = `M${round(first.x)} ${round(first.y)}`
  for (const [index, next] of rest.entries()) {
    const isBend = index < rest.length - 1
    const y = isBend ? next.y - NODE_HEIGHT / 2 : next.y
    const middle = round((here.y + y) / 2)
    path += `C${round(here.x)} ${middle} ${round(next.x)} ${middle} ${round(next.x)} ${round(y)}`
    if (isBend) path += `V${round(next.y + NODE_HEIGHT / 2)}`
    here = isBend ? { x: next.x, y: next.y + NODE_HEIGHT / 2 } : next
  }
  return path
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
