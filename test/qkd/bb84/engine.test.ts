import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/bytes.js'
import { describeReason } from '../../../src/qkd/bb84/reasons.js'
import { bb84Parameters, simulateBlock } from '../../../src/qkd/index.js'
import { PSK, QUICK, quickEngine, SEED, sigma } from './support.js'

describe('the simulated link', () => {
  it('makes the same keys at both sites, new ones in every block, and the same again from the same seed', () => {
    const run = (seed: Uint8Array) => {
      const engine = quickEngine({ seed })
      return [0, 1, 2].map(() => {
        const { keyA, keyB, report } = engine.runBlock()
        expect(report.reason).toBeNull()
        expect(keyB).toEqual(keyA)
        return toHex(keyA)
      })
    }
    const keys = run(SEED)
    const made = keys.filter((key) => key !== '')
    expect(made.length).toBeGreaterThan(0)
    expect(new Set(made).size).toBe(made.length)
    expect(run(SEED)).toEqual(keys)
    expect(run(SEED.map((octet) => octet ^ 1))).not.toEqual(keys)
  })

  it('accounts for every bit: gross is net and what was set aside, and the reserve is what was not spent', () => {
    const engine = quickEngine()
    let reserve = 8 * PSK.length
    for (let block = 0; block < 4; block++) {
      const { keyA, report } = engine.runBlock()
      const { setAsideBits, spentBits, reserveBits } = report.authentication
      expect(report.secretBits).toBe(8 * keyA.length + setAsideBits)
      expect(spentBits).toBe(384 * (block + 1))
      reserve += setAsideBits - 384
      expect(reserveBits).toBe(reserve)
      expect(reserveBits).toBeLessThanOrEqual(6144)
    }
  })

  it('takes as leaked all parities and the verification hash', () => {
    const { report } = quickEngine().runBlock()
    expect(report.reconciliationEfficiency).toBeGreaterThan(1)
    expect(report.reconciliationEfficiency).toBeLessThan(1.3)
    const { vacuumEvents, singlePhotonEvents, phaseErrorRate } = report.bounds as NonNullable<typeof report.bounds>
    const h = (x: number): number => -x * Math.log2(x) - (1 - x) * Math.log2(1 - x)
    const { epsilonSecrecy, epsilonCorrectness } = QUICK.security
    const length =
      vacuumEvents +
      singlePhotonEvents * (1 - h(phaseErrorRate)) -
      report.leakedBits -
      6 * Math.log2(21 / epsilonSecrecy) -
      Math.log2(2 / epsilonCorrectness)
    expect(report.secretBits).toBe(8 * Math.floor(Math.floor(length) / 8))
  })

  it('has no key when there are too few detections, and says so', () => {
    const { report } = simulateBlock({
      parameters: bb84Parameters({ fibre: { lengthKm: 200 } }),
      pulses: 1e6,
      seed: SEED,
    })
    expect(report.reason).toMatchObject({ kind: 'no-secret-bits' })
    const dark = simulateBlock({
      parameters: bb84Parameters({ fibre: { lengthKm: 1000 }, detector: { darkCountProbability: 0 } }),
      pulses: 1e6,
      seed: SEED,
    })
    expect(dark.report.reason).toEqual({ kind: 'no-secret-bits', siftedBits: 0 })
  })
})

describe('a block', () => {
  it('is refused when it would be too small, or too large to be worked on', () => {
    const parameters = bb84Parameters({ fibre: { lengthKm: 10 } })
    for (const options of [
      { pulses: 9999 },
      { pulses: 1e4 + 0.5 },
      { pulses: 1e10 },
      { pulses: 1e4, eavesdropping: 2 },
    ]) {
      expect(() => simulateBlock({ parameters, seed: SEED, ...options })).toThrowError(
        expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
      )
    }
  })
})

describe('an eavesdropper', () => {
  it('raises the QBER by a quarter of the fraction she intercepts', () => {
    for (const fraction of [0.1, 0.25, 0.5, 1]) {
      const engine = quickEngine({ pulsesPerBlock: 200_000 })
      engine.eavesdropping = fraction
      const { report } = engine.runBlock()
      const expected = 0.01 + fraction * (1 / 4 - 0.01 / 2)
      const test = report.counts?.test[0] as number
      // Double clicks give random bits: with no loss at all they show.
      expect(Math.abs((report.qber as number) - expected)).toBeLessThan(5 * sigma(expected, test) + 0.01)
    }
  })

  it('ends the supply of keys while she is there, with a reason that names QBER and threshold', () => {
    const engine = quickEngine()
    expect(engine.runBlock().report.reason).toBeNull()
    engine.eavesdropping = 0.6
    const reserve = engine.reserveBits
    for (let block = 0; block < 3; block++) {
      const { report, keyA, keyB } = engine.runBlock()
      expect(report.reason).toEqual({ kind: 'qber', qber: report.qber, threshold: 0.11 })
      expect(report.qber).toBeGreaterThan(0.11)
      expect([keyA.length, keyB.length]).toEqual([0, 0])
    }
    // Blocks without a key cost nothing, so she cannot drain the link.
    expect(engine.reserveBits).toBe(reserve)
    engine.eavesdropping = 0
    expect(engine.runBlock().report.reason).toBeNull()
  })

  it('costs the key even below the threshold', () => {
    const bits = (eavesdropping: number): number => {
      const engine = quickEngine()
      engine.eavesdropping = eavesdropping
      return engine.runBlock().report.secretBits
    }
    expect(bits(0.02)).toBeLessThan(bits(0))
    expect(bits(0.35)).toBe(0)
  })
})

describe('reasons', () => {
  it('are put in words', () => {
    expect(describeReason({ kind: 'qber', qber: 0.123, threshold: 0.11 })).toBe(
      'QBER 12.3 % is above the threshold of 11.0 %',
    )
    // Never "11.0 % is above 11.0 %".
    expect(describeReason({ kind: 'qber', qber: 0.11004, threshold: 0.11 })).toBe(
      'QBER 11.004 % is above the threshold of 11.000 %',
    )
    expect(describeReason({ kind: 'no-secret-bits', siftedBits: 7 })).toMatch(/^7 sifted bits/)
    expect(describeReason({ kind: 'peer-aborted', peerKind: 'qber' })).toMatch(/the other end .*qber/)
    expect(describeReason({ kind: 'authentication-failed' })).toMatch(/tampered/)
  })
})
