/** The order of the items in each layer, in which few edges cross. While it is sought, x is the rank in the layer. */
import { type Item, mean } from './graphItems.js'

const SWEEPS = 12

export function orderLayers(layers: readonly Item[][]): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) order(layers, sweep % 2 === 0)
  for (let sweep = 0; sweep < SWEEPS && exchange(layers); sweep++);
}

/** Sorts each layer by where its neighbours in the layer before stand. */
function order(layers: readonly Item[][], down: boolean): void {
  for (const layer of down ? layers : [...layers].reverse()) {
    const alone = (each: Item) => (each.above.length + each.below.length === 0 ? layer.length : each.x)
    const wanted = new Map(layer.map((each) => [each, mean(down ? each.above : each.below) ?? alone(each)]))
    layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0))
    layer.forEach((each, index) => {
      each.x = index - (layer.length - 1) / 2
    })
  }
}

/** Exchanges neighbours where that makes fewer edges cross. Whether any were. */
function exchange(layers: readonly Item[][]): boolean {
  let changed = false
  for (const layer of layers) {
    for (let index = 1; index < layer.length; index++) {
      const [left, right] = [layer[index - 1], layer[index]]
      if (left === undefined || right === undefined || crossings(left, right) <= crossings(right, left)) continue
      layer.splice(index - 1, 2, right, left)
      ;[left.x, right.x] = [right.x, left.x]
      changed = true
    }
  }
  return changed
}

/** Crossings of the edges of two items, with the first on the left. */
function crossings(left: Item, right: Item): number {
  const among = (of: readonly Item[], others: readonly Item[]) =>
    of.reduce((sum, { x }) => sum + others.filter((other) => other.x < x).length, 0)
  return among(left.above, right.above) + among(left.below, right.below)
}
