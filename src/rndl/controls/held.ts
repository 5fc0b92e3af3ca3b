/** What endpoints really hold when a session ends, read off their last records: a broken KeyUpdate may leave anything. */
import { sentBy, type TapedConnection } from '../adversary/index.js'
import { SESSION } from '../endpoints/index.js'
import type { LeakedValues, RecordedRun } from '../model.js'
import type { Hex, Trace } from '../trace/trace.js'

/** HkdfLabel has the label with `tls13 ` before it and its length before that (RFC 9846 7.1, 7.3). */
const KEY_LABEL = Buffer.from('\x09tls13 key').toString('hex')

/** The leak `memory` of a run: the traffic secrets behind the keys of both last records. */
export function memoryOf({ tape, trace }: Pick<RecordedRun, 'tape' | 'trace'>): LeakedValues {
  const session = tape.filter(({ name }) => name === SESSION)
  const keys = session.flatMap((connection) => lastKeys(connection, trace))
  const secrets = keys.flatMap((key) => trafficSecretOf(key, trace) ?? [])
  const trafficSecrets = secrets.map((secret) => Buffer.from(secret, 'hex'))
  return { leak: 'memory', values: { trafficSecrets }, octets: secrets }
}

function lastKeys(connection: TapedConnection, trace: Trace): Hex[] {
  return (['client', 'server'] as const).flatMap((from) => {
    const octets = sentBy(connection, from).toString('hex')
    const last = trace.findLast((step) => step.kind === 'seal' && octets.endsWith(step.sealed))
    return last?.kind === 'seal' ? [last.key] : []
  })
}

function trafficSecretOf(key: Hex, trace: Trace): Hex | null {
  const made = trace.find((step) => step.kind === 'mac' && step.data.includes(KEY_LABEL) && step.output.startsWith(key))
  return made?.kind === 'mac' ? made.key : null
}
