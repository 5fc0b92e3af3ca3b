/** A recorded handshake taken through the key schedule, stage by stage, as the two state machines do it. */
import { expect } from 'vitest'
import { fromHex, toHex } from '../../../src/bytes.js'
import { CIPHER_SUITES, type CryptoProvider, hashLength } from '../../../src/crypto/index.js'
import { truncateClientHello } from '../../../src/tls/extensions/preSharedKey.js'
import {
  type BinderLabel,
  EarlySecret,
  exportKeyingMaterial,
  finishedVerifyData,
  type HandshakeSecret,
  hkdfExpandLabel,
  type MainSecret,
  nextTrafficSecret,
  resumptionPsk,
  trafficKeys,
} from '../../../src/tls/index.js'
import { decodeNewSessionTicket } from '../../../src/tls/messages/newSessionTicket.js'
import { decodeServerHello, isHelloRetryRequest } from '../../../src/tls/messages/serverHello.js'
import { Transcript } from '../../../src/tls/transcript.js'
import type { HandshakeTypeName } from '../../../src/tls/wire/codePoints.js'
import {
  type CompletedTrace,
  messagesOf,
  type RecordedFinished,
  type RecordedMessage,
  type Role,
  seedOf,
  type TrafficKeyName,
} from '../../support/traces.js'

const EMPTY = new Uint8Array(0)

/** Walks through the messages of one trace; each step expects the recorded values. */
export class KeyScheduleReplay {
  private readonly crypto: CryptoProvider
  private readonly trace: CompletedTrace
  private readonly transcript: Transcript
  private readonly messages: RecordedMessage[]
  private readonly early: EarlySecret
  private handshake: HandshakeSecret | null = null
  private main: MainSecret | null = null

  constructor(crypto: CryptoProvider, trace: CompletedTrace) {
    this.crypto = crypto
    this.trace = trace
    this.transcript = new Transcript(crypto)
    this.messages = messagesOf(trace)
    const { psk } = trace.values
    this.early = new EarlySecret(crypto, trace.values.hash, psk === undefined ? null : fromHex(psk))
  }

  run(): void {
    const { values } = this.trace
    expectHex(this.early.secret, values.earlySecret)
    this.hellos()
    this.takeUntil('server', 'finished')
    this.serverFinished()
    this.takeUntil('client', 'finished')
    this.clientFinished()
    this.tickets()
  }

  /** ClientHello…ServerHello, with a retry if there was one. */
  private hellos(): void {
    const { values } = this.trace
    const hello = this.take('client', 'client_hello')
    const answer = decodeServerHello(this.next().body)
    if (isHelloRetryRequest(answer)) {
      this.transcript.add(hello.bytes)
      this.transcript.replaceClientHello(values.hash)
      this.transcript.add(this.take('server', 'server_hello').bytes)
      this.checkBinder(this.next())
      this.transcript.add(this.take('client', 'client_hello').bytes)
    } else {
      this.checkBinder(hello)
      this.transcript.add(hello.bytes)
      this.checkEarlySecrets(hello)
    }
    this.transcript.start(values.hash)
    this.transcript.add(this.take('server', 'server_hello').bytes)

    const early = this.early
    this.handshake = early.enterHandshake(agreeAsRecorded(this.crypto, this.trace))
    expect(early.secret.every((octet) => octet === 0)).toBe(true)
    expectHex(this.handshake.secret, values.handshakeSecret)
    const hash = this.transcript.digest()
    const client = this.handshake.clientHandshakeTrafficSecret(hash)
    const server = this.handshake.serverHandshakeTrafficSecret(hash)
    expectHex(client, values.clientHandshakeTrafficSecret)
    expectHex(server, values.serverHandshakeTrafficSecret)
    this.checkKeys('clientHandshake', client)
    this.checkKeys('serverHandshake', server)
  }

  private serverFinished(): void {
    const { values } = this.trace
    this.checkFinished('server', values.serverHandshakeTrafficSecret, values.serverFinished)
    this.main = (this.handshake as HandshakeSecret).enterMain()
    expectHex(this.main.secret, values.masterSecret)
    const hash = this.transcript.digest()
    const client = this.main.clientApplicationTrafficSecret(hash)
    const server = this.main.serverApplicationTrafficSecret(hash)
    const exporter = this.main.exporterSecret(hash)
    expectHex(client, values.clientApplicationTrafficSecret)
    expectHex(server, values.serverApplicationTrafficSecret)
    expectHex(exporter, values.exporterMasterSecret)
    this.checkKeys('clientApplication', client)
    this.checkKeys('serverApplication', server)
    this.checkUpdate(client, values.clientApplicationTrafficSecret1)
    this.checkUpdate(server, values.serverApplicationTrafficSecret1)
    const wanted = this.trace.exporter
    if (wanted !== undefined) {
      const { label, context, length, value } = wanted
      expectHex(exportKeyingMaterial(this.crypto, values.hash, exporter, label, fromHex(context), length), value)
    }
  }

  private clientFinished(): void {
    const { values } = this.trace
    this.checkFinished('client', values.clientHandshakeTrafficSecret, values.clientFinished)
    const resumption = (this.main as MainSecret).resumptionSecret(this.transcript.digest())
    expectHex(resumption, values.resumptionMasterSecret)
  }

  private tickets(): void {
    const { values } = this.trace
    const [ticket] = this.messages.filter(({ type }) => type === 'new_session_ticket')
    expect(ticket === undefined).toBe(values.resumptionPsk === undefined)
    if (ticket === undefined || values.resumptionPsk === undefined) return
    const { nonce } = decodeNewSessionTicket(ticket.body)
    const psk = resumptionPsk(this.crypto, values.hash, fromHex(values.resumptionMasterSecret), nonce)
    expectHex(psk, values.resumptionPsk)
  }

  /** The binder of the hello that was answered; the transcript is what came before it. */
  private checkBinder(hello: RecordedMessage): void {
    const { hash, binder } = this.trace.values
    if (binder === undefined) return
    const label: BinderLabel = binder.label ?? 'res binder'
    const truncated = truncateClientHello(hello.bytes, [hashLength(hash)])
    const binderHash = this.transcript.digestWith(hash, truncated)
    expectHex(binderHash, binder.binderHash)
    const binderKey = this.early.binderKey(label)
    expectHex(binderKey, binder.binderKey)
    expectHex(this.finishedKey(binderKey), binder.finishedKey)
    expectHex(this.early.binder(label, binderHash), binder.binder)
    expectHex(hello.bytes.slice(-hashLength(hash)), binder.binder)
  }

  private checkEarlySecrets(hello: RecordedMessage): void {
    const { hash, clientEarlyTrafficSecret, earlyExporterMasterSecret } = this.trace.values
    if (clientEarlyTrafficSecret === undefined || earlyExporterMasterSecret === undefined) return
    const helloHash = this.crypto.hash(hash, hello.bytes)
    const traffic = this.early.clientEarlyTrafficSecret(helloHash)
    expectHex(traffic, clientEarlyTrafficSecret)
    this.checkKeys('clientEarly', traffic)
    expectHex(this.early.earlyExporterSecret(helloHash), earlyExporterMasterSecret)
  }

  /** Takes the Finished message of one side, which must be what its traffic secret and the transcript make it. */
  private checkFinished(from: Role, trafficSecret: string, recorded: RecordedFinished): void {
    const secret = fromHex(trafficSecret)
    expectHex(this.finishedKey(secret), recorded.finishedKey)
    const verifyData = finishedVerifyData(this.crypto, this.trace.values.hash, secret, this.transcript.digest())
    expectHex(verifyData, recorded.verifyData)
    const message = this.take(from, 'finished')
    expectHex(message.body, recorded.verifyData)
    this.transcript.add(message.bytes)
  }

  private checkKeys(name: TrafficKeyName, secret: Uint8Array): void {
    const { hash, cipherSuite, trafficKeys: recorded } = this.trace.values
    const { key, iv } = trafficKeys(this.crypto, hash, secret, CIPHER_SUITES[cipherSuite].keyLength)
    expect({ key: toHex(key), iv: toHex(iv) }, name).toEqual(recorded[name])
  }

  private checkUpdate(secret: Uint8Array, next: string | undefined): void {
    if (next !== undefined) expectHex(nextTrafficSecret(this.crypto, this.trace.values.hash, secret), next)
  }

  private finishedKey(secret: Uint8Array): Uint8Array {
    const { hash } = this.trace.values
    return hkdfExpandLabel(this.crypto, hash, secret, 'finished', EMPTY, hashLength(hash))
  }

  private takeUntil(from: Role, type: HandshakeTypeName): void {
    while (this.next().from !== from || this.next().type !== type) {
      this.transcript.add((this.messages.shift() as RecordedMessage).bytes)
    }
  }

  private take(from: Role, type: HandshakeTypeName): RecordedMessage {
    expect({ from: this.next().from, type: this.next().type }).toEqual({ from, type })
    return this.messages.shift() as RecordedMessage
  }

  private next(): RecordedMessage {
    const [message] = this.messages
    if (message === undefined) throw new Error(`${this.trace.id} ends too early`)
    return message
  }
}

/** The shared secret from the recorded private keys, computed by every side whose keys the trace has. */
function agreeAsRecorded(crypto: CryptoProvider, { values }: CompletedTrace): Uint8Array {
  const { clientKeyPairs = [], serverKeyPairs = [] } = values
  const group = (serverKeyPairs[0] ?? clientPairFor(values)).group
  const serverShare = fromHex(values.serverShare ?? (serverKeyPairs[0]?.publicKey as string))
  for (const pair of clientKeyPairs) {
    const share = crypto.generateKeyShare(pair.group, seedOf(pair))
    expectHex(share.publicShare, pair.publicKey)
    if (pair.group === group) expectHex(share.agree(serverShare), values.sharedSecret)
  }
  for (const pair of serverKeyPairs) {
    const client = clientKeyPairs.find((other) => other.group === pair.group)
    const clientShare = fromHex(values.clientShare ?? (client?.publicKey as string))
    const response = crypto.respondToKeyShare(pair.group, clientShare, seedOf(pair))
    expectHex(response.serverShare, pair.publicKey)
    expectHex(response.sharedSecret, values.sharedSecret)
  }
  return fromHex(values.sharedSecret)
}

/** With the client's keys alone: the pair that the length of the server's share points to. */
function clientPairFor({ clientKeyPairs = [], serverShare = '' }: CompletedTrace['values']) {
  const classical = serverShare.length === 64
  const pair = clientKeyPairs.find(({ group }) => (group === 'x25519') === classical)
  if (pair === undefined) throw new Error('the trace has no key pair for its server share')
  return pair
}

function expectHex(octets: Uint8Array, recorded: string): void {
  expect(toHex(octets)).toBe(recorded.toLowerCase())
}
