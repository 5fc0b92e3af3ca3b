/** Where the items of each layer stand, once their order is known. */
import { GAP, type Item, isBend } from './graphItems.js'

const SWEEPS = 12

export function placeLayers(layers: readonly Item[][]): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) place(layers, sweep % 2 === 0)
  straighten(layers)
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
      const last = blocks.at(-1)
      const wanted = middleOf(each) ?? (last === undefined ? each.x : last.sum / last.count + offset)
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

/** Leads every long edge down in as few straight pieces as its neighbours leave room for. */
function straighten(layers: readonly Item[][]): void {
  for (const start of layers.flat().filter((each) => isBend(each) && !each.above.some(isBend))) {
    let piece: Item[] = []
    let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    const align = () => {
      const middle = piece.reduce((sum, { x }) => sum + x, 0) / piece.length
      for (const bend of piece) bend.x = Math.min(high, Math.max(low, middle))
    }
    for (let bend: Item | undefined = start; bend !== undefined; bend = bend.below.find(isBend)) {
      const [from, to] = roomOf(bend, layers)
      if (Math.max(low, from) > Math.min(high, to)) {
        align()
        piece = []
        ;[low, high] = [from, to]
      }
      piece.push(bend)
      ;[low, high] = [Math.max(low, from), Math.min(high, to)]
    }
    align()
  }
}

/** How far an item can move without coming too near to those beside it. */
function roomOf(each: Item, layers: readonly Item[][]): readonly [number, number] {
  const layer = layers[each.layer] ?? []
  const index = layer.indexOf(each)
  const [left, right] = [layer[index - 1], layer[index + 1]]
  return [
    left === undefined ? Number.NEGATIVE_INFINITY : left.x + (left.width + each.width) / 2 + GAP,
    right === undefined ? Number.POSITIVE_INFINITY : right.x - (right.width + each.width) / 2 - GAP,
  ]
}

/** Where an item would stand best; a bend in line with the next, so that long edges run straight. Null for one by itself. */
function middleOf(each: Item): number | null {
  let [sum, weights] = [0, 0]
  for (const other of [...each.above, ...each.below]) {
    const weight = isBend(each) && isBend(other) ? 8 : 1
    sum += weight * other.x
    weights += weight
  }
  return weights === 0 ? null : sum / weights
}
