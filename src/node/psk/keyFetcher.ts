/** One handshake's dealings with its key source: what it costs, how keys come, and how failures are told. */
import { wipe } from '../../bytes.js'
import { TrefoilError, toTrefoilError } from '../../errors.js'
import type { DeliveryLink, KeyRequestOptions, QkdKey } from '../../qkd/keySource.js'
import { checkQkdKey } from './externalPsk.js'
import { traceKeyCall } from './keyTrace.js'
import type { QkdProfile } from './profile.js'

type KeyCall = (options: KeyRequestOptions) => Promise<QkdKey>

/** What fetching keys came to in one handshake. */
export interface KeyFetch {
  /** Time spent waiting for the key source. */
  readonly milliseconds: number
  /** How the latest key came; null when there is none, or its source cannot tell. */
  readonly delivery: DeliveryLink | null
}

export const NO_KEY_FETCH: KeyFetch = Object.freeze({ milliseconds: 0, delivery: null })

export interface KeyFetcherOptions {
  /** Gives up the call to the key source. */
  readonly signal?: AbortSignal | undefined
  /** Refuse keys that came by a link that is not known to be post-quantum. */
  readonly requirePostQuantumDelivery?: boolean | undefined
}

export class KeyFetcher implements KeyFetch {
  #milliseconds = 0
  #delivery: DeliveryLink | null = null
  readonly #qkd: QkdProfile
  readonly #options: KeyFetcherOptions

  constructor(qkd: QkdProfile, options: KeyFetcherOptions) {
    this.#qkd = qkd
    this.#options = options
  }

  get milliseconds(): number {
    return this.#milliseconds
  }

  get delivery(): DeliveryLink | null {
    return this.#delivery
  }

  /** A fresh key (enc_keys). The caller wipes it. */
  fresh(peerSaeId: string): Promise<QkdKey> {
    return this.#timed((options) => this.#qkd.source.getKey(peerSaeId, options), peerSaeId)
  }

  /** The key that the peer named (dec_keys). The caller wipes it. */
  named(peerSaeId: string, keyId: string): Promise<QkdKey> {
    return this.#timed((options) => this.#qkd.source.getKeyWithId(peerSaeId, keyId, options), peerSaeId, keyId)
  }

  async #timed(call: KeyCall, peerSaeId: string, expectedKeyId?: string): Promise<QkdKey> {
    const { signal } = this.#options
    const began = performance.now()
    const trace = traceKeyCall(this.#qkd.source.name, peerSaeId, expectedKeyId ?? null)
    try {
      const begin = () => call(signal === undefined ? {} : { signal })
      const key = await (trace ? trace.run(begin) : begin())
      // Nobody is left to use it, and a key is never given back.
      if (signal?.aborted) wipe(key.key)
      signal?.throwIfAborted()
      const checked = this.#checkDelivery(checkQkdKey(key, expectedKeyId))
      trace?.succeeded({ result: { keyId: checked.keyId, delivery: this.#delivery } })
      return checked
    } catch (thrown) {
      const error = signal?.aborted
        ? aborted(signal)
        : toTrefoilError(thrown, 'ERR_QKD_REFUSED', 'key source failed without saying why')
      trace?.failed(error)
      throw error
    } finally {
      this.#milliseconds += performance.now() - began
    }
  }

  #checkDelivery(key: QkdKey): QkdKey {
    const delivery = key.delivery ?? null
    if (this.#options.requirePostQuantumDelivery === true && delivery?.postQuantum !== true) {
      wipe(key.key)
      const way = delivery === null ? 'by a way that its source does not tell' : `over ${delivery.group ?? 'a link'}`
      throw new TrefoilError(
        'ERR_QKD_DELIVERY_LINK',
        `QKD key came ${way}, and our policy takes keys over post-quantum links only`,
      )
    }
    this.#delivery = delivery
    return key
  }
}

function aborted(signal: AbortSignal): TrefoilError {
  if (signal.reason instanceof TrefoilError) return signal.reason
  return new TrefoilError('ERR_ABORTED', 'the handshake was given up while waiting for a QKD key', {
    cause: signal.reason,
  })
}
