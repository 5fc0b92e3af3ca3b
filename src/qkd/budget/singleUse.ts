/**
 * A key is given out once in this process, whichever source it came from and whichever way it was asked for: one key in
 * two sessions opens the dependent-key attacks of arXiv 2509.12478, so the key managers' promise to deliver once is not
 * all there is. What is remembered is a keyed hash, under a key of this budget's own, never a key or its ID.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { QkdKey } from '../keySource.js'
import { SpentKeyIds } from '../spentKeyIds.js'

/** 128 bits: no two keys meet by chance, and none can be made to, since the hash is keyed. */
const FINGERPRINT_LENGTH = 16

export class SingleUse {
  readonly #hashKey = randomBytes(32)
  /** Asked for or delivered. Apart from what was delivered, so that made-up key_IDs push none of that out. */
  readonly #asked: SpentKeyIds
  readonly #delivered: SpentKeyIds
  readonly #octets: SpentKeyIds

  /** @param capacity how many of each are remembered: of more, the oldest are forgotten */
  constructor(capacity: number) {
    this.#asked = new SpentKeyIds(capacity)
    this.#delivered = new SpentKeyIds(capacity)
    this.#octets = new SpentKeyIds(capacity)
  }

  /** Marks a key_ID that a peer named; false when it was named or delivered before. */
  ask(keyId: string): boolean {
    return this.#asked.spend(this.#fingerprint('key_ID', keyId))
  }

  /** Marks a key that a source delivered. Null if it is fresh; otherwise what the source did, for a sentence. */
  deliver({ keyId, key }: QkdKey): string | null {
    const id = this.#fingerprint('key_ID', keyId)
    this.#asked.spend(id)
    const freshId = this.#delivered.spend(id)
    const freshOctets = this.#octets.spend(this.#fingerprint('key', key))
    if (!freshId) return 'gave out a key_ID for the second time'
    return freshOctets ? null : 'gave out the octets of an earlier key'
  }

  #fingerprint(kind: 'key_ID' | 'key', data: string | Uint8Array): string {
    const digest = createHmac('sha256', this.#hashKey).update(`${kind}\0`).update(data).digest()
    return digest.toString('latin1', 0, FINGERPRINT_LENGTH)
  }
}
