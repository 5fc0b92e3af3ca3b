/**
 * What entered the key schedule from somewhere that the harness does not know. Where there is such a thing, the graph
 * says less than it seems to.
 */
import type { RecordedRun } from '../model.js'
import type { Hex } from '../trace/trace.js'
import { derivationGraph, partsOfMacData } from './derivationGraph.js'
import { readExpandedLabel } from './hkdfLabel.js'
import { type HashStep, octetsOf } from './values.js'

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
  const report = (as: Unexplained['as'], octets: Uint8Array, shortGaps: 'needed' | 'constant') => {
    for (const gap of graph.coverage.of(octets, { shortGaps }).gaps) {
      const hex = Buffer.from(gap).toString('hex')
      found.set(`${as} ${hex}`, { as, octets: hex })
    }
  }
  const seen = new Set<string>()
  for (const step of run.trace) {
    if (step.kind !== 'mac' || seen.has(step.key + step.data)) continue
    seen.add(step.key + step.data)
    const data = octetsOf(step.data)
    report('key', octetsOf(step.key), 'needed')
    if (readExpandedLabel(data, step.hash) === null) report('data', data, 'constant')
    for (const part of partsOfMacData(data, step.hash)) {
      const hashed = hashes.get(Buffer.from(part).toString('hex'))
      if (hashed !== undefined) report('hashed', octetsOf(hashed.data), 'constant')
    }
  }
  return [...found.values()]
}
