/**
 * How long signatures take, apart from everything else. An ML-DSA signature takes as many attempts as chance wants (FIPS 204
 * algorithm 7), which hides in a comparison of handshakes what there is to see. Where both sides of it sign with the same
 * provider, each signature is therefore counted with the mean of them all.
 */
import type { CryptoProvider } from '../../crypto/provider.js'
import { processorMicroseconds } from '../rounds.js'

/** What was signed in one batch. */
export interface Signatures {
  readonly microseconds: number
  readonly count: number
}

export class SigningMeter {
  readonly provider: CryptoProvider
  readonly batches: Signatures[] = []
  #microseconds = 0
  #count = 0

  constructor(provider: CryptoProvider) {
    this.provider = {
      ...provider,
      signingKey: (material) => {
        const key = provider.signingKey(material)
        return {
          algorithm: key.algorithm,
          publicKey: key.publicKey,
          sign: (scheme, message, options) => {
            const begin = processorMicroseconds()
            const signature = key.sign(scheme, message, options)
            this.#microseconds += processorMicroseconds() - begin
            this.#count++
            return signature
          },
          wipe: () => key.wipe(),
        }
      },
    }
  }

  /** Runs one batch, and notes what was signed in it. */
  async during(batch: () => Promise<void>): Promise<void> {
    const before = { microseconds: this.#microseconds, count: this.#count }
    await batch()
    this.batches.push({ microseconds: this.#microseconds - before.microseconds, count: this.#count - before.count })
  }
}

/** Microseconds of one signature in the mean; 0 where nothing was signed. */
export function meanSignature(batches: readonly Signatures[]): number {
  const count = batches.reduce((sum, batch) => sum + batch.count, 0)
  return count === 0 ? 0 : batches.reduce((sum, { microseconds }) => sum + microseconds, 0) / count
}

/** Times of single operations, batch by batch, with each signature in them as long as `mean`. */
export function evenOut(
  times: readonly number[],
  signatures: readonly Signatures[],
  batch: number,
  mean: number,
): number[] {
  return times.map((time, round) => {
    const { microseconds = 0, count = 0 } = signatures[round] ?? {}
    return time + (count * mean - microseconds) / batch
  })
}
