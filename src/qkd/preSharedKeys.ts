/**
 * A key source out of a list of keys that both ends hold already, carried there by hand or written by a key
 * manager without an interface. Reading the list from a file, and striking out what was used before a restart, is the
 * caller's business: this source forgets with the process.
 */
import { wipe } from '../bytes.js'
import { TrefoilError } from '../errors.js'
import { refuseIfAborted } from './abort.js'
import { MEMORY_LINK } from './deliveryLink.js'
import { isIdentifier, requireSaeId } from './identifiers.js'
import { keySizeInOctets } from './keySize.js'
import type { KeySource, QkdKey } from './keySource.js'

export interface PreSharedKeysOptions {
  /** The one SAE that holds the same list. */
  readonly peerSaeId: string
  /** In the order both ends agreed on. The keys are copied; the caller wipes its own. */
  readonly keys: readonly QkdKey[]
  /** Default `pre-shared`. */
  readonly name?: string
  /** Which end of the list `getKey` takes from. Let the two ends differ when both start handshakes; default `start`. */
  readonly from?: 'start' | 'end'
}

/**
 * Hands out each key of the list once, whichever way it was asked for. Refuses with
 * - ERR_QKD_REFUSED: any other peer,
 * - ERR_QKD_EXHAUSTED: nothing left,
 * - ERR_QKD_KEY_NOT_FOUND: a key_ID that is not in the list or no longer,
 * - ERR_ABORTED: the signal had fired.
 *
 * A key's `delivery` says `memory`: the list was handed over in memory, and how it came to be there is not known here.
 * @throws TrefoilError ERR_INVALID_OPTION when IDs repeat, or keys differ in length or are shorter than 16 bytes
 */
export function preSharedKeys(options: PreSharedKeysOptions): KeySource & { close(): Promise<void> } {
  const peer = requireSaeId(options.peerSaeId)
  const keySize = commonKeySize(options.keys)
  const unspent = new Map<string, Uint8Array>()
  for (const { keyId, key } of options.from === 'end' ? options.keys.toReversed() : options.keys) {
    if (!isIdentifier(keyId)) throw new TrefoilError('ERR_INVALID_OPTION', 'a key_ID of the list is unusable')
    if (unspent.has(keyId)) throw new TrefoilError('ERR_INVALID_OPTION', 'a key_ID stands in the list twice')
    unspent.set(keyId, Uint8Array.from(key))
  }
  const check = (peerSaeId: string, signal: AbortSignal | undefined): void => {
    refuseIfAborted(signal)
    if (peerSaeId !== peer) throw new TrefoilError('ERR_QKD_REFUSED', 'the list of keys is shared with another SAE')
  }
  return {
    name: options.name ?? 'pre-shared',
    deliveryLink: MEMORY_LINK,
    async getKey(peerSaeId, { signal } = {}) {
      check(peerSaeId, signal)
      const [next] = unspent
      if (next === undefined) throw new TrefoilError('ERR_QKD_EXHAUSTED', 'every key of the list has been used')
      unspent.delete(next[0])
      return { keyId: next[0], key: next[1], delivery: MEMORY_LINK }
    },
    async getKeyWithId(peerSaeId, keyId, { signal } = {}) {
      check(peerSaeId, signal)
      const key = unspent.get(keyId)
      if (key === undefined) {
        throw new TrefoilError(
          'ERR_QKD_KEY_NOT_FOUND',
          'the peer named a key that is not in the list or was used before',
        )
      }
      unspent.delete(keyId)
      return { keyId, key, delivery: MEMORY_LINK }
    },
    async status(peerSaeId, { signal } = {}) {
      check(peerSaeId, signal)
      return {
        storedKeyCount: unspent.size,
        maxKeyCount: options.keys.length,
        keySize,
        minKeySize: keySize,
        maxKeySize: keySize,
        maxKeysPerRequest: 1,
      }
    },
    async close() {
      wipe(...unspent.values())
      unspent.clear()
    },
  }
}

function commonKeySize(keys: readonly QkdKey[]): number {
  const length = keys[0]?.key.length
  if (length === undefined) throw new TrefoilError('ERR_INVALID_OPTION', 'the list of keys is empty')
  if (keys.some(({ key }) => key.length !== length)) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'the keys of the list differ in length')
  }
  return 8 * keySizeInOctets(8 * length)
}
