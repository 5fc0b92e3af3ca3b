/** All parts of the bench, in the order in which they run and are reported. */
import { measureEventLoop } from './eventLoop/index.js'
import { measureHandshakes } from './handshakes/measureHandshakes.js'
import type { ModeOptions } from './handshakes/modes.js'
import { ledgerEntries, measureLedger } from './ledger/measureLedger.js'
import { measureLoopback } from './loopback/measureLoopback.js'
import { measureMemory } from './memory/index.js'
import { modelNetwork } from './network/index.js'
import type { Section } from './report/sections.js'
import { measureSteps } from './steps/measureSteps.js'
import { measureThroughput } from './throughput/index.js'

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
  {
    name: 'network',
    measure: async (options, earlier) => modelNetwork(options, await ledgerEntries(options, earlier)),
  },
  { name: 'throughput', measure: measureThroughput },
  { name: 'memory', measure: measureMemory },
  { name: 'eventLoop', measure: measureEventLoop },
]
