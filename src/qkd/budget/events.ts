/** What a budget tells while it works. No event carries a key or a key_ID. Listeners run after the work that told. */
import type { ErrorCode } from '../../errors.js'
import type { CircuitState } from './circuitBreaker.js'

/** Why a source did not give a key. */
export interface SourceFailure {
  /** Label of the source. */
  readonly source: string
  readonly code: ErrorCode
  readonly message: string
}

/** Event names and the arguments of their listeners. */
export interface KeyBudgetEvents {
  /** A peer's pool fell below the low-water mark and is being refilled. */
  low: [{ readonly peerSaeId: string; readonly pooled: number }]
  /** A peer's pool reached the high-water mark again. */
  refilled: [{ readonly peerSaeId: string; readonly pooled: number }]
  /** No source has a fresh key for a peer, whose pool may hold some still: once, when it begins. */
  exhausted: [
    { readonly peerSaeId: string; readonly nextMilliseconds: number; readonly failures: readonly SourceFailure[] },
  ]
  /** Another source than before gave a peer's key, since those preferred to it did not. */
  failover: [
    {
      readonly peerSaeId: string
      readonly from: string | null
      readonly to: string
      readonly failures: readonly SourceFailure[]
    },
  ]
  /** A source is left alone (`open`), tried (`half-open`), or trusted again (`closed`). */
  circuit: [
    {
      readonly source: string
      readonly from: CircuitState
      readonly to: CircuitState
      readonly restMilliseconds: number
      /** What it failed with last. */
      readonly failure: SourceFailure | null
    },
  ]
  /** Keys in a peer's pool grew too old and were wiped. */
  expired: [{ readonly peerSaeId: string; readonly count: number }]
  /** A call to a source failed, whatever came of the caller's. */
  failure: [{ readonly peerSaeId: string } & SourceFailure]
}

export type Notify = <Name extends keyof KeyBudgetEvents>(name: Name, event: KeyBudgetEvents[Name][0]) => void
