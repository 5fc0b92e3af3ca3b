/** The trials of each search, on real sessions that were taped for them. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openConnection } from '../../../src/rndl/adversary/index.js'
import { COMPONENT_NAMES, COMPONENTS, type ComponentName } from '../../../src/rndl/search/components.js'
import { type SessionRecorder, startSessions, type WeakSession } from '../../../src/rndl/search/sessions.js'
import { withGuess, withoutBits } from '../../../src/rndl/search/trials/trial.js'

const SECRET = Uint8Array.from({ length: 32 }, (_, i) => (37 * i + 11) & 0xff)
const BITS = 10
const GUESSES = [0, 300, 1023]

let recorder: SessionRecorder
beforeAll(async () => {
  recorder = await startSessions(new Uint8Array(32).fill(7))
})
afterAll(() => recorder.close())

describe.each(COMPONENT_NAMES)('the search for a %s', (name: ComponentName) => {
  const method = COMPONENTS[name]
  const known = withoutBits(method, SECRET, BITS)
  let sessions: WeakSession[]
  beforeAll(async () => {
    sessions = []
    for (const guess of GUESSES) sessions.push(await recorder.record(name, withGuess(method, known, BITS, guess)))
  })
  const targets = () => sessions.map(({ tape }) => ({ tape, known }))

  it('finds each secret at the trial where counting comes to it, and stops when it has all', () => {
    const { hits } = method.prepare(targets(), BITS)(0, 2 ** BITS, [0, 1, 2])
    expect(hits).toEqual(GUESSES.map((guess, target) => ({ target, guess })))
    const early = method.prepare(targets(), BITS)(0, 2 ** BITS, [0])
    expect(early.hits).toEqual([{ target: 0, guess: 0 }])
    expect(early.trials).toBeLessThanOrEqual(256)
  })

  it('finds nothing where the secret is not, nor those that were found before', () => {
    const scan = method.prepare(targets(), BITS)
    expect(scan(1, 299, [0, 1, 2]).hits).toEqual([])
    expect(scan(290, 20, [0, 2]).hits).toEqual([])
    expect(scan(290, 20, [1]).hits).toEqual([{ target: 1, guess: 300 }])
  })

  it('opens the tape with what it found, and with nothing else in its place', () => {
    const [{ tape, leaksWith, request }] = sessions as [WeakSession]
    const reads = (secret: Uint8Array | null) =>
      openConnection(tape, leaksWith(secret)).applicationData.client.toString('latin1')
    expect(reads(withGuess(method, known, BITS, 0))).toBe(`${request}\n`)
    expect(reads(withGuess(method, known, BITS, 1))).toBe('')
    expect(reads(null)).toBe('')
  })

  it('fills n bits and leaves the others as they are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (bits, place) => {
        const guess = Math.floor(place * 2 ** bits)
        const empty = withoutBits(method, SECRET, bits)
        const filled = withGuess(method, empty, bits, guess)
        const changed = filled.map((octet, i) => octet ^ (empty[i] as number))
        expect(onesIn(changed)).toBe(onesIn(Uint8Array.from([guess, guess >> 8, guess >> 16])))
        expect(withoutBits(method, filled, bits)).toEqual(empty)
        expect(withGuess(method, filled, bits, guess)).toEqual(filled)
      }),
    )
  })

  it('refuses a tape on which there is nothing to search', () => {
    expect(() => method.prepare([{ tape: { name: 'empty', segments: [] }, known }], BITS)).toThrow(RangeError)
  })
})

function onesIn(octets: Uint8Array): number {
  return [...octets].reduce((ones, octet) => ones + [...octet.toString(2)].filter((bit) => bit === '1').length, 0)
}
