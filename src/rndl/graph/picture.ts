/** The derivation graph as it is drawn: from the leaks of a run to the things it protected. */
import type { LeakName, ProtectedThing, RecordedRun } from '../model.js'
import type { GraphNode, GraphPicture } from '../report.js'
import { NEVER, sameCondition } from './condition.js'
import { connectionsOfValues } from './connections.js'
import { type DerivationGraph, derivationGraph } from './derivationGraph.js'
import { nameOfStep, ValueLabels } from './labels.js'
import { layers } from './layers.js'
import { conditionOfThing } from './minimalLeaks.js'
import { type SimpleWay, simpleWays } from './simplify.js'
import type { Derivation } from './solve.js'

/**
 * Nodes are the leaks of the run, its things, and the secrets between them, by the names of RFC 9846. What everybody knows
 * is left out, and so are inputs that whoever has the others has too. Nodes of another
 * connection than that of the first thing carry its name.
 */
export function picture(run: RecordedRun, graph = derivationGraph(run)): GraphPicture {
  const drawing = new Drawing(run, graph)
  for (const { leak } of run.leaks) drawing.leak(leak)
  // All of them first: secrets that are things are drawn as such.
  const ids = run.things.map((thing) => drawing.thing(thing))
  for (const [i, thing] of run.things.entries()) drawing.lead(ids[i] as string, thing)
  return drawing.finish()
}

type Edge = GraphPicture['derivations'][number]

class Drawing {
  readonly #graph: DerivationGraph
  readonly #labels: ValueLabels
  readonly #connections: readonly (string | null)[]
  readonly #first: string | null
  readonly #nodes = new Map<string, Omit<GraphNode, 'depth'>>()
  readonly #edges = new Map<string, Edge>()
  /** Of each value: where it is drawn, which may be another node that it is the same as. */
  readonly #drawn = new Map<number, string>()

  constructor(run: RecordedRun, graph: DerivationGraph) {
    this.#graph = graph
    this.#labels = new ValueLabels(graph)
    this.#connections = connectionsOfValues(graph, this.#labels)
    this.#first = run.things[0]?.connection ?? null
  }

  leak(leak: LeakName): string {
    const id = `leak-${leak}`
    this.#nodes.set(id, { id, label: LEAK_LABELS[leak], kind: 'leak', leak })
    return id
  }

  #public(): string {
    const id = 'public'
    this.#nodes.set(id, { id, label: 'what everybody has', kind: 'public' })
    return id
  }

  thing({ name, connection, octets }: ProtectedThing): string {
    const id = `thing-${this.#nodes.size}`
    const value = this.#labels.valueOf(octets) ?? this.#labels.longerValue(octets)
    const also = value === null ? name : this.#labels.of(value)
    const label = also === name ? name : `${name}: ${also}`
    this.#nodes.set(id, { id, label: this.#inConnection(label, connection), kind: 'thing' })
    if (value !== null && !this.#drawn.has(value)) this.#drawn.set(value, id)
    return id
  }

  /** Draws all that leads to a thing. */
  lead(id: string, thing: ProtectedThing): void {
    const value = [...this.#drawn].find(([, drawn]) => drawn === id)?.[0]
    const { needs } = this.#graph.coverage.of(thing.octets, 'needed')
    const found: Derivation = { by: { by: 'found' }, needs }
    const open = !sameCondition(conditionOfThing(this.#graph, thing), NEVER)
    const derivations = value !== undefined ? (this.#graph.derivations[value] ?? []) : open ? [found] : []
    this.#derive(id, simpleWays(this.#graph, derivations))
  }

  #derive(output: string, ways: readonly SimpleWay[]): void {
    for (const { by, inputs } of ways) {
      const ids = by.by === 'leak' ? [this.leak(by.leak)] : inputs.map((input) => this.#value(input))
      // A way to get a value from itself is none.
      if (ids.includes(output)) continue
      if (ids.length === 0) ids.push(this.#public())
      const edge = { output, inputs: [...new Set(ids)], by: this.#nameOfWay(by, inputs) }
      this.#edges.set(`${output} ${edge.inputs.join()}`, edge)
    }
  }

  finish(): GraphPicture {
    const derivations = [...this.#edges.values()]
    const depths = layers([...this.#nodes.keys()], derivations)
    const nodes = [...this.#nodes.values()].map((node) => ({ ...node, depth: depths.get(node.id) ?? 0 }))
    return { nodes, derivations }
  }

  #value(value: number): string {
    const drawn = this.#drawn.get(value)
    if (drawn !== undefined) return drawn
    const previous = this.#labels.previousBlock(value)
    if (previous !== null) return this.#value(previous)
    const id = `value-${value}`
    this.#drawn.set(value, id)
    const ways = simpleWays(this.#graph, this.#graph.derivations[value] ?? [])
    const [only] = ways
    if (ways.length === 1 && only !== undefined && this.#isSame(value, only)) {
      const same = only.by.by === 'leak' ? this.leak(only.by.leak) : this.#value(only.inputs[0] as number)
      this.#drawn.set(value, same)
      return same
    }
    const label = this.#labels.of(value)
    const kind = / key( \d+)?$/.test(label) ? 'key' : 'secret'
    this.#nodes.set(id, { id, label: this.#inConnection(label, this.#connections[value] ?? null), kind })
    this.#derive(id, ways)
    return id
  }

  /** Steps that are not worth a node: from one secret to one other that is used for one thing. */
  #isSame(value: number, { by, inputs }: SimpleWay): boolean {
    if (by.by === 'leak') return true
    if (inputs.length !== 1) return false
    return by.by !== 'mac' ? by.by !== 'exchange' : this.#labels.of(value) === 'derived'
  }

  /** Contents have no nodes of their own: what is in one was had by opening it. */
  #nameOfWay(by: SimpleWay['by'], inputs: readonly number[]): string {
    if (by.by !== 'found') return nameOfStep(by)
    const content = inputs.flatMap((input) => this.#graph.values[input]?.origins ?? []).find(({ by }) => by === 'open')
    return nameOfStep(content ?? by)
  }

  #inConnection(label: string, connection: string | null): string {
    return connection === null || connection === this.#first ? label : `${label} (${connection})`
  }
}

const LEAK_LABELS: Readonly<Record<LeakName, string>> = {
  curve: 'curve private keys',
  decapsulationKey: 'ML-KEM decapsulation key',
  encapsulatedSecret: 'ML-KEM encapsulated secret',
  qkdKeys: 'QKD keys',
  deliveryLink: 'key delivery link',
  authPsk: 'auth PSK',
  ticketKeys: 'ticket keys',
  sessionStore: 'session store',
  memory: 'endpoint memory',
  signingKeys: 'signing keys',
  caKeys: 'CA keys',
}
