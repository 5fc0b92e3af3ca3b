/** All parts of the bench, in the order in which they run and are reported. */
import { measureHandshakes } from './handshakes/measureHandshakes.js'
import type { Measure } from './report/sections.js'

export interface Measurement {
  readonly name: string
  /** Whether its figures enter the ratios of the summary. */
  readonly measure: Measure
}

export const MEASUREMENTS: readonly Measurement[] = [{ name: 'handshakes', measure: measureHandshakes }]
