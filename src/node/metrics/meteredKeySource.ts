/** A key source that counts what it is asked and what it gives. */
import { toTrefoilError } from '../../errors.js'
import type { DeliveryLink, KeyRequestOptions, KeySource, KeySourceStatus, QkdKey } from '../../qkd/keySource.js'
import type { Instruments } from './instruments.js'

type Operation = 'get_key' | 'get_key_with_id' | 'status'

export class MeteredKeySource implements KeySource {
  readonly #source: KeySource
  readonly #instruments: Instruments

  constructor(source: KeySource, instruments: Instruments) {
    this.#source = source
    this.#instruments = instruments
  }

  get name(): string {
    return this.#source.name
  }

  get deliveryLink(): DeliveryLink | null {
    return this.#source.deliveryLink ?? null
  }

  getKey(peerSaeId: string, options?: KeyRequestOptions): Promise<QkdKey> {
    return this.#counted('get_key', () => this.#source.getKey(peerSaeId, options))
  }

  getKeyWithId(peerSaeId: string, keyId: string, options?: KeyRequestOptions): Promise<QkdKey> {
    return this.#counted('get_key_with_id', () => this.#source.getKeyWithId(peerSaeId, keyId, options))
  }

  status(peerSaeId: string, options?: KeyRequestOptions): Promise<KeySourceStatus> {
    return this.#counted('status', () => this.#source.status(peerSaeId, options))
  }

  async #counted<T extends QkdKey | KeySourceStatus>(operation: Operation, call: () => Promise<T>): Promise<T> {
    const { keyCalls, keySeconds, qkdBits } = this.#instruments
    const started = performance.now()
    let outcome = 'ok'
    try {
      const answer = await call()
      if ('key' in answer) qkdBits.inc({ operation }, answer.key.length * 8)
      return answer
    } catch (thrown) {
      outcome = toTrefoilError(thrown).code
      throw thrown
    } finally {
      keySeconds.observe({ operation }, (performance.now() - started) / 1000)
      keyCalls.inc({ operation, outcome })
    }
  }
}
