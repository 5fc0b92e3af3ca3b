/** All parts of the bench, in the order in which they run and are reported. */
import { measureHandshakes } from './handshakes/measureHandshakes.js'
import type { ModeOptions } from './handshakes/modes.js'
import { measureLedger } from './ledger/measureLedger.js'
import { measureLoopback } from './loopback/measureLoopback.js'
import type { Section } from './report/sections.js'
import { measureSteps } from './steps/measureSteps.js'

export interface Measurement {
  readonly name: string
  /** @param earlier the parts before it, as far as they were wanted */
  measure(options: ModeOptions, earlier: readonly Section[]): Promise<Section>
}

export const MEASUREMENTS: readonly Measurement[] = [
  { name: 'handshakes', measure: measureHandshakes },
  { name: 'steps', measure: measureSteps },
  { name: 'loopback', measure: measureLoopback },
  { name: 'ledger', measure: measureLedger },
]
