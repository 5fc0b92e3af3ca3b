/**
 * Where octets come from, stretch by stretch: which values they are made of. A hash over a transcript is made of messages
 * on the tape and of messages that stand in sealed records; an input to HKDF-Extract of one secret or of several.
 */
import type { Hex } from '../trace/trace.js'
import { cut, type Interval, IntervalSet, zeroRuns } from './intervals.js'
import type { TapeIndex } from './tapeIndex.js'
import { type GraphValue, octetsOf } from './values.js'
import { WINDOW, WindowIndex } from './windowIndex.js'

/** Numbers of values: any one of them gives a stretch. None: nothing does. */
export type Alternatives = readonly number[]

export interface Cover {
  /** Each is needed. Public stretches need nothing and are left out. */
  readonly needs: readonly Alternatives[]
  /** Stretches of unknown origin. */
  readonly gaps: readonly Uint8Array[]
}

/**
 * - `needed`: every octet must come from somewhere, as for a key
 * - `constant`: fewer than 16 octets between others are headers, lengths and the like, that everybody knows
 */
export type ShortGaps = 'needed' | 'constant'

/** What everybody has: on the tape, or zeros. Values have numbers from 0. */
const PUBLIC = -1

export class Coverage {
  readonly #tape: TapeIndex
  readonly #values: readonly GraphValue[]
  readonly #index: WindowIndex
  readonly #known = new Map<string, Cover>()

  constructor(tape: TapeIndex, values: readonly GraphValue[]) {
    this.#tape = tape
    this.#values = values
    this.#index = new WindowIndex(values.map(({ octets }) => octets))
  }

  of(octets: Hex, shortGaps: ShortGaps): Cover {
    const id = shortGaps + octets
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const cover = this.#cover(octetsOf(octets), shortGaps, null, true)
    this.#known.set(id, cover)
    return cover
  }

  /** Of a value, by others than itself. */
  ofValue(value: number): Cover {
    return this.#cover((this.#values[value] as GraphValue).octets, 'needed', value, false)
  }

  #cover(octets: Uint8Array, shortGaps: ShortGaps, except: number | null, sums: boolean): Cover {
    const needs = new Map<string, Alternatives>()
    const need = (alternatives: Alternatives) => needs.set(alternatives.join(), alternatives)
    const gaps: Uint8Array[] = []
    for (const { start, end, sources } of cut(octets.length, this.#intervals(octets, except))) {
      if (sources.includes(PUBLIC)) continue
      if (sources.length > 0) need(sources)
      else if (end - start >= WINDOW || shortGaps === 'needed') {
        const gap = octets.subarray(start, end)
        const explained = sums ? this.#sumOfTwo(gap) : null
        if (explained === null) gaps.push(gap)
        for (const alternatives of explained ?? [[]]) need(alternatives)
      }
    }
    return { needs: [...needs.values()], gaps }
  }

  /** Values are looked for only where nothing public is. */
  #intervals(octets: Uint8Array, except: number | null): readonly Interval[] {
    const open = zeroRuns(octets, WINDOW).map(([start, end]) => ({ source: PUBLIC, start, end }))
    this.#tape.runs(octets, (start, end) => open.push({ source: PUBLIC, start, end }))
    const found = new IntervalSet()
    for (const { start, end, sources } of cut(octets.length, open)) {
      if (sources.length > 0) continue
      const from = Math.max(0, start - WINDOW + 1)
      this.#index.visit(octets.subarray(from, end + WINDOW - 1), (position, value) => {
        if (value !== except) found.add(value, from + position, from + position + WINDOW)
      })
    }
    return [...open, ...found.all]
  }

  /** A stretch that is the XOR of two values, as some combine secrets. */
  #sumOfTwo(gap: Uint8Array): readonly Alternatives[] | null {
    if (gap.length < WINDOW) return null
    for (const [value, { octets }] of this.#values.entries()) {
      if (octets.length < gap.length) continue
      const other = gap.map((octet, i) => octet ^ (octets[i] as number))
      const { needs, gaps } = this.#cover(other, 'needed', null, false)
      if (gaps.length === 0) return [[value], ...needs]
    }
    return null
  }
}
