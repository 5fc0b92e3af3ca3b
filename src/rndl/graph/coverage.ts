/**
 * Where octets come from, stretch by stretch: which values they are made of. A hash over a transcript is made of messages
 * on the tape and of messages that stand in sealed records; an input to HKDF-Extract of one secret or of several.
 */
import type { TapeIndex } from './tapeIndex.js'
import type { GraphValue } from './values.js'
import { WINDOW, WindowIndex } from './windowIndex.js'

/** Numbers of values: any one of them gives a stretch. None: nothing does. */
export type Alternatives = readonly number[]

export interface Cover {
  /** Each is needed. Public stretches need nothing and are left out. */
  readonly needs: readonly Alternatives[]
  /** Stretches of unknown origin. */
  readonly gaps: readonly Uint8Array[]
}

export interface CoverOptions {
  /**
   * `needed`: every octet must come from somewhere, as for a key. `constant`: fewer than 16 octets between others are
   * headers, lengths and the like, that everybody knows.
   */
  readonly shortGaps: 'needed' | 'constant'
  /** A value that does not count: the octets' own. */
  readonly except?: number
}

/** Sources that everybody has; values have numbers from 0. */
const TAPE = -1
const ZEROS = -2

export class Coverage {
  readonly #tape: TapeIndex
  readonly #values: readonly GraphValue[]
  readonly #index: WindowIndex

  constructor(tape: TapeIndex, values: readonly GraphValue[]) {
    this.#tape = tape
    this.#values = values
    this.#index = new WindowIndex(values.map(({ octets }) => octets))
  }

  of(octets: Uint8Array, options: CoverOptions): Cover {
    return this.#cover(octets, options, (gap) => this.#sumOfTwo(gap))
  }

  #cover(
    octets: Uint8Array,
    { shortGaps, except }: CoverOptions,
    explain: (gap: Uint8Array) => readonly Alternatives[] | null,
  ): Cover {
    const needs = new Map<string, Alternatives>()
    const gaps: Uint8Array[] = []
    const need = (alternatives: Alternatives) => needs.set(alternatives.join(), alternatives)
    for (const { start, end, sources } of segments(octets.length, this.#intervals(octets, except))) {
      if (sources.some((source) => source < 0)) continue
      if (sources.length > 0) need(sources)
      else if (end - start >= WINDOW || shortGaps === 'needed') {
        const gap = octets.subarray(start, end)
        const explained = explain(gap)
        if (explained === null) gaps.push(gap)
        for (const alternatives of explained ?? [[]]) need(alternatives)
      }
    }
    return { needs: [...needs.values()], gaps }
  }

  #intervals(octets: Uint8Array, except: number | undefined): Interval[] {
    const intervals = new IntervalSet()
    for (const position of zeroWindows(octets)) intervals.add(ZEROS, position)
    this.#tape.visit(octets, (position) => intervals.add(TAPE, position))
    this.#index.visit(octets, (position, value) => {
      if (value !== except) intervals.add(value, position)
    })
    return intervals.all
  }

  /** A stretch that is the XOR of two values, as some combine secrets. */
  #sumOfTwo(gap: Uint8Array): readonly Alternatives[] | null {
    if (gap.length < WINDOW) return null
    for (const [value, { octets }] of this.#values.entries()) {
      if (octets.length < gap.length) continue
      const other = gap.map((octet, i) => octet ^ (octets[i] as number))
      const { needs, gaps } = this.#cover(other, { shortGaps: 'needed' }, () => null)
      if (gaps.length === 0) return [[value], ...needs]
    }
    return null
  }
}

interface Interval {
  readonly source: number
  readonly start: number
  end: number
}

/** Joins the windows of each source, which come in the order of their positions. */
class IntervalSet {
  readonly all: Interval[] = []
  readonly #last = new Map<number, Interval>()

  add(source: number, position: number): void {
    const last = this.#last.get(source)
    if (last !== undefined && position <= last.end) {
      last.end = position + WINDOW
      return
    }
    const interval = { source, start: position, end: position + WINDOW }
    this.#last.set(source, interval)
    this.all.push(interval)
  }
}

interface Segment {
  readonly start: number
  readonly end: number
  readonly sources: readonly number[]
}

/** Cuts the octets where an interval begins or ends. */
function segments(length: number, intervals: readonly Interval[]): Segment[] {
  const cuts = [...new Set([0, length, ...intervals.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b)
  return cuts.slice(1).map((end, i) => {
    const start = cuts[i] as number
    const over = intervals.filter((interval) => interval.start <= start && interval.end >= end)
    return { start, end, sources: [...new Set(over.map(({ source }) => source))].sort((a, b) => a - b) }
  })
}

/** Everybody knows zeros: the salt of a first extract, the place of an absent PSK. */
function zeroWindows(octets: Uint8Array): number[] {
  const positions: number[] = []
  let zeros = 0
  for (const [end, octet] of octets.entries()) {
    zeros = octet === 0 ? zeros + 1 : 0
    if (zeros >= WINDOW) positions.push(end - WINDOW + 1)
  }
  return positions
}
