/**
 * What a simulated BB84 link is made of, in the units of a data sheet, with the values that are assumed for what is not
 * said. Weak coherent pulses of three intensities (signal, decoy, vacuum), polarisation or phase coded, an optical
 * fibre, and a receiver with two threshold detectors behind a basis choice. Names follow Lim et al., Phys. Rev. A 89,
 * 022307 (2014), arXiv 1311.7129: keys come from the X basis ("key basis"), the Z basis ("test basis") is disclosed.
 */
import { TrefoilError } from '../../errors.js'

export interface Fibre {
  readonly lengthKm: number
  /** dB/km; default 0.2, standard single-mode fibre at 1550 nm. */
  readonly attenuationDbPerKm: number
}

export interface Source {
  /** Mean photon numbers of signal, decoy and vacuum: μ1 > μ2 + μ3, μ2 > μ3 ≥ 0. */
  readonly intensities: readonly [signal: number, decoy: number, vacuum: number]
  /** Probabilities of the three, adding to 1. */
  readonly probabilities: readonly [signal: number, decoy: number, vacuum: number]
  /** With what probability each end chooses the key basis, independently of the other. */
  readonly keyBasisProbability: number
  /** Pulses a second; turns simulated pulses into simulated time. */
  readonly repetitionRateHz: number
}

export interface Detector {
  /** Probability that a photon at the detector makes it click. */
  readonly efficiency: number
  /** Loss inside the receiver, in dB. */
  readonly receiverLossDb: number
  /** Probability of a click without a photon, for each detector and pulse. */
  readonly darkCountProbability: number
  /** Probability that a photon measured in its own basis reaches the wrong detector. */
  readonly misalignment: number
}

export interface Security {
  /** ε_sec: the key is that close to secret. */
  readonly epsilonSecrecy: number
  /** ε_cor: bound on the probability that the ends hold different keys. */
  readonly epsilonCorrectness: number
  /** Blocks with a higher quantum bit error rate give no key; at most 0.11, where 1 − 2 h(Q) becomes zero. */
  readonly abortQber: number
}

export interface Bb84Parameters {
  readonly fibre: Fibre
  readonly source: Source
  readonly detector: Detector
  readonly security: Security
}

/** Parameters of which any may be left out but the length of the fibre. */
export interface Bb84ParameterOptions {
  readonly fibre: Pick<Fibre, 'lengthKm'> & Partial<Fibre>
  readonly source?: Partial<Source>
  readonly detector?: Partial<Detector>
  readonly security?: Partial<Security>
}

/**
 * A gigahertz source and superconducting nanowire detectors. Intensities, their probabilities and the bias of the
 * bases are near the optimum of the finite-key bound for blocks of 10^7 pulses over 10 to 25 km; larger blocks and
 * longer fibres do better with more signal and less decoy.
 */
export const BB84_DEFAULTS: Omit<Bb84Parameters, 'fibre'> & { readonly fibre: Omit<Fibre, 'lengthKm'> } = {
  fibre: { attenuationDbPerKm: 0.2 },
  source: {
    intensities: [0.6, 0.25, 2e-4],
    probabilities: [0.4, 0.4, 0.2],
    keyBasisProbability: 0.75,
    repetitionRateHz: 1e9,
  },
  detector: { efficiency: 0.5, receiverLossDb: 3, darkCountProbability: 1e-7, misalignment: 0.01 },
  security: { epsilonSecrecy: 1e-9, epsilonCorrectness: 1e-15, abortQber: 0.11 },
}

/**
 * Fills in the defaults.
 * @throws TrefoilError ERR_INVALID_OPTION for a value that no link can have or that the security bound does not cover
 */
export function bb84Parameters(options: Bb84ParameterOptions): Bb84Parameters {
  const parameters: Bb84Parameters = {
    fibre: { ...BB84_DEFAULTS.fibre, ...options.fibre },
    source: { ...BB84_DEFAULTS.source, ...options.source },
    detector: { ...BB84_DEFAULTS.detector, ...options.detector },
    security: { ...BB84_DEFAULTS.security, ...options.security },
  }
  const { fibre, source, detector, security } = parameters
  check(between(fibre.lengthKm, 0, 1000), 'the fibre must be 0 to 1000 km long')
  check(between(fibre.attenuationDbPerKm, 0, 100), 'the attenuation must be 0 to 100 dB/km')
  checkSource(source)
  check(between(detector.efficiency, 0, 1), 'the detector efficiency must be a probability')
  check(between(detector.receiverLossDb, 0, 100), 'the receiver loss must be 0 to 100 dB')
  check(between(detector.darkCountProbability, 0, 0.5), 'the dark count probability must be 0 to 0.5')
  check(between(detector.misalignment, 0, 0.5), 'the misalignment must be 0 to 0.5')
  check(inside(security.epsilonSecrecy, 0, 1), 'epsilonSecrecy must lie between 0 and 1')
  check(inside(security.epsilonCorrectness, 0, 1), 'epsilonCorrectness must lie between 0 and 1')
  check(inside(security.abortQber, 0, 0.11 + 1e-12), 'abortQber must be above 0 and at most 0.11')
  return parameters
}

function checkSource({ intensities, probabilities, keyBasisProbability, repetitionRateHz }: Source): void {
  const [signal, decoy, vacuum] = intensities
  // Lim et al. (2014), section II: the condition under which the two-decoy bounds hold.
  check(
    signal <= 10 && signal > decoy + vacuum && decoy > vacuum && vacuum >= 0,
    'the intensities must be at most 10 photons, with signal > decoy + vacuum, decoy > vacuum and vacuum at least 0',
  )
  const sum = probabilities.reduce((total, each) => total + each, 0)
  const usable = probabilities.length === 3 && probabilities.every((each) => inside(each, 0, 1))
  check(usable && Math.abs(sum - 1) < 1e-9, 'the probabilities of the intensities must be positive and add to 1')
  check(inside(keyBasisProbability, 0, 1), 'keyBasisProbability must lie between 0 and 1')
  check(inside(repetitionRateHz, 0, 1e15), 'repetitionRateHz must be above 0')
}

function between(value: number, low: number, high: number): boolean {
  return value >= low && value <= high
}

function inside(value: number, low: number, high: number): boolean {
  return value > low && value < high
}

function check(holds: boolean, message: string): void {
  if (!holds) throw new TrefoilError('ERR_INVALID_OPTION', message)
}
