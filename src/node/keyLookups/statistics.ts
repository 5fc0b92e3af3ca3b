/** What a server counts of its look-ups at the key manager. */

/** Frozen; counted since the server was made. */
export interface KeyLookupStatistics {
  /** Look-ups that were let through. A key_ID that was asked for before is answered from memory all the same. */
  readonly asked: number
  /** Those for which the key came. */
  readonly found: number
  /** Those whose key_ID the key manager does not know, or was asked for before: held against the client's address. */
  readonly notFound: number
  /** Those whose client left before the answer: held against its address too. */
  readonly abandoned: number
  /** Those that the key source failed to answer, or not in time. */
  readonly failed: number
  /** Those that were not let through, by the bound that was reached. */
  readonly refused: {
    /** `maxUnknownKeyIdsPerAddress`. */
    readonly perAddress: number
    /** `maxUnknownKeyIds`. */
    readonly inAll: number
    /** `maxWaitingKeyLookups`. */
    readonly noRoom: number
  }
  /** Going on now. */
  readonly active: number
  /** Waiting for one of these to end. */
  readonly waiting: number
}

export type RefusalReason = keyof KeyLookupStatistics['refused']
export type Outcome = 'found' | 'notFound' | 'abandoned' | 'failed'

export class Counters {
  readonly outcomes: Record<Outcome, number> = { found: 0, notFound: 0, abandoned: 0, failed: 0 }
  readonly refused: Record<RefusalReason, number> = { perAddress: 0, inAll: 0, noRoom: 0 }
  asked = 0

  snapshot(active: number, waiting: number): KeyLookupStatistics {
    const refused = Object.freeze({ ...this.refused })
    return Object.freeze({ asked: this.asked, ...this.outcomes, refused, active, waiting })
  }
}
