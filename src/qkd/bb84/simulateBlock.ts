/** One block, start to finish, as a function. */

import { AUTHENTICATION_KEY_LENGTH } from './authenticationKeys.js'
import { Bb84Engine, type BlockResult } from './engine.js'
import { checkFraction, checkPulses } from './limits.js'
import type { Bb84Parameters } from './parameters.js'
import { RandomStream } from './randomStream.js'

export interface SimulateBlockOptions {
  readonly parameters: Bb84Parameters
  readonly pulses: number
  readonly seed: Uint8Array
  /** Fraction of pulses intercepted and sent again; default 0. */
  readonly eavesdropping?: number
}

/**
 * Simulates pulses, sifting, error estimation, reconciliation, verification, privacy amplification and authentication
 * between two ends that hold a first key drawn from the seed. The same options give the same result.
 * @throws TrefoilError ERR_INVALID_OPTION
 */
export function simulateBlock(options: SimulateBlockOptions): BlockResult {
  const eavesdropping = options.eavesdropping ?? 0
  checkPulses(options.pulses, options.parameters)
  checkFraction(eavesdropping)
  const psk = new RandomStream(options.seed, 'psk').bytes(AUTHENTICATION_KEY_LENGTH)
  const engine = new Bb84Engine({ ...options, pulsesPerBlock: options.pulses, authentication: { psk } })
  engine.eavesdropping = eavesdropping
  const result = engine.runBlock()
  engine.wipe()
  return result
}
