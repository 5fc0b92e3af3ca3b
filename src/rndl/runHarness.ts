/** The whole harness in one run: scenarios against every subset of leaks, controls, searches, the timeline. */
import { randomBytes } from 'node:crypto'
import { toHex } from '../bytes.js'
import { runControls } from './controls/index.js'
import { environmentOf } from './environment.js'
import { runMatrix } from './matrix/index.js'
import type { RecordedRun } from './model.js'
import type { Report } from './report.js'
import { SCENARIOS } from './scenarios/index.js'
import { searchLastComponent } from './search/index.js'
import { summarize } from './summary.js'
import { runTimeline } from './timeline/index.js'

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
  const scenarios = await runMatrix({
    scenarios: chosen,
    seed,
    onRun: options.onRun,
    signal,
    onProgress: ({ title }, done) => report('scenarios')(Math.floor(done), chosen.length, title),
  })
  signal?.throwIfAborted()
  const { controls, falseAlarms } = await runControls({ seed, onProgress: report('controls') })
  const searches = await searchLastComponent({
    seed,
    extent,
    ...(signal !== undefined && { signal }),
    onProgress: ({ done, total, what }) => report('search')(done, total, what),
  })
  const timeline = await runTimeline({
    seed,
    extent,
    ...(signal !== undefined && { signal }),
    onProgress: ({ done, total, what }) => report('timeline')(done, total, what),
  })
  const found = { scenarios, controls, falseAlarms, searches, timeline }
  return {
    version: 1,
    environment: environmentOf(toHex(seed), started),
    extent,
    ...found,
    summary: summarize(found, Date.now() - started.getTime()),
  }
}
