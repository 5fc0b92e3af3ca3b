/**
 * What entered the key schedule from somewhere that the harness does not know. Where there is such a thing, the graph
 * says less than it seems to.
 */
import type { RecordedRun } from '../model.js'
import type { Hex } from '../trace/trace.js'
import type { ShortGaps } from './coverage.js'
import { derivationGraph, partsOfMacData } from './derivationGraph.js'
import { readExpandedLabel } from './hkdfLabel.js'
import type { HashStep } from './values.js'

export interface Unexplained {
  /** In what they stand: the key of an HMAC, its data, or what was hashed for it. */
  readonly as: 'key' | 'data' | 'hashed'
  readonly octets: Hex
}

/**
 * Octets of unknown origin in keys and data of HMACs, and in what was hashed for them: on no tape, in no leak, drawn by no
 * endpoint, derived from nothing. Labels of HKDF are constants, and so is what has fewer than 16 octets.
 */
export function unexplained(run: RecordedRun, graph = derivationGraph(run)): Unexplained[] {
  const found = new Map<string, Unexplained>()
  const hashes = new Map<Hex, HashStep>()
  for (const step of run.trace) if (step.kind === 'hash') hashes.set(step.output, step)
  const report = (as: Unexplained['as'], octets: Hex, shortGaps: ShortGaps) => {
    for (const gap of graph.coverage.of(octets, shortGaps).gaps) {
      const hex = Buffer.from(gap).toString('hex')
      found.set(`${as} ${hex}`, { as, octets: hex })
    }
  }
  const seen = new Set<string>()
  for (const step of run.trace) {
    if (step.kind !== 'mac' || seen.has(step.key + step.data)) continue
    seen.add(step.key + step.data)
    report('key', step.key, 'needed')
    if (readExpandedLabel(step.data, step.hash) === null) report('data', step.data, 'constant')
    for (const part of partsOfMacData(step.data, step.hash)) {
      const hashed = hashes.get(part)
      if (hashed !== undefined) report('hashed', hashed.data, 'constant')
    }
  }
  return [...found.values()]
}
