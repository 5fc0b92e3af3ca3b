/** A recorded refusal: a ClientHello that was spoilt, and the server's alert. Our core must refuse and be refused alike. */
import { ALERTS } from '../../alerts.js'
import { EMPTY, fromHex, toHex } from '../../bytes.js'
import { NAMED_GROUPS } from '../../crypto/groups.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import type { MldsaAlgorithm } from '../../crypto/signatureKeys.js'
import { parseCertificate } from '../../pki/index.js'
import { decodeClientHello } from '../../tls/messages/clientHello.js'
import { readClientHelloExtensions } from '../../tls/messages/clientHelloExtensions.js'
import type { Credential } from '../../tls/requests.js'
import { ExtensionType } from '../../tls/wire/codePoints.js'
import { expectSame, expectText, expectThat, skip } from '../check/outcome.js'
import { CoreReplay } from './coreReplay.js'
import { messagesOf } from './messages.js'
import { type RecordedIdentity, type RecordedKeyPair, type Recording, type Role, seedOf } from './recording.js'
import { recordedRecords, recordsIn } from './sentRecords.js'

/** The half of X25519MLKEM768 that comes last. */
const X25519_LENGTH = 32

/** @throws Error at the first thing that is not as recorded */
export function replayRefused(crypto: CryptoProvider, recording: Recording, role: Role): void {
  const [alert] = recording.flow.filter(({ contentType }) => contentType === 'alert')
  const only = messagesOf(recording).map(({ type }) => type)
  if (alert?.from !== 'server' || only.length !== 1 || only[0] !== 'client_hello') {
    skip('a refusal of another kind than a server makes of a first ClientHello')
  }
  const name = alertName(alert.payload)
  if (role === 'server') replayServer(crypto, recording, name)
  else replayClient(crypto, recording, name)
}

/** Nothing but the alert goes out, octet for octet what the recorded server said. */
function replayServer(crypto: CryptoProvider, recording: Recording, alert: string): void {
  const credential = credentialFrom(crypto, recording.identities)
  const replay = new CoreReplay(crypto, recording, 'server', {
    random: ({ length }) => new Uint8Array(length),
    respondToKeyShare: ({ group, clientShare }) => crypto.respondToKeyShare(group, clientShare),
    selectCertificate: () => credential,
  }).run()
  expectText('the alert', String(replay.error?.alert ?? 'none'), alert)
  expectText('who is to blame', replay.error?.blame ?? 'nobody', 'peer')
  expectSame('what is sent', recordsIn(replay.sent), recordedRecords(recording, 'server'))
  expectThat(replay.summary === null, 'the handshake is told to be complete')
}

/** The recorded hello goes out in place of ours, which is the same but for the share that was spoilt. */
function replayClient(crypto: CryptoProvider, recording: Recording, alert: string): void {
  const replay = new CoreReplay(crypto, recording, 'client').run()
  expectText('the error', replay.error?.code ?? 'none', 'ERR_ALERT_RECEIVED')
  expectText('the alert', String(replay.error?.receivedAlert ?? 'none'), alert)
  expectSame('what is sent', recordsIn(replay.sent), recordedRecords(recording, 'client'))
  const [difference, ...others] = replay.differences
  expectThat(difference !== undefined && others.length === 0, 'it is not one message that was spoilt')
  if (difference === undefined) return
  expectSame('what our hello says', withoutShare(difference.ours), withoutShare(difference.recorded))
  for (const pair of recording.values.clientKeyPairs ?? []) checkSpoiltShare(crypto, pair, difference.recorded)
}

/** The share that went out is the recorded one, and one half of it at least is of the recorded keys. */
function checkSpoiltShare(crypto: CryptoProvider, pair: RecordedKeyPair, hello: Uint8Array): void {
  const { keyShares } = readClientHelloExtensions(decodeClientHello(hello.subarray(4)))
  const sent = keyShares.find(({ group }) => group === NAMED_GROUPS[pair.group].codePoint)
  expectText('the share in the hello', toHex(sent?.keyExchange ?? EMPTY), pair.publicKey)
  const sound = toHex(crypto.generateKeyShare(pair.group, seedOf(pair)).publicShare)
  const halves = [sound.slice(0, -2 * X25519_LENGTH), sound.slice(-2 * X25519_LENGTH)]
  expectThat(
    halves.some((half) => pair.publicKey.includes(half)),
    'no half of the share is of the recorded keys',
  )
}

function withoutShare(message: Uint8Array): unknown {
  const { extensions, ...rest } = decodeClientHello(message.subarray(4))
  return { ...rest, extensions: extensions.filter(({ type }) => type !== ExtensionType.key_share) }
}

/** A certificate that lets the server go on, but for the share. */
function credentialFrom(crypto: CryptoProvider, identities: readonly RecordedIdentity[]): Credential {
  const [identity] = identities
  if (identity === undefined) return skip('the file has no identity for a server that would go on')
  const certificate = fromHex(identity.certificate)
  const algorithm = parseCertificate(certificate).publicKeyInfo.algorithm as MldsaAlgorithm
  const key = crypto.signingKey({ algorithm, seed: fromHex(identity.seed) })
  return {
    certificateChain: [certificate],
    signatureScheme: algorithm,
    signer: { sign: (scheme, message) => key.sign(scheme, message) },
  }
}

/** The payload is level and description. */
function alertName(payload: string): string {
  const code = Number.parseInt(payload.slice(2), 16)
  return Object.entries(ALERTS).find(([, value]) => value === code)?.[0] ?? String(code)
}
