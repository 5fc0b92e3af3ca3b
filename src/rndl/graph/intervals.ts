/** Stretches of octets, and what covers them. */

export interface Interval {
  readonly source: number
  readonly start: number
  /** The first octet after it. */
  readonly end: number
}

/** Joins the stretches of each source as they come, in the order of their beginnings. */
export class IntervalSet {
  readonly all: { readonly source: number; readonly start: number; end: number }[] = []
  readonly #last = new Map<number, { end: number }>()

  add(source: number, start: number, end: number): void {
    const last = this.#last.get(source)
    if (last !== undefined && start <= last.end) {
      last.end = end
      return
    }
    const interval = { source, start, end }
    this.#last.set(source, interval)
    this.all.push(interval)
  }
}

export interface Segment {
  readonly start: number
  readonly end: number
  /** In ascending order; empty where nothing covers it. */
  readonly sources: readonly number[]
}

/** Cuts `length` octets wherever an interval begins or ends. */
export function cut(length: number, intervals: readonly Interval[]): Segment[] {
  const cuts = [...new Set([0, length, ...intervals.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b)
  return cuts.slice(1).map((end, i) => {
    const start = cuts[i] as number
    const over = intervals.filter((interval) => interval.start <= start && interval.end >= end)
    return { start, end, sources: [...new Set(over.map(({ source }) => source))].sort((a, b) => a - b) }
  })
}

/** Beginnings and ends of runs of at least `least` zeros. */
export function zeroRuns(octets: Uint8Array, least: number): [start: number, end: number][] {
  const runs: [number, number][] = []
  let start = 0
  for (let i = 0; i <= octets.length; i++) {
    if (octets[i] === 0) continue
    if (i - start >= least) runs.push([start, i])
    start = i + 1
  }
  return runs
}
