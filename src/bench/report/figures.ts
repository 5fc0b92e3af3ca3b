/** Figures as tables show them. */
import type { Spread } from '../spread.js'

/** A ratio with its quartiles: "1.12 (1.08 to 1.17)"; null stays. */
export function ratio(spread: Spread | null): string | null {
  if (spread === null) return null
  return `${spread.median.toFixed(2)} (${spread.low.toFixed(2)} to ${spread.high.toFixed(2)})`
}

/** Microseconds, with the median absolute deviation. */
export function microseconds(spread: Spread | null): string | null {
  if (spread === null) return null
  return `${Math.round(spread.median)} ± ${Math.round(spread.deviation)}`
}

export function rounded(value: number, digits = 0): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}
