/** All parts of the bench, in the order in which they run and are reported. */
import { measureHandshakes } from './handshakes/measureHandshakes.js'
import { measureLedger } from './ledger/measureLedger.js'
import { measureLoopback } from './loopback/measureLoopback.js'
import type { Measure } from './report/sections.js'
import { measureSteps } from './steps/measureSteps.js'

export interface Measurement {
  readonly name: string
  readonly measure: Measure
}

export const MEASUREMENTS: readonly Measurement[] = [
  { name: 'handshakes', measure: measureHandshakes },
  { name: 'steps', measure: measureSteps },
  { name: 'loopback', measure: measureLoopback },
  { name: 'ledger', measure: measureLedger },
]
