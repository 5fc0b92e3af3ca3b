/** Stages of the harness that endpoints can make fail. */
import { expect, it } from 'vitest'
import { holds } from '../../src/rndl/index.js'
import { seeThrough } from '../../src/rndl/stage.js'
import { summarize } from '../../src/rndl/summary.js'
import { soundReport } from './report/sampleReport.js'

it('a stage that breaks off is a finding that fails the run, and hides nothing of the others', async () => {
  const { result, falseAlarms } = await seeThrough('timeline', () => Promise.reject(new Error('closed')), [])
  expect(result).toEqual([])
  expect(falseAlarms).toEqual([{ check: 'timeline', finding: 'broke off: closed' }])
  const report = { ...soundReport(), timeline: result, falseAlarms }
  expect(holds({ ...report, summary: summarize({ ...report, falseAlarms: [] }, 1) })).toBe(true)
  expect(holds({ ...report, summary: summarize(report, 1) })).toBe(false)
})

it('a stage that was told to stop stops', async () => {
  const why = new Error('enough')
  const stopped = seeThrough('search', () => Promise.reject(new Error('given up')), [], AbortSignal.abort(why))
  await expect(stopped).rejects.toBe(why)
})

it('a stage that came to its end has found what it found', async () => {
  expect(await seeThrough('search', async () => [1], [])).toEqual({ result: [1], falseAlarms: [] })
})
