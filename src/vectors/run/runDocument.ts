/** Runs all cases of one document with one provider after the other. */
import { setImmediate } from 'node:timers/promises'
import { type CryptoProvider, hasFeature, nobleProvider, nodeProvider } from '../../crypto/index.js'
import { TrefoilError } from '../../errors.js'
import { isObject } from '../check/fields.js'
import { describeThrown } from '../check/outcome.js'
import type { VectorCase, VectorOutcome } from '../format.js'
import { recogniseVectors } from '../formats.js'
import type { VectorFailure, VectorRun } from './report.js'

export interface RunVectorsOptions {
  /** Default: noble and node. */
  readonly providers?: readonly CryptoProvider[]
  /** Ends the run between two cases. */
  readonly signal?: AbortSignal
  /** As soon as a file has been run by a provider. */
  onRun?(run: VectorRun): void
}

export const VECTOR_PROVIDERS: readonly CryptoProvider[] = [nobleProvider, nodeProvider]

/**
 * @param document the value of a JSON file, or the text of a PEM file
 * @param path for the report
 * @throws TrefoilError ERR_ABORTED
 */
export async function runVectorDocument(
  document: unknown,
  path: string,
  options: RunVectorsOptions = {},
): Promise<readonly VectorRun[]> {
  const { providers = VECTOR_PROVIDERS } = options
  const formats = recogniseVectors(document)
  if (formats.length === 0) return [told(skippedFile(path, describeUnknown(document)), options)]
  const format = formats.map(({ name }) => name).join(' and ')
  let cases: readonly VectorCase[]
  try {
    cases = formats.flatMap((found) => found.cases(document))
  } catch (thrown) {
    return [told(failedFile(path, describeThrown(thrown), format), options)]
  }
  if (cases.length === 0) return [told({ ...skippedFile(path, 'the file holds no cases'), format }, options)]
  const runs: VectorRun[] = []
  for (const provider of providers) {
    const started = performance.now()
    const tally = new Tally()
    for (const one of cases) {
      if (options.signal?.aborted) throw new TrefoilError('ERR_ABORTED', 'the run of the vectors was aborted')
      tally.add(one.id, await outcomeOf(one, provider, providers))
    }
    const milliseconds = Math.round(performance.now() - started)
    runs.push(told({ path, format, provider: provider.name, ...tally.counts(), milliseconds }, options))
    // Whoever waits for something else gets a turn.
    await setImmediate()
  }
  return runs
}

export function failedFile(path: string, message: string, format: string | null = null): VectorRun {
  return {
    ...skippedFile(path, message),
    format,
    failed: 1,
    skipped: 0,
    skips: [],
    failures: [{ case: null, message }],
  }
}

export function skippedFile(path: string, reason: string): VectorRun {
  const counts = { passed: 0, failed: 0, skipped: 1, skips: [{ reason, count: 1 }], failures: [] }
  return { path, format: null, provider: null, ...counts, milliseconds: 0 }
}

export function told(run: VectorRun, options: RunVectorsOptions): VectorRun {
  options.onRun?.(run)
  return run
}

/** The second of two providers that are the same code here would say nothing new. */
async function outcomeOf(
  { native, run }: VectorCase,
  provider: CryptoProvider,
  providers: readonly CryptoProvider[],
): Promise<VectorOutcome> {
  if (provider === nodeProvider && native !== undefined && providers.includes(nobleProvider)) {
    if (native === null) return { skipped: 'run by code of noble on every Node' }
    if (!hasFeature(native)) return { skipped: 'same code as noble on this Node' }
  }
  try {
    return await run(provider)
  } catch (thrown) {
    return { failed: describeThrown(thrown) }
  }
}

class Tally {
  #passed = 0
  readonly #skips = new Map<string, number>()
  readonly #failures: VectorFailure[] = []

  add(id: string, outcome: VectorOutcome): void {
    if ('skipped' in outcome) this.#skips.set(outcome.skipped, (this.#skips.get(outcome.skipped) ?? 0) + 1)
    else if ('failed' in outcome) {
      const { failed: message, ...values } = outcome
      this.#failures.push({ case: id, message, ...values })
    } else this.#passed++
  }

  counts() {
    const skips = [...this.#skips].map(([reason, count]) => ({ reason, count }))
    const skipped = skips.reduce((sum, { count }) => sum + count, 0)
    return { passed: this.#passed, failed: this.#failures.length, skipped, skips, failures: this.#failures }
  }
}

/** What of an unknown document may help its reader. */
function describeUnknown(document: unknown): string {
  if (!isObject(document)) return 'of no kind that is known'
  const said = ['algorithm', 'mode', 'schema', 'source'].flatMap((name) => {
    const value = document[name]
    return typeof value === 'string' ? [`${name} ${value.slice(0, 60)}`] : []
  })
  return said.length === 0 ? 'of no kind that is known' : `of no kind that is known (${said.join(', ')})`
}
