/**
 * What entered the key schedule from somewhere that the harness does not know. Where there is such a thing, the graph
 * says less than it seems to.
 */
import type { RecordedRun } from '../model.js'
import type { Hex } from '../trace/trace.js'
import type { ShortGaps } from './coverage.js'
import { derivationGraph, partsOfMacData } from './derivationGraph.js'

export interface Unexplained {
  /** In what they stand: the key of an HMAC, its data, or what was hashed for either. */
  readonly as: 'key' | 'data' | 'hashed'
  readonly octets: Hex
}

/**
 * Octets of unknown origin in keys and data of HMACs, and in what was hashed for them: on no tape, in no leak, drawn by no
 * endpoint, derived from nothing. Labels of HKDF are constants, and so is what has fewer than 16 octets between others.
 */
export function unexplained(run: RecordedRun, graph = derivationGraph(run)): Unexplained[] {
  const found = new Map<string, Unexplained>()
  const seen = new Set<string>()
  const look = (as: Unexplained['as'], octets: Hex, shortGaps: ShortGaps) => {
    if (seen.has(as + octets)) return
    seen.add(as + octets)
    const { gaps, needs } = graph.coverage.of(octets, shortGaps)
    for (const gap of gaps) {
      const hex = Buffer.from(gap).toString('hex')
      found.set(as + hex, { as, octets: hex })
    }
    for (const { origins } of needs.flat().flatMap((value) => graph.values[value] ?? [])) {
      for (const origin of origins) if (origin.by === 'hash') look('hashed', origin.step.data, 'constant')
    }
  }
  for (const step of run.trace) {
    if (step.kind !== 'mac') continue
    look('key', step.key, 'needed')
    for (const part of partsOfMacData(step.data, step.hash)) look('data', part, 'constant')
  }
  return [...found.values()]
}
