/**
 * Client of ETSI GS QKD 014 V1.1.1: the REST interface over which a key manager (KME) hands QKD keys to the secure
 * application entities (SAEs) of its site.
 */

import { wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { isIdentifier, requireSaeId } from '../identifiers.js'
import { DEFAULT_KEY_SIZE, keySizeInOctets } from '../keySize.js'
import type { KeySource } from '../keySource.js'
import { SpentKeyIds } from '../spentKeyIds.js'
import { Connection, type ConnectionOptions } from './connection.js'
import { type Reply, readKey, readStatus } from './replies.js'
import { keysPath } from './wire.js'

export interface Etsi014Options extends ConnectionOptions {
  /** Default `etsi014`. Enters the importer context, so both ends configure the same. */
  readonly name?: string
  /** Size of the keys asked for, in bits, the same at both ends; default 256. */
  readonly keySize?: number
  /** How keys are asked for. Default POST, which keeps key_IDs out of access logs and is never repeated by a proxy. */
  readonly method?: 'GET' | 'POST'
}

export interface Etsi014KeySource extends KeySource {
  /** Ends the connections to the key manager. Later calls throw ERR_INVALID_STATE. */
  close(): Promise<void>
}

/**
 * A key source that asks the key manager at `url`, over HTTPS with mutual authentication by certificates (5.1). Our SAE
 * ID is whatever the key manager reads in `cert`. Connections are reused, and idle ones do not keep the process alive.
 *
 * Calls throw a TrefoilError:
 * - ERR_QKD_UNREACHABLE, ERR_QKD_TIMEOUT: no (trusted) key manager, no answer in time;
 * - ERR_QKD_UNAUTHORIZED: our certificate is refused, or the key is not for us (401);
 * - ERR_QKD_EXHAUSTED: no key to give (503); ERR_QKD_KEY_NOT_FOUND: not held, or fetched before;
 * - ERR_QKD_REFUSED: any other refusal, with the key manager's message;
 * - ERR_QKD_BAD_REPLY, ERR_QKD_KEY_LENGTH: an answer that cannot be right;
 * - ERR_ABORTED: the signal fired. ERR_INVALID_OPTION: an SAE ID that cannot be asked for.
 *
 * Nothing is retried. A key_ID is asked for once in this source's memory (the last ten thousand), whatever came of it.
 * Keys arrive as JSON, so copies in the engine's strings live until it collects them.
 * @throws TrefoilError ERR_INVALID_OPTION on an unusable URL, certificate, key, CA, size or time-out
 */
export function etsi014(options: Etsi014Options): Etsi014KeySource {
  const keySize = options.keySize ?? DEFAULT_KEY_SIZE
  const keyLength = keySizeInOctets(keySize)
  const connection = new Connection(options)
  const spent = new SpentKeyIds()
  const usesGet = options.method === 'GET'

  return {
    name: options.name ?? 'etsi014',

    // Get key, 5.3.
    async getKey(peerSaeId, { signal } = {}) {
      const path = keysPath(requireSaeId(peerSaeId), 'enc_keys')
      const reply = await (usesGet
        ? connection.exchange(`${path}?number=1&size=${keySize}`, null, signal)
        : connection.exchange(path, { number: 1, size: keySize }, signal))
      const delivered = wiping(reply, () => readKey(reply, keyLength))
      if (spent.spend(delivered.keyId)) return delivered
      wipe(delivered.key)
      throw new TrefoilError('ERR_QKD_BAD_REPLY', 'the key manager gave out a key_ID for the second time')
    },

    // Get key with key IDs, 5.4.
    async getKeyWithId(peerSaeId, keyId, { signal } = {}) {
      const path = keysPath(requireSaeId(peerSaeId), 'dec_keys')
      // The peer chose the key_ID: what cannot be one, and what we fetched ourselves (a reflection), stops here.
      if (!isIdentifier(keyId) || !spent.spend(keyId)) {
        throw new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'the peer named a key that is unusable or was used before')
      }
      const reply = await (usesGet
        ? connection.exchange(`${path}?key_ID=${encodeURIComponent(keyId)}`, null, signal)
        : connection.exchange(path, { key_IDs: [{ key_ID: keyId }] }, signal))
      const delivered = wiping(reply, () => readKey(reply, keyLength))
      if (delivered.keyId === keyId) return delivered
      wipe(delivered.key)
      throw new TrefoilError('ERR_QKD_BAD_REPLY', 'the key manager answered with another key than the one asked for')
    },

    // Get status, 5.2.
    async status(peerSaeId, { signal } = {}) {
      const reply = await connection.exchange(keysPath(requireSaeId(peerSaeId), 'status'), null, signal)
      return readStatus(reply, options.kmeId)
    },

    close: () => connection.close(),
  }
}

function wiping<T>(reply: Reply, read: () => T): T {
  try {
    return read()
  } finally {
    wipe(reply.body)
  }
}
