/**
 * Readers for what a key manager sends back. Every field is untrusted; nothing of a reply but its error message, cut
 * short, enters an error.
 */
import { wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { isIdentifier } from '../identifiers.js'
import type { KeySourceStatus, QkdKey } from '../keySource.js'
import { fromBase64, isJsonObject, type JsonObject, MESSAGES, parseJson } from './wire.js'

/** An HTTP reply, body read to the end. */
export interface Reply {
  readonly status: number
  readonly body: Uint8Array
}

/**
 * The one key of a Key container (ETSI GS QKD 014 6.3; its Table 12 prints `Keys`, its example `keys`).
 * @param keyLength in bytes, as asked for
 * @throws TrefoilError ERR_QKD_BAD_REPLY, ERR_QKD_KEY_LENGTH, or as {@link refusalIn}
 */
export function readKey(reply: Reply, keyLength: number): QkdKey {
  const container = successfulBody(reply)
  if ('keys' in container && 'Keys' in container) throw badReply('both keys and Keys')
  const keys = container['keys'] ?? container['Keys']
  if (!Array.isArray(keys)) throw badReply('no list of keys')
  if (keys.length !== 1) throw badReply(`${keys.length} keys where one was asked for`)
  const entry: unknown = keys[0]
  if (!isJsonObject(entry)) throw badReply('a key that is not an object')
  const keyId = entry['key_ID']
  if (!isIdentifier(keyId)) throw badReply('a key without a usable key_ID')
  const key = typeof entry['key'] === 'string' ? fromBase64(entry['key']) : null
  if (key === null) throw badReply('a key that is not base64')
  if (key.length !== keyLength) {
    wipe(key)
    throw new TrefoilError(
      'ERR_QKD_KEY_LENGTH',
      `the key manager gave a key of ${key.length} bytes where ${keyLength} were asked for`,
    )
  }
  return { keyId, key }
}

/**
 * Status (ETSI GS QKD 014 6.1): counts and sizes must be there and be whole numbers; whether they fit together is not
 * judged, since deployed key managers store more than they say they can.
 * @param kmeId source_KME_ID to insist on, if any
 * @throws TrefoilError ERR_QKD_BAD_REPLY, or as {@link refusalIn}
 */
export function readStatus(reply: Reply, kmeId?: string): KeySourceStatus {
  const status = successfulBody(reply)
  if (kmeId !== undefined && status['source_KME_ID'] !== kmeId) throw badReply('the status of another key manager')
  return {
    storedKeyCount: wholeNumber(status, 'stored_key_count'),
    maxKeyCount: wholeNumber(status, 'max_key_count'),
    keySize: wholeNumber(status, 'key_size'),
    minKeySize: wholeNumber(status, 'min_key_size'),
    maxKeySize: wholeNumber(status, 'max_key_size'),
    maxKeysPerRequest: wholeNumber(status, 'max_key_per_request'),
  }
}

/** The error that a reply stands for, or null when it is a success (ETSI GS QKD 014 5.2 to 5.4, 6.5). */
export function refusalIn(reply: Reply): TrefoilError | null {
  if (reply.status === 200) return null
  // 401 comes without a body, and in the field with an HTML page.
  if (reply.status === 401) {
    return new TrefoilError('ERR_QKD_UNAUTHORIZED', 'the key manager refused this SAE the key or the service')
  }
  const message = errorMessage(reply)
  if (reply.status === 400 && message === MESSAGES.keysNotFound) {
    return new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'the key manager does not hold the key, or not any more')
  }
  const said = message === null ? '' : `: ${message}`
  if (reply.status === 503) {
    // A gateway's own 503 carries no Error object, and then nobody has said anything about keys.
    if (message === null || /unreachable|unavailable|not answer|not connected|maintenance/i.test(message)) {
      return new TrefoilError('ERR_QKD_UNREACHABLE', `the key manager is not in service${said}`)
    }
    return new TrefoilError('ERR_QKD_EXHAUSTED', `the key manager has no key to give${said}`)
  }
  return new TrefoilError('ERR_QKD_REFUSED', `the key manager refused the request with status ${reply.status}${said}`)
}

function successfulBody(reply: Reply): JsonObject {
  const refusal = refusalIn(reply)
  if (refusal !== null) throw refusal
  const body = parseJson(reply.body)
  if (!isJsonObject(body)) throw badReply('JSON that is not an object')
  return body
}

/** The message of an Error object (ETSI GS QKD 014 6.5), fit for a terminal and cut to 200 characters. */
function errorMessage(reply: Reply): string | null {
  let body: unknown
  try {
    body = parseJson(reply.body)
  } catch {
    return null
  }
  const message = isJsonObject(body) ? body['message'] : null
  return typeof message === 'string'
    ? message
        .slice(0, 200)
        .replace(/[\p{C}\p{Z}]+/gu, ' ')
        .trim()
    : null
}

function wholeNumber(status: JsonObject, field: string): number {
  const value = status[field]
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw badReply(`a status without a usable ${field}`)
}

function badReply(what: string): TrefoilError {
  return new TrefoilError('ERR_QKD_BAD_REPLY', `the key manager answered with ${what}`)
}
