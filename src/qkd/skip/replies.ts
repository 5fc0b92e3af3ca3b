/**
 * Reads what a key provider answers (draft-singh-skip-00, before it draft-cisco-skip). Every field is untrusted, and
 * nothing of a reply enters an error: the draft gives error bodies no form.
 */
import { wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import type { Reply } from '../etsi014/exchange.js'
import { isJsonObject, type JsonObject, parseJson } from '../etsi014/wire.js'
import { isIdentifier } from '../identifiers.js'
import type { QkdKey } from '../keySource.js'

/** What a key provider says of itself (GET /capabilities). Untrusted. */
export interface SkipCapabilities {
  /** Whether it answers GET /key. */
  readonly key: boolean
  /** Whether it answers GET /entropy, which this client has no use for. */
  readonly entropy: boolean
  /** How its keys come to be, in its own words; null when missing or unusable. */
  readonly algorithm: string | null
  readonly localSystemId: string
  /** Key providers it shares keys with: IDs, or patterns with `*`, `?` and `[...]`. */
  readonly remoteSystemIds: readonly string[]
}

export type SkipResource = 'capabilities' | 'new-key' | 'key'

/** @throws TrefoilError ERR_QKD_BAD_REPLY, or as {@link skipRefusalIn} */
export function readCapabilities(reply: Reply): SkipCapabilities {
  const body = successfulBody(reply, 'capabilities')
  const { key, entropy, algorithm, localSystemID, remoteSystemID } = body
  if (typeof key !== 'boolean') throw badSkipReply('capabilities without a usable key')
  if (!isIdentifier(localSystemID)) throw badSkipReply('capabilities without a usable localSystemID')
  if (!Array.isArray(remoteSystemID) || !remoteSystemID.every(isIdentifier)) {
    throw badSkipReply('capabilities without a usable remoteSystemID')
  }
  return {
    key,
    entropy: entropy === true,
    algorithm: isIdentifier(algorithm) ? algorithm : null,
    localSystemId: localSystemID,
    remoteSystemIds: remoteSystemID,
  }
}

/**
 * The key of a reply to GET /key or GET /key/{keyId}.
 * @param keyLength in bytes, as asked for
 * @throws TrefoilError ERR_QKD_BAD_REPLY, ERR_QKD_KEY_LENGTH, or as {@link skipRefusalIn}
 */
export function readSkipKey(reply: Reply, resource: SkipResource, keyLength: number): QkdKey {
  const { keyId, key: text } = successfulBody(reply, resource)
  if (!isIdentifier(keyId)) throw badSkipReply('a key without a usable keyId')
  const key = typeof text === 'string' ? fromHexText(text) : null
  if (key === null) throw badSkipReply('a key that is not hexadecimal')
  if (key.length !== keyLength) {
    wipe(key)
    throw new TrefoilError(
      'ERR_QKD_KEY_LENGTH',
      `the key provider gave a key of ${key.length} bytes where ${keyLength} were asked for`,
    )
  }
  return reply.link === undefined ? { keyId, key } : { keyId, key, delivery: reply.link }
}

/**
 * The error that a reply stands for, or null when it is a success. The draft has 400 for a keyId that is malformed or
 * not found (key providers in the field also say 404), 500 for a key that could not be read or zeroized, and 503 when
 * no randomness is to be had.
 */
export function skipRefusalIn(reply: Reply, resource: SkipResource): TrefoilError | null {
  const { status } = reply
  if (status === 200) return null
  if (status === 401 || status === 403) {
    return new TrefoilError('ERR_QKD_UNAUTHORIZED', `the key provider refused this system with status ${status}`)
  }
  if (resource === 'key' && (status === 400 || status === 404)) {
    return new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'the key provider does not hold the key, or not any more')
  }
  if (status === 503) return new TrefoilError('ERR_QKD_UNREACHABLE', 'the key provider can make no key now')
  return new TrefoilError('ERR_QKD_REFUSED', `the key provider refused the request with status ${status}`)
}

function successfulBody(reply: Reply, resource: SkipResource): JsonObject {
  const refusal = skipRefusalIn(reply, resource)
  if (refusal !== null) throw refusal
  const body = parseJson(reply.body)
  if (!isJsonObject(body)) throw badSkipReply('JSON that is not an object')
  return body
}

/** Hex in either case into memory that can be wiped; null when it is not that. */
function fromHexText(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null
  const octets = new Uint8Array(text.length / 2)
  Buffer.from(octets.buffer).write(text, 'hex')
  return octets
}

/** An answer that cannot be right. */
export function badSkipReply(what: string): TrefoilError {
  return new TrefoilError('ERR_QKD_BAD_REPLY', `the key provider answered with ${what}`)
}
