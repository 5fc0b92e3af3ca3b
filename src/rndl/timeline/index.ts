/**
 * Authentication is of the moment. Who breaks it after a session gains nothing of that session; who breaks it during the
 * handshake gets that session and no other. Each row is acted out: real sessions over real sockets, a man in the middle
 * with what was stolen, and the adversary of the matrix on the tapes.
 */
import type { TimelineEntry } from '../report.js'
import { seededRandom } from '../trace/seededRandom.js'
import { makeIdentities } from './identities.js'
import { ROWS } from './rows/index.js'

export interface TimelineOptions {
  /** 16 octets or more: of ephemeral keys, PSKs, QKD keys and what is said. Signing keys are fresh. */
  readonly seed: Uint8Array
  readonly extent: 'full' | 'quick'
  /** The name of the row that has just ended. */
  readonly onProgress?: (progress: { readonly what: string; readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
}

/** @throws Error when an honest session fails, or what `signal` was aborted with */
export async function runTimeline({ seed, extent, onProgress, signal }: TimelineOptions): Promise<TimelineEntry[]> {
  const stage = { identities: makeIdentities(), random: seededRandom(seed, 'timeline') }
  const rows = ROWS.filter(({ quick }) => quick || extent === 'full')
  const entries: TimelineEntry[] = []
  for (const { name, act } of rows) {
    signal?.throwIfAborted()
    entries.push(await act(stage))
    onProgress?.({ what: name, done: entries.length, total: rows.length })
  }
  return entries
}
