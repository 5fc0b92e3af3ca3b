/** What the key manager says back, before it is HTTP. */

import type { JsonObject } from '../etsi014/wire.js'
import type { QkdKey } from '../keySource.js'

export type Answer =
  /** 200 with a Key container. */
  | { readonly keys: readonly QkdKey[] }
  | { readonly status: number; readonly body: JsonObject | null; readonly allow?: string }

/** Ends the handling of a request; stays inside the key manager and becomes its HTTP status and Error object. */
export class RequestRefused extends Error {
  readonly answer: Answer

  /** 401 goes without a body (ETSI GS QKD 014 5.2 to 5.4), hence without a message. */
  constructor(status: 400 | 404 | 405 | 413 | 503, message: string, allow?: string)
  constructor(status: 401)
  constructor(status: number, message?: string, allow?: string) {
    super(message ?? 'unauthorized')
    const body = message === undefined ? null : { message }
    this.answer = allow === undefined ? { status, body } : { status, body, allow }
  }
}
