/** A recorded handshake taken through the key schedule, stage by stage, as the two state machines do it. */
import { EMPTY, fromHex } from '../../bytes.js'
import { CIPHER_SUITES, hashLength } from '../../crypto/cipherSuites.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { hkdfExpandLabel } from '../../tls/hkdf.js'
import {
  EarlySecret,
  exportKeyingMaterial,
  finishedVerifyData,
  type HandshakeSecret,
  type MainSecret,
  nextTrafficSecret,
  resumptionPsk,
  trafficKeys,
} from '../../tls/keySchedule.js'
import { decodeNewSessionTicket } from '../../tls/messages/newSessionTicket.js'
import { decodeServerHello, isHelloRetryRequest } from '../../tls/messages/serverHello.js'
import { Transcript } from '../../tls/transcript.js'
import type { HandshakeTypeName } from '../../tls/wire/codePoints.js'
import { expectHex, expectOctets, expectText, expectThat } from '../check/outcome.js'
import { agreeAsRecorded } from './agreement.js'
import { checkBinder } from './binder.js'
import { messagesOf, type RecordedMessage } from './messages.js'
import type { CompletedRecording, RecordedFinished, RecordedSecrets, Role, TrafficKeyName } from './recording.js'

type SecretName = {
  [Name in keyof RecordedSecrets]-?: string extends RecordedSecrets[Name] ? Name : never
}[keyof RecordedSecrets]

/** Walks through the messages of one recording; each step expects the recorded values, as far as there are any. */
export class KeyScheduleReplay {
  readonly #crypto: CryptoProvider
  readonly #recording: CompletedRecording
  readonly #transcript: Transcript
  readonly #messages: RecordedMessage[]

  constructor(crypto: CryptoProvider, recording: CompletedRecording) {
    this.#crypto = crypto
    this.#recording = recording
    this.#transcript = new Transcript(crypto)
    this.#messages = [...messagesOf(recording)]
  }

  /** @throws Error at the first value that is not as recorded */
  run(): void {
    const { hash, psk, pskAccepted = true } = this.#recording.values
    const early = new EarlySecret(this.#crypto, hash, psk === undefined || !pskAccepted ? null : fromHex(psk))
    this.#expectValue('earlySecret', early.secret)
    const handshake = this.#hellos(early)
    this.#takeUntil('server', 'finished')
    const main = this.#serverFinished(handshake)
    this.#takeUntil('client', 'finished')
    this.#clientFinished(handshake.client, main)
    this.#tickets()
  }

  /** ClientHello…ServerHello, with a retry if there was one. */
  #hellos(early: EarlySecret): {
    readonly stage: HandshakeSecret
    readonly client: Uint8Array
    readonly server: Uint8Array
  } {
    const { hash } = this.#recording.values
    const hello = this.#take('client', 'client_hello')
    if (isHelloRetryRequest(decodeServerHello(this.#next().body))) {
      this.#transcript.add(hello.bytes)
      this.#transcript.replaceClientHello(hash)
      this.#transcript.add(this.#take('server', 'server_hello').bytes)
      checkBinder(this.#crypto, this.#recording.values, this.#next(), this.#transcript)
      this.#transcript.add(this.#take('client', 'client_hello').bytes)
    } else {
      checkBinder(this.#crypto, this.#recording.values, hello, this.#transcript)
      this.#transcript.add(hello.bytes)
      this.#checkEarlySecrets(early, hello)
    }
    this.#transcript.start(hash)
    this.#transcript.add(this.#take('server', 'server_hello').bytes)

    const stage = early.enterHandshake(agreeAsRecorded(this.#crypto, this.#recording))
    expectThat(
      early.secret.every((octet) => octet === 0),
      'the early secret outlives its stage',
    )
    this.#expectValue('handshakeSecret', stage.secret)
    const transcriptHash = this.#transcript.digest()
    const client = stage.clientHandshakeTrafficSecret(transcriptHash)
    const server = stage.serverHandshakeTrafficSecret(transcriptHash)
    this.#expectValue('clientHandshakeTrafficSecret', client)
    this.#expectValue('serverHandshakeTrafficSecret', server)
    this.#checkKeys('clientHandshake', client)
    this.#checkKeys('serverHandshake', server)
    return { stage, client, server }
  }

  #serverFinished(handshake: { readonly stage: HandshakeSecret; readonly server: Uint8Array }): MainSecret {
    const { values, exporter: wanted } = this.#recording
    this.#checkFinished('server', handshake.server, values.serverFinished)
    const main = handshake.stage.enterMain()
    this.#expectValue('masterSecret', main.secret)
    const transcriptHash = this.#transcript.digest()
    const client = main.clientApplicationTrafficSecret(transcriptHash)
    const server = main.serverApplicationTrafficSecret(transcriptHash)
    const exporter = main.exporterSecret(transcriptHash)
    this.#expectValue('clientApplicationTrafficSecret', client)
    this.#expectValue('serverApplicationTrafficSecret', server)
    this.#expectValue('exporterMasterSecret', exporter)
    this.#checkKeys('clientApplication', client)
    this.#checkKeys('serverApplication', server)
    this.#expectValue('clientApplicationTrafficSecret1', nextTrafficSecret(this.#crypto, values.hash, client))
    this.#expectValue('serverApplicationTrafficSecret1', nextTrafficSecret(this.#crypto, values.hash, server))
    if (wanted !== undefined) {
      const { label, context, length, value } = wanted
      const exported = exportKeyingMaterial(this.#crypto, values.hash, exporter, label, fromHex(context), length)
      expectHex('the exported value', exported, value)
    }
    return main
  }

  #clientFinished(trafficSecret: Uint8Array, main: MainSecret): void {
    this.#checkFinished('client', trafficSecret, this.#recording.values.clientFinished)
    this.#expectValue('resumptionMasterSecret', main.resumptionSecret(this.#transcript.digest()))
  }

  #tickets(): void {
    const { hash, resumptionMasterSecret, resumptionPsk: wanted } = this.#recording.values
    const [ticket] = this.#messages.filter(({ type }) => type === 'new_session_ticket')
    if (wanted === undefined) return
    if (ticket === undefined) throw new Error('there is a resumptionPsk, but no ticket that it is of')
    const { nonce } = decodeNewSessionTicket(ticket.body)
    if (resumptionMasterSecret === undefined) throw new Error('the value resumptionMasterSecret is missing')
    const psk = resumptionPsk(this.#crypto, hash, fromHex(resumptionMasterSecret), nonce)
    expectHex('resumptionPsk', psk, wanted)
  }

  #checkEarlySecrets(early: EarlySecret, hello: RecordedMessage): void {
    const helloHash = this.#crypto.hash(this.#recording.values.hash, hello.bytes)
    const traffic = early.clientEarlyTrafficSecret(helloHash)
    this.#expectValue('clientEarlyTrafficSecret', traffic)
    this.#checkKeys('clientEarly', traffic)
    this.#expectValue('earlyExporterMasterSecret', early.earlyExporterSecret(helloHash))
  }

  /** Takes the Finished message of one side, which must be what its traffic secret and the transcript make it. */
  #checkFinished(from: Role, secret: Uint8Array, recorded: RecordedFinished | undefined): void {
    const { hash } = this.#recording.values
    if (recorded?.finishedKey !== undefined) {
      const finishedKey = hkdfExpandLabel(this.#crypto, hash, secret, 'finished', EMPTY, hashLength(hash))
      expectHex(`the finished key of the ${from}`, finishedKey, recorded.finishedKey)
    }
    const verifyData = finishedVerifyData(this.#crypto, hash, secret, this.#transcript.digest())
    if (recorded?.verifyData !== undefined) expectHex(`Finished of the ${from}`, verifyData, recorded.verifyData)
    const message = this.#take(from, 'finished')
    expectOctets(`the Finished message of the ${from}`, verifyData, message.body)
    this.#transcript.add(message.bytes)
  }

  #checkKeys(name: TrafficKeyName, secret: Uint8Array): void {
    const { hash, cipherSuite, trafficKeys: recorded } = this.#recording.values
    const wanted = recorded?.[name]
    if (wanted === undefined) return
    const { key, iv } = trafficKeys(this.#crypto, hash, secret, CIPHER_SUITES[cipherSuite].keyLength)
    expectHex(`the key of ${name}`, key, wanted.key)
    expectHex(`the iv of ${name}`, iv, wanted.iv)
  }

  #expectValue(name: SecretName, derived: Uint8Array): void {
    const recorded = this.#recording.values[name]
    if (recorded !== undefined) expectHex(name, derived, recorded)
  }

  #takeUntil(from: Role, type: HandshakeTypeName): void {
    while (this.#next().from !== from || this.#next().type !== type) {
      this.#transcript.add((this.#messages.shift() as RecordedMessage).bytes)
    }
  }

  #take(from: Role, type: HandshakeTypeName): RecordedMessage {
    const message = this.#next()
    expectText('the next message', `${message.type} of the ${message.from}`, `${type} of the ${from}`)
    this.#messages.shift()
    return message
  }

  #next(): RecordedMessage {
    const [message] = this.#messages
    if (message === undefined) throw new Error(`${this.#recording.id} ends too early`)
    return message
  }
}
