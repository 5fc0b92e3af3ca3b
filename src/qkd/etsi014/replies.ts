/**
 * What a key manager's reply means before its content is looked at (ETSI GS QKD 014 5.2 to 5.4, 6.5). Every field is
 * untrusted; nothing of a reply but its error message, cut short, enters an error.
 */
import { TrefoilError } from '../../errors.js'
import type { Reply } from './exchange.js'
import { isJsonObject, type JsonObject, type KeyMethod, MESSAGES, parseJson } from './wire.js'

export type { Reply } from './exchange.js'

/**
 * The object in the body of a reply with status 200.
 * @param method what was asked; decides what a 400 or 404 says of keys
 * @throws TrefoilError ERR_QKD_BAD_REPLY, or as {@link refusalIn}
 */
export function successfulBody(reply: Reply, method: KeyMethod): JsonObject {
  const refusal = refusalIn(reply, method)
  if (refusal !== null) throw refusal
  const body = parseJson(reply.body)
  if (!isJsonObject(body)) throw badReply('JSON that is not an object')
  return body
}

/** The error that a reply stands for, or null when it is a success. */
export function refusalIn(reply: Reply, method: KeyMethod): TrefoilError | null {
  if (reply.status === 200) return null
  // 401 comes without a body, and in the field with an HTML page.
  if (reply.status === 401) {
    return new TrefoilError('ERR_QKD_UNAUTHORIZED', 'the key manager refused this SAE the key or the service')
  }
  const message = errorMessage(reply)
  const said = message === null ? '' : `: ${message}`
  if (saysKeyNotFound(reply.status, message, method)) {
    const doubt = reply.status === 404 ? 'or the URL leads elsewhere (status 404)' : 'or not any more'
    return new TrefoilError('ERR_QKD_KEY_NOT_FOUND', `the key manager does not hold the key, ${doubt}${said}`)
  }
  if (reply.status === 503) {
    return isOutage(message)
      ? new TrefoilError('ERR_QKD_UNREACHABLE', `the key manager is not in service${said}`)
      : new TrefoilError('ERR_QKD_EXHAUSTED', `the key manager has no key to give${said}`)
  }
  return new TrefoilError('ERR_QKD_REFUSED', `the key manager refused the request with status ${reply.status}${said}`)
}

/**
 * Whether the key manager itself says that it gives no key now, for another reason than a lack of keys, and when to come
 * back. A gateway's 503 carries no Error object and may come after the key manager has answered; a lack of keys is told
 * at once, since whoever waits for one wants to know.
 */
export function isRefusedForNow(reply: Reply): boolean {
  if (reply.status !== 503 || typeof reply.retryAfter !== 'number') return false
  const message = errorMessage(reply)
  return message !== null && isOutage(message)
}

export function badReply(what: string): TrefoilError {
  return new TrefoilError('ERR_QKD_BAD_REPLY', `the key manager answered with ${what}`)
}

/** Without an Error object nobody has said anything about keys. */
function isOutage(message: string | null): boolean {
  return message === null || /unreachable|unavailable|not answer|not connected|maintenance/i.test(message)
}

/** 400 with the standard's words (5.4). Others answer in words of their own, or with 404, which it does not know. */
function saysKeyNotFound(status: number, message: string | null, method: KeyMethod): boolean {
  if (status === 400 && message === MESSAGES.keysNotFound) return true
  if (method !== 'dec_keys') return false
  return status === 404 || (status === 400 && message !== null && /\bkey.*\bnot (be )?found\b/i.test(message))
}

/** Characters of an Error's message, and of its details, that an error sentence carries. */
const MAX_MESSAGE_LENGTH = 200

/** Message and details of an Error object (6.5), fit for a terminal and cut short. */
function errorMessage(reply: Reply): string | null {
  let body: unknown
  try {
    body = parseJson(reply.body)
  } catch {
    return null
  }
  if (!isJsonObject(body) || typeof body['message'] !== 'string') return null
  const { details } = body
  const more = Array.isArray(details) ? printable(details.map((detail) => JSON.stringify(detail)).join(', ')) : ''
  return printable(body['message']) + (more === '' ? '' : ` (${more})`)
}

function printable(text: string): string {
  return text
    .slice(0, MAX_MESSAGE_LENGTH)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
}
