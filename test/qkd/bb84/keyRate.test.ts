import { describe, expect, it } from 'vitest'
import { expectedGain, transmittance, yields } from '../../../src/qkd/bb84/channelModel.js'
import { binaryEntropy, secretLength } from '../../../src/qkd/bb84/finiteKey.js'
import { expectedCounts } from '../../../src/qkd/bb84/keyRate.js'
import {
  BB84_DEFAULTS,
  type Bb84Parameters,
  type ByIntensity,
  bb84Parameters,
  finiteKeyRate,
  keyRate,
  pulsesForKey,
  simulateBlock,
} from '../../../src/qkd/index.js'
import { SEED, sigma } from './support.js'

const at = (lengthKm: number): Bb84Parameters => bb84Parameters({ fibre: { lengthKm } })
const sum = ([a, b, c]: ByIntensity): number => a + b + c

describe('the channel', () => {
  it('loses what fibre, receiver and detector lose', () => {
    expect(transmittance(at(50))).toBeCloseTo(0.5 * 10 ** -(10 / 10 + 3 / 10), 12)
  })

  it('has the gains and error rates of Ma et al. (2005) but for terms of second order', () => {
    for (const lengthKm of [0, 25, 100, 200]) {
      const parameters = at(lengthKm)
      const { darkCountProbability: dark, misalignment: e } = parameters.detector
      for (const k of parameters.source.intensities) {
        const { gain, errorRate } = expectedGain(parameters, k)
        const mean = k * transmittance(parameters)
        const lit = 1 - Math.exp(-mean)
        expect(gain).toBeCloseTo(2 * dark + lit, 6)
        // A double click gives a random bit, which they leave out: at most mean^2 e / 2 of all pulses.
        expect(Math.abs(errorRate * gain - (dark + e * lit))).toBeLessThan(mean ** 2 * e + dark * (mean + dark))
      }
    }
  })

  it('raises the error rate by a quarter of the fraction that is intercepted', () => {
    for (const fraction of [0.1, 0.5, 1]) {
      const [quiet, tapped] = [expectedGain(at(25), 0.6), expectedGain(at(25), 0.6, fraction)]
      expect(tapped.gain).toBe(quiet.gain)
      // Half of the intercepted pulses come in her basis and err as ever, half come with a random bit.
      expect(tapped.errorRate - quiet.errorRate).toBeCloseTo(fraction * (1 / 4 - quiet.errorRate / 2), 3)
    }
  })
})

describe('the key rate in the limit', () => {
  it('is q { Q_0 + Q_1 [1 − h(e_1)] − Q f h(E) }, with the numbers of a textbook case', () => {
    // Almost always signal: then the means over intensities are those of the signal.
    const parameters = bb84Parameters({
      fibre: { lengthKm: 20 },
      source: { intensities: [0.5, 0.1, 0], probabilities: [1 - 2e-12, 1e-12, 1e-12], keyBasisProbability: 0.5 },
    })
    const { gain, errorRate } = expectedGain(parameters, 0.5)
    const { vacuum, single, singleError } = yields(parameters)
    const single1 = 0.5 * Math.exp(-0.5) * single * (1 - binaryEntropy(singleError))
    const expected = 0.25 * (Math.exp(-0.5) * vacuum + single1 - gain * 1.16 * binaryEntropy(errorRate))
    expect(keyRate(parameters).perPulse).toBeCloseTo(expected, 9)
    expect(keyRate(parameters).perSecond).toBeCloseTo(1e9 * expected, 0)
  })

  it('falls with distance, and ends', () => {
    const rates = [0, 50, 100, 150, 200].map((lengthKm) => keyRate(at(lengthKm)).perPulse)
    for (const [i, rate] of rates.entries()) if (i > 0) expect(rate).toBeLessThan(rates[i - 1] as number)
    expect(keyRate(at(400)).perPulse).toBe(0)
  })
})

describe('the finite-key bound', () => {
  it('stays below the limit and comes near it with the number of pulses', () => {
    for (const lengthKm of [10, 50, 100]) {
      const limit = keyRate(at(lengthKm)).perPulse
      const rates = [1e8, 1e9, 1e10, 1e12, 1e14].map((pulses) => finiteKeyRate(at(lengthKm), pulses).perPulse)
      for (const [i, rate] of rates.entries()) {
        expect(rate).toBeLessThan(limit)
        if (i > 0) expect(rate).toBeGreaterThanOrEqual(rates[i - 1] as number)
      }
      // Two decoys do not tell everything, however many pulses there are.
      expect(rates.at(-1) as number).toBeGreaterThan(0.8 * limit)
    }
    const weakDecoy = bb84Parameters({
      fibre: { lengthKm: 10 },
      source: { intensities: [0.6, 0.01, 0] },
    })
    expect(finiteKeyRate(weakDecoy, 1e17).perPulse).toBeGreaterThan(0.99 * keyRate(weakDecoy).perPulse)
  })

  it('says how many pulses a key takes', () => {
    const pulses = pulsesForKey(at(50), 8192) as number
    expect(finiteKeyRate(at(50), pulses).bits).toBeGreaterThanOrEqual(8192)
    expect(finiteKeyRate(at(50), pulses / 2).bits).toBeLessThan(8192)
    expect(pulsesForKey(at(500), 8192)).toBeNull()
  })

  it('never claims more single photons, nor fewer phase errors, than there are', () => {
    for (const lengthKm of [0, 10, 50, 100]) {
      const parameters = at(lengthKm)
      const { single, singleError, vacuum } = yields(parameters)
      const { intensities, probabilities, keyBasisProbability } = parameters.source
      const photons = (n: number) =>
        intensities.reduce((total, k, i) => total + (probabilities[i] as number) * Math.exp(-k) * k ** n, 0)
      for (const pulses of [1e7, 1e9, 1e12]) {
        const found = finiteKeyRate(parameters, pulses)
        const sifted = pulses * keyBasisProbability ** 2
        expect(found.singlePhotonEvents).toBeLessThan(sifted * photons(1) * single)
        expect(found.vacuumEvents).toBeLessThan(sifted * photons(0) * vacuum)
        expect(found.phaseErrorRate).toBeGreaterThan(singleError)
      }
    }
  })

  it('has the value that eqs. 1 to 5 of Lim et al. give, worked out by hand', () => {
    const source = {
      ...BB84_DEFAULTS.source,
      intensities: [0.5, 0.1, 0] as const,
      probabilities: [0.5, 0.3, 0.2] as const,
    }
    const security = { epsilonSecrecy: 1e-9, epsilonCorrectness: 1e-15, abortQber: 0.11 }
    const counts = {
      key: [4_000_000, 600_000, 400] as const,
      test: [1_000_000, 150_000, 100] as const,
      testErrors: [10_000, 1500, 50] as const,
    }
    const [tau0, tau1] = [
      0.5 * Math.exp(-0.5) + 0.3 * Math.exp(-0.1) + 0.2,
      0.5 * Math.exp(-0.5) * 0.5 + 0.3 * Math.exp(-0.1) * 0.1,
    ]
    const spread = (n: number) => Math.sqrt((n / 2) * Math.log(21e9))
    const single = (n: readonly [number, number, number]) => {
      const s = spread(n[0] + n[1] + n[2])
      const lowestVacuum = Math.max(0, tau0 * 5 * Math.max(0, n[2] - s))
      return (
        (tau1 *
          0.5 *
          ((Math.exp(0.1) / 0.3) * (n[1] - s) -
            5 * (n[2] + s) -
            (0.01 / 0.25) * (2 * Math.exp(0.5) * (n[0] + s) - lowestVacuum / tau0))) /
        (0.5 * 0.1 - 0.01)
      )
    }
    const [key1, test1] = [single(counts.key), single(counts.test)]
    const s = spread(11_550)
    const errors = (tau1 * ((Math.exp(0.1) / 0.3) * (1500 + s) - 5 * Math.max(0, 50 - s))) / 0.1
    const rate = errors / test1
    const ratio = (key1 + test1) / (key1 * test1 * (1 - rate) * rate)
    const gamma = Math.sqrt(
      (((key1 + test1) * (1 - rate) * rate) / (key1 * test1 * Math.LN2)) * Math.log2(ratio * 21e9 ** 2),
    )
    const found = secretLength(counts, { source, security }, 500_000)
    expect(found.singlePhotonEvents).toBeCloseTo(key1, 3)
    expect(found.phaseErrorRate).toBeCloseTo(rate + gamma, 12)
    const length = key1 * (1 - binaryEntropy(rate + gamma)) - 500_000 - 6 * Math.log2(21e9) - Math.log2(2e15)
    expect(length).toBeGreaterThan(0)
    expect(found.bits).toBe(Math.floor(length))
  })

  it('gives fewer bits for more errors, more leakage and a smaller ε', () => {
    const parameters = at(25)
    const counts = expectedCounts(parameters, 1e9)
    const bits = (more: Partial<typeof counts>, leaked = 1e6, epsilonSecrecy = 1e-9) =>
      secretLength(
        { ...counts, ...more },
        { ...parameters, security: { ...parameters.security, epsilonSecrecy } },
        leaked,
      ).bits
    const plain = bits({})
    expect(plain).toBeGreaterThan(0)
    const [a, b, c] = counts.testErrors
    expect(bits({ testErrors: [a, 2 * b, c] })).toBeLessThan(plain)
    expect(bits({}, 1e6 + 100)).toBe(plain - 100)
    expect(bits({}, 1e6, 1e-12)).toBeLessThan(plain)
    expect(bits({ test: [0, 0, 0], testErrors: [0, 0, 0] })).toBe(0)
    expect(bits({ key: [0, 0, 0] })).toBe(0)
    expect(bits({ testErrors: counts.test })).toBe(0)
  })
})

describe('a simulated block', () => {
  it('has the gains and error rates of the formulas at every distance, within 5 standard deviations', () => {
    for (const [lengthKm, pulses] of [
      [0, 5e5],
      [10, 1e6],
      [50, 5e6],
      [100, 5e7],
      [150, 3e8],
    ] as const) {
      const parameters = at(lengthKm)
      const { report } = simulateBlock({ parameters, pulses, seed: SEED })
      const expected = expectedCounts(parameters, pulses)
      const { counts } = report
      expect(Math.abs(report.detections - pulses * keyRate(parameters).gain)).toBeLessThan(
        5 * Math.sqrt(report.detections),
      )
      for (const i of [0, 1, 2] as const) {
        for (const what of ['key', 'test', 'testErrors'] as const) {
          const [found, mean] = [counts?.[what][i] as number, expected[what][i]]
          expect(Math.abs(found - mean), `${what} ${i} at ${lengthKm} km`).toBeLessThan(5 * Math.sqrt(mean) + 3)
        }
      }
    }
  })

  it('has the error rate of the formula in its key as well, found by reconciliation', () => {
    const { report } = simulateBlock({ parameters: at(10), pulses: 4e6, seed: SEED })
    const { qber } = keyRate(at(10))
    expect(Math.abs((report.keyQber as number) - qber)).toBeLessThan(5 * sigma(qber, report.siftedBits))
    expect(report.siftedBits).toBe(sum(report.counts?.key ?? [0, 0, 0]))
    // Secret, and below the limit.
    expect(report.secretBits).toBeGreaterThan(0)
    expect(report.secretBits).toBeLessThan(4e6 * keyRate(at(10), 1).perPulse)
  })
})

describe('parameters', () => {
  it('are refused where no link can have them or the bound does not hold', () => {
    const refuse = (options: Partial<Parameters<typeof bb84Parameters>[0]>): void =>
      expect(() => bb84Parameters({ fibre: { lengthKm: 10 }, ...options })).toThrowError(
        expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
      )
    refuse({ fibre: { lengthKm: -1 } })
    refuse({ fibre: { lengthKm: Number.NaN } })
    refuse({ source: { intensities: [0.3, 0.2, 0.15] } })
    refuse({ source: { intensities: [0.5, 0.1, 0.1] } })
    refuse({ source: { probabilities: [0.5, 0.5, 0] } })
    refuse({ source: { probabilities: [0.5, 0.4, 0.2] } })
    refuse({ source: { keyBasisProbability: 1 } })
    refuse({ source: { repetitionRateHz: 0 } })
    refuse({ detector: { efficiency: 1.1 } })
    refuse({ detector: { darkCountProbability: -1 } })
    refuse({ detector: { misalignment: 0.6 } })
    refuse({ detector: { receiverLossDb: Number.POSITIVE_INFINITY } })
    refuse({ security: { epsilonSecrecy: 0 } })
    refuse({ security: { epsilonCorrectness: 1 } })
    refuse({ security: { abortQber: 0.12 } })
  })
})
