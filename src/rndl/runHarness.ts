/** The whole harness in one run: scenarios against every subset of leaks, controls, searches, the timeline. */
import { randomBytes } from 'node:crypto'
import { toHex } from '../bytes.js'
import { runInBackground } from './background.js'
import { environmentOf } from './environment.js'
import { runMatrix } from './matrix/index.js'
import type { RecordedRun } from './model.js'
import type { Report } from './report.js'
import { SCENARIOS } from './scenarios/index.js'
import { searchLastComponent } from './search/index.js'
import { seeThrough } from './stage.js'
import { type Found, summarize } from './summary.js'

export interface HarnessProgress {
  readonly stage: 'scenarios' | 'controls' | 'search' | 'timeline'
  readonly done: number
  readonly total: number
  /** What is at hand, or has just ended. */
  readonly detail?: string
}

export interface HarnessOptions {
  /** At least 16 octets; default: random. All that the harness draws follows from it. */
  readonly seed?: Uint8Array | undefined
  /** `quick`: fewer scenarios, shorter searches. Default `full`. */
  readonly extent?: 'full' | 'quick' | undefined
  readonly onProgress?: ((progress: HarnessProgress) => void) | undefined
  /** Called with every recorded run of the matrix: its tapes may be kept. */
  readonly onRun?: ((run: RecordedRun) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * @throws what `signal` was aborted with; Error when endpoints of the harness cannot talk to each other
 */
export async function runHarness(options: HarnessOptions = {}): Promise<Report> {
  const { seed = randomBytes(32), extent = 'full', onProgress, signal } = options
  const started = new Date()
  const report = (stage: HarnessProgress['stage']) => (done: number, total: number, detail?: string) =>
    onProgress?.({ stage, done, total, ...(detail !== undefined && { detail }) })
  const chosen = SCENARIOS.filter(({ quick }) => quick || extent === 'full')
  // One stage at a time is told of, though two run.
  let inFront: HarnessProgress['stage'] = 'scenarios'
  // Whatever fails first ends the rest.
  const failed = new AbortController()
  const either = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])])
  const background = runInBackground({
    seed,
    extent,
    signal: either,
    onProgress: ({ stage, done, total }) => {
      if (inFront === 'controls') report(stage)(done, total)
    },
  })
  background.catch(() => {})
  try {
    const verdicts = await runMatrix({
      scenarios: chosen,
      seed,
      onRun: options.onRun,
      signal: either,
      onProgress: ({ title }, done) => report('scenarios')(Math.floor(done), chosen.length, title),
    })
    inFront = 'search'
    const search = () =>
      searchLastComponent({
        seed,
        extent,
        signal: either,
        onProgress: ({ done, total, what }) => report('search')(done, total, what),
      })
    const searched = seeThrough('search', search, [], either).finally(() => {
      inFront = 'controls'
    })
    const [ofBackground, ofSearches] = await Promise.all([background, searched])
    const { controls, timeline } = ofBackground
    const scenarios = verdicts.map(({ report }) => report)
    const ofScenarios = verdicts.flatMap((verdict) => verdict.falseAlarms)
    const falseAlarms = [...ofScenarios, ...ofBackground.falseAlarms, ...ofSearches.falseAlarms]
    return reportOf({ scenarios, controls, falseAlarms, searches: ofSearches.result, timeline })
  } catch (failure) {
    failed.abort(failure)
    throw failure
  }

  function reportOf(found: Found): Report {
    const environment = environmentOf(toHex(seed), started)
    const summary = summarize(found, Date.now() - started.getTime())
    return { version: 1, environment, extent, ...found, summary }
  }
}
