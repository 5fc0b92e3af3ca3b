/** What stands in the layers of a derivation graph while it is laid out. */

/** A node, or a bend of the edges that leave one node. */
export interface Item {
  readonly key: string
  readonly width: number
  readonly layer: number
  readonly above: Item[]
  readonly below: Item[]
  x: number
}

/** Least distance of two items in a layer. */
export const GAP = 14
export const BEND_WIDTH = 8

export function isBend({ width }: Item): boolean {
  return width === BEND_WIDTH
}

export function mean(items: readonly Item[]): number | null {
  return items.length === 0 ? null : items.reduce((sum, { x }) => sum + x, 0) / items.length
}
