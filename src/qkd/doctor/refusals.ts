/** How a request that must be refused was refused. */
import { isJsonObject, parseJson } from '../etsi014/wire.js'
import type { HttpReply } from './asker.js'
import { fail, pass, type Verdict, warn } from './check.js'

export interface Expected {
  /** What was asked, as the subject of a sentence: `a size of 255 bits`. */
  readonly what: string
  /** Statuses that the standard has for it; default 400 alone. */
  readonly statuses?: readonly number[]
  /** The message that the standard words itself. */
  readonly message?: string
}

export function judgeRefusal(reply: HttpReply, { what, statuses = [400], message }: Expected): Verdict {
  const got = describeRefusal(reply)
  if (reply.status >= 200 && reply.status < 300) return fail(`${what} was accepted`)
  if (!statuses.includes(reply.status)) {
    return warn(`${what} was refused with ${got} where ${statuses.join(' or ')} is laid down`)
  }
  if (message !== undefined && messageIn(reply) !== message) {
    return warn(`${what} was refused with ${got}, not with the message "${message}"`)
  }
  return pass(`${what} was refused with ${got}`)
}

/** Status and message of a reply that is not a success. */
export function describeRefusal(reply: HttpReply): string {
  const message = messageIn(reply)
  return `status ${reply.status}${message === null ? '' : ` "${message}"`}`
}

/** The message of an Error object (6.5), fit for a terminal and cut to 80 characters. */
function messageIn({ status, body }: HttpReply): string | null {
  // Only refusals carry one; a success may carry keys.
  if (status < 400) return null
  try {
    const error = parseJson(body)
    const message = isJsonObject(error) ? error['message'] : null
    return typeof message === 'string'
      ? message
          .slice(0, 80)
          .replace(/[\p{C}\p{Z}]+/gu, ' ')
          .trim()
      : null
  } catch {
    return null
  }
}
