/** The whole harness in one run: scenarios against every subset of leaks, controls, searches, the timeline. */
import { randomBytes } from 'node:crypto'
import { toHex } from '../bytes.js'
import { runControls } from './controls/index.js'
import { Ensemble, makeMaterials } from './endpoints/index.js'
import { environmentOf } from './environment.js'
import { judgeScenario } from './judgeScenario.js'
import type { RecordedRun } from './model.js'
import type { Report } from './report.js'
import { SCENARIOS, type Scenario } from './scenarios/index.js'
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
  const scenarios = await runScenarios(chosen, seed, options, report('scenarios'))
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

/** Each in processes of its own, which are started once for all. */
async function runScenarios(
  scenarios: readonly Scenario[],
  seed: Uint8Array,
  { onRun, signal }: HarnessOptions,
  onProgress: (done: number, total: number, detail: string) => void,
) {
  const algorithms = scenarios.map(({ setup }) => setup.signatures)
  const ensemble = await Ensemble.start({ materials: makeMaterials(seed, algorithms), seed })
  try {
    const reports = []
    for (const scenario of scenarios) {
      signal?.throwIfAborted()
      onProgress(reports.length, scenarios.length, scenario.title)
      const run = await ensemble.record(scenario)
      onRun?.(run)
      reports.push(await judgeScenario(scenario, run))
    }
    onProgress(reports.length, scenarios.length, 'all scenarios')
    return reports
  } finally {
    await ensemble.close()
  }
}
