/** Processes that live as long as the work they are for, however that ends. */
import { AskedProcess, type AskedProcessOptions } from './askedProcess.js'
import type { Questions } from './questions.js'

export type StartProcess = <Q extends Questions>(options: AskedProcessOptions) => AskedProcess<Q>

/**
 * Runs `work`. All processes that it starts are gone when this settles: when the work is done, when it fails, and when
 * `signal` aborts it, which rejects with the signal's reason.
 */
export async function withProcesses<T>(
  signal: AbortSignal | undefined,
  work: (start: StartProcess) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const started: { stop(): Promise<void> }[] = []
  const start: StartProcess = <Q extends Questions>(options: AskedProcessOptions) => {
    signal?.throwIfAborted()
    const child = new AskedProcess<Q>(options)
    started.push(child)
    return child
  }
  const stopAll = () => Promise.all(started.map((child) => child.stop()))
  const stopped = () => void stopAll()
  signal?.addEventListener('abort', stopped, { once: true })
  try {
    return await work(start)
  } catch (failure) {
    // What fails because its processes were taken away did not fail.
    signal?.throwIfAborted()
    throw failure
  } finally {
    signal?.removeEventListener('abort', stopped)
    await stopAll()
  }
}
