/** Which connection a value belongs to: what was hashed of its messages tells, and what it was derived from or for. */
import type { DerivationGraph } from './derivationGraph.js'
import { readExpandedLabel } from './hkdfLabel.js'
import type { ValueLabels } from './labels.js'
import { octetsOf } from './values.js'

/** Of each value; null where none is to be found. */
export function connectionsOfValues(graph: DerivationGraph, labels: ValueLabels): (string | null)[] {
  const connections = graph.values.map((_, value) => ownConnection(graph, value))
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

function ownConnection({ values, tape }: DerivationGraph, value: number): string | null {
  for (const origin of values[value]?.origins ?? []) {
    if (origin.by === 'open' && origin.taped !== null) return origin.taped.connection
    if (origin.by !== 'mac') continue
    const context = readExpandedLabel(origin.step.data, origin.step.hash)?.context
    const transcript = context === undefined ? undefined : hashedTo(values, context)
    if (transcript !== undefined) return tape.connectionOf(octetsOf(transcript))
  }
  return null
}

function hashedTo(values: DerivationGraph['values'], output: string): string | undefined {
  const octets = octetsOf(output)
  for (const { octets: candidate, origins } of values) {
    const origin = origins.find(({ by }) => by === 'hash')
    if (origin?.by === 'hash' && Buffer.compare(candidate, octets) === 0) return origin.step.data
  }
  return undefined
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
