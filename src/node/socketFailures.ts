/** How a connection ends that neither end has refused. */
import { TrefoilError } from '../errors.js'

export function timedOut(milliseconds: number): TrefoilError {
  return new TrefoilError('ERR_HANDSHAKE_TIMEOUT', `the handshake did not finish within ${milliseconds} milliseconds`)
}

export function clientGone(): TrefoilError {
  return new TrefoilError('ERR_TRUNCATED', 'the client ended the connection before the handshake was done')
}

export function abortedBy(signal: AbortSignal): TrefoilError {
  return new TrefoilError('ERR_ABORTED', 'the connection was aborted by the caller', { cause: signal.reason })
}
