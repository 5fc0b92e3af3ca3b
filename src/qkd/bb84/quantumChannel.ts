/**
 * The pulses of one block, from Alice's source through the fibre (and an eavesdropper) to Bob's detectors.
 *
 * Only pulses that make a detector click are simulated, and nothing is lost by it: pulses are independent, so the
 * distance between clicks is geometric, and given a click each property is drawn from its distribution given a click,
 * by the probabilities of `channelModel.ts`. Whether any detector clicks depends on the intensity alone, not on bases
 * or bits, nor on an eavesdropper who sends on as many photons as she took. The cost is thus in detections, not pulses.
 */

import { transmittance } from './channelModel.js'
import type { Bb84Parameters } from './parameters.js'
import type { RandomStream } from './randomStream.js'

/** The bases by which bits are prepared and measured. */
export const TEST_BASIS = 0
export const KEY_BASIS = 1

/** What one end knows of pulses: their numbers, ascending, and one value for each. */
export interface Detections {
  readonly pulses: Float64Array
  readonly bases: Uint8Array
  readonly bits: Uint8Array
}

/** What Alice knows: also the intensities, 0 signal, 1 decoy, 2 vacuum. */
export interface Preparations extends Detections {
  readonly intensities: Uint8Array
}

/** One stream for each that makes random choices. */
export interface Streams {
  readonly alice: RandomStream
  readonly bob: RandomStream
  readonly fibre: RandomStream
  readonly eve: RandomStream
}

export interface TransmissionOptions {
  readonly parameters: Bb84Parameters
  readonly pulses: number
  /** Fraction of pulses that an eavesdropper measures in a random basis and sends again as she found them. */
  readonly eavesdropping: number
  readonly streams: Streams
  /** Called now and then with the share of pulses sent. */
  readonly onProgress?: (share: number) => void
}

export interface Transmission {
  /** Alice's preparations of those pulses that Bob will say he detected; she is asked for no others by an honest Bob. */
  readonly prepared: Preparations
  readonly detected: Detections
}

const REPORT_EVERY = 131_072

export function transmit(options: TransmissionOptions): Transmission {
  const { streams, pulses, eavesdropping, parameters } = options
  const { alice, bob, fibre, eve } = streams
  const keyBasis = parameters.source.keyBasisProbability
  const clicks = clickTable(parameters)
  const record = new Recorder(Math.ceil(pulses * clicks.gain * 1.02) + 1000)
  const logMiss = Math.log1p(-clicks.gain)
  for (let pulse = nextClick(-1); pulse < pulses; pulse = nextClick(pulse)) {
    const intensity = pickIntensity(clicks.shares, alice.fraction())
    const aliceBasis = alice.fraction() < keyBasis ? KEY_BASIS : TEST_BASIS
    const aliceBit = alice.bit()
    let [basis, bit] = [aliceBasis, aliceBit]
    if (eavesdropping > 0 && eve.fraction() < eavesdropping) {
      basis = eve.bit()
      // She reads a bit of the other basis as often wrong as right.
      if (basis !== aliceBasis) bit = eve.bit()
    }
    const bobBasis = bob.fraction() < keyBasis ? KEY_BASIS : TEST_BASIS
    const pattern = clicks.patterns[intensity]?.[basis === bobBasis ? 1 : 0] as ClickPattern
    const draw = fibre.fraction()
    const coin = bob.bit()
    const bobBit = draw < pattern.rightOnly ? bit : draw < pattern.rightOrWrong ? bit ^ 1 : coin
    record.add(pulse, intensity, aliceBasis, aliceBit, bobBasis, bobBit)
    if (record.length % REPORT_EVERY === 0) options.onProgress?.(pulse / pulses)
  }
  return record.finish()

  function nextClick(previous: number): number {
    return previous + 1 + Math.floor(Math.log1p(-fibre.fraction()) / logMiss)
  }
}

/** Given a click: up to where a uniform draw means that only the right, or only the wrong, detector clicked. */
interface ClickPattern {
  readonly rightOnly: number
  readonly rightOrWrong: number
}

interface ClickTable {
  /** Probability that a pulse makes a detector click. */
  readonly gain: number
  /** Given a click: up to where a uniform draw means signal, and signal or decoy. */
  readonly shares: readonly [number, number]
  /** By intensity: measured in the other basis, and in the basis of the light. */
  readonly patterns: readonly (readonly [ClickPattern, ClickPattern])[]
}

function clickTable(parameters: Bb84Parameters): ClickTable {
  const { intensities, probabilities } = parameters.source
  const { darkCountProbability: dark, misalignment } = parameters.detector
  const eta = transmittance(parameters)
  const weights = intensities.map((k, i) => (probabilities[i] as number) * (1 - (1 - dark) ** 2 * Math.exp(-k * eta)))
  const gain = weights.reduce((sum, weight) => sum + weight, 0)
  const pattern = (mean: number, error: number): ClickPattern => {
    const right = 1 - (1 - dark) * Math.exp(-mean * (1 - error))
    const wrong = 1 - (1 - dark) * Math.exp(-mean * error)
    const any = right + wrong - right * wrong
    return { rightOnly: (right * (1 - wrong)) / any, rightOrWrong: (right + wrong - 2 * right * wrong) / any }
  }
  const [signal = 0, decoy = 0] = weights
  return {
    gain,
    shares: [signal / gain, (signal + decoy) / gain],
    patterns: intensities.map((k) => [pattern(k * eta, 0.5), pattern(k * eta, misalignment)]),
  }
}

function pickIntensity([signal, signalOrDecoy]: readonly [number, number], draw: number): number {
  return draw < signal ? 0 : draw < signalOrDecoy ? 1 : 2
}

/** Columns that grow. */
class Recorder {
  length = 0
  #pulses: Float64Array
  /** Bob's bit, Bob's basis, Alice's bit, Alice's basis, and the intensity, from the lowest bit up. */
  #facts: Uint8Array

  constructor(capacity: number) {
    this.#pulses = new Float64Array(capacity)
    this.#facts = new Uint8Array(capacity)
  }

  add(pulse: number, intensity: number, aliceBasis: number, aliceBit: number, bobBasis: number, bobBit: number): void {
    if (this.length === this.#facts.length) this.#grow()
    this.#pulses[this.length] = pulse
    this.#facts[this.length++] = (intensity << 4) | (aliceBasis << 3) | (aliceBit << 2) | (bobBasis << 1) | bobBit
  }

  finish(): Transmission {
    const pulses = this.#pulses.slice(0, this.length)
    const column = (shift: number, mask: number): Uint8Array =>
      this.#facts.subarray(0, this.length).map((fact) => (fact >>> shift) & mask)
    const transmission = {
      prepared: { pulses, intensities: column(4, 3), bases: column(3, 1), bits: column(2, 1) },
      detected: { pulses, bases: column(1, 1), bits: column(0, 1) },
    }
    this.#facts.fill(0)
    return transmission
  }

  #grow(): void {
    const [pulses, facts] = [this.#pulses, this.#facts]
    this.#pulses = new Float64Array(2 * facts.length)
    this.#facts = new Uint8Array(2 * facts.length)
    this.#pulses.set(pulses)
    this.#facts.set(facts)
    facts.fill(0)
  }
}
