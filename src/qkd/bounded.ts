/** A call that ends in time even if what it calls never does. */
import type { TrefoilError } from '../errors.js'

export interface Bounds<T> {
  readonly milliseconds: number
  /** Any of them ends it. */
  readonly signals: readonly (AbortSignal | undefined)[]
  readonly timedOut: () => TrefoilError
  readonly aborted: () => TrefoilError
  /** Takes a result that came too late, to wipe it. */
  readonly discard: (late: T) => void
  /** Whether the time-out alone keeps the process alive: only where somebody waits. */
  readonly keepsAlive: boolean
}

/** Hands the call a signal that fires when time is up or a caller gives up; leaves no trace on the callers' signals. */
export function bounded<T>(call: (signal: AbortSignal) => Promise<T>, bounds: Bounds<T>): Promise<T> {
  const { signals, milliseconds } = bounds
  if (signals.some((signal) => signal?.aborted)) return Promise.reject(bounds.aborted())
  return new Promise((resolve, reject) => {
    const controller = new AbortController()
    let over = false
    const end = (settle: () => void): void => {
      if (over) return
      over = true
      clearTimeout(timer)
      for (const signal of signals) signal?.removeEventListener('abort', onAbort)
      settle()
    }
    const giveUp = (error: TrefoilError): void =>
      end(() => {
        reject(error)
        controller.abort(error)
      })
    const onAbort = (): void => giveUp(bounds.aborted())
    const timer = setTimeout(() => giveUp(bounds.timedOut()), milliseconds)
    if (!bounds.keepsAlive) timer.unref()
    for (const signal of signals) signal?.addEventListener('abort', onAbort)
    const started = (async () => call(controller.signal))()
    started.then(
      (result) => (over ? bounds.discard(result) : end(() => resolve(result))),
      (error) => end(() => reject(error)),
    )
  })
}
