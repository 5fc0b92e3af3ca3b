/** Get status (5.2), and whether the fields of Status (6.1) can all be true. */
import { isJsonObject, parseJson } from '../../etsi014/wire.js'
import { type Check, cannotTry, fail, pass, Stop, type Verdict, warn, worst } from '../check.js'
import type { Examination } from '../examination.js'
import { describeRefusal, judgeRefusal } from '../refusals.js'

const TEXTS = ['source_KME_ID', 'target_KME_ID', 'master_SAE_ID', 'slave_SAE_ID']
const COUNTS = [
  ...['key_size', 'stored_key_count', 'max_key_count', 'max_key_per_request'],
  ...['max_key_size', 'min_key_size', 'max_SAE_ID_count'],
]

export const statusChecks: readonly Check[] = [
  {
    id: 'status.get',
    clause: '5.2',
    rule: 'GET status gives a JSON object. Without an answer at all nothing else is asked.',
    needs: ['transport.chain'],
    async run(examination) {
      examination.status = await readStatus(examination)
      return pass('status came')
    },
  },
  {
    id: 'status.post',
    clause: '5.2',
    rule: 'status is read with GET alone.',
    needs: ['status.get'],
    async run({ own, options }) {
      const reply = await own.keys(options.peerSaeId, 'status', { body: {} })
      if (reply.status === 200) return warn('POST status is answered as GET is')
      return judgeRefusal(reply, { what: 'POST status', statuses: [400, 404, 405] })
    },
  },
  {
    id: 'status.fields',
    clause: '6.1',
    rule: 'Every field is there, IDs as strings, counts and sizes as whole numbers.',
    needs: ['status.get'],
    run(examination) {
      const { status } = examination
      const wrong = [
        ...TEXTS.filter((field) => typeof status[field] !== 'string' || status[field] === ''),
        ...COUNTS.filter((field) => examination.count(field) === null),
      ]
      const extension = status['status_extension'] ?? {}
      if (!isJsonObject(extension)) wrong.push('status_extension')
      return wrong.length === 0 ? pass('every field is there') : fail(`missing or of another type: ${wrong.join(', ')}`)
    },
  },
  {
    id: 'status.identifiers',
    clause: '6.1',
    rule: 'slave_SAE_ID is the SAE asked about, source_KME_ID the KME ID expected, target_KME_ID another.',
    needs: ['status.get'],
    run({ status, options }) {
      const { slave_SAE_ID: slave, source_KME_ID: source, target_KME_ID: target } = status
      const verdicts: Verdict[] = []
      if (slave !== options.peerSaeId) verdicts.push(fail('slave_SAE_ID is not the SAE asked about'))
      if (options.kmeId !== undefined && source !== options.kmeId) {
        verdicts.push(fail(`source_KME_ID is not ${options.kmeId}`))
      }
      if (source === target) verdicts.push(warn('source_KME_ID and target_KME_ID are the same'))
      return worst(verdicts, 'the IDs are those expected')
    },
  },
  {
    id: 'status.consistent',
    clause: '6.1',
    rule: 'Sizes and counts do not contradict each other.',
    needs: ['status.fields'],
    run: (examination) => worst(contradictions(examination), 'sizes and counts fit together'),
  },
  {
    id: 'status.latency',
    clause: 'none',
    rule: 'For information: how long status takes. A warning when a client would give up (5 s).',
    needs: ['status.get'],
    async run({ own, options }) {
      const times: number[] = []
      for (let call = 0; call < 12; call++) {
        times.push((await own.keys(options.peerSaeId, 'status')).milliseconds)
      }
      times.sort((a, b) => a - b)
      const at = (share: number): number => times[Math.ceil(share * times.length) - 1] as number
      const text = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)))
      const found = `status: ${text(at(0.01))} ms at best, ${text(at(0.5))} in the median, ${text(at(0.95))} at p95`
      return at(0.95) > CLIENT_TIMEOUT ? warn(`${found}; clients give up after ${CLIENT_TIMEOUT} ms`) : pass(found)
    },
  },
  {
    id: 'status.connection',
    clause: '5.1; RFC 9112 9.3',
    rule: 'A connection carries more than one request; otherwise every key costs a TLS handshake.',
    needs: ['status.get'],
    async run({ own, options }) {
      const { reused } = await own.keys(options.peerSaeId, 'status')
      return reused ? pass('connections are used again') : warn('every request needs a connection of its own')
    },
  },
]

/** The time-out of the client of this library, unless it is told otherwise. */
const CLIENT_TIMEOUT = 5000

/** @throws Stop with `fail` when none comes */
export async function readStatus({ own, options }: Examination) {
  const reply = await own.keys(options.peerSaeId, 'status')
  if (reply.status !== 200) throw new Stop(fail(`status was answered with ${describeRefusal(reply)}`))
  const status = parseJson(reply.body)
  if (!isJsonObject(status)) throw new Stop(fail('status is not a JSON object'))
  return status
}

function contradictions(examination: Examination): Verdict[] {
  const count = (field: string): number => {
    const value = examination.count(field)
    if (value === null) throw cannotTry(`there is no ${field}`)
    return value
  }
  const [size, least, most] = [count('key_size'), count('min_key_size'), count('max_key_size')]
  const [stored, capacity] = [count('stored_key_count'), count('max_key_count')]
  const verdicts: Verdict[] = []
  if (least > most) verdicts.push(fail(`min_key_size ${least} is above max_key_size ${most}`))
  else if (size < least || size > most) verdicts.push(fail(`key_size ${size} is not from ${least} to ${most}`))
  if (size === 0) verdicts.push(fail('key_size is 0'))
  if (count('max_key_per_request') === 0) verdicts.push(fail('max_key_per_request is 0'))
  if (size > 0 && size < 128) verdicts.push(warn(`key_size is ${size}; it is in bits, not in bytes`))
  if (stored > capacity) verdicts.push(warn(`stored_key_count ${stored} is above max_key_count ${capacity}`))
  if (count('max_key_per_request') > capacity) verdicts.push(warn('max_key_per_request is above max_key_count'))
  return verdicts
}
