/**
 * Botan's run with an external PSK (src/tests/data/tls_13_rfc8448/transcripts.vec): raw records, some of the messages in them, and
 * what both sides drew. The rest of a recording is derived from that, and must open every record.
 */
import { toHex, utf8 } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { BINDER_LABELS } from '../../tls/keySchedule.js'
import { decodeClientHello } from '../../tls/messages/clientHello.js'
import { readClientHelloExtensions } from '../../tls/messages/clientHelloExtensions.js'
import { Fields, isObject, type JsonObject } from '../check/fields.js'
import { expectHex, outcomeOf } from '../check/outcome.js'
import type { VectorFormat } from '../format.js'
import { replayCompleted } from '../recordings/completedReplay.js'
import { KeyScheduleReplay } from '../recordings/keyScheduleReplay.js'
import type { CompletedRecording, RecordedRecord, Role } from '../recordings/recording.js'
import { checkRecords } from '../recordings/records.js'
import { BotanRun } from './botanRun.js'

const NEEDED = [
  ...['Client_RNG_Pool', 'Server_RNG_Pool', 'PskIdentity', 'PskSecret'],
  ...['Record_ClientHello_1', 'Record_ServerHello', 'Record_ServerHandshakeMessages', 'Record_ClientFinished'],
]

export const botanTranscript: VectorFormat = {
  name: "Botan's external PSK transcript",
  recognises: (document) => isObject(document) && NEEDED.every((name) => typeof document[name] === 'string'),
  cases(document) {
    const fields = new Fields(document as JsonObject)
    const check = (id: string, step: (crypto: CryptoProvider, recording: CompletedRecording) => void) => ({
      id,
      run: (crypto: CryptoProvider) => outcomeOf(() => step(crypto, recordingOf(crypto, fields))),
    })
    return [
      check('key schedule', (crypto, recording) => new KeyScheduleReplay(crypto, recording).run()),
      check('records', checkRecords),
      check('with our core as the client', (crypto, recording) => replayCompleted(crypto, recording, 'client')),
      check('with our core as the server', (crypto, recording) => replayCompleted(crypto, recording, 'server')),
    ]
  },
}

/** @throws Error when a record does not open, or to something else than what is given */
function recordingOf(crypto: CryptoProvider, fields: Fields): CompletedRecording {
  const run = new BotanRun(crypto, fields)
  return {
    id: 'the transcript',
    identities: [],
    values: {
      cipherSuite: run.cipherSuite,
      hash: run.hash,
      clientKeyPairs: [run.client],
      serverKeyPairs: [run.server],
      sharedSecret: toHex(run.sharedSecret),
      psk: toHex(fields.octets('PskSecret')),
      pskIdentity: toHex(utf8(fields.text('PskIdentity'))),
      pskAccepted: true,
      binder: { label: BINDER_LABELS.external, binder: binderIn(run.clientHello) },
      clientHandshakeTrafficSecret: toHex(run.handshakeSecrets.client),
      serverHandshakeTrafficSecret: toHex(run.handshakeSecrets.server),
      clientApplicationTrafficSecret: toHex(run.applicationSecrets.client),
      serverApplicationTrafficSecret: toHex(run.applicationSecrets.server),
      exporterMasterSecret: toHex(run.exporterSecret),
    },
    flow: flowOf(run, fields),
  }
}

function flowOf(run: BotanRun, fields: Fields): RecordedRecord[] {
  const hello = (from: Role, name: string, payload: Uint8Array): RecordedRecord =>
    recordOf(fields, name, { from, contentType: 'handshake', epoch: 'plaintext' }, payload)
  const flight = (from: Role, name: string, payload: Uint8Array): RecordedRecord =>
    recordOf(fields, name, { from, contentType: 'handshake', epoch: 'handshake', seq: 0 }, payload)
  return [
    hello('client', 'Record_ClientHello_1', run.clientHello),
    hello('server', 'Record_ServerHello', run.serverHello),
    flight('server', 'Record_ServerHandshakeMessages', run.serverFlight),
    flight('client', 'Record_ClientFinished', run.open('Record_ClientFinished', run.handshakeSecrets.client)),
    ...dataOf(run, fields, 'client', 'Client'),
    ...dataOf(run, fields, 'server', 'Server'),
    ...closeOf(run, fields, 'client', 'Client'),
    ...closeOf(run, fields, 'server', 'Server'),
  ]
}

function dataOf(run: BotanRun, fields: Fields, from: Role, side: string): RecordedRecord[] {
  const name = `Record_${side}_AppData`
  if (!fields.has(name)) return []
  const content = run.open(name, run.applicationSecrets[from])
  const given = `${side}_AppData`
  if (fields.has(given)) expectHex(given, content, fields.text(given))
  return [recordOf(fields, name, { from, contentType: 'application_data', epoch: 'application', seq: 0 }, content)]
}

/** After one record of data. */
function closeOf(run: BotanRun, fields: Fields, from: Role, side: string): RecordedRecord[] {
  const name = `Record_${side}_CloseNotify`
  if (!fields.has(name)) return []
  const seq = fields.has(`Record_${side}_AppData`) ? 1 : 0
  const content = run.open(name, run.applicationSecrets[from], seq)
  return [recordOf(fields, name, { from, contentType: 'alert', epoch: 'application', seq }, content)]
}

function recordOf(
  fields: Fields,
  name: string,
  rest: Omit<RecordedRecord, 'payload' | 'record'>,
  payload: Uint8Array,
): RecordedRecord {
  return { ...rest, payload: toHex(payload), record: toHex(fields.octets(name)) }
}

function binderIn(clientHello: Uint8Array): string {
  const { offeredPsks } = readClientHelloExtensions(decodeClientHello(clientHello.subarray(4)))
  const [binder] = offeredPsks?.binders ?? []
  if (binder === undefined) throw new Error('the ClientHello has no binder')
  return toHex(binder)
}
