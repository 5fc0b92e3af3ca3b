/** What a caller says of a simulated BB84 link. */
import { randomBytes } from 'node:crypto'
import { copy } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import type { EngineOptions } from './engine.js'
import { checkFraction, checkPulses } from './limits.js'
import { type Bb84ParameterOptions, bb84Parameters } from './parameters.js'
import { type Bb84Authentication, SiteAuthentication } from './siteAuthentication.js'

export interface Bb84LinkOptions extends Bb84ParameterOptions {
  /** Pulses between one key and the next, 10^4 to 10^12, with at most 16 million detections; default 10^7. */
  readonly pulsesPerBlock?: number
  /** What the classical channel's authentication begins with. */
  readonly authentication: Bb84Authentication
  /** 16 bytes or more, from which all randomness comes; default: 32 fresh ones. Whoever has it has every key. */
  readonly seed?: Uint8Array
  /** The link rests while it has so many secret bytes in store; default 16384. A block may overfill it. */
  readonly bufferBytes?: number
  /** The fraction of pulses that an eavesdropper takes from the start; default 0. */
  readonly eavesdropper?: number
}

export interface CheckedLinkOptions {
  readonly engine: EngineOptions
  readonly eavesdropper: number
  readonly bufferBytes: number
}

/** @throws TrefoilError ERR_INVALID_OPTION, and what the crypto provider says of signature keys */
export function checkLinkOptions(options: Bb84LinkOptions): CheckedLinkOptions {
  const { pulsesPerBlock = 1e7, bufferBytes = 16_384, seed, authentication, eavesdropper = 0 } = options
  const parameters = bb84Parameters(options)
  checkPulses(pulsesPerBlock, parameters)
  if (!Number.isSafeInteger(bufferBytes) || bufferBytes < 1) throw invalid('bufferBytes must be a whole number above 0')
  if (seed !== undefined && seed.length < 16) throw invalid('the seed must be 16 bytes or more')
  checkFraction(eavesdropper)
  // What is wrong with keys is said here and now, not by the thread.
  for (const role of ['alice', 'bob'] as const) new SiteAuthentication(role, authentication).wipe()
  const engine: EngineOptions = {
    parameters,
    pulsesPerBlock,
    authentication,
    seed: seed === undefined ? new Uint8Array(randomBytes(32)) : copy(seed),
  }
  return { engine, bufferBytes, eavesdropper }
}

function invalid(message: string): TrefoilError {
  return new TrefoilError('ERR_INVALID_OPTION', message)
}
