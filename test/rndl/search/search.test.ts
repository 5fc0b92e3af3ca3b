/** The search in its threads. Their module must be compiled, so these tests use the built package. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { SearchProgress } from '../../../src/rndl/search/index.js'

const BUILT = fileURLToPath(new URL('../../../dist/rndl/search/index.js', import.meta.url))
const isBuilt = existsSync(BUILT)
const notBuilt = isBuilt ? '' : ' (skipped: dist is not built, npm run build makes it)'
/** Milliseconds: it has to search, and the machine may be busy with other things. */
const PATIENCE = 180_000
const SEED = Uint8Array.from({ length: 32 }, (_, i) => i)

async function load() {
  return (await import(BUILT)) as typeof import('../../../src/rndl/search/index.js')
}

describe.skipIf(!isBuilt)(`the search for the last component${notBuilt}`, () => {
  it(
    'takes work that doubles with every bit, and half of all values',
    async () => {
      const { searchLastComponent, isAsExpected } = await load()
      const progress: SearchProgress[] = []
      const reports = await searchLastComponent({
        seed: SEED,
        extent: 'quick',
        onProgress: (step) => progress.push(step),
      })
      expect(reports.map(({ component }) => component)).toEqual(['QKD key', 'X25519 scalar', 'ML-KEM seed'])
      for (const report of reports) {
        expect(isAsExpected(report)).toBe(true)
        expect(report.microsecondsPerTrial).toBeGreaterThan(0)
        // Half of all values, at the speed that was measured.
        const years = report.realBits - 1 + Math.log2(report.microsecondsPerTrial / (365.25 * 86_400 * 1e6))
        expect(report.log2RealYears).toBeCloseTo(years, 6)
        for (const { bits, trials, expectedTrials } of report.points) {
          expect(expectedTrials).toBe(2 ** (bits - 1) + 0.5)
          expect(Math.max(...trials)).toBeLessThanOrEqual(2 ** bits)
        }
      }
      expect(JSON.parse(JSON.stringify(reports))).toEqual(reports)
      expect(progress.at(-1)).toMatchObject({ done: 9, total: 9 })
    },
    PATIENCE,
  )

  it(
    'takes the same trials with the same seed, on however many threads, and others with another seed',
    async () => {
      const { searchLastComponent } = await load()
      const search = async (seed: Uint8Array, threads: number) => {
        const [report] = await searchLastComponent({ seed, threads, extent: 'quick', components: ['mlkemSeed'] })
        return report?.points.map(({ trials }) => trials)
      }
      const once = await search(SEED, 2)
      expect(await search(SEED, 1)).toEqual(once)
      expect(await search(Uint8Array.from(SEED).reverse(), 2)).not.toEqual(once)
    },
    PATIENCE,
  )

  it('is given up when its signal is aborted', async () => {
    const { searchLastComponent } = await load()
    const controller = new AbortController()
    const reason = new Error('enough')
    const running = searchLastComponent({
      seed: SEED,
      extent: 'full',
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    })
    await expect(running).rejects.toBe(reason)
    await expect(searchLastComponent({ seed: SEED, extent: 'quick', signal: controller.signal })).rejects.toBe(reason)
  })
})
