/** A stage of the harness. Endpoints that are not sound can make it fail: that is a finding, and hides no other. */
import type { FalseAlarm } from './report.js'

export interface Staged<T> {
  readonly result: T
  readonly falseAlarms: readonly FalseAlarm[]
}

/**
 * @param nothing in place of the result of a stage that broke off
 * @throws what `signal` was aborted with
 */
export async function seeThrough<T>(
  stage: string,
  work: () => Promise<T>,
  nothing: T,
  signal?: AbortSignal,
): Promise<Staged<T>> {
  try {
    return { result: await work(), falseAlarms: [] }
  } catch (failure) {
    signal?.throwIfAborted()
    const finding = `broke off: ${failure instanceof Error ? failure.message : String(failure)}`
    return { result: nothing, falseAlarms: [{ check: stage, finding }] }
  }
}
