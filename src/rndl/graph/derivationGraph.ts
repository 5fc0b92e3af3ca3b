/**
 * The derivation graph of a run: which values give which, computed from what the endpoints did. Assumes of the primitives
 * what the proofs of TLS 1.3 do: an HMAC is known only to who knows key and data (a PRF in either input, eprint
 * 2023/861), a hash to who knows its data, a sealed content to who has the key and the sealed octets, a component's secret
 * to who has a private half.
 */
import type { HashAlgorithm } from '../../crypto/provider.js'
import type { LeakName, RecordedRun } from '../model.js'
import type { Hex } from '../trace/trace.js'
import { collectValues } from './collectValues.js'
import type { Condition } from './condition.js'
import { type Alternatives, Coverage } from './coverage.js'
import { readExpandedLabel } from './hkdfLabel.js'
import { type Derivation, solve } from './solve.js'
import { TapeIndex } from './tapeIndex.js'
import type { GraphValue, Origin } from './values.js'

export interface DerivationGraph {
  /** Bit i of a condition's masks. */
  readonly leaks: readonly LeakName[]
  readonly values: readonly GraphValue[]
  /** Of each value; any one will do. */
  readonly derivations: readonly (readonly Derivation[])[]
  /** Of each value: which leaks give it. */
  readonly conditions: readonly Condition[]
  readonly tape: TapeIndex
  readonly coverage: Coverage
}

export function derivationGraph(run: RecordedRun): DerivationGraph {
  const tape = new TapeIndex(run)
  const values = collectValues(run, tape)
  const coverage = new Coverage(tape, values)
  const leaks = run.leaks.map(({ leak }) => leak)
  const derivations = values.map(({ origins }, value) => {
    const ways: Derivation[] = origins.flatMap((by) => {
      const needs = needsOf(by, coverage)
      return needs === null ? [] : [{ by, needs }]
    })
    // A content holds others, and is not looked for in them.
    if (!origins.some(({ by }) => by === 'open')) {
      ways.push({ by: { by: 'found' }, needs: coverage.ofValue(value).needs })
    }
    return ways.filter(({ needs }) => needs.every((alternatives) => alternatives.length > 0))
  })
  return { leaks, values, derivations, conditions: solve(leaks, derivations), tape, coverage }
}

/** What one step needs; null for what follows from nothing. */
function needsOf(origin: Origin, coverage: Coverage): readonly Alternatives[] | null {
  const whole = (octets: Hex) => coverage.of(octets, 'needed').needs
  switch (origin.by) {
    case 'leak':
      return []
    case 'random':
    case 'privateShare':
      return null
    case 'exchange':
      return whole(origin.step.privateOctets)
    case 'hash':
      return coverage.of(origin.step.data, 'constant').needs
    case 'mac': {
      const { key, data, hash } = origin.step
      const parts = partsOfMacData(data, hash)
      return [...whole(key), ...parts.flatMap((part) => coverage.of(part, 'constant').needs)]
    }
    case 'open':
      return [...whole(origin.step.key), ...(origin.taped === null ? whole(origin.step.sealed) : [])]
    case 'base64':
      return [[origin.from]]
  }
}

/** What of an HMAC's data may be secret: not the label of an HKDF-Expand-Label. */
export function partsOfMacData(data: Hex, hash: HashAlgorithm): readonly Hex[] {
  const expanded = readExpandedLabel(data, hash)
  return expanded === null ? [data] : [expanded.previous, expanded.context]
}
