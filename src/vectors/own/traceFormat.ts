/** Trefoil's own traces: the key schedule by itself, and the core as client and as server. */
import type { CryptoProvider } from '../../crypto/provider.js'
import type { VectorCase, VectorFormat, VectorOutcome } from '../format.js'
import { difference, PASSED } from './compare.js'
import { checkIdentity } from './identities.js'
import { recompute } from './recompute/recompute.js'
import { replay } from './replay/replay.js'
import { FORMAT, type Trace, type TraceFile } from './trace.js'

export const traceFormat: VectorFormat = {
  name: 'Trefoil handshakes',

  recognises: (document) => isObject(document) && document['format'] === FORMAT,

  cases(document) {
    const file = checkFile(document)
    const { identities } = file
    const ofKeys = Object.entries(identities).map(([name, identity]) => ({
      id: `identity ${name}`,
      run: (crypto: CryptoProvider) => checkIdentity(crypto, identities, identity),
    }))
    return [...file.traces.flatMap((trace) => casesOf(file, trace)), ...ofKeys]
  },
}

function casesOf(file: TraceFile, trace: Trace): VectorCase[] {
  const { identities } = file
  const values = { id: `${trace.id} values`, run: (crypto: CryptoProvider) => checkValues(crypto, file, trace) }
  const ends = (['client', 'server'] as const).map((role) => ({
    id: `${trace.id} as ${role}`,
    run: (crypto: CryptoProvider) => replay(crypto, identities, trace, role),
  }))
  return [values, ...ends]
}

function checkValues(crypto: CryptoProvider, { identities, traces }: TraceFile, trace: Trace): VectorOutcome {
  const { values, exporter, messages, flow, keylog } = recompute(crypto, identities, trace)
  return (
    difference(trace.values, values, 'values') ??
    difference(trace.messages, messages, 'messages') ??
    difference(trace.flow, flow, 'flow') ??
    difference(trace.exporter, exporter, 'exporter') ??
    difference(trace.keylog, keylog, 'keylog') ??
    checkResumption(trace, traces) ??
    PASSED
  )
}

/** A ticket that was taken is one that the trace before gave. */
function checkResumption({ resumes, values }: Trace, traces: readonly Trace[]): VectorOutcome | null {
  if (resumes === undefined) return null
  const before = traces.find(({ id }) => id === resumes)
  const tickets = (before?.values['tickets'] ?? []) as { ticket: string; psk: string }[]
  const taken = tickets.find(({ ticket }) => ticket === values['pskIdentity'])
  return difference(taken?.psk, values['psk'], 'values.psk')
}

/** What must be there for the cases to be told apart; what is wrong beyond that fails the case that it stands in. */
function checkFile(document: unknown): TraceFile {
  const file = document as TraceFile
  const { traces } = file ?? {}
  const named = Array.isArray(traces) && traces.length > 0 && traces.every((trace) => typeof trace?.id === 'string')
  if (!named || !isObject(file.identities)) throw new Error('the file has no traces or no identities')
  const whole = ['inputs', 'values', 'messages', 'flow', 'keylog', 'result']
  for (const trace of file.traces) {
    const missing = whole.find((name) => !isObject((trace as unknown as Record<string, unknown>)[name]))
    if (missing !== undefined) throw new Error(`trace ${trace.id} has no ${missing}`)
  }
  return file
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
