/** Where expected and actual part, cut to what a reader can take in. */
import type { VectorFailure } from './report.js'

export interface VectorDifference {
  /** Of the first octet that differs, or of the first character where the values are no octets; from 0. */
  readonly at: number
  readonly unit: 'octet' | 'character'
  /** Around that place, with "…" for what is left out. */
  readonly expected: string
  readonly actual: string
}

/** Characters before and after the place that are shown. */
const [BEFORE, AFTER] = [16, 48]

/** Null when the failure has no two values. */
export function differenceOf({ expected, actual }: VectorFailure): VectorDifference | null {
  if (expected === undefined || actual === undefined) return null
  let place = 0
  while (place < expected.length && expected[place] === actual[place]) place++
  const isHex = [expected, actual].every((text) => /^(?:[0-9a-f]{2})*$/.test(text))
  const at = isHex ? place >> 1 : place
  const start = isHex ? 2 * at : at
  return { at, unit: isHex ? 'octet' : 'character', expected: cut(expected, start), actual: cut(actual, start) }
}

function cut(text: string, place: number): string {
  const [from, to] = [Math.max(0, place - BEFORE), place + AFTER]
  return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`
}
