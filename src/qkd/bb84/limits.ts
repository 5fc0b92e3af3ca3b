/** What a simulated block may be asked for. */
import { TrefoilError } from '../../errors.js'
import { keyRate } from './keyRate.js'
import type { Bb84Parameters } from './parameters.js'

/** Beyond it memory, and the integers by which privacy amplification multiplies, grow too large. */
const MAX_DETECTIONS = 16_000_000

/** @throws TrefoilError ERR_INVALID_OPTION unless 10^4 to 10^12 pulses, with no more detections than can be handled */
export function checkPulses(pulses: number, parameters: Bb84Parameters): void {
  if (!Number.isSafeInteger(pulses) || pulses < 1e4 || pulses > 1e12) {
    throw invalid('the pulses of a block must be a whole number from 10^4 to 10^12')
  }
  if (pulses * keyRate(parameters).gain > MAX_DETECTIONS) {
    throw invalid('a block of so many pulses would have more than 16 million detections over this link')
  }
}

/** @throws TrefoilError ERR_INVALID_OPTION */
export function checkFraction(fraction: number): void {
  if (!(fraction >= 0 && fraction <= 1)) throw invalid('an eavesdropper takes a fraction from 0 to 1 of the pulses')
}

function invalid(message: string): TrefoilError {
  return new TrefoilError('ERR_INVALID_OPTION', message)
}
