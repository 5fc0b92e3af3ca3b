import { describe, expect, it } from 'vitest'
import { CoreEnds } from '../../src/bench/handshakes/coreHandshake.js'
import { endsOf } from '../../src/bench/handshakes/ends.js'
import { modeNamed } from '../../src/bench/handshakes/modes.js'
import { meteredProvider } from '../../src/bench/meter/meteredProvider.js'
import { middleMean, timeSteps } from '../../src/bench/steps/stepRounds.js'
import { mapSteps, STEPS, StopWatch, totalOf } from '../../src/bench/steps/stopWatch.js'
import { nodeProvider } from '../../src/crypto/index.js'

/** Goes on by one whenever it is looked at. */
function ticking() {
  let ticks = 0
  return () => ticks++
}

describe('the stop watch', () => {
  it('lets an inner step stop the outer one, so that nothing counts twice', () => {
    let now = 0
    const watch = new StopWatch(() => now)
    const pass = (microseconds: number) => {
      now += microseconds
    }
    watch.turn('client')
    pass(1)
    watch.time('certificates', () => {
      pass(10)
      watch.time('verifying', () => pass(100))
      pass(20)
    })
    watch.turn('server')
    pass(1000)
    watch.turn(null)
    pass(10_000)
    expect(watch.timesOf('client')).toMatchObject({ certificates: 30, verifying: 100, 'the rest': 1 })
    expect(watch.timesOf('server')).toMatchObject({ 'the rest': 1000 })
    expect(totalOf(watch.timesOf('client')) + totalOf(watch.timesOf('server'))).toBe(1131)
  })

  it('goes on with the outer step when the inner one fails', () => {
    let now = 0
    const watch = new StopWatch(() => now)
    watch.turn('client')
    expect(() =>
      watch.time('AEAD', () => {
        now += 5
        throw new Error('no')
      }),
    ).toThrow('no')
    now += 7
    watch.turn(null)
    expect(watch.timesOf('client')).toMatchObject({ AEAD: 5, 'the rest': 7 })
  })

  it('accounts for a whole handshake to the last tick, and for every kind of work in it', async () => {
    const now = ticking()
    const watch = new StopWatch(now)
    const mode = modeNamed('psk')
    const ends = new CoreEnds(mode, endsOf(mode, meteredProvider(nodeProvider, watch.measure)))
    let first: number | null = null
    let last = 0
    await ends.run({
      wrap: watch.wrap,
      onTurn: (side) => {
        watch.turn(side)
        // The next look at the clock shows one more than the last one that the watch took.
        last = now() - 1
        first ??= last
      },
    })
    const [client, server] = [watch.timesOf('client'), watch.timesOf('server')]
    expect(totalOf(client) + totalOf(server)).toBe(last - (first ?? 0))
    for (const step of ['ML-KEM key generation', 'ML-KEM decapsulation', 'HKDF and HMAC', 'AEAD', 'hashing'] as const) {
      expect(client[step], step).toBeGreaterThan(0)
    }
    expect(server['ML-KEM encapsulation']).toBeGreaterThan(0)
    expect(server['curve agreement']).toBeGreaterThan(0)
    expect(client.signing + server.signing + client.verifying + server.verifying).toBe(0)
  })
})

describe('the steps of a handshake', () => {
  it('are measured for the core and for the floor, each end by itself', async () => {
    const result = await timeSteps(modeNamed('psk'), nodeProvider, { rounds: 2, batch: 1, warmUp: 0 })
    for (const side of ['client', 'server'] as const) {
      expect(totalOf(result[side].core)).toBeGreaterThan(0)
      expect(result[side].floor['HKDF and HMAC']).toBeGreaterThan(0)
      expect(result[side].floor.certificates).toBe(0)
    }
    expect(result.bare).toBeGreaterThan(0)
  })

  it('are averaged over the middle of the rounds and still add up', () => {
    const lap = (microseconds: number) => ({
      client: mapSteps(() => microseconds),
      server: mapSteps(() => 0),
    })
    const mean = middleMean([lap(1), lap(10), lap(12), lap(14), lap(1000)])
    expect(totalOf(mean.client)).toBe(12 * STEPS.length)
  })
})
