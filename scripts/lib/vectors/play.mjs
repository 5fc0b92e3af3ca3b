// A connection between two cores in one process, record by record, and the trace that it makes.
import { ALERTS } from '../../../dist/alerts.js'
import { toHex } from '../../../dist/bytes.js'
import { nodeProvider } from '../../../dist/crypto/index.js'
import { recompute } from '../../../dist/vectors/own/recompute/recompute.js'
import { Endpoint } from '../../../dist/vectors/own/replay/endpoint.js'
import { identitiesFor } from './identities.mjs'
import { remembering } from './remembering.mjs'

/** Native where this Node is; the octets are the same with every provider. */
const provider = remembering(nodeProvider)
/** For `alteration.message`: all of them. */
const DOUBTED = 'all'
const OTHER = { client: 'server', server: 'client' }

/**
 * @param definition id, title, inputs; for a refusal `refused` ({ by, error }) and, where an end breaks the rules,
 *   `alteration` ({ by, what }) with `substitute` (message, of what role → message) or `onWire` (record, from → record)
 */
export function makeTrace(definition) {
  const { id, title, resumes, refused } = definition
  const identities = identitiesFor([definition])
  const played = play(identities, definition)
  const { flow, refuser } = played
  const inputs = { ...definition.inputs, actions: played.actions }
  const result = judge(definition, refuser)
  const alteration = locate(identities, { ...definition, inputs, result, flow }, played.altered)
  const named = { id, title, result, ...(resumes ? { resumes } : {}), ...(alteration ? { alteration } : {}) }
  const recomputed = recomputeOr(id, identities, { ...named, inputs, flow })
  const { values, exporter, messages, flow: described, keylog } = recomputed
  if (refused === undefined && exporter === undefined) throw new Error(`the handshake ${id} was not completed`)
  return { ...named, inputs, values, ...(exporter ? { exporter } : {}), messages, flow: described, keylog }
}

function recomputeOr(id, identities, given) {
  try {
    return recompute(provider, identities, given)
  } catch (cause) {
    throw new Error(`trace ${id} cannot be made`, { cause })
  }
}

/** Which of the messages or records is not what it would have been. */
function locate(identities, given, { message, record, original }) {
  const { id, alteration } = given
  if (alteration === undefined) return undefined
  if (original === undefined) throw new Error(`nothing was altered in ${id}`)
  const { by, what } = alteration
  if (by === 'network') return { by, what, record, original }
  // Nothing that this end sends is believed, whichever message it is.
  const count = recomputeOr(id, identities, { ...given, alteration: { by, message: DOUBTED } }).messages
  return { by, what, message: count.findLastIndex((sent) => sent.from === by && sent.message === message), original }
}

function judge({ id, refused }, refuser) {
  const found = refuser === null ? 'nobody' : `${refuser.role}, ${refuser.error.code}`
  const expected = refused === undefined ? 'nobody' : `${refused.by}, ${refused.error}`
  if (found !== expected)
    throw new Error(`${id} is refused by ${found} in place of ${expected}`, { cause: refuser?.error })
  if (refuser === null) return { ok: true }
  const { code, alert } = refuser.error
  return { ok: false, refusedBy: refuser.role, alert: [2, ALERTS[alert]], alertName: alert, error: code }
}

function play(identities, { inputs, substitute, onWire }) {
  let altered = {}
  const note = (original, changed, more) => {
    if (changed !== original) altered = { original, ...more }
    return changed
  }
  const end = (role) =>
    new Endpoint(
      provider,
      identities,
      inputs,
      role,
      substitute &&
        ((message) => {
          const changed = substitute(message, role)
          note(toHex(message), toHex(changed), { message: toHex(changed) })
          return changed
        }),
    )
  const ends = { client: end('client'), server: end('server') }
  const passed = { client: 0, server: 0 }
  const flow = []
  const next = (role) => {
    const record = ends[role].records[passed[role]]
    if (record === undefined) return false
    passed[role]++
    const delivered = note(record, onWire?.(record, role, flow) ?? record, { record: flow.length })
    flow.push({ from: role, record: delivered })
    ends[OTHER[role]].receive(delivered)
    return true
  }
  const refuser = () =>
    ['client', 'server'].map((role) => ({ role, error: ends[role].error })).find(({ error }) => error)
  const actions = []
  ends.client.start()
  for (const action of [null, ...inputs.actions]) {
    if (action !== null) {
      ends[action.by].act(action)
      actions.push(action)
    }
    for (;;) {
      const found = refuser()
      if (found !== undefined) {
        const { role } = found
        for (const record of ends[role].records.slice(passed[role])) flow.push({ from: role, record })
        return { flow, refuser: found, actions, altered }
      }
      if (!next('client') && !next('server')) break
    }
  }
  return { flow, refuser: null, actions, altered }
}
