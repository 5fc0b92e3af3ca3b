/** What all replies of an examination show together. */
import { isJsonObject, parseJson } from '../etsi014/wire.js'
import type { HttpReply } from './asker.js'
import { fail, pass, skipped, type Verdict, warn } from './check.js'

export class Evidence {
  #json = 0
  #otherTypes = new Set<string>()
  #unauthorized = 0
  #unauthorizedWithBody = 0
  #errors = 0
  #notErrorObjects = 0

  see({ status, body, contentType }: Pick<HttpReply, 'status' | 'body' | 'contentType'>): void {
    if (status === 401) {
      this.#unauthorized++
      if (body.length > 0) this.#unauthorizedWithBody++
      return
    }
    if (status === 200) {
      this.#json++
      const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? 'nothing'
      if (type !== 'application/json') this.#otherTypes.add(type.slice(0, 40))
    }
    if (status === 400 || status === 503) {
      this.#errors++
      if (!isErrorObject(body)) this.#notErrorObjects++
    }
  }

  seeUnauthorized(body: string): void {
    this.#unauthorized++
    if (body !== '') this.#unauthorizedWithBody++
  }

  mediaType(): Verdict {
    if (this.#json === 0) return skipped('no request succeeded')
    if (this.#otherTypes.size === 0) return pass('every reply that holds JSON says so')
    return warn(`JSON came as ${[...this.#otherTypes].join(', ')} where application/json is laid down`)
  }

  unauthorized(): Verdict {
    if (this.#unauthorized === 0) return skipped('no request was answered with 401')
    if (this.#unauthorizedWithBody === 0) return pass('401 came without a body')
    return warn('401 came with a body, which the standard leaves out')
  }

  errors(): Verdict {
    if (this.#errors === 0) return skipped('no request was answered with 400 or 503')
    if (this.#notErrorObjects === 0) return pass('every 400 and 503 carried an Error object with a message')
    return fail(`${this.#notErrorObjects} of ${this.#errors} replies with 400 or 503 carried no Error object`)
  }
}

/** Error, 6.5: a message, and details that are a list of objects where there are any. */
function isErrorObject(body: Uint8Array): boolean {
  let error: unknown
  try {
    error = parseJson(body)
  } catch {
    return false
  }
  if (!isJsonObject(error) || typeof error['message'] !== 'string') return false
  const details = error['details']
  return details === undefined || details === null || (Array.isArray(details) && details.every(isJsonObject))
}
