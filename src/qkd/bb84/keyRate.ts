/**
 * The key rate to expect of a link, from its parameters alone: in the limit of endless blocks and perfect knowledge of
 * the channel, and for blocks of a given number of pulses.
 */
import { expectedGain, photonNumberProbability, yields } from './channelModel.js'
import { type BlockCounts, type ByIntensity, binaryEntropy, type SecretLength, secretLength } from './finiteKey.js'
import type { Bb84Parameters } from './parameters.js'

export interface KeyRate {
  /** Secret bits for each pulse sent; 0 when there are none. */
  readonly perPulse: number
  /** Secret bits a second at the repetition rate of the source. */
  readonly perSecond: number
  /** Q: probability that a pulse is detected. */
  readonly gain: number
  /** E: error rate of sifted bits. */
  readonly qber: number
}

/** f_EC, leak over n h(Q): 1.16 is the figure that key-rate formulas are usually drawn with. */
const USUAL_EFFICIENCY = 1.16

/**
 * R = q { Q_0 + Q_1 (1 − h(e_1)) − Q f h(E) }, the limit for endless blocks with infinitely many decoys.
 *
 * Gottesman, Lo, Lütkenhaus and Preskill, Quantum Inf. Comput. 4, 325 (2004), quant-ph/0212066, with the gains of Lo,
 * Ma and Chen, Phys. Rev. Lett. 94, 230504 (2005), quant-ph/0411004; Q_0, for bits that came of empty pulses, which are
 * secret as they are, by Lo, Quantum Inf. Comput. 5, 413 (2005), quant-ph/0503004. Bits of all three intensities enter
 * the key, so Q, Q_0, Q_1 and E are means over the source. q = p_X^2: both ends chose the key basis.
 *
 * @param efficiency f ≥ 1 of reconciliation; default 1.16
 */
export function keyRate(parameters: Bb84Parameters, efficiency: number = USUAL_EFFICIENCY): KeyRate {
  const { source } = parameters
  const { gain, qber } = meanGain(parameters)
  const { vacuum, single, singleError } = yields(parameters)
  const vacuumGain = photonNumberProbability(source, 0) * vacuum
  const singleGain = photonNumberProbability(source, 1) * single
  const secret = vacuumGain + singleGain * (1 - binaryEntropy(singleError)) - gain * efficiency * binaryEntropy(qber)
  const perPulse = Math.max(0, source.keyBasisProbability ** 2 * secret)
  return { perPulse, perSecond: perPulse * source.repetitionRateHz, gain, qber }
}

/**
 * The secret length to expect of a block of `pulses` pulses, by the bound of {@link secretLength} on mean counts.
 * @param efficiency f ≥ 1 of reconciliation; default 1.16
 */
export function finiteKeyRate(
  parameters: Bb84Parameters,
  pulses: number,
  efficiency: number = USUAL_EFFICIENCY,
): KeyRate & SecretLength {
  const { gain, qber } = meanGain(parameters)
  const counts = expectedCounts(parameters, pulses)
  const sifted = counts.key[0] + counts.key[1] + counts.key[2]
  const verification = Math.ceil(Math.log2(1 / parameters.security.epsilonCorrectness))
  const leaked = sifted * efficiency * binaryEntropy(qber) + verification
  const secret =
    qber > parameters.security.abortQber
      ? { ...secretLength(counts, parameters, leaked), bits: 0 }
      : secretLength(counts, parameters, leaked)
  const perPulse = secret.bits / pulses
  return { ...secret, perPulse, perSecond: perPulse * parameters.source.repetitionRateHz, gain, qber }
}

/**
 * How many pulses a block needs for a key of `secretBits` bits to be expected: the smallest of 10^6, 2·10^6, 4·10^6, …
 * that is enough; null when 10^12 are not.
 */
export function pulsesForKey(parameters: Bb84Parameters, secretBits: number): number | null {
  for (let pulses = 1e6; pulses <= 1e12; pulses *= 2) {
    if (finiteKeyRate(parameters, pulses).bits >= secretBits) return pulses
  }
  return null
}

/** Mean counts of a block of `pulses` pulses; not whole numbers. */
export function expectedCounts(parameters: Bb84Parameters, pulses: number): BlockCounts {
  const { intensities, probabilities, keyBasisProbability: key } = parameters.source
  const byIntensity = (count: (i: 0 | 1 | 2) => number): ByIntensity => [count(0), count(1), count(2)]
  const gains = intensities.map((k) => expectedGain(parameters, k))
  const clicks = (i: 0 | 1 | 2): number => pulses * probabilities[i] * (gains[i]?.gain ?? 0)
  return {
    key: byIntensity((i) => key ** 2 * clicks(i)),
    test: byIntensity((i) => (1 - key) ** 2 * clicks(i)),
    testErrors: byIntensity((i) => (1 - key) ** 2 * clicks(i) * (gains[i]?.errorRate ?? 0)),
  }
}

/** Q and E over all intensities. */
function meanGain(parameters: Bb84Parameters): { gain: number; qber: number } {
  let gain = 0
  let errors = 0
  parameters.source.intensities.forEach((k, i) => {
    const expected = expectedGain(parameters, k)
    gain += (parameters.source.probabilities[i] as number) * expected.gain
    errors += (parameters.source.probabilities[i] as number) * expected.gain * expected.errorRate
  })
  return { gain, qber: gain === 0 ? 0.5 : errors / gain }
}
