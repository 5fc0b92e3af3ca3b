/** The small parts: random streams, bit strings, Toeplitz hashing, numbers and messages. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packBits, unpackBits } from '../../../src/qkd/bb84/bits.js'
import { isTest } from '../../../src/qkd/bb84/block.js'
import {
  decodeCount,
  decodeDetections,
  decodeHashing,
  decodePreparations,
  decodeQuery,
  encodeAbort,
  encodeCount,
  encodeDetections,
  encodeHashing,
  encodePreparations,
  encodeQuery,
  openMessage,
  sealMessage,
} from '../../../src/qkd/bb84/messages.js'
import { OctetReader, OctetWriter } from '../../../src/qkd/bb84/octets.js'
import { permutation, RandomStream } from '../../../src/qkd/bb84/randomStream.js'
import { BlockAborted } from '../../../src/qkd/bb84/reasons.js'
import { toeplitzHash, toeplitzSeedBits } from '../../../src/qkd/bb84/toeplitz.js'
import { SEED } from './support.js'

const bits = (length: number) => fc.uint8Array({ minLength: length, maxLength: length, max: 1 })
const someBits = fc.uint8Array({ max: 1, maxLength: 300 })

describe('random streams', () => {
  it('repeat for a seed and a purpose, and differ for others', () => {
    const bytes = (seed: Uint8Array, purpose: string) => new RandomStream(seed, purpose).bytes(32)
    expect(bytes(SEED, 'alice')).toEqual(bytes(SEED, 'alice'))
    expect(bytes(SEED, 'alice')).not.toEqual(bytes(SEED, 'bob'))
    expect(bytes(SEED, 'alice')).not.toEqual(bytes(SEED.subarray(1), 'alice'))
  })

  it('stay within their bounds and fill them evenly', () => {
    const stream = new RandomStream(SEED, 'bounds')
    for (const bound of [1, 2, 3, 5, 7, 8, 9]) {
      const counts = new Array<number>(bound).fill(0)
      for (let i = 0; i < 10_000; i++) {
        const drawn = stream.below(bound)
        counts[drawn] = (counts[drawn] as number) + 1
      }
      expect(counts).toHaveLength(bound)
      for (const count of counts) expect(Math.abs(count - 10_000 / bound)).toBeLessThan(6 * Math.sqrt(10_000 / bound))
    }
    for (let i = 0; i < 1000; i++) {
      const fraction = stream.fraction()
      expect(fraction >= 0 && fraction < 1).toBe(true)
    }
  })

  it('shuffle without losing anything', () => {
    fc.assert(
      fc.property(fc.nat(500), (length) => {
        const order = permutation(length, SEED, 'x')
        expect([...order].sort((a, b) => a - b)).toEqual([...new Array(length).keys()])
      }),
      { numRuns: 30 },
    )
  })
})

describe('bit strings', () => {
  it('are packed first bit highest and come back', () => {
    expect(packBits(Uint8Array.of(1, 0, 0, 0, 0, 0, 1, 0, 1))).toEqual(Uint8Array.of(0x82, 0x80))
    fc.assert(
      fc.property(someBits, (some) => {
        expect(unpackBits(packBits(some), some.length)).toEqual(some)
      }),
    )
  })
})

describe('Toeplitz hashing', () => {
  /** By the definition: row i of the matrix is the seed, read backwards from i + n − 1. */
  function byDefinition(input: Uint8Array, seed: Uint8Array, rows: number): Uint8Array {
    return Uint8Array.from({ length: rows }, (_, i) =>
      input.reduce((sum, bit, j) => sum ^ (bit & (seed[i - j + input.length - 1] as number)), 0),
    )
  }
  const cases = fc
    .tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 260 }))
    .chain(([n, rows]) => fc.tuple(bits(n), bits(toeplitzSeedBits(n, rows)), fc.constant(rows)))

  it('multiplies by the matrix of the seed', () => {
    fc.assert(
      fc.property(cases, ([input, seed, rows]) => {
        expect(toeplitzHash(input, seed, rows)).toEqual(byDefinition(input, seed, rows))
      }),
    )
  })

  it('does the same for large matrices, which it multiplies as integers', () => {
    const stream = new RandomStream(SEED, 'toeplitz')
    const [n, rows] = [20_000, 2600]
    const random = (count: number) => unpackBits(stream.bytes(Math.ceil(count / 8)), count)
    const [input, seed] = [random(n), random(toeplitzSeedBits(n, rows))]
    const hash = toeplitzHash(input, seed, rows)
    for (const i of [0, 1, 1299, rows - 1]) {
      expect(hash[i]).toBe(input.reduce((sum, bit, j) => sum ^ (bit & (seed[i - j + n - 1] as number)), 0))
    }
    // A hash of few rows goes the other way, by columns.
    expect(hash.subarray(0, 40)).toEqual(toeplitzHash(input, seed.subarray(0, toeplitzSeedBits(n, 40)), 40))
    expect(toeplitzHash(new Uint8Array(n), seed, rows)).toEqual(new Uint8Array(rows))
    // Leading zeros of the integers count.
    const late = new Uint8Array(n).fill(1, n - 1)
    expect(toeplitzHash(late, seed, rows)).toEqual(seed.subarray(0, rows))
  })

  it('is linear, so two inputs collide as often as their difference hashes to zero', () => {
    fc.assert(
      fc.property(cases, bits(200), ([input, seed, rows], more) => {
        const other = more.subarray(0, input.length)
        const sum = input.map((bit, i) => bit ^ (other[i] as number))
        const [a, b] = [toeplitzHash(input, seed, rows), toeplitzHash(other, seed, rows)]
        expect(toeplitzHash(sum, seed, rows)).toEqual(a.map((bit, i) => bit ^ (b[i] as number)))
      }),
    )
  })
})

describe('the messages of the classical channel', () => {
  const refused = (action: () => unknown): void => expect(action).toThrowError(BlockAborted)

  it('carry numbers in one way only', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const reader = new OctetReader(new OctetWriter().number(value).finish())
        expect(reader.number()).toBe(value)
        reader.end()
      }),
    )
    refused(() => new OctetReader(Uint8Array.of(0x80, 0)).number())
    refused(() => new OctetReader(Uint8Array.of(0x80)).number())
    refused(() => new OctetReader(new Uint8Array(9).fill(0xff)).number())
  })

  it('give back detections', () => {
    const detections = fc
      .uniqueArray(fc.nat(9_999), { maxLength: 200 })
      .map((pulses) => Float64Array.from(pulses.sort((a, b) => a - b)))
      .chain((pulses) => fc.record({ pulses: fc.constant(pulses), bases: bits(pulses.length) }))
    fc.assert(
      fc.property(detections, (sent) => {
        expect(decodeDetections(encodeDetections(sent), 10_000)).toEqual(sent)
      }),
    )
    const beyond = encodeDetections({ pulses: Float64Array.of(10_000), bases: Uint8Array.of(1) })
    refused(() => decodeDetections(beyond, 10_000))
    refused(() => decodeDetections(Uint8Array.of(0xff, 0xff, 0xff, 0xff), 10_000))
  })

  it('give back preparations', () => {
    const preparations = fc.integer({ min: 0, max: 200 }).chain((n) =>
      fc.record({
        bases: bits(n),
        ownBases: bits(n),
        intensities: fc.uint8Array({ minLength: n, maxLength: n, max: 2 }),
      }),
    )
    fc.assert(
      fc.property(preparations, ({ bases, ownBases, intensities }) => {
        const tests = bases.filter((basis, i) => isTest(basis, ownBases[i] as number)).length
        const sent = { bases, intensities, testBits: new Uint8Array(tests).fill(1) }
        expect(decodePreparations(encodePreparations(sent), ownBases, isTest)).toEqual(sent)
        refused(() => decodePreparations(encodePreparations(sent), new Uint8Array(ownBases.length + 8), isTest))
      }),
    )
    const fourth = { bases: Uint8Array.of(1), intensities: Uint8Array.of(3), testBits: new Uint8Array(0) }
    refused(() => decodePreparations(encodePreparations(fourth), Uint8Array.of(1), isTest))
  })

  it('give back parity queries', () => {
    const queries = fc.record({
      pass: fc.nat(13),
      ranges: fc
        .array(fc.tuple(fc.nat(1000), fc.integer({ min: 1, max: 1000 })), { minLength: 1, maxLength: 50 })
        .map((steps) => {
          let at = 0
          return Uint32Array.from(
            steps.flatMap(([gap, length]) => {
              const start = at + gap
              at = start + length
              return [start, at]
            }),
          )
        }),
    })
    fc.assert(
      fc.property(queries, (query) => {
        expect(decodeQuery(encodeQuery(query))).toEqual(query)
      }),
    )
    refused(() => decodeQuery(encodeQuery({ pass: 0, ranges: new Uint32Array(0) })))
  })

  it('give back counts and hashes', () => {
    fc.assert(
      fc.property(fc.nat(), (count) => {
        expect(decodeCount(encodeCount(count))).toBe(count)
      }),
    )
    fc.assert(
      fc.property(fc.nat(100), someBits, someBits, (rows, seed, hash) => {
        const body = encodeHashing(rows, seed, hash)
        expect(decodeHashing(body, rows, seed.length, hash.length)).toEqual({ seed, hash })
        refused(() => decodeHashing(body, rows + 1, seed.length, hash.length))
      }),
    )
  })

  it('are refused when they are cut, too long, of another block or another kind', () => {
    const body = encodeDetections({ pulses: Float64Array.of(3, 500, 9000), bases: Uint8Array.of(1, 0, 1) })
    for (let length = 0; length < body.length; length++) {
      refused(() => decodeDetections(body.subarray(0, length), 10_000))
    }
    refused(() => decodeDetections(Uint8Array.of(...body, 0), 10_000))
    const message = sealMessage('detections', 7, body)
    expect(openMessage(message, 'detections', 7)).toEqual(body)
    refused(() => openMessage(message, 'detections', 8))
    refused(() => openMessage(message, 'test-bits', 7))
    refused(() => openMessage(new Uint8Array(0), 'test-bits', 7))
  })

  it('say in an abort why the other end gave up', () => {
    const abort = sealMessage('abort', 7, encodeAbort('qber'))
    expect(() => openMessage(abort, 'tag', 7)).toThrowError(
      expect.objectContaining({ reason: { kind: 'peer-aborted', peerKind: 'qber' } }),
    )
    refused(() => openMessage(sealMessage('abort', 7, Uint8Array.of(99)), 'tag', 7))
  })

  it('refuse filling that is not zero', () => {
    const body = encodeDetections({ pulses: Float64Array.of(3), bases: Uint8Array.of(1) })
    body[body.length - 1] = 0x81
    refused(() => decodeDetections(body, 10_000))
  })

  it('never make a decoder do anything but refuse, whatever arrives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        for (const decode of [
          () => decodeDetections(octets, 1000),
          () => decodePreparations(octets, new Uint8Array(40), isTest),
          () => decodeQuery(octets),
          () => decodeCount(octets),
          () => decodeHashing(octets, 4, 20, 4),
          () => openMessage(octets, 'tag', 0),
        ]) {
          try {
            decode()
          } catch (error) {
            expect(error).toBeInstanceOf(BlockAborted)
          }
        }
      }),
    )
  })
})
