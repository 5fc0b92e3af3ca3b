/** The caller's AbortSignal, seen by key sources. */
import { TrefoilError } from '../errors.js'

/** @throws TrefoilError ERR_ABORTED when the signal has fired already */
export function refuseIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedRequest(signal)
}

export function abortedRequest(signal?: AbortSignal): TrefoilError {
  return new TrefoilError('ERR_ABORTED', 'the caller gave up the request for a key', { cause: signal?.reason })
}
