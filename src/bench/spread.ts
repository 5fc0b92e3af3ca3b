/** What is said of a handful of measurements: the middle and the spread, which a few bad rounds do not move. */

export interface Spread {
  readonly median: number
  /** Quartiles: half of the rounds lie between them. */
  readonly low: number
  readonly high: number
  /** Median absolute deviation from the median, not scaled. */
  readonly deviation: number
  readonly rounds: number
}

/** @throws RangeError without samples */
export function spreadOf(samples: readonly number[]): Spread {
  const median = quantile(samples, 0.5)
  return {
    median,
    low: quantile(samples, 0.25),
    high: quantile(samples, 0.75),
    deviation: quantile(
      samples.map((sample) => Math.abs(sample - median)),
      0.5,
    ),
    rounds: samples.length,
  }
}

/**
 * The sample below which `portion` (0 to 1) of them lie, interpolated between neighbours.
 * @throws RangeError without samples
 */
export function quantile(samples: readonly number[], portion: number): number {
  if (samples.length === 0) throw new RangeError('there are no samples')
  const sorted = [...samples].sort((a, b) => a - b)
  const place = (sorted.length - 1) * portion
  const below = sorted[Math.floor(place)] as number
  const above = sorted[Math.ceil(place)] as number
  return below + (above - below) * (place - Math.floor(place))
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5)
}

/**
 * Ours over theirs, round by round, so that what slowed a whole round down cancels out.
 * @throws RangeError unless both have the same rounds
 */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length) throw new RangeError('the two were not measured in the same rounds')
  return spreadOf(ours.map((value, round) => value / (theirs[round] as number)))
}
