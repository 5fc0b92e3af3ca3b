/**
 * The nodes of the graph: octet strings, each once however often it was computed, and how each can be had. Values stand
 * for themselves, so an endpoint that computes something in another way than it should is seen by what it fed to its
 * primitives.
 */
import type { LeakName } from '../model.js'
import type { Hex, TraceStep } from '../trace/trace.js'

/** One way to get a value. */
export type Origin =
  /** Handed over by a leak. */
  | { readonly by: 'leak'; readonly leak: LeakName }
  /** Drawn by an endpoint: known to nobody else by itself. */
  | { readonly by: 'random' }
  /** The private half of a key share. */
  | { readonly by: 'privateShare'; readonly step: ExchangeStep }
  | { readonly by: 'exchange'; readonly step: ExchangeStep }
  | { readonly by: 'mac'; readonly step: MacStep }
  | { readonly by: 'hash'; readonly step: HashStep }
  /** What was sealed: one ticket, or the records of one direction under one key, without their types. */
  | { readonly by: 'open'; readonly step: SealStep; readonly taped: TapedRecords | null }
  /** Base64 inside a content that was opened (a key manager's JSON). */
  | { readonly by: 'base64'; readonly from: number }

export type ExchangeStep = Extract<TraceStep, { kind: 'exchange' }>
export type MacStep = Extract<TraceStep, { kind: 'mac' }>
export type HashStep = Extract<TraceStep, { kind: 'hash' }>
export type SealStep = Extract<TraceStep, { kind: 'seal' }>

/** Where records stand on the tape. */
export interface TapedRecords {
  readonly connection: string
  readonly from: 'client' | 'server'
}

export interface GraphValue {
  readonly octets: Uint8Array
  readonly origins: readonly Origin[]
}

/** Content-addressed. */
export class ValueTable {
  readonly values: { readonly octets: Uint8Array; readonly origins: Origin[] }[] = []
  readonly #byOctets = new Map<Hex, number>()

  /** @returns the value's number */
  add(octets: Hex, origin: Origin): number {
    const known = this.#byOctets.get(octets)
    if (known !== undefined) {
      this.values[known]?.origins.push(origin)
      return known
    }
    this.values.push({ octets: octetsOf(octets), origins: [origin] })
    this.#byOctets.set(octets, this.values.length - 1)
    return this.values.length - 1
  }
}

export function octetsOf(hex: Hex): Uint8Array {
  return Buffer.from(hex, 'hex')
}
