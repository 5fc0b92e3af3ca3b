/** Key sources of controls. */
import { copy } from '../../../bytes.js'
import type { KeySource } from '../../../qkd/index.js'

/** The same source, which notes the keys that an endpoint got, by key_ID. */
export function noteKeys(source: KeySource, pool: Map<string, Uint8Array>): KeySource {
  return changeKeys(source, (keyId, key) => {
    pool.set(keyId, copy(key))
    return key
  })
}

/** @param change what the endpoint gets in place of `key`; `isFresh`: it asked for any, and not for that key_ID */
export function changeKeys(
  source: KeySource,
  change: (keyId: string, key: Uint8Array, isFresh: boolean) => Uint8Array,
): KeySource {
  return {
    name: source.name,
    async getKey(peerSaeId, options) {
      const fresh = await source.getKey(peerSaeId, options)
      return { ...fresh, key: change(fresh.keyId, fresh.key, true) }
    },
    async getKeyWithId(peerSaeId, keyId, options) {
      const named = await source.getKeyWithId(peerSaeId, keyId, options)
      return { ...named, key: change(keyId, named.key, false) }
    },
    status: (peerSaeId, options) => source.status(peerSaeId, options),
  }
}
