/** A key that came from a source and has met its fate or waits for it; the books are kept here and nowhere else. */
import { wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import type { DeliveryLink, QkdKey } from '../keySource.js'
import type { Tally } from './statistics.js'

export class HeldKey {
  readonly keyId: string
  readonly delivery: DeliveryLink | undefined
  /** When the call that brought it began: it is at most this old at the key managers. */
  readonly bornAt: number
  /** Of its peer and of its source. */
  readonly #tallies: readonly Tally[]
  #key: Uint8Array | null

  constructor({ keyId, key, delivery }: QkdKey, bornAt: number, tallies: readonly Tally[]) {
    this.keyId = keyId
    this.delivery = delivery
    this.bornAt = bornAt
    this.#key = key
    this.#tallies = tallies
    for (const tally of tallies) {
      tally.fetched++
      tally.bitsFetched += 8 * key.length
    }
  }

  /** The key; from now on it is the caller's to wipe. */
  giveOut(): QkdKey {
    const key = this.#end('givenOut')
    for (const tally of this.#tallies) tally.bitsGivenOut += 8 * key.length
    return this.delivery === undefined
      ? { keyId: this.keyId, key }
      : { keyId: this.keyId, key, delivery: this.delivery }
  }

  /** Wiped because it grew too old. */
  expire(): void {
    wipe(this.#end('expired'))
  }

  /** Wiped for any other reason. */
  burn(): void {
    wipe(this.#end('burnt'))
  }

  #end(fate: 'givenOut' | 'expired' | 'burnt'): Uint8Array {
    const key = this.#key
    if (key === null) throw new TrefoilError('ERR_INTERNAL', 'a key of the budget met its fate twice')
    this.#key = null
    for (const tally of this.#tallies) tally[fate]++
    return key
  }
}
