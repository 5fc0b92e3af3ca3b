/** Which connection a value belongs to: what was hashed of its messages tells, and what it was derived from or for. */
import type { DerivationGraph } from './derivationGraph.js'
import { readExpandedLabel } from './hkdfLabel.js'
import type { ValueLabels } from './labels.js'
import { octetsOf } from './values.js'

/** Of each value; null where none is to be found. */
export function connectionsOfValues(graph: DerivationGraph, labels: ValueLabels): (string | null)[] {
  const connections = graph.values.map((_, value) => ownConnection(graph, labels, value))
  const users = usersOf(graph)
  for (let changed = true; changed; ) {
    changed = false
    for (const value of graph.values.keys()) {
      if (connections[value] !== null) continue
      const parent = labels.parent(value)
      const related = [...(parent === null ? [] : [parent]), ...(users[value] ?? [])]
      const found = related.map((other) => connections[other]).find((connection) => connection != null)
      if (found === undefined) continue
      connections[value] = found
      changed = true
    }
  }
  return connections
}

function ownConnection({ values, tape }: DerivationGraph, labels: ValueLabels, value: number): string | null {
  for (const origin of values[value]?.origins ?? []) {
    if (origin.by === 'open' && origin.taped !== null) return origin.taped.connection
    if (origin.by !== 'mac') continue
    const context = readExpandedLabel(origin.step.data, origin.step.hash)?.context
    const hashed = context === undefined ? null : labels.valueOf(context)
    const transcript = hashed === null ? undefined : values[hashed]?.origins.find(({ by }) => by === 'hash')
    if (transcript?.by === 'hash') return tape.connectionOf(octetsOf(transcript.step.data))
  }
  return null
}

function usersOf({ derivations }: DerivationGraph): readonly ReadonlySet<number>[] {
  const users = derivations.map(() => new Set<number>())
  for (const [value, ways] of derivations.entries()) {
    for (const { by, needs } of ways) {
      if (by.by === 'mac') for (const input of needs.flat()) users[input]?.add(value)
    }
  }
  return users
}
