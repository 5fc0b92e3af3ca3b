/** What the floor computes, as a table. */
import type { FloorOperation, FloorPlan } from '../floor/operations.js'
import { floorPlan } from '../floor/plan.js'
import type { Observation } from '../meter/observe.js'
import type { Table } from '../report/sections.js'
import type { Side } from './coreHandshake.js'
import type { Mode } from './modes.js'

export interface FloorOf {
  readonly mode: Mode
  readonly observation: Observation
}

/** Counts of one side. */
export interface FloorCounts {
  readonly keyExchanges: number
  readonly signatures: number
  readonly verifications: number
  readonly macs: number
  readonly macKeys: number
  readonly hashes: number
  readonly hashedOctets: number
  readonly records: number
  readonly recordOctets: number
  readonly aeadKeys: number
  readonly tickets: number
}

export function floorTable(floors: readonly FloorOf[]): Table {
  return {
    title: 'What the floor computes',
    note:
      'Operations for each side by RFC 9846 (and RFC 9258 for imported PSKs), with the sizes of a handshake of that mode. ' +
      'A chain that was verified a moment ago is not verified again, except in the mode that says so; what depends on no ' +
      'input is not computed.',
    columns: [
      'mode',
      'side',
      'key exchange',
      'sign',
      'verify',
      'HMAC',
      'HMAC keys',
      'hashes',
      'octets hashed',
      'records',
      'octets in records',
      'AEAD keys',
      'tickets',
    ],
    rows: floors.flatMap(({ mode, observation }) => {
      const plan = floorPlan(mode, observation)
      return (['client', 'server'] as const).map((side) => {
        const counts = countFloor(plan, side)
        return [mode.name, side, ...Object.values(counts)]
      })
    }),
  }
}

export function countFloor(plan: FloorPlan, side: Side): FloorCounts {
  const operations = plan[side].flat()
  const sum = (value: (operation: FloorOperation) => number) =>
    operations.reduce((total, operation) => total + value(operation), 0)
  const count = (...kinds: FloorOperation['kind'][]) => sum(({ kind }) => (kinds.includes(kind) ? 1 : 0))
  const records = (operation: FloorOperation) =>
    operation.kind === 'seal' || operation.kind === 'open' ? operation.records : []
  return {
    keyExchanges: count('generate', 'respond', 'agree'),
    signatures: count('sign'),
    verifications: count('verify', 'verify chain'),
    macs: sum((operation) => (operation.kind === 'macs' ? operation.macs.length : 0)),
    macKeys: count('macs'),
    hashes: sum(({ kind, ...operation }) =>
      kind === 'hash' ? 1 : 'portions' in operation ? operation.portions.length : 0,
    ),
    hashedOctets: sum((operation) =>
      operation.kind === 'hash'
        ? operation.length
        : operation.kind === 'transcript'
          ? operation.portions.reduce((total, portion) => total + portion, 0)
          : 0,
    ),
    records: sum((operation) => records(operation).length),
    recordOctets: sum((operation) => records(operation).reduce((total, length) => total + length, 0)),
    aeadKeys: count('seal', 'open'),
    tickets: count('seal ticket', 'open ticket'),
  }
}
