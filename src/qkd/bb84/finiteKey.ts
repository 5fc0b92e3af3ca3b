/**
 * The secret length of one block with two decoys: Lim, Curty, Walenta, Xu and Zbinden, Phys. Rev. A 89, 022307 (2014),
 * arXiv 1311.7129, eqs. 1 to 5. Security is composable, ε_sec-secret and ε_cor-correct, against general attacks, by the
 * entropic uncertainty relation; the deviations of counts from their means are bounded by Hoeffding's inequality.
 *
 * As is common, the length is taken from the counts that were observed, not fixed before the run; the proof that this
 * costs nothing is a subject of its own (Tupkary, Tan and Lütkenhaus, Phys. Rev. Research 6, 023002 (2024), arXiv
 * 2311.01600).
 */
import { photonNumberProbability } from './channelModel.js'
import type { Bb84Parameters, Security, Source } from './parameters.js'

/** Counts by intensity: signal, decoy, vacuum. */
export type ByIntensity = readonly [signal: number, decoy: number, vacuum: number]

/** What both ends know after sifting and disclosing the test basis. */
export interface BlockCounts {
  /** n_X: detections in the key basis at both ends. */
  readonly key: ByIntensity
  /** n_Z: detections in the test basis at both ends. */
  readonly test: ByIntensity
  /** m_Z: how many of those were wrong. */
  readonly testErrors: ByIntensity
}

export interface SecretLength {
  /** ℓ in whole bits; 0 when the bound gives none. */
  readonly bits: number
  /** s_X0: at least so many key bits came of empty pulses. */
  readonly vacuumEvents: number
  /** s_X1: at least so many came of single photons. */
  readonly singlePhotonEvents: number
  /** φ_X: at most that was their phase error rate; 0.5 when nothing can be said. */
  readonly phaseErrorRate: number
}

/**
 * ℓ = ⌊s_X0 + s_X1 (1 − h(φ_X)) − leak_EC − 6 log2(21/ε_sec) − log2(2/ε_cor)⌋ (eq. 1).
 * @param leakedBits everything disclosed about the key in reconciliation: parities, and the verification hash, whose
 *   ⌈log2(1/ε_cor)⌉ bits are counted in full on top of the last term
 */
export function secretLength(
  counts: BlockCounts,
  { source, security }: Pick<Bb84Parameters, 'source' | 'security'>,
  leakedBits: number,
): SecretLength {
  const key = photonBounds(counts.key, source, security)
  const test = photonBounds(counts.test, source, security)
  const phaseErrorRate = phaseError(counts, source, security, test.single, key.single)
  const cost = 6 * Math.log2(21 / security.epsilonSecrecy) + Math.log2(2 / security.epsilonCorrectness)
  const bits = key.vacuum + key.single * (1 - binaryEntropy(phaseErrorRate)) - leakedBits - cost
  return {
    bits: Math.max(0, Math.floor(bits)),
    vacuumEvents: key.vacuum,
    singlePhotonEvents: key.single,
    phaseErrorRate,
  }
}

/** h(x) = −x log2 x − (1 − x) log2(1 − x), in bits. */
export function binaryEntropy(x: number): number {
  if (x <= 0 || x >= 1) return 0
  return -x * Math.log2(x) - (1 - x) * Math.log2(1 - x)
}

/** s_0 (eq. 2) and s_1 (eq. 3) of one basis, neither below 0. */
function photonBounds(counts: ByIntensity, source: Source, security: Security): { vacuum: number; single: number } {
  const [mu1, mu2, mu3] = source.intensities
  const tau0 = photonNumberProbability(source, 0)
  const tau1 = photonNumberProbability(source, 1)
  const [signal, decoy, weakest] = weighed(counts, source, security)
  const vacuum = Math.max(0, (tau0 * (mu2 * weakest.low - mu3 * decoy.high)) / (mu2 - mu3))
  const multiPhoton = ((mu2 ** 2 - mu3 ** 2) / mu1 ** 2) * (signal.high - vacuum / tau0)
  const single = (tau1 * mu1 * (decoy.low - weakest.high - multiPhoton)) / (mu1 * (mu2 - mu3) - mu2 ** 2 + mu3 ** 2)
  return { vacuum, single: Math.max(0, single) }
}

/** φ_X (eq. 5): the error rate v_Z1 / s_Z1 of single photons in the test basis (eq. 4), and γ for the other sample. */
function phaseError(
  { testErrors }: BlockCounts,
  source: Source,
  security: Security,
  testSingles: number,
  keySingles: number,
): number {
  if (testSingles <= 0 || keySingles <= 0) return 0.5
  const [, mu2, mu3] = source.intensities
  const [, decoy, weakest] = weighed(testErrors, source, security)
  const errors = Math.max(0, (photonNumberProbability(source, 1) * (decoy.high - weakest.low)) / (mu2 - mu3))
  const rate = errors / testSingles
  if (rate >= 0.5) return 0.5
  return Math.min(0.5, rate + deviation(security.epsilonSecrecy, rate, testSingles, keySingles))
}

/** γ(a, b, c, d) after eq. 5: how much the rate in one random sample may exceed that in the other. */
function deviation(a: number, b: number, c: number, d: number): number {
  // At b = 0 the formula has no value; one error in the sample is more than none.
  const rate = Math.max(b, 1 / c)
  const scale = ((c + d) * (1 - rate) * rate) / (c * d * Math.LN2)
  const argument = ((c + d) / (c * d * (1 - rate) * rate)) * (21 / a) ** 2
  return Math.sqrt(scale * Math.log2(argument))
}

/** n± = e^k / p_k (n_k ± √(n/2 ln(21/ε_sec))) (after eq. 2), for signal, decoy and vacuum. */
function weighed(counts: ByIntensity, source: Source, { epsilonSecrecy }: Security): readonly [Bounds, Bounds, Bounds] {
  const total = counts[0] + counts[1] + counts[2]
  const spread = Math.sqrt((total / 2) * Math.log(21 / epsilonSecrecy))
  const bounds = (i: 0 | 1 | 2): Bounds => {
    const weight = Math.exp(source.intensities[i]) / source.probabilities[i]
    return { low: weight * Math.max(0, counts[i] - spread), high: weight * (counts[i] + spread) }
  }
  return [bounds(0), bounds(1), bounds(2)]
}

interface Bounds {
  readonly low: number
  readonly high: number
}
