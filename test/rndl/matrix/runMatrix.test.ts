/** The matrix over scenarios in processes, as the command runs it: out of the built program. */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { RecordedRun } from '../../../src/rndl/model.js'
import { SCENARIOS } from '../../../src/rndl/scenarios/index.js'

const BUILT = fileURLToPath(new URL('../../../dist/rndl/matrix/index.js', import.meta.url))
const { disagreements, runMatrix }: typeof import('../../../src/rndl/matrix/index.js') = await import(BUILT)

const seed = new Uint8Array(32).fill(8)
const scenarios = SCENARIOS.filter(({ name }) => name === 'psk-raw' || name === 'certificate-qkd-classical')

describe('a run of the matrix', { timeout: 90_000 }, () => {
  it('plays and judges one scenario after the other, taped delivery links among them', async () => {
    const runs: RecordedRun[] = []
    const progress: number[] = []
    const verdicts = await runMatrix({
      scenarios,
      seed,
      onRun: (run) => void runs.push(run),
      onProgress: (_, done) => progress.push(done),
    })
    expect(verdicts.map(({ falseAlarms }) => falseAlarms)).toEqual([[], []])
    const reports = verdicts.map(({ report }) => report)
    expect(reports.map(({ name }) => name)).toEqual(scenarios.map(({ name }) => name))
    expect(runs.map(({ scenario }) => scenario)).toEqual(scenarios.map(({ name }) => name))
    expect(reports.flatMap(({ things }) => things).length).toBeGreaterThan(5)
    expect(reports.map(({ things }) => disagreements(things))).toEqual([0, 0])
    const request = reports[0]?.things.find(({ name }) => name === 'request')
    expect(request?.achieved).toContainEqual(['curve', 'deliveryLink'])
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    expect(progress.at(-1)).toBe(2)
  })

  it('ends when it is told to', async () => {
    const stop = new AbortController()
    const why = new Error('enough')
    const judged = runMatrix({ scenarios, seed, signal: stop.signal, onRun: () => stop.abort(why) })
    await expect(judged).rejects.toBe(why)
  })
})
