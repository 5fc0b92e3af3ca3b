/** The protected part of a handshake: nothing in it can be read, but octets can be changed, moved and left out. */
import { flipped, isProtected, isServerHello, on } from '../editing.js'
import type { Attacker, Passing } from '../manInTheMiddle.js'
import type { Family, Notice, Row } from '../row.js'
import { BY_BOTH, BY_CERTIFICATE, EVERY_MODE } from '../settings.js'

const MAC = 'records are authenticated, with their number (RFC 9846 5.2, 5.3)'

const row = (attack: string, attacker: () => Attacker, by: Notice['by'], more: Partial<Notice> = {}): Row => ({
  attack,
  notices: [{ modes: EVERY_MODE, by, code: 'ERR_BAD_RECORD_MAC', check: MAC, ...more }],
  scene: (honest) => ({ ...honest, attacker }),
})
const of = (end: Passing['from']) => (passing: Passing) => passing.from === end && isProtected(passing)

const fromServer = of('server')
const fromClient = of('client')
/** Where a flight of the server takes several records. */
const WITH_CERTIFICATE = { modes: [...BY_CERTIFICATE, ...BY_BOTH] }

export const RECORDS: Family = {
  title: 'Records changed, moved and left out',
  // Small records, so that one flight has several.
  adapt: (honest) => ({ ...honest, client: { ...honest.client, recordSizeLimit: 1024 } }),
  rows: [
    row(
      "turns a bit of the server's first protected record over",
      on(fromServer, ({ record }) => flipped(record)),
      'client',
    ),
    row(
      "leaves the server's first protected record out",
      on(fromServer, () => null),
      'client',
      WITH_CERTIFICATE,
    ),
    row('swaps the first two protected records of the server', swapping(), 'client', WITH_CERTIFICATE),
    row(
      "sends the server's first protected record twice",
      on(fromServer, ({ record }) => [record, record]),
      'client',
    ),
    row(
      "turns a bit of the client's first protected record over",
      on(fromClient, ({ record }) => flipped(record)),
      'server',
    ),
    row(
      "sends the client's first protected record twice",
      on(fromClient, ({ record }) => [record, record]),
      'server',
    ),
    row(
      'breaks the connection after ServerHello',
      on(isServerHello, ({ record }, line) => {
        line.toClient(record)
        line.cut()
        return null
      }),
      'client',
      { code: 'ERR_TRUNCATED', check: 'a connection ends with close_notify (RFC 9846 6.1)' },
    ),
  ],
}

function swapping(): () => Attacker {
  return () => {
    let held: Buffer | null = null
    let swapped = false
    return (passing) => {
      if (swapped || !fromServer(passing)) return passing.record
      if (held === null) {
        held = passing.record
        return null
      }
      swapped = true
      return [passing.record, held]
    }
  }
}
