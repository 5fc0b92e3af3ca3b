/** What a key source says of its supply, asked for seldom however often somebody wants to know. */
import { TrefoilError } from '../../errors.js'
import { bounded } from '../../qkd/bounded.js'
import type { KeySource, KeySourceStatus } from '../../qkd/keySource.js'

/** Milliseconds for which an answer stands, and after which none is waited for. */
const FRESH = 5000
const PATIENCE = 3000

export interface SupplyReport {
  /** The first failure; null when every peer's status was told. */
  readonly error: Error | null
  /** Of the peers that it answered for. */
  readonly storedKeys: ReadonlyMap<string, number>
}

export class KeySourceStatusWatch {
  readonly #source: KeySource
  readonly #peers: readonly string[]
  readonly #patience: number
  #askedAt = Number.NEGATIVE_INFINITY
  #report: Promise<SupplyReport> | null = null

  constructor(source: KeySource, peers: readonly string[], patience = PATIENCE) {
    this.#source = source
    this.#peers = peers
    this.#patience = patience
  }

  /** Never rejects. */
  report(): Promise<SupplyReport> {
    const now = performance.now()
    if (this.#report === null || now - this.#askedAt > FRESH) {
      this.#askedAt = now
      this.#report = this.#ask()
    }
    return this.#report
  }

  async #ask(): Promise<SupplyReport> {
    const answers = await Promise.allSettled(this.#peers.map((peer) => this.#statusOf(peer)))
    const storedKeys = new Map<string, number>()
    for (const [i, answer] of answers.entries()) {
      if (isFulfilled(answer)) storedKeys.set(this.#peers[i] as string, answer.value.storedKeyCount)
    }
    const failed = answers.find((answer) => answer.status === 'rejected')
    return { error: failed === undefined ? null : (failed.reason as Error), storedKeys }
  }

  /** A source may take no notice of its signal: then neither scrapers nor readiness wait for it. */
  #statusOf(peer: string): Promise<KeySourceStatus> {
    const overdue = () =>
      new TrefoilError(
        'ERR_QKD_TIMEOUT',
        `the key source did not tell its status within ${this.#patience} milliseconds`,
      )
    return bounded((signal) => this.#source.status(peer, { signal }), {
      milliseconds: this.#patience,
      signals: [],
      timedOut: overdue,
      aborted: overdue,
      discard: () => {},
      keepsAlive: false,
    })
  }
}

function isFulfilled(answer: PromiseSettledResult<KeySourceStatus>): answer is PromiseFulfilledResult<KeySourceStatus> {
  return answer.status === 'fulfilled'
}
