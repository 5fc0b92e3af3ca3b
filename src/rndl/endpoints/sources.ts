/** Key sources whose keys the harness knows. */
import { toHex } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { inProcessPair, type KeySource } from '../../qkd/index.js'
import type { Hex } from '../trace/trace.js'
import { SAES } from './materials.js'

/** Both ends of a link, and the keys that it gave: those of the key managers' pool that matter here. */
export interface KnownPair {
  readonly client: KeySource
  readonly server: KeySource
  /** By key_ID. */
  readonly pool: ReadonlyMap<string, Hex>
}

export function knownPair(random: (length: number) => Uint8Array): KnownPair {
  const pool = new Map<string, Hex>()
  const [client, server] = inProcessPair({ siteA: SAES.client, siteB: SAES.server, random })
  return { client: noting(client, pool), server: noting(server, pool), pool }
}

/** A source whose key manager answers nothing. */
export function unreachable(source: KeySource): KeySource {
  const refuse = () =>
    Promise.reject(new TrefoilError('ERR_QKD_UNREACHABLE', 'the key manager of this scenario is down'))
  return { name: source.name, getKey: refuse, getKeyWithId: refuse, status: refuse }
}

/** The same source, which notes fresh keys. */
export function noting(source: KeySource, pool: Map<string, Hex>): KeySource {
  return {
    name: source.name,
    get deliveryLink() {
      return source.deliveryLink ?? null
    },
    async getKey(peerSaeId, options) {
      const fresh = await source.getKey(peerSaeId, options)
      pool.set(fresh.keyId, toHex(fresh.key))
      return fresh
    },
    getKeyWithId: (peerSaeId, keyId, options) => source.getKeyWithId(peerSaeId, keyId, options),
    status: (peerSaeId, options) => source.status(peerSaeId, options),
  }
}
