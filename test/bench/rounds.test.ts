import { describe, expect, it } from 'vitest'
import { measureRounds } from '../../src/bench/rounds.js'

describe('rounds', () => {
  it('let every contestant have its turn in each of them, each beginning as often as the others', async () => {
    const turns: string[] = []
    const contestant = (name: string) => ({
      name,
      batch: 3,
      run: async (batch: number) => {
        turns.push(`${name} ${batch}`)
      },
    })
    const measured = await measureRounds([contestant('a'), contestant('b')], { rounds: 3, warmUp: 1 })
    expect(turns).toEqual(['a 3', 'b 3', 'a 3', 'b 3', 'b 3', 'a 3', 'a 3', 'b 3'])
    expect(measured.get('a')).toHaveLength(3)
    expect(measured.get('b')).toHaveLength(3)
  })

  it('clean up after each batch, the ones before the measurement too', async () => {
    let cleaned = 0
    await measureRounds([{ name: 'a', batch: 1, run: async () => {}, afterBatch: () => void cleaned++ }], {
      rounds: 2,
      warmUp: 1,
    })
    expect(cleaned).toBe(3)
  })

  it('count processor time, which waiting does not use up', async () => {
    const idle = { name: 'idle', batch: 1, run: () => new Promise<void>((resolve) => setTimeout(resolve, 60)) }
    const busy = {
      name: 'busy',
      batch: 1,
      run: async () => {
        const { user } = process.cpuUsage()
        while (process.cpuUsage().user - user < 60_000);
      },
    }
    const measured = await measureRounds([idle, busy], { rounds: 1, warmUp: 0 })
    expect(measured.get('busy')?.[0]).toBeGreaterThanOrEqual(60_000)
    expect(measured.get('idle')?.[0]).toBeLessThan(measured.get('busy')?.[0] ?? 0)
  })

  it('fail with what a contestant fails with', async () => {
    const failing = { name: 'a', batch: 1, run: () => Promise.reject(new Error('no handshake')) }
    await expect(measureRounds([failing], { rounds: 1, warmUp: 0 })).rejects.toThrow('no handshake')
  })

  it('end when they are told to', async () => {
    const controller = new AbortController()
    const run = async () => controller.abort(new Error('enough'))
    const options = { rounds: 5, warmUp: 0, signal: controller.signal }
    await expect(measureRounds([{ name: 'a', batch: 1, run }], options)).rejects.toThrow('enough')
  })
})
