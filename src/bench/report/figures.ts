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

/** Null is what was not, or could not be, measured. */
export function shown(value: string | number | null): string {
  if (value === null) return '–'
  if (typeof value === 'string') return value
  if (Number.isInteger(value)) return value.toLocaleString('en-US')
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.01 ? 2 : 6
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}
