/**
 * What the trials of a search should be, and how far chance may take them from it.
 *
 * A target is uniform on 2^n values that are tried in order, so the trials until success are uniform on 1 to 2^n, with
 * the mean (2^n + 1) / 2 and the standard deviation 2^n / √12. Over t targets the mean of trials / 2^n is 1/2 with a
 * standard error of 1 / √(12 t): 29 % of 2^n for one target, 10 % for eight.
 */
import type { SearchPoint, SearchReport } from '../report.js'

export function pointOf(bits: number, trials: readonly number[]): SearchPoint {
  const meanTrials = trials.reduce((sum, each) => sum + each, 0) / trials.length
  return { bits, trials, meanTrials, expectedTrials: 2 ** (bits - 1) + 1 / 2 }
}

/** Of log2(mean trials) over bits, by least squares, each point weighted by its number of targets. */
export function slopeOf(points: readonly SearchPoint[]): number {
  return weigh(points).reduce((sum, { lever, meanTrials }) => sum + lever * Math.log2(meanTrials), 0)
}

/** Standard deviations that are granted to chance: fewer than one seed in a thousand is refused for nothing. */
const GRANTED = 5

/** A little less than 1: the logarithm of a mean of few is too small on average, and large secrets have few targets. */
export function expectedSlope(points: readonly SearchPoint[]): number {
  return 1 + weigh(points).reduce((sum, { lever, trials }) => sum + lever * biasOf(trials), 0)
}

/** How far the slope may be from {@link expectedSlope}. */
export function slopeTolerance(points: readonly SearchPoint[]): number {
  return GRANTED * Math.sqrt(weigh(points).reduce((sum, { lever, trials }) => sum + lever ** 2 * varianceOf(trials), 0))
}

/** How far the mean of trials / 2^n over all targets of all points may be from 1/2. */
export function shareTolerance(points: readonly SearchPoint[]): number {
  return GRANTED / Math.sqrt(12 * points.reduce((sum, { trials }) => sum + trials.length, 0))
}

export function meanShare(points: readonly SearchPoint[]): number {
  const shares = points.flatMap(({ bits, trials }) => trials.map((each) => (each - 1 / 2) / 2 ** bits))
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}

/**
 * Whether a search came out as theory has it: every target found, and work that doubles with every bit and is half of
 * all values on average, within five standard deviations.
 */
export function isAsExpected({ points, slope }: Pick<SearchReport, 'points' | 'slope'>): boolean {
  const found = points.every(({ bits, trials }) => trials.length > 0 && trials.every((each) => each <= 2 ** bits))
  return (
    found &&
    Math.abs(slope - expectedSlope(points)) <= slopeTolerance(points) &&
    Math.abs(meanShare(points) - 1 / 2) <= shareTolerance(points)
  )
}

/** @returns what one unit of log2(mean trials) at each point adds to the slope */
function weigh(points: readonly SearchPoint[]): (SearchPoint & { readonly lever: number })[] {
  const weight = points.reduce((sum, { trials }) => sum + trials.length, 0)
  const mean = points.reduce((sum, { bits, trials }) => sum + trials.length * bits, 0) / weight
  const spread = points.reduce((sum, { bits, trials }) => sum + trials.length * (bits - mean) ** 2, 0)
  return points.map((point) => ({ ...point, lever: (point.trials.length * (point.bits - mean)) / spread }))
}

/**
 * Of log2 of the mean of t uniform numbers, against log2 of their expectation: 1 - 1 / ln 2 for one. Exact for one and for
 * many, and within a twentieth between them.
 */
function biasOf({ length }: readonly number[]): number {
  const ofOne = 6 * (1 - Math.LN2) - 1
  return -(1 + ofOne / length) / (6 * length) / Math.LN2
}

/**
 * Of log2 of the mean of t uniform numbers: 1 / (3 t ln² 2) for many, and for one the 1 / ln² 2 of an exponential
 * distribution. This is exact at both ends, and up to a fifth too much between them.
 */
function varianceOf({ length }: readonly number[]): number {
  return (1 + 2 / length) / (3 * length) / Math.LN2 ** 2
}
