/**
 * Client of the Secure Key Integration Protocol (SKIP; draft-singh-skip-00, which continues draft-cisco-skip-02), over
 * which routers and other encryptors get keys from a key provider beside them. It is an individual Internet-Draft, not a
 * standard, and may change.
 */
import { wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { Connection, type ConnectionOptions } from '../etsi014/connection.js'
import type { Reply } from '../etsi014/exchange.js'
import { isIdentifier, requireSaeId } from '../identifiers.js'
import { DEFAULT_KEY_SIZE, keySizeInOctets } from '../keySize.js'
import type { DeliveryLink, KeyRequestOptions, KeySource } from '../keySource.js'
import { SpentKeyIds } from '../spentKeyIds.js'
import { badSkipReply, readCapabilities, readSkipKey, type SkipCapabilities, type SkipResource } from './replies.js'

export interface SkipOptions extends Omit<ConnectionOptions, 'kmeId'> {
  /** Default `skip`. Enters the importer context, so both ends configure the same. */
  readonly name?: string
  /** Size of the keys in bits, the same at both ends; default 256, as in the draft. */
  readonly keySize?: number
  /** ID that our key provider must have by its own account (localSystemID); checked by `status` and `capabilities`. */
  readonly localSystemId?: string
}

export interface SkipKeySource extends KeySource {
  /** The link of the latest reply; null before the first connection. */
  readonly deliveryLink: DeliveryLink | null
  capabilities(options?: KeyRequestOptions): Promise<SkipCapabilities>
  /** Ends the connections to the key provider. Later calls throw ERR_INVALID_STATE. */
  close(): Promise<void>
}

/**
 * A key source that asks the key provider at `url` over HTTPS with mutual authentication by certificates. A peer's SAE
 * ID is the remoteSystemID of its key provider.
 *
 * Left out: TLS with a pre-shared key, which the draft allows besides and asks TLS_AES_256_GCM_SHA384 for, since Node's
 * TLS makes external PSKs for SHA-256 suites only; and GET /entropy, since entropy from elsewhere is not ours to rely on.
 *
 * The draft has no counts: `status` gives `Number.MAX_SAFE_INTEGER` for those, and 0 stored keys when the key provider
 * gives no keys or names no remote system that may be the peer.
 *
 * Calls throw a TrefoilError:
 * - ERR_QKD_UNREACHABLE, ERR_QKD_TIMEOUT: no (trusted) key provider, or one that can make no key now (503);
 * - ERR_QKD_DELIVERY_LINK: the link is not post-quantum and has to be;
 * - ERR_QKD_UNAUTHORIZED: our certificate is refused (401, 403);
 * - ERR_QKD_KEY_NOT_FOUND: a keyId that is malformed, not held, or was fetched before;
 * - ERR_QKD_REFUSED: any other refusal; ERR_QKD_BAD_REPLY, ERR_QKD_KEY_LENGTH: an answer that cannot be right;
 * - ERR_ABORTED: the signal fired. ERR_INVALID_OPTION: a peer that cannot be asked for.
 *
 * What is tried again stands at `retries`; a request for a key counts as delivered once it was sent. A keyId is used once
 * in this source's memory (the last ten thousand).
 * @throws TrefoilError ERR_INVALID_OPTION on an unusable URL, certificate, key, CA, size, time-out or number of retries
 */
export function skip(options: SkipOptions): SkipKeySource {
  const keySize = options.keySize ?? DEFAULT_KEY_SIZE
  const keyLength = keySizeInOctets(keySize)
  const connection = new Connection(options)
  const spent = new SpentKeyIds()

  const get = async <T>(
    path: string,
    signal: AbortSignal | undefined,
    repeatable: boolean,
    read: (reply: Reply) => T,
  ): Promise<T> => {
    const refusedForNow = ({ status, retryAfter }: Reply) =>
      status === 503 && (repeatable || typeof retryAfter === 'number')
    const reply = await connection.exchange(path, null, signal, { repeatable, refusedForNow })
    try {
      return read(reply)
    } finally {
      wipe(reply.body)
    }
  }

  const capabilities = async (signal: AbortSignal | undefined): Promise<SkipCapabilities> => {
    const said = await get('/capabilities', signal, true, readCapabilities)
    if (options.localSystemId === undefined || said.localSystemId === options.localSystemId) return said
    throw badSkipReply('the capabilities of another key provider')
  }

  const getKey = (path: string, resource: SkipResource, signal: AbortSignal | undefined) =>
    get(path, signal, false, (reply) => readSkipKey(reply, resource, keyLength))

  return {
    name: options.name ?? 'skip',
    get deliveryLink() {
      return connection.link
    },

    async getKey(peerSaeId, { signal } = {}) {
      const delivered = await getKey(`/key?${peerQuery(peerSaeId)}&size=${keySize}`, 'new-key', signal)
      if (spent.spend(canonical(delivered.keyId))) return delivered
      wipe(delivered.key)
      throw badSkipReply('a keyId that it gave out before')
    },

    async getKeyWithId(peerSaeId, keyId, { signal } = {}) {
      const query = peerQuery(peerSaeId)
      // The peer chose the keyId; the two dot segments would name another resource.
      if (!isIdentifier(keyId) || keyId === '.' || keyId === '..' || !spent.spend(canonical(keyId))) {
        throw new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'the peer named a key that is unusable or was used before')
      }
      const delivered = await getKey(`/key/${encodeURIComponent(keyId)}?${query}`, 'key', signal)
      if (canonical(delivered.keyId) === canonical(keyId)) return { ...delivered, keyId }
      wipe(delivered.key)
      throw badSkipReply('another key than the one asked for')
    },

    async status(peerSaeId, { signal } = {}) {
      const peer = requireSaeId(peerSaeId)
      const { key, remoteSystemIds } = await capabilities(signal)
      // A pattern may stand for the peer, and only the key provider can tell.
      const mayServe = key && remoteSystemIds.some((id) => id === peer || /[*?[]/.test(id))
      return {
        storedKeyCount: mayServe ? Number.MAX_SAFE_INTEGER : 0,
        maxKeyCount: Number.MAX_SAFE_INTEGER,
        keySize,
        minKeySize: keySize,
        maxKeySize: keySize,
        maxKeysPerRequest: 1,
      }
    },

    capabilities: ({ signal } = {}) => capabilities(signal),
    close: () => connection.close(),
  }
}

function peerQuery(peerSaeId: string): string {
  return `remoteSystemID=${encodeURIComponent(requireSaeId(peerSaeId))}`
}

/** keyIds are hexadecimal, so two that differ in case alone may name one key. */
function canonical(keyId: string): string {
  return /^[0-9a-fA-F]+$/.test(keyId) ? keyId.toLowerCase() : keyId
}
