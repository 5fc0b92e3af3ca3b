import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  blockSizes,
  CASCADE_PASSES,
  type ParityQuery,
  type Reconciled,
  reconcile,
} from '../../../src/qkd/bb84/cascade.js'
import { binaryEntropy } from '../../../src/qkd/bb84/finiteKey.js'
import { ParityOracle } from '../../../src/qkd/bb84/parityOracle.js'
import { RandomStream } from '../../../src/qkd/bb84/randomStream.js'
import { SEED } from './support.js'

interface Run extends Reconciled {
  readonly queries: readonly ParityQuery[]
  readonly oracle: ParityOracle
}

/** Lets Bob correct `bob` in place. */
function run(alice: Uint8Array, bob: Uint8Array, errorRate: number, seed = SEED): Run {
  const oracle = new ParityOracle(alice, seed)
  const queries: ParityQuery[] = []
  const cascade = reconcile(bob, errorRate, seed)
  let step = cascade.next()
  while (step.done !== true) {
    expect(oracle.accepts(step.value)).toBe(true)
    queries.push(step.value)
    step = cascade.next(oracle.answer(step.value))
  }
  return { ...step.value, queries, oracle }
}

function noisyPair(length: number, errorRate: number, name: string) {
  const stream = new RandomStream(SEED, name)
  const alice = Uint8Array.from({ length }, () => stream.bit())
  const bob = alice.map((bit) => (stream.fraction() < errorRate ? bit ^ 1 : bit))
  return { alice, bob, errors: alice.reduce((sum, bit, i) => sum + (bit ^ (bob[i] as number)), 0) }
}

describe('Cascade', () => {
  it('corrects what it can see: afterwards every parity that was asked for agrees', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ max: 1, maxLength: 200 }),
        fc.uint8Array({ max: 1, minLength: 200 }),
        (alice, noise) => {
          const bob = alice.map((bit, i) => bit ^ (noise[i] as number))
          const { queries } = run(alice, bob, 0.1)
          const [a, b] = [new ParityOracle(alice, SEED), new ParityOracle(bob, SEED)]
          for (const query of queries) expect(b.answer(query)).toEqual(a.answer(query))
        },
      ),
      { numRuns: 50 },
    )
  })

  it('leaves no error at any rate that a link may have, and at a rate other than the one expected', () => {
    for (const [rate, expected] of [
      [0.001, 0.001],
      [0.01, 0.01],
      [0.03, 0.01],
      [0.05, 0.05],
      [0.11, 0.11],
      [0.01, 0.1],
      [0, 0.0001],
    ] as const) {
      const { alice, bob, errors } = noisyPair(20_000, rate, `rate ${rate} ${expected}`)
      const { correctedBits } = run(alice, bob, expected)
      expect(bob).toEqual(alice)
      expect(correctedBits).toBe(errors)
    }
  })

  it('counts each parity that Alice sent, and asks for none twice', () => {
    const { alice, bob } = noisyPair(20_000, 0.03, 'leak')
    const { queries, leakedBits, oracle } = run(alice, bob, 0.03)
    const asked = queries.flatMap(({ pass, ranges }) =>
      Array.from({ length: ranges.length / 2 }, (_, i) => `${pass} ${ranges[2 * i]} ${ranges[2 * i + 1]}`),
    )
    expect(leakedBits).toBe(asked.length)
    expect(oracle.leakedBits).toBe(asked.length)
    expect(new Set(asked).size).toBe(asked.length)
  })

  it('leaks more than Shannon’s bound, and less than a fifth more', () => {
    for (const rate of [0.01, 0.02, 0.05]) {
      const { alice, bob, errors } = noisyPair(50_000, rate, `efficiency ${rate}`)
      const efficiency = run(alice, bob, rate).leakedBits / (50_000 * binaryEntropy(errors / 50_000))
      expect(efficiency).toBeGreaterThan(1)
      expect(efficiency).toBeLessThan(1.2)
    }
  })

  it('gives up when the answers contradict each other, instead of chasing errors for ever', () => {
    const { alice, bob } = noisyPair(5000, 0.02, 'contradiction')
    const oracle = new ParityOracle(alice, SEED)
    const cascade = reconcile(bob, 0.02, SEED)
    expect(() => {
      let step = cascade.next()
      while (step.done !== true) {
        const answer = oracle.answer(step.value)
        // From the second pass on nothing but lies.
        step = cascade.next(step.value.pass === 0 ? answer : answer.map((bit) => bit ^ 1))
      }
    }).toThrowError(expect.objectContaining({ reason: { kind: 'bad-message' } }))
  })

  it('has blocks of sizes that do not exceed half the key', () => {
    expect(blockSizes(10_000, 0.01).slice(0, 4)).toEqual([128, 512, 5000, 5000])
    expect(blockSizes(10_000, 0.01)).toHaveLength(CASCADE_PASSES)
    expect(blockSizes(1, 0.01)[0]).toBe(1)
  })
})

describe('Alice’s answers', () => {
  it('are refused for ranges or passes that cannot be asked for', () => {
    const oracle = new ParityOracle(new Uint8Array(100), SEED)
    const query = (pass: number, ...ranges: number[]) => oracle.accepts({ pass, ranges: Uint32Array.from(ranges) })
    expect(query(0, 0, 100)).toBe(true)
    expect(query(1, 0, 100)).toBe(false)
    expect(query(0, 0, 101)).toBe(false)
    expect(query(0, 5, 5)).toBe(false)
    expect(query(0, 0, 50, 49, 60)).toBe(false)
    oracle.answer({ pass: 0, ranges: Uint32Array.of(0, 100) })
    expect(query(1, 0, 100)).toBe(true)
    expect(query(CASCADE_PASSES, 0, 100)).toBe(false)
  })
})
