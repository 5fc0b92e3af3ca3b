/**
 * Client of ETSI GS QKD 014 V1.1.1: the REST interface over which a key manager (KME) hands QKD keys to the secure
 * application entities (SAEs) of its site.
 */

import { wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { isIdentifier, requireSaeId } from '../identifiers.js'
import { DEFAULT_KEY_SIZE, keySizeInOctets } from '../keySize.js'
import type { DeliveryLink, KeyRequestOptions, KeySource, QkdKey } from '../keySource.js'
import { SpentKeyIds } from '../spentKeyIds.js'
import { Connection, type ConnectionOptions } from './connection.js'
import { type Etsi014Key, type KeyContainer, readKeyContainer, wipeKeys } from './keyContainer.js'
import { badReply, isRefusedForNow, type Reply } from './replies.js'
import {
  type Asked,
  askForKeys,
  askForKeysWithIds,
  type Defaults,
  type KeyIdRequest,
  type KeysRequest,
  type KeysWithIdsRequest,
} from './requests.js'
import { type Etsi014Status, readFullStatus, readStatus } from './status.js'
import { type KeyMethod, keysPath } from './wire.js'

export interface Etsi014Options extends ConnectionOptions {
  /** Default `etsi014`. Enters the importer context, so both ends configure the same. */
  readonly name?: string
  /** Size of the keys asked for, in bits, the same at both ends; default 256. */
  readonly keySize?: number
  /**
   * How keys are asked for. Default POST, which keeps key_IDs out of access logs and is never repeated by a proxy. With
   * GET, what GET cannot say (additional SAEs, extensions, several key_IDs) still goes by POST.
   */
  readonly method?: 'GET' | 'POST'
}

export interface Etsi014KeySource extends KeySource {
  /** The link of the latest reply; null before the first connection. */
  readonly deliveryLink: DeliveryLink | null
  /** Several fresh keys in one call (5.3): all of them, or none and an error. */
  getKeys(peerSaeId: string, request?: KeysRequest): Promise<KeyContainer>
  /**
   * The keys that the peer named (5.4), in the order asked: all of them, or none and an error. Every key_ID named is
   * spent then, whatever came of it.
   */
  getKeysWithIds(
    peerSaeId: string,
    keyIds: readonly KeyIdRequest[],
    request?: KeysWithIdsRequest,
  ): Promise<KeyContainer>
  /** The whole Status (6.1); `statusContradictions` says what in it cannot be. */
  fullStatus(peerSaeId: string, options?: KeyRequestOptions): Promise<Etsi014Status>
  /** Ends the connections to the key manager. Later calls throw ERR_INVALID_STATE. */
  close(): Promise<void>
}

/**
 * A key source that asks the key manager at `url`, over HTTPS with mutual authentication by certificates (5.1). Our SAE
 * ID is whatever the key manager reads in `cert`. Connections are reused, and idle ones do not keep the process alive.
 *
 * Calls throw a TrefoilError:
 * - ERR_QKD_UNREACHABLE, ERR_QKD_TIMEOUT: no (trusted) key manager, no answer in time;
 * - ERR_QKD_DELIVERY_LINK: the link is not post-quantum and has to be;
 * - ERR_QKD_UNAUTHORIZED: our certificate is refused, or the key is not for us (401);
 * - ERR_QKD_EXHAUSTED: no key to give (503); ERR_QKD_KEY_NOT_FOUND: not held, or fetched before;
 * - ERR_QKD_REFUSED: any other refusal, with the key manager's message;
 * - ERR_QKD_BAD_REPLY, ERR_QKD_KEY_LENGTH: an answer that cannot be right;
 * - ERR_ABORTED: the signal fired. ERR_INVALID_OPTION: something that cannot be asked for.
 *
 * What is tried again, and when, stands at `retries`. A key_ID is asked for once in this source's memory (the last ten
 * thousand), whatever came of it, and one that is given out for the second time is refused.
 * Keys arrive as JSON, so copies in the engine's strings live until it collects them.
 * @throws TrefoilError ERR_INVALID_OPTION on an unusable URL, certificate, key, CA, size, time-out or number of retries
 */
export function etsi014(options: Etsi014Options): Etsi014KeySource {
  const defaults: Defaults = { keySize: options.keySize ?? DEFAULT_KEY_SIZE, usesGet: options.method === 'GET' }
  keySizeInOctets(defaults.keySize)
  const connection = new Connection(options)
  const spent = new SpentKeyIds()

  const fetchKeys = async (asked: Asked, method: KeyMethod, signal: AbortSignal | undefined): Promise<KeyContainer> => {
    const reply = await connection.exchange(asked.path, asked.body, signal, {
      refusedForNow: isRefusedForNow,
      maxReplyLength: asked.maxReplyLength,
    })
    return wiping(reply, () => readKeyContainer(reply, method, asked))
  }

  // Get key, 5.3.
  const getKeys = async (peerSaeId: string, request: KeysRequest = {}): Promise<KeyContainer> => {
    const container = await fetchKeys(askForKeys(peerSaeId, request, defaults), 'enc_keys', request.signal)
    // Every one is marked, also beyond a repeated one: none of this container will be used.
    const repeated = container.keys.filter(({ keyId }) => !spent.spend(keyId))
    if (repeated.length === 0) return container
    wipeKeys(container.keys)
    throw badReply('a key_ID that it gave out before')
  }

  // Get key with key IDs, 5.4.
  const getKeysWithIds = async (
    peerSaeId: string,
    keyIds: readonly KeyIdRequest[],
    request: KeysWithIdsRequest = {},
  ): Promise<KeyContainer> => {
    const ids = keyIds.map((asked) => (typeof asked === 'string' ? asked : asked.keyId))
    // The peer chose the key_IDs: what cannot be one, and what we fetched ourselves (a reflection), stops here.
    if (!ids.every(isIdentifier) || ids.some((id) => spent.has(id)) || new Set(ids).size !== ids.length) {
      requireSaeId(peerSaeId)
      throw new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'the peer named a key that is unusable or was used before')
    }
    const asked = askForKeysWithIds(peerSaeId, keyIds, request, defaults)
    for (const id of ids) spent.spend(id)
    const container = await fetchKeys(asked, 'dec_keys', request.signal)
    const byId = new Map(container.keys.map((delivered) => [delivered.keyId, delivered]))
    const inOrder = ids.flatMap((id) => byId.get(id) ?? [])
    if (inOrder.length === ids.length) return { ...container, keys: inOrder }
    wipeKeys(container.keys)
    throw badReply('another key than the one asked for')
  }

  const getStatus = (peerSaeId: string, signal: AbortSignal | undefined): Promise<Reply> =>
    connection.exchange(keysPath(requireSaeId(peerSaeId), 'status'), null, signal, {
      repeatable: true,
      refusedForNow: ({ status }) => status === 503,
    })

  return {
    name: options.name ?? 'etsi014',
    get deliveryLink() {
      return connection.link
    },
    getKeys,
    getKeysWithIds,
    async getKey(peerSaeId, { signal } = {}) {
      return onlyKey(await getKeys(peerSaeId, signal === undefined ? {} : { signal }))
    },
    async getKeyWithId(peerSaeId, keyId, { signal } = {}) {
      return onlyKey(await getKeysWithIds(peerSaeId, [keyId], signal === undefined ? {} : { signal }))
    },
    // Get status, 5.2.
    async status(peerSaeId, { signal } = {}) {
      return readStatus(await getStatus(peerSaeId, signal), options.kmeId)
    },
    async fullStatus(peerSaeId, { signal } = {}) {
      return readFullStatus(await getStatus(peerSaeId, signal), options.kmeId)
    },
    close: () => connection.close(),
  }
}

function onlyKey({ keys }: KeyContainer): QkdKey {
  const [{ keyId, key, delivery }] = keys as [Etsi014Key]
  return delivery === undefined ? { keyId, key } : { keyId, key, delivery }
}

function wiping<T>(reply: Reply, read: () => T): T {
  try {
    return read()
  } finally {
    wipe(reply.body)
  }
}
