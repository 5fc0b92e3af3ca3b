/** A recording that came to its end, with our core in the place of one side: everything must come out as recorded. */
import { toHex } from '../../bytes.js'
import { CIPHER_SUITES } from '../../crypto/cipherSuites.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { type SignatureSchemeName, schemeByCodePoint } from '../../crypto/signatureSchemes.js'
import { expectHex, expectSame, expectText, expectThat, skip } from '../check/outcome.js'
import { CoreReplay } from './coreReplay.js'
import { messagesOf } from './messages.js'
import type { CompletedRecording, Role } from './recording.js'
import { expectSameMeaning } from './sameMeaning.js'
import { contentsIn, recordedContents } from './sentRecords.js'

/** @throws Error at the first thing that is not as recorded */
export function replayCompleted(crypto: CryptoProvider, recording: CompletedRecording, role: Role): void {
  if (sendsEarlyData(recording)) replayEarlyData(crypto, recording, role)
  else replayWhole(crypto, recording, role)
}

function replayWhole(crypto: CryptoProvider, recording: CompletedRecording, role: Role): void {
  const replay = new CoreReplay(crypto, recording, role).run()
  if (replay.error !== null) throw replay.error
  for (const difference of replay.differences) expectSameMeaning(difference)
  checkSecrets(replay, recording)
  const sent = contentsIn(crypto, recording, role, replay.sent)
  expectSame(
    'what is sent',
    withoutTickets(recording, sent),
    withoutTickets(recording, recordedContents(recording, role)),
  )
  checkEvents(replay, recording)
}

function sendsEarlyData({ flow }: CompletedRecording): boolean {
  return flow.some(({ epoch }) => epoch === 'early')
}

/**
 * Trefoil never sends early data. As a server it takes the PSK but not the data, and passes over it, up to where the client
 * counts on it: EndOfEarlyData is in the client's transcript alone.
 */
function replayEarlyData(crypto: CryptoProvider, recording: CompletedRecording, role: Role): void {
  if (role === 'client') skip('Trefoil sends no early data')
  const finished = recording.flow.findIndex(({ from, epoch }) => from === 'client' && epoch === 'handshake')
  const upToFinished = { ...recording, flow: recording.flow.slice(0, finished + 1) }
  const replay = new CoreReplay(crypto, upToFinished, role).run()
  // The binder verified, or there would be no secrets.
  checkSecrets(replay, recording)
  expectSame('the early data that is handed on', replay.eventsOf('applicationData').length, 0)
  expectText('the refusal', replay.error?.code ?? 'none', 'ERR_BAD_FINISHED')
}

/** Against the recorded values, and against what the peer logged and exported itself. */
function checkSecrets({ keylog, exported }: CoreReplay, recording: CompletedRecording): void {
  const { values, exporter, keylog: recorded = [] } = recording
  const secrets = keylog.map((line) => line.split(' ')[2])
  const wanted = [
    values.clientHandshakeTrafficSecret,
    values.serverHandshakeTrafficSecret,
    values.clientApplicationTrafficSecret,
    values.serverApplicationTrafficSecret,
    values.exporterMasterSecret,
  ].filter((secret) => secret !== undefined)
  expectSame('the secrets', [...secrets].sort(), [...wanted].sort())
  // OpenSSL also logs the secrets after a KeyUpdate, with a label that RFC 9850 does not have.
  const known = recorded.filter((line) => !/_SECRET_N /.test(line))
  if (known.length > 0) expectSame('the key log', [...keylog].sort(), known.sort())
  const updated = recorded.filter((line) => /_SECRET_N /.test(line)).map((line) => line.split(' ')[2])
  const next = [values.clientApplicationTrafficSecret1, values.serverApplicationTrafficSecret1]
  if (updated.length > 0) expectSame('the key log after a KeyUpdate', updated.sort(), next.filter(Boolean).sort())
  if (exporter !== undefined) expectText('the exported value', exported ?? '', exporter.value)
}

/** Tickets of a server are its own affair, and they move the sequence numbers of the data behind them. */
function withoutTickets(recording: CompletedRecording, contents: readonly string[]): readonly string[] {
  const ticket = messagesOf(recording).some(({ type }) => type === 'new_session_ticket')
  return ticket ? contents.filter((line) => !line.startsWith('application handshake')) : contents
}

function checkEvents(replay: CoreReplay, { values, flow }: CompletedRecording): void {
  const ofPeer = flow.filter(({ from }) => from !== replay.role)
  const received = replay.eventsOf('applicationData').map(({ data }) => toHex(data))
  const data = ofPeer.filter(({ contentType }) => contentType === 'application_data').map(({ payload }) => payload)
  expectSame('the data that arrives', received, data)
  const closed = ofPeer.filter(({ contentType }) => contentType === 'alert')
  expectSame('the ends that are told', replay.eventsOf('peerClosed').length, closed.length)
  if (replay.role === 'client' && values.resumptionPsk !== undefined) {
    const [session] = replay.sessions
    expectThat(session !== undefined, 'the ticket gives no session')
    if (session !== undefined) expectHex('the PSK of the session', session.psk, values.resumptionPsk)
  }
  checkSummary(replay, values)
}

function checkSummary({ role, summary }: CoreReplay, values: CompletedRecording['values']): void {
  expectText('the cipher suite', summary?.cipherSuite ?? 'none', values.cipherSuite)
  expectText('the hash', summary === null ? 'none' : CIPHER_SUITES[summary.cipherSuite].hash, values.hash)
  const [pair] = values.serverKeyPairs ?? []
  if (pair !== undefined) expectText('the group', summary?.group ?? 'none', pair.group)
  const [local, peer] = [summary?.localSignatureScheme ?? null, summary?.peerSignatureScheme ?? null]
  checkScheme('the scheme of the client', role === 'client' ? local : peer, values.clientSignatureScheme)
  checkScheme('the scheme of the server', role === 'server' ? local : peer, values.serverSignatureScheme)
  const accepted = values.pskAccepted ?? values.psk !== undefined
  expectThat((summary?.psk !== null) === accepted, `the PSK is ${accepted ? 'not taken' : 'taken, which it was not'}`)
}

/** @param codePoint in hex */
function checkScheme(what: string, used: SignatureSchemeName | null, codePoint: string | undefined): void {
  if (codePoint === undefined) return
  expectText(what, used ?? 'none', schemeByCodePoint(Number.parseInt(codePoint, 16)) ?? `0x${codePoint}`)
}
