import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exchange, type Payload, protectedLength } from '../../src/bench/network/exchange.js'
import { modelNetwork } from '../../src/bench/network/index.js'
import { Fates, noLosses } from '../../src/bench/network/losses.js'
import { FULL_GRID, type NetworkGrid, play, QUICK_GRID, runNetwork } from '../../src/bench/network/modelNetwork.js'
import { CLASSICAL, CLASSICAL_MODE, type ModeFlights, withRetry } from '../../src/bench/network/modes.js'
import { type NetworkPath, SEGMENT_SIZE } from '../../src/bench/network/path.js'
import { networkSection } from '../../src/bench/network/section.js'
import { Sender } from '../../src/bench/network/sender.js'

const path = (changes: Partial<NetworkPath> = {}): NetworkPath => ({
  roundTripTime: 100,
  loss: 0,
  initialWindow: 10,
  ...changes,
})
const payload: Payload = { request: 200, response: 16 * 1024 }

const mode = (sizes: readonly number[], cpuMicroseconds = 0): ModeFlights => ({
  mode: 'test',
  flights: sizes.map((bytes, i) => ({ from: i % 2 === 0 ? 'client' : 'server', bytes, cpuMicroseconds })),
})
const MLDSA = mode([1383, 10_215, 80, 336])

/** Full segments, and which of them get lost how often. */
function arrivals(
  segments: number,
  losses: Readonly<Record<number, number>> = {},
  of: Partial<NetworkPath> = {},
): { last: number; first: number; next(more: number): number } {
  const sender = new Sender(path(of))
  const arrival = sender.send(0, segments * SEGMENT_SIZE, (segment) => losses[segment] ?? 0)
  return {
    first: arrival.of(1),
    last: arrival.last,
    next: (more) => sender.send(0, more * SEGMENT_SIZE, () => 0).last,
  }
}

describe('a sender without losses', () => {
  it('has a window of segments arrive after half a round trip, and twice as many in each round trip after it', () => {
    expect(arrivals(10).last).toBe(50)
    expect(arrivals(11).last).toBe(150)
    expect(arrivals(30).last).toBe(150)
    expect(arrivals(31).last).toBe(250)
    expect(arrivals(31).first).toBe(50)
  })

  it('keeps the window that earlier flights have opened', () => {
    expect(arrivals(7).next(17)).toBe(50)
    expect(arrivals(7).next(18)).toBe(150)
  })
})

describe('a lost segment', () => {
  it('is sent again after one round trip when three later ones arrive (RFC 5681)', () => {
    expect(arrivals(10, { 0: 1 }).last).toBe(150)
    expect(arrivals(10, { 6: 1 }).last).toBe(150)
  })

  it('is sent again a quarter of a round trip later when one or two later ones arrive (RFC 8985)', () => {
    expect(arrivals(10, { 7: 1 }).last).toBe(175)
    expect(arrivals(10, { 8: 1 }).last).toBe(175)
    // The three behind it do not count when they are lost as well.
    expect(arrivals(10, { 6: 1, 7: 1 }).last).toBe(175)
  })

  it('is sent again after two round trips when nothing behind it arrives (RFC 8985)', () => {
    expect(arrivals(10, { 9: 1 }).last).toBe(250)
    expect(arrivals(2, { 0: 1, 1: 1 }).last).toBe(250)
  })

  it('waits for the timer when it is alone: three round trips, 200 ms at least (RFC 6298)', () => {
    expect(arrivals(1, { 0: 1 }).last).toBe(350)
    expect(arrivals(1, { 0: 1 }, { roundTripTime: 10 }).last).toBe(205)
  })

  it('waits for the timer when it is lost again, each time twice as long', () => {
    expect(arrivals(1, { 0: 2 }).last).toBe(50 + 300 + 600)
    expect(arrivals(10, { 0: 2 }).last).toBe(150 + 300)
    expect(arrivals(10, { 0: 3 }).last).toBe(150 + 300 + 600)
  })

  it('keeps back what is behind it, not what is in front of it', () => {
    const sender = new Sender(path())
    const arrival = sender.send(0, 10 * SEGMENT_SIZE, (segment) => (segment === 5 ? 1 : 0))
    expect(arrival.of(5 * SEGMENT_SIZE)).toBe(50)
    expect(arrival.of(5 * SEGMENT_SIZE + 1)).toBe(150)
    expect(arrival.of(10 * SEGMENT_SIZE)).toBe(150)
  })

  it('halves the window, which then grows by one in a round trip', () => {
    // 5, then 6, then 7 segments.
    expect(arrivals(10, { 0: 1 }).next(5)).toBe(50)
    expect(arrivals(10, { 0: 1 }).next(6)).toBe(150)
    expect(arrivals(10, { 0: 1 }).next(11)).toBe(150)
    expect(arrivals(10, { 0: 1 }).next(12)).toBe(250)
  })

  it('leaves a window of one segment after the timer', () => {
    expect(arrivals(1, { 0: 1 }).next(2)).toBe(150)
  })
})

describe('an exchange', () => {
  it('is the TCP handshake, the flights, and the answer: by hand', () => {
    // SYN 100, ClientHello to 150, seven segments to 200, Finished and request to 250, 12 segments to 300.
    expect(exchange(MLDSA, path(), payload, noLosses)).toEqual({ handshake: 200, firstByte: 300, lastByte: 300 })
    // Tickets and answer, 574 + 16,406 octets, are 12 segments; one flight of one segment has opened the window to 11.
    const small = exchange(CLASSICAL, path(), payload, noLosses)
    expect(small.firstByte).toBeCloseTo(300.76)
    expect(small.lastByte).toBeCloseTo(400.76)
  })

  it('adds the CPU of each flight where it is spent', () => {
    const times = exchange(mode([1383, 10_215, 80, 336], 2000), path(), payload, noLosses)
    expect(times).toEqual({ handshake: 206, firstByte: 308, lastByte: 308 })
  })

  it('adds what each end waits for its key manager, once', () => {
    const waiting = { ...MLDSA, keyManager: { client: 7, server: 5 } }
    expect(exchange(waiting, path(), payload, noLosses).handshake).toBe(212)
  })

  it('waits one second for a lost SYN, three for two (RFC 6298)', () => {
    const lost = (times: number) => (flight: number, segment: number) => (flight === 0 && segment === 0 ? times : 0)
    expect(exchange(MLDSA, path(), payload, lost(1)).handshake).toBe(1200)
    expect(exchange(MLDSA, path(), payload, lost(2)).handshake).toBe(3200)
  })

  it('takes one round trip more for a HelloRetryRequest', () => {
    const times = exchange(withRetry(MLDSA), path(), payload, noLosses)
    expect(times).toEqual({ handshake: 300, firstByte: 400, lastByte: 400 })
  })

  it('counts records of the payload', () => {
    expect(protectedLength(200)).toBe(222)
    expect(protectedLength(16 * 1024)).toBe(16_406)
    expect(protectedLength(16 * 1024 + 1)).toBe(16_385 + 44)
  })
})

const sizes = fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 3, maxLength: 6 })
const paths = fc.record({
  roundTripTime: fc.integer({ min: 1, max: 1000 }),
  loss: fc.constantFrom(0, 0.001, 0.01, 0.1, 0.5),
  initialWindow: fc.integer({ min: 1, max: 64 }),
})
const trials = fc.integer({ min: 0, max: 1_000_000 })
const PARTS = ['handshake', 'firstByte', 'lastByte'] as const

describe('the model', () => {
  it('is, without losses, what slow start takes by its closed form', () => {
    /** Round trips of a flight beyond the first half: w, 2w, 4w … segments in one after the other. */
    const rounds = (segments: number, window: number) => Math.ceil(Math.log2(segments / window + 1) - 1e-9) - 1
    fc.assert(
      fc.property(sizes, paths, (flights, { roundTripTime, initialWindow }) => {
        const windows = { client: initialWindow, server: initialWindow }
        let halves = 2
        const add = (from: 'client' | 'server', octets: number) => {
          const segments = Math.ceil(octets / SEGMENT_SIZE)
          halves += 1 + 2 * rounds(segments, windows[from])
          windows[from] += segments
        }
        const last = flights.length - 1
        const requestAt = last % 2 === 0 ? last : last - 1
        for (const [i, octets] of flights.slice(0, requestAt + 1).entries()) {
          add(i % 2 === 0 ? 'client' : 'server', octets + (i === requestAt ? 222 : 0))
        }
        add('server', (flights[requestAt + 1] ?? 0) + 16_406)
        const { lastByte } = exchange(mode(flights), path({ roundTripTime, initialWindow }), payload, noLosses)
        expect(lastByte).toBeCloseTo((halves * roundTripTime) / 2, 6)
      }),
    )
  })

  it('is never sooner over a longer path, whatever gets lost', () => {
    fc.assert(
      fc.property(sizes, paths, trials, fc.integer({ min: 0, max: 500 }), (flights, of, trial, more) => {
        const losses = new Fates(1, trial).losses(of.loss)
        const near = exchange(mode(flights), of, payload, losses)
        const far = exchange(mode(flights), { ...of, roundTripTime: of.roundTripTime + more }, payload, losses)
        for (const part of PARTS) expect(far[part]).toBeGreaterThanOrEqual(near[part])
      }),
    )
  })

  it('is never sooner with losses than without', () => {
    fc.assert(
      fc.property(sizes, paths, trials, (flights, of, trial) => {
        const lossy = exchange(mode(flights), of, payload, new Fates(1, trial).losses(of.loss))
        const clean = exchange(mode(flights), of, payload, noLosses)
        for (const part of PARTS) expect(lossy[part]).toBeGreaterThanOrEqual(clean[part])
      }),
    )
  })

  it('is, without losses, never sooner with a longer answer, with more CPU, or with a smaller window', () => {
    fc.assert(
      fc.property(sizes, paths, fc.nat(20_000), (flights, { roundTripTime, initialWindow }, more) => {
        const of = path({ roundTripTime, initialWindow })
        const { lastByte: base } = exchange(mode(flights), of, payload, noLosses)
        const slower = exchange(mode(flights, more), of, payload, noLosses)
        expect(slower.lastByte).toBeGreaterThanOrEqual(base)
        const longer = { ...payload, response: payload.response + more }
        expect(exchange(mode(flights), of, longer, noLosses).lastByte).toBeGreaterThanOrEqual(base)
        const wider = exchange(mode(flights), { ...of, initialWindow: initialWindow + (more % 40) }, payload, noLosses)
        expect(wider.lastByte).toBeLessThanOrEqual(base)
      }),
    )
  })

  it('has larger flights arrive no sooner, and open the window for those after them', () => {
    fc.assert(
      fc.property(paths, fc.integer({ min: 1, max: 60 }), fc.nat(60), (of, segments, more) => {
        const [small, large] = [arrivals(segments, {}, of), arrivals(segments + more, {}, of)]
        expect(large.last).toBeGreaterThanOrEqual(small.last)
        expect(large.next(30)).toBeLessThanOrEqual(small.next(30))
      }),
    )
  })

  it('is, in the mean, never sooner with more loss', () => {
    const fates = Array.from({ length: 400 }, (_, trial) => new Fates(FULL_GRID.seed, trial))
    for (const of of [MLDSA, CLASSICAL, mode([1383, 10_400, 9000, 336])]) {
      for (const initialWindow of [4, 10, 20]) {
        const means = FULL_GRID.losses.map(
          (loss) => play(of, path({ initialWindow, loss }), payload, fates).lastByte.mean,
        )
        expect(means).toEqual(means.toSorted((a, b) => a - b))
        expect(new Set(means).size).toBe(means.length)
      }
    }
  })

  it('loses as many segments as it says, the same ones for every mode, and more of them with more loss', () => {
    const fates = Array.from({ length: 200 }, (_, trial) => new Fates(3, trial))
    const lost = (loss: number) =>
      fates.flatMap((fate) => Array.from({ length: 500 }, (_, i) => fate.losses(loss)(i >> 6, i & 63)))
    const [few, many] = [lost(0.01), lost(0.1)]
    expect(few.filter((times) => times > 0).length / few.length).toBeCloseTo(0.01, 3)
    expect(many.filter((times) => times > 0).length / many.length).toBeCloseTo(0.1, 2)
    expect(many.filter((times) => times > 1).length / many.length).toBeCloseTo(0.01, 2)
    expect(few.every((times, i) => times <= (many[i] ?? 0))).toBe(true)
    expect(lost(0.01)).toEqual(few)
  })
})

describe('a fate', () => {
  it('spares a connection exactly when none of its segments gets lost', () => {
    fc.assert(
      fc.property(
        trials,
        fc.array(fc.nat(80), { maxLength: 7 }),
        fc.constantFrom(0.001, 0.01, 0.1),
        (trial, segments, loss) => {
          const fate = new Fates(5, trial)
          const losses = fate.losses(loss)
          const lost = segments.some((count, flight) =>
            Array.from({ length: count }, (_, i) => losses(flight, i)).some(Boolean),
          )
          expect(fate.spares(segments, loss)).toBe(!lost)
        },
      ),
    )
  })
})

describe('modelNetwork', () => {
  const few: NetworkGrid = { ...QUICK_GRID, trials: 50 }

  it('makes of the flights of each mode a cell for every path, beside those of the classical handshake', async () => {
    const { name, result, tables, plots } = networkSection(
      await runNetwork(few, [{ ...MLDSA, mode: 'mldsa65-server' }]),
    )
    expect(name).toBe('network')
    expect(result.modes.map(({ mode: of }) => of)).toEqual(['mldsa65-server', CLASSICAL_MODE])
    // Without loss all windows, with loss the usual one; after a HelloRetryRequest the usual one alone.
    expect(result.cells).toHaveLength(2 * (5 * (4 + 3) + 5 * (1 + 3)))
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
    for (const table of tables) {
      expect(table.rows).toHaveLength(2)
      for (const row of table.rows) expect(row).toHaveLength(table.columns.length)
    }
    expect(plots.flatMap(({ series }) => series).every(({ points }) => points.length > 0)).toBe(true)
  })

  it('compares with a classical handshake that was measured, where there is one', async () => {
    const measured = { ...mode([300, 900, 90, 500]), mode: CLASSICAL_MODE }
    const { modes } = await runNetwork(few, [measured])
    expect(modes).toEqual([measured])
  })

  it('comes to the same each time', async () => {
    expect(await runNetwork(few, [MLDSA])).toEqual(await runNetwork(few, [MLDSA]))
  })

  it('stops with the reason of its signal', async () => {
    const stopped = new Error('enough')
    await expect(modelNetwork({ quick: true, signal: AbortSignal.abort(stopped) }, [])).rejects.toBe(stopped)
  })
})
