/** One handshake's dealings with its key source: what it costs, and how its failures are told. */
import { wipe } from '../../bytes.js'
import { TrefoilError, toTrefoilError } from '../../errors.js'
import type { KeyRequestOptions, QkdKey } from '../../qkd/keySource.js'
import { checkQkdKey } from './externalPsk.js'
import type { QkdProfile } from './profile.js'

export class KeyFetcher {
  #milliseconds = 0
  readonly #qkd: QkdProfile
  readonly #signal: AbortSignal | undefined

  constructor(qkd: QkdProfile, signal: AbortSignal | undefined) {
    this.#qkd = qkd
    this.#signal = signal
  }

  /** Time spent waiting for the key source so far. */
  get milliseconds(): number {
    return this.#milliseconds
  }

  /** A fresh key (enc_keys). The caller wipes it. */
  fresh(peerSaeId: string): Promise<QkdKey> {
    return this.#timed((options) => this.#qkd.source.getKey(peerSaeId, options))
  }

  /** The key that the peer named (dec_keys). The caller wipes it. */
  named(peerSaeId: string, keyId: string): Promise<QkdKey> {
    return this.#timed((options) => this.#qkd.source.getKeyWithId(peerSaeId, keyId, options), keyId)
  }

  async #timed(request: (options: KeyRequestOptions) => Promise<QkdKey>, expectedKeyId?: string): Promise<QkdKey> {
    const signal = this.#signal
    const began = performance.now()
    try {
      const key = await request(signal === undefined ? {} : { signal })
      // Nobody is left to use it, and a key is never given back.
      if (signal?.aborted) wipe(key.key)
      signal?.throwIfAborted()
      return checkQkdKey(key, expectedKeyId)
    } catch (thrown) {
      if (signal?.aborted) throw aborted(signal)
      throw toTrefoilError(thrown, 'ERR_QKD_REFUSED', 'key source failed without saying why')
    } finally {
      this.#milliseconds += performance.now() - began
    }
  }
}

function aborted(signal: AbortSignal): TrefoilError {
  if (signal.reason instanceof TrefoilError) return signal.reason
  return new TrefoilError('ERR_ABORTED', 'the handshake was given up while waiting for a QKD key', {
    cause: signal.reason,
  })
}
