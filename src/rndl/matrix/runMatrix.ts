/** Plays scenarios in processes of their own, and judges what was recorded. */
import { Ensemble, makeMaterials } from '../endpoints/index.js'
import { judgeScenario, type Verdict } from '../judgeScenario.js'
import type { RecordedRun } from '../model.js'
import type { Scenario } from '../scenarios/index.js'

export interface MatrixOptions {
  readonly scenarios: readonly Scenario[]
  /** At least 16 octets. */
  readonly seed: Uint8Array
  /** Told what is being judged, and how many of the scenarios are done: 1.5 is in the middle of the second. */
  readonly onProgress?: ((scenario: Scenario, done: number) => void) | undefined
  /** Told of every run before it is judged: to keep its tape. */
  readonly onRun?: ((run: RecordedRun, scenario: Scenario) => Promise<void> | void) | undefined
  /** Ends it before the next scenario is judged. */
  readonly signal?: AbortSignal | undefined
}

/** @throws TrefoilError ERR_INTERNAL when a scenario could not be played; what `signal` was aborted with */
export async function runMatrix(options: MatrixOptions): Promise<Verdict[]> {
  const { scenarios, seed, onProgress, onRun, signal } = options
  const materials = makeMaterials(
    seed,
    scenarios.map(({ setup }) => setup.signatures),
  )
  const ensemble = await Ensemble.start({ materials, seed })
  const record = (scenario: Scenario | undefined): Promise<RecordedRun> | null => {
    const recording = scenario === undefined ? null : ensemble.record(scenario)
    // Its turn to be waited for comes later.
    recording?.catch(() => {})
    return recording
  }
  try {
    const verdicts: Verdict[] = []
    let next = record(scenarios[0])
    for (const [i, scenario] of scenarios.entries()) {
      const run = (await next) as RecordedRun
      signal?.throwIfAborted()
      // Played while this one is judged.
      next = record(scenarios[i + 1])
      await onRun?.(run, scenario)
      verdicts.push(await judgeScenario(scenario, run, (done) => onProgress?.(scenario, i + done)))
    }
    return verdicts
  } finally {
    await ensemble.close()
  }
}
