/**
 * The graph without what does not matter to the answer: inputs that come for free with others, and ways that lead no
 * further than the rest. What is left is small enough to be looked at.
 */
import { ALWAYS, type Condition, either, implies, NEVER, sameCondition } from './condition.js'
import type { Alternatives } from './coverage.js'
import type { DerivationGraph } from './derivationGraph.js'
import { conditionOf, type Derivation } from './solve.js'
import type { Origin } from './values.js'

/** All inputs are needed. */
export interface SimpleWay {
  readonly by: Derivation['by']
  readonly inputs: readonly number[]
}

/** Ways to one value, the most telling first. */
export function simpleWays(graph: DerivationGraph, derivations: readonly Derivation[]): SimpleWay[] {
  const kept: SimpleWay[] = []
  let reached: Condition = NEVER
  for (const { by, needs } of [...derivations].sort((a, b) => rank(a.by) - rank(b.by))) {
    for (const inputs of choices(graph, needs)) {
      const condition = by.by === 'leak' ? NEVER : conditionOf(single(inputs), graph.conditions)
      // Leaks are the beginnings, and always shown.
      if (by.by !== 'leak' && implies(condition, reached)) continue
      reached = either(reached, condition)
      kept.push({ by, inputs: withoutImplied(graph, inputs) })
    }
  }
  return kept
}

/**
 * One input for each need, and the same one for several where it serves. Where no alternative is the easiest, there are
 * several choices.
 */
function choices(graph: DerivationGraph, needs: readonly Alternatives[]): number[][] {
  return [...needs]
    .sort((a, b) => a.length - b.length)
    .reduce<number[][]>(
      (made, alternatives) => {
        const condition = conditionOf([alternatives], graph.conditions)
        if (sameCondition(condition, ALWAYS)) return made
        const ranked = [...alternatives].sort((a, b) => rankOfValue(graph, a) - rankOfValue(graph, b))
        const easiest = ranked.find((value) => sameCondition(graph.conditions[value] as Condition, condition))
        const usable = ranked.filter((value) => graph.conditions[value]?.length !== 0)
        return made.flatMap((inputs) => {
          if (inputs.some((input) => alternatives.includes(input))) return [inputs]
          return (easiest === undefined ? usable : [easiest]).map((value) => [...inputs, value])
        })
      },
      [[]],
    )
}

/** Without transcripts, where whoever has the other inputs can read them too. */
function withoutImplied(graph: DerivationGraph, inputs: readonly number[]): number[] {
  let kept = [...new Set(inputs)]
  for (const input of kept.filter((value) => rankOfValue(graph, value) >= RANKS.indexOf('open'))) {
    const rest = kept.filter((other) => other !== input)
    if (rest.length === 0) continue
    if (implies(conditionOf(single(rest), graph.conditions), graph.conditions[input] as Condition)) kept = rest
  }
  return kept
}

function rankOfValue({ values }: DerivationGraph, value: number): number {
  return Math.min(...(values[value]?.origins.map(rank) ?? []))
}

const RANKS: readonly (Origin['by'] | 'found')[] = [
  'leak',
  'exchange',
  'mac',
  'privateShare',
  'random',
  'open',
  'hash',
  'base64',
  'found',
]

function rank({ by }: Derivation['by']): number {
  return RANKS.indexOf(by)
}

function single(inputs: readonly number[]): Alternatives[] {
  return inputs.map((value) => [value])
}
