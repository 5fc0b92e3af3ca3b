/**
 * Every value of a trace from its inputs and its records alone. Nothing of src/tls is called: only the provider's
 * primitives, so that a mistake of the core is not made here as well. Both ends are computed and held against one another;
 * of a refused handshake only as much as the end that refuses it sees.
 */
import { equalBytes, fromHex, toHex } from '../../../bytes.js'
import { CIPHER_SUITES, cipherSuiteByCodePoint, type HashAlgorithm } from '../../../crypto/cipherSuites.js'
import type { NamedGroupName } from '../../../crypto/groups.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import type { Hex, Inputs, Message, Role, TraceFile } from '../trace.js'
import { authenticate } from './authentication.js'
import { Exchange } from './exchange.js'
import { EXPORTER, type Given, type Recomputed } from './given.js'
import {
  type ClientHello,
  MESSAGE_NAMES,
  readClientHello,
  readServerHello,
  readTicket,
  type ServerHello,
} from './hellos.js'
import { Hkdf } from './hkdf.js'
import { groupNamed } from './keyExchange.js'
import { OfferedPsks } from './offeredPsks.js'
import { Direction, type TrafficKeys } from './records.js'
import { Schedule } from './schedule.js'
import { Transcript } from './transcript.js'

/** @throws Error where inputs and records do not belong together */
export function recompute(crypto: CryptoProvider, identities: TraceFile['identities'], given: Given): Recomputed {
  return new Recomputation(crypto, identities, given).run()
}

/** A record of type alert. */
const UNPROTECTED_ALERT = '15'

class Recomputation {
  readonly #crypto: CryptoProvider
  readonly #identities: TraceFile['identities']
  readonly #given: Given
  readonly #inputs: Inputs
  readonly #directions: Readonly<Record<Role, Direction>>
  readonly #generations: Record<Role, number> = { client: 0, server: 0 }
  readonly #transcript = new Transcript()
  readonly #messages: { from: Role; message: Uint8Array; through: number | null }[] = []
  readonly #offered: OfferedPsks
  readonly #exchange: Exchange
  readonly #values: Record<string, unknown> = {}
  readonly #authentication: Record<string, unknown> = {}
  readonly #tickets: Record<string, unknown>[] = []
  #hello: ClientHello | null = null
  #serverShare: Hex | null = null
  #serverShareIsOwn = false
  #schedule: Schedule | null = null
  #application: { client: Uint8Array; server: Uint8Array } | null = null

  constructor(crypto: CryptoProvider, identities: TraceFile['identities'], given: Given) {
    this.#crypto = crypto
    this.#identities = identities
    this.#given = given
    this.#inputs = given.inputs
    this.#directions = { client: new Direction(crypto, 'client'), server: new Direction(crypto, 'server') }
    const { client, server } = given.inputs
    this.#offered = new OfferedPsks(crypto, client.psks, hashesOf(client.cipherSuites))
    this.#exchange = new Exchange(crypto, client.keyPairs, server.keyPairs)
  }

  run(): Recomputed {
    const flow = this.#given.flow.map(({ from, record }) => {
      const opened = this.#directions[from].open(record)
      for (const message of opened.messages) this.#take(from, message)
      return opened.flow
    })
    const schedule = this.#schedule
    const complete = this.#given.result.ok && schedule?.secrets['resumptionMasterSecret'] !== undefined
    return {
      values: this.#collect(),
      ...(schedule !== null && complete ? { exporter: schedule.export(EXPORTER) } : {}),
      messages: this.#messages.map((sent) => this.#describe(sent)),
      flow,
      keylog: schedule?.keyLog(this.#inputs.client.random) ?? [],
    }
  }

  #take(from: Role, message: Uint8Array): void {
    const type = MESSAGE_NAMES[message[0] as number]
    if (type === undefined) throw new Error(`there is no handshake message of type ${message[0]}`)
    if (type === 'NewSessionTicket' || type === 'KeyUpdate') {
      this.#messages.push({ from, message, through: null })
      if (type === 'KeyUpdate') this.#update(from)
      else this.#takeTicket(message)
      return
    }
    const trusted = this.#trusts(from)
    const before = this.#schedule === null ? null : this.#transcript.hash(this.#schedule.hkdf)
    if (type === 'ClientHello') this.#takeClientHello(message, trusted)
    const hello = type === 'ServerHello' ? readServerHello(message) : null
    if (hello?.retry === true) this.#transcript.retry()
    this.#transcript.add(message)
    this.#messages.push({ from, message, through: this.#transcript.length })
    if (hello?.retry === false && this.#clientMakesKeys()) this.#takeServerHello(hello, trusted)
    if (before === null) return
    if (type === 'Finished') this.#takeFinished(from, message, before, trusted)
    else {
      const proof = authenticate(this.#crypto, this.#identities, this.#inputs, from, message, before, trusted)
      Object.assign(this.#authentication, proof)
    }
  }

  #takeClientHello(message: Uint8Array, trusted: boolean): void {
    const hello = readClientHello(message)
    const { client } = this.#inputs
    this.#hello = hello
    if (!trusted) return
    expect(hello.random === client.random, 'the random of the ClientHello is not that of the inputs')
    expect(hello.sessionId === client.sessionId, 'the session id of the ClientHello is not that of the inputs')
    this.#offered.take(hello, this.#transcript)
  }

  #takeServerHello(hello: ServerHello, trusted: boolean): void {
    const suite = cipherSuiteByCodePoint(hello.cipherSuite)
    const client = this.#hello
    if (suite === undefined || client === null)
      throw new Error('the ServerHello comes without a ClientHello or a suite')
    expect(
      !trusted || hello.random === this.#inputs.server.random,
      'the random of the ServerHello is not that of the inputs',
    )
    this.#serverShareIsOwn = trusted
    this.#values['cipherSuite'] = suite
    this.#values['hash'] = CIPHER_SUITES[suite].hash
    const identity = hello.selectedIdentity === null ? undefined : client.identities[hello.selectedIdentity]?.identity
    const psk = this.#offered.find(identity)
    const { result, inputs } = this.#given
    if (psk !== undefined) Object.assign(this.#values, this.#offered.select(psk, result.ok ? inputs.server.psks : null))
    const sharedSecret = this.#agree(client, hello)
    if (sharedSecret === null) return
    const schedule = new Schedule(this.#crypto, suite)
    const through = this.#transcript.length
    const helloHash = this.#transcript.hash(schedule.hkdf, through - 1)
    const hash = this.#transcript.hash(schedule.hkdf, through)
    schedule.enterHandshake(psk === undefined ? null : fromHex(psk.psk), sharedSecret, helloHash, hash)
    this.#schedule = schedule
    for (const role of ['client', 'server'] as const) {
      this.#directions[role].protect('handshake', suite, schedule.trafficKeys[`${role}Handshake`] as TrafficKeys)
    }
  }

  /** Null where the end that refuses cannot have made a secret of the shares. */
  #agree(client: ClientHello, { group: codePoint, share }: ServerHello): Uint8Array | null {
    const group = groupNamed(codePoint)
    const { result } = this.#given
    const ofClient = client.shares.find((entry) => entry.group === codePoint)?.share
    const exchanged = this.#exchange.agree(group, ofClient, share, result.ok ? null : result.refusedBy)
    if (exchanged === null) return null
    Object.assign(this.#values, { group, ...exchanged.named })
    this.#serverShare = toHex(share)
    return exchanged.sharedSecret
  }

  #takeFinished(from: Role, message: Uint8Array, before: Uint8Array, trusted: boolean): void {
    const schedule = this.#schedule as Schedule
    const verifyData = schedule.finish(from, before)
    const verified = equalBytes(message.slice(4), verifyData)
    expect(verified || !trusted, `the Finished of the ${from} does not verify`)
    if (!verified) return
    const after = this.#transcript.hash(schedule.hkdf)
    if (from === 'server') this.#application = schedule.makeApplicationSecrets(after)
    else schedule.makeResumptionSecret(after)
    if (this.#application === null) throw new Error('the client has finished before the server')
    schedule.enterApplication(from, this.#application[from])
    this.#directions[from].protect(
      'application',
      schedule.suite,
      schedule.trafficKeys[`${from}Application`] as TrafficKeys,
    )
  }

  #update(from: Role): void {
    if (this.#schedule === null || this.#application === null) throw new Error('a KeyUpdate comes before the end')
    const generation = ++this.#generations[from]
    const keys = this.#schedule.update(from, generation)
    this.#directions[from].protect(`application${generation}`, this.#schedule.suite, keys)
  }

  #takeTicket(message: Uint8Array): void {
    if (this.#schedule === null) throw new Error('a ticket comes before the end of the handshake')
    const ticket = readTicket(message)
    const { tickets, ticketLifetime } = this.#inputs.server
    const given = tickets[this.#tickets.length]
    const same = given?.ticket === toHex(ticket.ticket) && given.ageAdd === ticket.ageAdd
    expect(same && ticketLifetime === ticket.lifetime, 'a ticket is not that of the inputs')
    const { lifetime, ageAdd, nonce } = ticket
    const psk = this.#schedule.ticketPsk(ticket)
    this.#tickets.push({ lifetime, ageAdd, nonce: toHex(nonce), ticket: toHex(ticket.ticket), psk })
  }

  #collect(): Record<string, unknown> {
    const { group, ...values } = this.#values
    const schedule = this.#schedule
    const offered = this.#offered.describe()
    const clientKeyPairs = this.#exchange.clientKeyPairs
    return {
      ...(group === undefined ? {} : { group }),
      ...values,
      ...(clientKeyPairs.length === 0 ? {} : { clientKeyPairs }),
      ...this.#describeServerShare(group as NamedGroupName),
      ...(offered.length === 0 ? {} : { psks: offered }),
      ...schedule?.secrets,
      ...(schedule === null ? {} : { trafficKeys: schedule.trafficKeys }),
      ...schedule?.finished,
      ...this.#authentication,
      ...(this.#tickets.length === 0 ? {} : { tickets: this.#tickets, resumptionPsk: this.#tickets[0]?.['psk'] }),
    }
  }

  #describeServerShare(group: NamedGroupName): Record<string, unknown> {
    const serverShare = this.#serverShare
    if (serverShare === null) return {}
    if (!this.#serverShareIsOwn) return { serverShare }
    return { serverKeyPairs: [{ ...this.#exchange.serverKeyPair(group), publicKey: serverShare }], serverShare }
  }

  #describe({ from, message, through }: { from: Role; message: Uint8Array; through: number | null }): Message {
    const type = MESSAGE_NAMES[message[0] as number] as string
    const hkdf = this.#hkdf()
    const hashed = through === null || hkdf === null ? {} : { transcriptHash: this.#hashThrough(hkdf, through) }
    return { from, type, message: toHex(message), ...hashed }
  }

  #hashThrough(hkdf: Hkdf, count: number): Hex {
    return toHex(this.#transcript.hash(hkdf, count))
  }

  #hkdf(): Hkdf | null {
    const hash = this.#values['hash'] as HashAlgorithm | undefined
    return hash === undefined ? null : new Hkdf(this.#crypto, hash)
  }

  /** Whether the next message of this end is what its inputs make it send. */
  #trusts(from: Role): boolean {
    const { by, message } = this.#given.alteration ?? {}
    return by !== from || (message !== this.#messages.length && message !== 'all')
  }

  /** A client that refuses a ServerHello makes no keys of it: its alert goes out unprotected. */
  #clientMakesKeys(): boolean {
    const { result, flow } = this.#given
    return result.ok || result.refusedBy === 'server' || !flow.at(-1)?.record.startsWith(UNPROTECTED_ALERT)
  }
}

function hashesOf(suites: Inputs['client']['cipherSuites']): HashAlgorithm[] {
  return [...new Set(suites.map((suite) => CIPHER_SUITES[suite].hash))]
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
