/**
 * Places a derivation graph in layers, leaves on top: long edges are led through the layers between by bends, layers are
 * ordered so that few edges cross, and every node stands as near to its neighbours as their order allows.
 */
import type { GraphNode, GraphPicture } from '../../report.js'
import { BEND_WIDTH, type Item } from './graphItems.js'
import { orderLayers } from './graphOrder.js'
import { placeLayers } from './graphPlace.js'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface PlacedNode extends Point {
  readonly node: GraphNode
  readonly width: number
}

export interface GraphLayout {
  readonly width: number
  readonly height: number
  /** By node id; x and y are the centre. */
  readonly nodes: ReadonlyMap<string, PlacedNode>
  /** Points that an edge passes on its way, top down; empty when it passes none. */
  bends(input: string, output: string): readonly Point[]
}

export const NODE_HEIGHT = 40
const LAYER_PITCH = 92
const MARGIN = 12

export function layOut({ nodes, derivations }: GraphPicture, widthOf: (node: GraphNode) => number): GraphLayout {
  // By name, so that equal graphs look the same whatever their octets are.
  const sorted = [...nodes].sort((a, b) => a.depth - b.depth || compare(a.label, b.label) || compare(a.id, b.id))
  const items = new Map(sorted.map((node) => [node.id, item(node.id, node.depth, widthOf(node))]))
  for (const { output, inputs } of derivations) {
    const to = items.get(output)
    for (const input of inputs) {
      const from = items.get(input)
      if (from !== undefined && to !== undefined) lead(from, to, items)
    }
  }
  const layers = layersOf([...items.values()])
  orderLayers(layers)
  placeLayers(layers)
  const left = Math.min(...[...items.values()].map(({ x, width }) => x - width / 2)) - MARGIN
  const right = Math.max(...[...items.values()].map(({ x, width }) => x + width / 2)) + MARGIN
  const at = ({ x, layer }: Item): Point => ({ x: x - left, y: MARGIN + NODE_HEIGHT / 2 + layer * LAYER_PITCH })
  const placed = sorted.flatMap((node) => {
    const here = items.get(node.id)
    return here === undefined ? [] : [[node.id, { node, width: here.width, ...at(here) }] as const]
  })
  return {
    width: Math.max(0, right - left),
    height: 2 * MARGIN + NODE_HEIGHT + (layers.length - 1) * LAYER_PITCH,
    nodes: new Map(placed),
    bends(input, output) {
      const [from, to] = [items.get(input), items.get(output)]
      const between = Array.from({ length: Math.max(0, (to?.layer ?? 0) - (from?.layer ?? 0) - 1) }, (_, step) =>
        items.get(bendKey(input, (from?.layer ?? 0) + 1 + step)),
      )
      return between.flatMap((bend) => (bend === undefined ? [] : [at(bend)]))
    },
  }
}

function item(key: string, layer: number, width: number): Item {
  return { key, layer, width, above: [], below: [], x: 0 }
}

function bendKey(input: string, layer: number): string {
  return `${input}@${layer}`
}

/** Links two nodes by way of one bend a layer, which all edges that leave the first share. */
function lead(from: Item, to: Item, items: Map<string, Item>): void {
  let here = from
  for (let layer = from.layer + 1; layer < to.layer; layer++) {
    const key = bendKey(from.key, layer)
    const bend = items.get(key) ?? item(key, layer, BEND_WIDTH)
    items.set(key, bend)
    link(here, bend)
    here = bend
  }
  link(here, to)
}

function link(above: Item, below: Item): void {
  if (above.below.includes(below)) return
  above.below.push(below)
  below.above.push(above)
}

function layersOf(items: readonly Item[]): Item[][] {
  const layers: Item[][] = Array.from({ length: Math.max(0, ...items.map(({ layer }) => layer)) + 1 }, () => [])
  for (const each of items) layers[each.layer]?.push(each)
  for (const layer of layers)
    layer.forEach((each, index) => {
      each.x = index
    })
  return layers
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
