/** Turning connections away before anything is spent on them. */
import type { Socket } from 'node:net'
import { ALERTS } from '../../alerts.js'
import { alertFor, type TrefoilError } from '../../errors.js'
import { ContentType } from '../../tls/wire/codePoints.js'
import { RECORD_HEADER_LENGTH, writeRecordHeader } from '../../tls/wire/record.js'
import { closeAfterFlush } from '../transportClosing.js'
import { reset } from './reset.js'

/** Connections that may linger for their alert to be read; more at once are a flood, which gets none. */
const MAX_LINGERING = 64
/** AlertLevel (RFC 9846 6). */
const FATAL = 2

export class Refusals {
  readonly #role: 'client' | 'server'
  readonly #lingering = new Set<Socket>()

  constructor(role: 'client' | 'server') {
    this.#role = role
  }

  /** A Trefoil client is told by an alert in the clear, as before any key is agreed (RFC 9846 6.2); a plain one by a reset. */
  refuse(inbound: Socket, error: TrefoilError): void {
    const alert = alertFor(error.code)
    if (this.#role === 'client' || alert === null || this.#lingering.size >= MAX_LINGERING) {
      reset(inbound)
      return
    }
    this.#lingering.add(inbound)
    inbound.once('close', () => this.#lingering.delete(inbound))
    const record = new Uint8Array(RECORD_HEADER_LENGTH + 2)
    writeRecordHeader(record, ContentType.alert, 2)
    record.set([FATAL, ALERTS[alert]], RECORD_HEADER_LENGTH)
    inbound.write(record)
    closeAfterFlush(inbound)
  }
}
