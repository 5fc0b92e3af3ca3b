/** Axes: from a value to its place, and where the ticks go. */

export interface Scale {
  /** 0 at the beginning of the axis, 1 at its end. */
  at(value: number): number
  readonly ticks: readonly number[]
}

/** From zero, or from below it, to a round number above the highest. */
export function linearScale(values: readonly number[]): Scale {
  const highest = Math.max(0, ...values)
  const lowest = Math.min(0, ...values)
  const step = roundStep((highest - lowest || 1) / 5)
  const [first, last] = [Math.floor(lowest / step), Math.max(Math.ceil(highest / step), 1)]
  const ticks = Array.from({ length: last - first + 1 }, (_, place) => tidy((first + place) * step))
  return { at: (value) => (value / step - first) / (last - first), ticks }
}

/** Whole powers of ten around the values, which are above zero. */
export function logScale(values: readonly number[]): Scale {
  const first = Math.floor(Math.log10(Math.min(...values)))
  const last = Math.max(Math.ceil(Math.log10(Math.max(...values))), first + 1)
  const ticks = Array.from({ length: last - first + 1 }, (_, place) => tidy(10 ** (first + place)))
  return { at: (value) => (Math.log10(value) - first) / (last - first), ticks }
}

/** 1, 2 or 5 times a power of ten, the least that is not smaller. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least * 0.999_999) ?? 10
  return factor * power
}

/** Without the last binary digits of a sum. */
function tidy(value: number): number {
  return Number(value.toPrecision(12))
}
