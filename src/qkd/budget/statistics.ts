/** What a budget has spent, and on whom: plain frozen numbers. `fetched` is always the sum of `held` and the fates. */
import type { ErrorCode } from '../../errors.js'
import type { CircuitState } from './circuitBreaker.js'

export interface KeyCounts {
  /** Keys that sources delivered, those refused on arrival included. */
  readonly fetched: number
  /** In a pool or on the way to a caller. */
  readonly held: number
  readonly givenOut: number
  /** Wiped because they grew too old. */
  readonly expired: number
  /** Wiped unused for another reason: refused on arrival, too late, no room, or the end of the budget. */
  readonly burnt: number
  /** Bits of the keys fetched: what the supply was charged. */
  readonly bitsFetched: number
  /** Bits of the keys given out: what handshakes used. */
  readonly bitsGivenOut: number
}

export type FailureCounts = Readonly<Partial<Record<ErrorCode, number>>>

export interface PeerStatistics extends KeyCounts {
  readonly peerSaeId: string
  /** Keys ready to be given out. */
  readonly pooled: number
  /** Callers that wait for a fresh key now. */
  readonly waiting: number
  /** Calls for a fresh key that found the pool empty. */
  readonly waits: number
  /** How long those waited that are over, in all. */
  readonly waitMilliseconds: number
  /** Calls refused by the budget, by code. */
  readonly refusals: FailureCounts
}

export interface SourceStatistics extends KeyCounts {
  readonly label: string
  readonly calls: number
  /** Calls that failed, by code. */
  readonly failures: FailureCounts
  readonly lastFailure: { readonly code: ErrorCode; readonly message: string } | null
  readonly circuit: CircuitState
  readonly failuresInARow: number
  /** How often the circuit opened. */
  readonly openings: number
  /** Until it may be asked again; 0 when it may be now. */
  readonly restMilliseconds: number
}

export interface KeyBudgetStatistics {
  readonly peers: readonly PeerStatistics[]
  readonly sources: readonly SourceStatistics[]
}

/** Running counts of one peer or one source. */
export class Tally {
  fetched = 0
  givenOut = 0
  expired = 0
  burnt = 0
  bitsFetched = 0
  bitsGivenOut = 0
  readonly #failures = new Map<ErrorCode, number>()

  fail(code: ErrorCode): void {
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1)
  }

  get failures(): FailureCounts {
    return Object.freeze(Object.fromEntries(this.#failures))
  }

  get counts(): KeyCounts {
    const { fetched, givenOut, expired, burnt, bitsFetched, bitsGivenOut } = this
    const held = fetched - givenOut - expired - burnt
    return { fetched, held, givenOut, expired, burnt, bitsFetched, bitsGivenOut }
  }
}
