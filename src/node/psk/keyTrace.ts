/** What diagnostics_channel is told of calls to key sources: `tracing:trefoil.qkd.key:*`. Never a key. */
import { tracingChannel } from 'node:diagnostics_channel'
import type { DeliveryLink } from '../../qkd/keySource.js'
import { Trace, type TraceMessage } from '../tracing.js'

/** The message of one call; `result` names the key that came. */
export interface KeyTrace extends TraceMessage<{ readonly keyId: string; readonly delivery: DeliveryLink | null }> {
  /** Name of the key source. */
  readonly source: string
  readonly peerSaeId: string
  /** The key that the peer named; null when a fresh one is asked for. */
  readonly keyId: string | null
}

const calls = tracingChannel('trefoil.qkd.key')

/** Null when nobody listens. */
export function traceKeyCall(source: string, peerSaeId: string, keyId: string | null): Trace<KeyTrace> | null {
  return Trace.of<KeyTrace>(calls, () => ({ source, peerSaeId, keyId }))
}
