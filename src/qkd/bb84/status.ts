/** What a link tells of itself, added up over its blocks. */
import type { Bb84Parameters } from './parameters.js'
import type { NoKeyReason } from './reasons.js'
import type { BlockReport } from './report.js'

export interface Bb84LinkStatus {
  /** `working` on a block, `resting` because the store is full or for a second after a block without a key, `stopped` for good, `closed` by the caller. */
  readonly state: 'working' | 'resting' | 'stopped' | 'closed'
  /** Why the last block gave no key, or why the link has stopped; null when the last block gave one, or before it. */
  readonly reason: NoKeyReason | null
  readonly eavesdropping: number
  readonly blocks: { readonly finished: number; readonly withKey: number }
  /** Of the last block, in the test basis. */
  readonly qber: number | null
  readonly abortQber: number
  /** Totals since the link began, in bits. */
  readonly siftedBits: number
  /** Secret bits made: gross. */
  readonly secretBits: number
  /** Secret bits for others: net of what was set aside for authentication. */
  readonly netBits: number
  readonly authentication: BlockReport['authentication']
  /** Bits a second of simulated time, at the repetition rate of the source: over all blocks, with and without key. */
  readonly rates: { readonly sifted: number; readonly secret: number; readonly net: number }
  /** Secret bytes that wait at either site. */
  readonly bufferedBytes: { readonly siteA: number; readonly siteB: number }
}

export class Totals {
  #finished = 0
  #withKey = 0
  #pulses = 0
  #siftedBits = 0
  #secretBits = 0
  #setAsideBits = 0
  #last: BlockReport | null = null

  add(report: BlockReport): void {
    this.#finished++
    if (report.reason === null) this.#withKey++
    this.#pulses += report.pulses
    this.#siftedBits += report.siftedBits
    this.#secretBits += report.secretBits
    this.#setAsideBits += report.authentication.setAsideBits
    this.#last = report
  }

  get finished(): number {
    return this.#finished
  }

  get last(): BlockReport | null {
    return this.#last
  }

  /** All but what changes between blocks. */
  summary({ source, security }: Bb84Parameters) {
    const seconds = this.#pulses / source.repetitionRateHz
    const rate = (bits: number): number => (seconds === 0 ? 0 : bits / seconds)
    const netBits = this.#secretBits - this.#setAsideBits
    return {
      blocks: { finished: this.#finished, withKey: this.#withKey },
      qber: this.#last?.qber ?? null,
      abortQber: security.abortQber,
      siftedBits: this.#siftedBits,
      secretBits: this.#secretBits,
      netBits,
      authentication: {
        setAsideBits: this.#setAsideBits,
        spentBits: this.#last?.authentication.spentBits ?? 0,
        reserveBits: this.#last?.authentication.reserveBits ?? 0,
      },
      rates: { sifted: rate(this.#siftedBits), secret: rate(this.#secretBits), net: rate(netBits) },
    }
  }
}
