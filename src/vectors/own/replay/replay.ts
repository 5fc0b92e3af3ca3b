/**
 * A trace with the core in the place of one of its ends: fed what the other end sent, it must send what was recorded. Of an
 * end that breaks the rules, the core sends what it would have sent, and what was recorded goes out in its place.
 */

import { ALERTS } from '../../../alerts.js'
import { fromHex, toHex } from '../../../bytes.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import type { VectorOutcome } from '../../format.js'
import { difference, PASSED } from '../compare.js'
import type { Action, Role, Trace, TraceFile } from '../trace.js'
import { Endpoint } from './endpoint.js'

export function replay(
  crypto: CryptoProvider,
  identities: TraceFile['identities'],
  trace: Trace,
  role: Role,
): VectorOutcome {
  const substitution = substitutionOf(trace, role)
  const endpoint = new Endpoint(crypto, identities, trace.inputs, role, substitution?.substitute)
  const exported = play(endpoint, trace, role)
  return (
    checkRecords(endpoint, trace, role) ??
    (substitution?.done() === false ? { failed: 'alteration.original differs from what the core sends' } : null) ??
    checkEnd(endpoint, trace, role) ??
    checkKeyLog(endpoint, trace, role) ??
    (trace.exporter === undefined ? null : difference(trace.exporter.value, exported, 'exporter.value')) ??
    PASSED
  )
}

function substitutionOf({ alteration, messages }: Trace, role: Role) {
  if (alteration?.by !== role) return null
  const [original, altered] = [alteration.original, messages[alteration.message]?.message ?? '']
  let done = false
  const substitute = (message: Uint8Array): Uint8Array => {
    if (done || toHex(message) !== original) return message
    done = true
    return fromHex(altered)
  }
  return { substitute, done: () => done }
}

/** Each record of the flow in its turn: the peer's is fed, and before an own one that is not out yet comes an action. */
function play(endpoint: Endpoint, { flow, inputs, exporter }: Trace, role: Role): string | null {
  const actions: Action[] = inputs.actions.filter(({ by }) => by === role)
  let exported: string | null = null
  let sent = 0
  endpoint.start()
  for (const { from, record } of flow) {
    if (from !== role) endpoint.receive(record)
    else if (++sent > endpoint.records.length) {
      const action = actions.shift()
      if (action !== undefined && endpoint.complete) endpoint.act(action)
    }
    if (exported === null && exporter !== undefined && endpoint.complete) {
      exported = endpoint.export(exporter.label, fromHex(exporter.context), exporter.length)
    }
  }
  return exported
}

/** What an end had sent already when its peer refused, and the peer did not read, is not recorded. */
function checkRecords({ records }: Endpoint, { flow, result, alteration }: Trace, role: Role): VectorOutcome | null {
  const recorded = flow.flatMap(({ from, record }, i) => {
    if (from !== role) return []
    return alteration?.by === 'network' && alteration.record === i ? [alteration.original] : [record]
  })
  const read = result.ok || result.refusedBy === role ? records : records.slice(0, recorded.length)
  return difference(recorded, read, `records of the ${role}`)
}

function checkEnd(endpoint: Endpoint, trace: Trace, role: Role): VectorOutcome | null {
  const { result, flow, values } = trace
  const { error } = endpoint
  if (result.ok) {
    const ofPeer = flow.filter(({ from, contentType }) => from !== role && contentType === 'application_data')
    const psks = ((values['tickets'] ?? []) as { psk: string }[]).map(({ psk }) => psk)
    return (
      (error === null ? null : { failed: `the ${role} refuses: ${error.code}, ${error.message}` }) ??
      (endpoint.peerClosed ? null : { failed: `the ${role} has seen no close_notify` }) ??
      difference(
        ofPeer.map(({ payload }) => payload),
        endpoint.received,
        'application data',
      ) ??
      (role === 'client' ? difference(psks, endpoint.sessionPsks, 'tickets') : null)
    )
  }
  const refuses = result.refusedBy === role
  if (!refuses && secretsDiffer(trace)) return null
  const code = error?.code ?? 'no error'
  const alert = ALERTS[result.alertName as keyof typeof ALERTS]
  return (
    difference(refuses ? result.error : 'ERR_ALERT_RECEIVED', code, 'result.error') ??
    difference(result.alertName, error?.alert ?? null, 'result.alertName') ??
    difference(result.alert, [2, alert], 'result.alert')
  )
}

/** Whether the two ends have different keys, so that the one cannot read with what alert the other refuses. */
function secretsDiffer({ flow, alteration }: Trace): boolean {
  return alteration?.by !== 'network' && flow.some(({ contentType }) => contentType === 'invalid')
}

/** An end that refuses may have logged less than can be computed; its peer, who knows other secrets, is not asked. */
function checkKeyLog({ keylog }: Endpoint, trace: Trace, role: Role): VectorOutcome | null {
  if (trace.result.ok) return difference([...trace.keylog].sort(), [...keylog].sort(), 'keylog')
  if (trace.result.refusedBy !== role) return null
  const stray = keylog.find((line) => !trace.keylog.includes(line))
  return stray === undefined ? null : { failed: 'a logged secret is not in keylog', actual: stray }
}
