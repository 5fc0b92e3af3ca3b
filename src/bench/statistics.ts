/** Medians with their spread: what a handful of runs says. */

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** @throws RangeError for an empty list */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), least: quantile(sorted, 0), most: quantile(sorted, 1) }
}

/** @throws RangeError for an empty list */
export function median(values: readonly number[]): number {
  return spreadOf(values).median
}

/**
 * The value below which the share `p` of a list lies, between its neighbours where it falls between two.
 * @param sorted ascending
 */
export function quantile(sorted: readonly number[], p: number): number {
  const place = (sorted.length - 1) * p
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  if (below === undefined || above === undefined) throw new RangeError('nothing was measured')
  return below + (above - below) * (place - Math.floor(place))
}
