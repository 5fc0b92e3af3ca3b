/**
 * Places a derivation graph in layers, leaves on top: long edges are led through the layers between by bends, layers are
 * ordered so that few edges cross, and every node stands as near to its neighbours as their order allows.
 */
import type { GraphNode, GraphPicture } from '../../report.js'

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
const GAP = 14
const BEND_WIDTH = 8
const MARGIN = 12
const SWEEPS = 12

/** A node, or a bend of the edges that leave one node. */
interface Item {
  readonly key: string
  readonly width: number
  readonly layer: number
  readonly above: Item[]
  readonly below: Item[]
  x: number
}

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
  for (let sweep = 0; sweep < SWEEPS; sweep++) order(layers, sweep % 2 === 0)
  for (let sweep = 0; sweep < SWEEPS; sweep++) place(layers, sweep % 2 === 0)
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

/** Sorts each layer by where its neighbours in the layer before stand; x is the rank meanwhile. */
function order(layers: readonly Item[][], down: boolean): void {
  for (const layer of down ? layers : [...layers].reverse()) {
    const wanted = new Map(layer.map((each) => [each, mean(down ? each.above : each.below) ?? each.x]))
    layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0))
    layer.forEach((each, index) => {
      each.x = index - (layer.length - 1) / 2
    })
  }
}

/**
 * Moves the items of each layer as near to the middle of their neighbours as their order and widths allow: least squares
 * under a least distance, by merging items that would overlap into blocks that move together.
 */
function place(layers: readonly Item[][], down: boolean): void {
  for (const layer of down ? layers : [...layers].reverse()) {
    let offset = 0
    const blocks: { sum: number; count: number; readonly members: [Item, number][] }[] = []
    for (const [index, each] of layer.entries()) {
      const before = layer[index - 1]
      if (before !== undefined) offset += (before.width + each.width) / 2 + GAP
      const wanted = mean([...each.above, ...each.below]) ?? each.x
      blocks.push({ sum: wanted - offset, count: 1, members: [[each, offset]] })
      for (let last = blocks.length - 1; last > 0; last--) {
        const [left, right] = [blocks[last - 1], blocks[last]]
        if (left === undefined || right === undefined || left.sum / left.count <= right.sum / right.count) break
        left.sum += right.sum
        left.count += right.count
        left.members.push(...right.members)
        blocks.pop()
      }
    }
    for (const { sum, count, members } of blocks) for (const [each, shift] of members) each.x = sum / count + shift
  }
}

function mean(items: readonly Item[]): number | null {
  return items.length === 0 ? null : items.reduce((sum, { x }) => sum + x, 0) / items.length
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
