/** The alerts that end a connection, or our half of it (RFC 9846 section 6.1). */
import { ALERTS, type AlertName, alertName } from '../alerts.js'
import { TrefoilError } from '../errors.js'
import type { RecordLayer } from './recordLayer.js'

const ALERT_LEVEL = { warning: 1, fatal: 2 } as const

/** The last that we send: nothing may follow it. */
export function sendCloseNotify(records: RecordLayer): void {
  records.sendAlert(ALERT_LEVEL.warning, ALERTS.close_notify)
  records.writingEnded = true
}

export function sendFailure(records: RecordLayer, alert: AlertName): void {
  const canceled = alert === 'user_canceled'
  records.sendAlert(canceled ? ALERT_LEVEL.warning : ALERT_LEVEL.fatal, ALERTS[alert])
  // RFC 9846 6.1: user_canceled is followed by close_notify.
  if (canceled) records.sendAlert(ALERT_LEVEL.warning, ALERTS.close_notify)
}

/** The peer's: its level says nothing in TLS 1.3 (RFC 9846 6). */
export function failureReceived(description: number): TrefoilError {
  const receivedAlert = alertName(description)
  const message = `peer ended the connection with alert ${receivedAlert}`
  return new TrefoilError('ERR_ALERT_RECEIVED', message, { receivedAlert })
}
