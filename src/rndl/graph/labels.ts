/**
 * What the values of a graph are called in RFC 9846 and its companions, told by what they were derived with: the labels of
 * HKDF-Expand-Label name what came out, and what was expanded.
 */
import type { LeakName } from '../model.js'
import type { Hex } from '../trace/trace.js'
import type { DerivationGraph } from './derivationGraph.js'
import { readExpandedLabel } from './hkdfLabel.js'
import { type ExchangeStep, type GraphValue, type MacStep, type Origin, octetsOf } from './values.js'

/** By a label that is expanded from it. The first that fits. */
const EXTRACTS: readonly (readonly [label: string, name: string])[] = [
  ['c ap traffic', 'Main Secret'],
  ['c hs traffic', 'Handshake Secret'],
  ['derived psk', 'epskx'],
  ['derived', 'Early Secret'],
]

/** By its own label, where that is not what people call it. */
const EXPANDED: Readonly<Record<string, string>> = {
  'derived psk': 'imported PSK',
  resumption: 'resumption PSK',
  exporter: 'exporter',
}

/** Octets of a public share (RFC 7748, RFC 10024, FIPS 203 table 3). */
const EXCHANGES: Readonly<Record<number, string>> = {
  32: 'X25519',
  65: 'P-256',
  97: 'P-384',
  1184: 'ML-KEM-768',
  1088: 'ML-KEM-768',
  1568: 'ML-KEM-1024',
}

/** What has no name but that of the leaks it is in. */
const LEAKED: Readonly<Partial<Record<LeakName, string>>> = {
  qkdKeys: 'QKD key',
  deliveryLink: 'QKD key',
  authPsk: 'auth PSK',
  ticketKeys: 'ticket key',
  sessionStore: 'resumption PSK',
  memory: 'traffic secret',
}

export class ValueLabels {
  readonly #graph: DerivationGraph
  readonly #byOctets: ReadonlyMap<Hex, number>
  /** Labels expanded from a value. */
  readonly #expanded = new Map<Hex, Set<string>>()
  /** What extracts gave, by their data. */
  readonly #extracted = new Map<Hex, Hex>()
  readonly #labels = new Map<number, string>()

  constructor(graph: DerivationGraph) {
    this.#graph = graph
    this.#byOctets = new Map(graph.values.map(({ octets }, value) => [hexOf(octets), value]))
    for (const origin of graph.values.flatMap(({ origins }) => origins)) {
      if (origin.by === 'mac') this.#note(origin.step)
    }
  }

  of(value: number): string {
    const known = this.#labels.get(value)
    if (known !== undefined) return known
    // Names are made of the names of parents: a value that descends from itself ends the search.
    this.#labels.set(value, '')
    const label = this.#make(this.#graph.values[value] as GraphValue)
    this.#labels.set(value, label)
    return label
  }

  /** The value of these octets. */
  valueOf(octets: Hex): number | null {
    return this.#byOctets.get(octets) ?? null
  }

  /** The derived value that begins with these octets: HKDF-Expand cuts its output. */
  longerValue(octets: Hex): number | null {
    const start = octetsOf(octets)
    const found = this.#graph.values.findIndex(
      (value) => macOf(value) !== null && Buffer.compare(value.octets.subarray(0, start.length), start) === 0,
    )
    return found < 0 ? null : found
  }

  /** For a block of a long HKDF-Expand after its first: the one before. */
  previousBlock(value: number): number | null {
    const mac = macOf(this.#graph.values[value] as GraphValue)
    const previous = mac === null ? undefined : readExpandedLabel(mac.data, mac.hash)?.previous
    return previous === undefined || previous === '' ? null : this.valueOf(previous)
  }

  /** The value that an HMAC was keyed with, if it is one. */
  parent(value: number): number | null {
    const mac = macOf(this.#graph.values[value] as GraphValue)
    return mac === null ? null : this.valueOf(mac.key)
  }

  #note(step: MacStep): void {
    const label = labelOf(step)
    if (label === null) {
      this.#extracted.set(step.data, step.output)
      return
    }
    const labels = this.#expanded.get(step.key) ?? new Set<string>()
    this.#expanded.set(step.key, labels.add(label))
  }

  #make(value: GraphValue): string {
    const mac = macOf(value)
    if (mac !== null) return this.#nameOfMac(value, mac)
    const origin = value.origins.find(({ by }) => by !== 'leak') ?? value.origins[0]
    if (origin?.by === 'exchange') return `${exchangeName(origin.step)} secret`
    if (origin?.by === 'privateShare') return `${exchangeName(origin.step)} private key`
    if (origin?.by === 'open') return origin.taped === null ? 'ticket content' : `records of the ${origin.taped.from}`
    if (origin?.by === 'leak') return LEAKED[origin.leak] ?? 'leaked secret'
    return origin?.by ?? ''
  }

  #nameOfMac(value: GraphValue, mac: MacStep): string {
    const label = labelOf(mac)
    const parent = this.#byOctets.get(mac.key)
    if (label === null) return this.#nameOfExtract(hexOf(value.octets))
    const parentName = parent === undefined ? '' : this.of(parent)
    // application_traffic_secret_N (RFC 9846 7.2).
    if (label === 'traffic upd') return parentName.replace(/( \d+)?$/, (count) => ` ${Number(count) + 1}`)
    if (label === 'key' || label === 'iv') return parentName.replace(' traffic', ` ${label}`)
    if (parentName === 'exp master') return 'exporter secret'
    return EXPANDED[label] ?? label
  }

  #nameOfExtract(octets: Hex): string {
    const labels = this.#expanded.get(octets)
    const name = EXTRACTS.find(([expanded]) => labels?.has(expanded))?.[1]
    if (name !== undefined) return name
    // RFC 9258 5.2: what enters the importer, where it was itself made of two keys.
    const next = this.#extracted.get(octets)
    return next !== undefined && this.#expanded.get(next)?.has('derived psk') ? 'EPSK' : 'HKDF-Extract'
  }
}

/** What a derivation is done with. */
export function nameOfStep(by: Origin | { readonly by: 'found' }): string {
  switch (by.by) {
    case 'mac':
      return labelOf(by.step) === null ? 'HKDF-Extract' : 'HKDF-Expand-Label'
    case 'exchange':
      return exchangeName(by.step)
    case 'hash':
      return by.step.hash
    case 'open':
      return by.step.algorithm
    case 'found':
      return 'part of'
    default:
      return by.by
  }
}

export function labelOf({ data, hash }: MacStep): string | null {
  return readExpandedLabel(data, hash)?.label ?? null
}

function macOf({ origins }: GraphValue): MacStep | null {
  const origin = origins.find(({ by }) => by === 'mac')
  return origin?.by === 'mac' ? origin.step : null
}

function exchangeName({ publicShare }: ExchangeStep): string {
  return EXCHANGES[publicShare.length / 2] ?? 'key exchange'
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex')
}
