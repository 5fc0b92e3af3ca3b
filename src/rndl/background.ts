/** What needs no more than one thread and nobody else's results, done in a thread of its own beside the matrix. */
import { Worker } from 'node:worker_threads'
import { TrefoilError } from '../errors.js'
import type { ControlsReport } from './controls/index.js'
import type { TimelineEntry } from './report.js'

export interface BackgroundTask {
  readonly seed: Uint8Array
  readonly extent: 'full' | 'quick'
}

export interface BackgroundResult extends ControlsReport {
  readonly timeline: readonly TimelineEntry[]
}

export interface BackgroundProgress {
  readonly stage: 'controls' | 'timeline'
  readonly done: number
  readonly total: number
}

export type FromBackground = { readonly progress: BackgroundProgress } | { readonly result: BackgroundResult }

export interface BackgroundOptions extends BackgroundTask {
  readonly onProgress: (progress: BackgroundProgress) => void
  readonly signal?: AbortSignal | undefined
}

/**
 * Controls, and then the timeline.
 * @throws what `signal` was aborted with; what went wrong in the thread
 */
export async function runInBackground({
  onProgress,
  signal,
  seed,
  extent,
}: BackgroundOptions): Promise<BackgroundResult> {
  signal?.throwIfAborted()
  const workerData: BackgroundTask = { seed, extent }
  const worker = new Worker(new URL('./backgroundThread.js', import.meta.url), { workerData, execArgv: [] })
  let onAbort = () => {}
  try {
    return await new Promise<BackgroundResult>((resolve, reject) => {
      onAbort = () => reject(signal?.reason)
      signal?.addEventListener('abort', onAbort, { once: true })
      worker.on('message', (message: FromBackground) => {
        if ('progress' in message) onProgress(message.progress)
        else resolve(message.result)
      })
      worker.on('error', reject)
      worker.on('exit', () =>
        reject(new TrefoilError('ERR_INTERNAL', 'a thread of the harness ended without a result')),
      )
    })
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await worker.terminate()
  }
}
