/**
 * Opens one taped connection with what has leaked, as far as that goes: the handshake, application data of both
 * directions across KeyUpdates, tickets, the exporter secret.
 */
import { digest, type Hash, zeros } from './keyDerivation.js'
import { sharedSecret } from './keyExchange.js'
import type { Leaks, ResumptionPsk } from './leaks.js'
import { openWithTrafficSecrets } from './memory.js'
import { type PlainHandshake, readPlainHandshake } from './plainHandshake.js'
import type { TrafficSecrets } from './protectedRecords.js'
import { findPsk } from './psks.js'
import { readOnce } from './readOnce.js'
import { derive, type Known, type Schedule, STANDARD } from './schedule.js'
import type { Direction, TapedConnection } from './tape.js'
import { openTickets, readNewSessionTicket, type TicketContent } from './tickets.js'

export interface OpenedTicket extends ResumptionPsk {
  readonly ticket: Buffer
}

export interface Opened {
  readonly name: string
  /** What is still closed, in words; null when the connection is open. */
  readonly closedBecause: string | null
  /** Whether it opened from the handshake on: no other leak would give more. */
  readonly isComplete: boolean
  readonly serverName: string | null
  /** PSK identities offered in clear. */
  readonly identities: readonly Buffer[]
  /** Identity that the server took, in hex: a ticket links a session to the one that issued it. */
  readonly selectedIdentity: string | null
  /** Messages that passed protected, headers included. */
  readonly handshakeMessages: readonly { readonly from: Direction; readonly message: Buffer }[]
  /** DER chains, leaf first, or bare keys; null when none was seen. */
  readonly certificates: Readonly<Record<Direction, readonly Buffer[] | null>>
  readonly applicationData: Readonly<Record<Direction, Buffer>>
  readonly keyUpdates: Readonly<Record<Direction, number>>
  readonly tickets: readonly OpenedTicket[]
  /** Of tickets that passed here, in clear or opened, and that a leaked ticket key opens. */
  readonly ticketContents: readonly TicketContent[]
  readonly exporterSecret: Buffer | null
  readonly hash: Hash | null
}

export function openConnection(tape: TapedConnection, leaks: Leaks, schedule: Schedule = STANDARD): Opened {
  const plain = readPlainHandshake(tape)
  if (plain === null) return closed(tape, null, 'no TLS 1.3 handshake is on the tape')
  const opened = openPlain(tape, plain, leaks, schedule)
  return { ...opened, ticketContents: openTickets(ticketsIn(opened), [...leaks.ticketKeys, ...schedule.ticketKeys]) }
}

function openPlain(tape: TapedConnection, plain: PlainHandshake, leaks: Leaks, schedule: Schedule): Opened {
  const secrets = loggedSecrets(plain, leaks) ?? trafficSecrets(plain, leaks, schedule)
  if (isOpen(secrets)) {
    return { ...closed(tape, plain, null), isComplete: true, ...readOnce(plain, secrets, schedule, secrets.from()) }
  }
  const found = openWithTrafficSecrets(plain, [...leaks.trafficSecrets, ...knownToAll(plain, schedule)], schedule)
  return {
    ...closed(tape, plain, found.any ? null : secrets.closedBecause),
    applicationData: found.applicationData,
    handshakeMessages: found.handshakeMessages,
    exporterSecret: secrets.exporter,
  }
}

/** Those offered in clear, and those given under protection that was opened. */
function ticketsIn({ identities, handshakeMessages }: Opened): Buffer[] {
  const given = handshakeMessages.flatMap(({ message }) => readNewSessionTicket(message)?.ticket ?? [])
  return [...identities, ...given]
}

function closed(tape: TapedConnection, plain: PlainHandshake | null, closedBecause: string | null): Opened {
  const identities = plain?.clientHello.identities ?? []
  const selected = plain?.serverHello.selectedIdentity ?? null
  return {
    name: tape.name,
    closedBecause,
    isComplete: false,
    serverName: plain?.clientHello.serverName ?? null,
    identities,
    selectedIdentity: selected === null ? null : (identities[selected]?.toString('hex') ?? null),
    handshakeMessages: [],
    certificates: { client: null, server: null },
    applicationData: { client: Buffer.alloc(0), server: Buffer.alloc(0) },
    keyUpdates: { client: 0, server: 0 },
    tickets: [],
    ticketContents: [],
    exporterSecret: null,
    hash: plain?.suite.hash ?? null,
  }
}

/** The handshake traffic keys are not known, and with them nothing that rests on the rest of the handshake. */
interface Closed {
  readonly closedBecause: string
  /** An endpoint may give it away before that. */
  readonly exporter: Known
}

interface Open extends TrafficSecrets {
  /** What they were computed from, besides what everybody knows. */
  readonly from: () => readonly Known[]
}

function isOpen(secrets: Open | Closed): secrets is Open {
  return !('closedBecause' in secrets)
}

function trafficSecrets(plain: PlainHandshake, leaks: Leaks, schedule: Schedule): Open | Closed {
  const { hash } = plain.suite
  const { psk, resumes } = selectedPsk(plain, leaks, schedule)
  let exchange: { readonly secret: Known } | null = null
  const shared = (): Known => {
    exchange ??= { secret: exchanged(plain, leaks, schedule) }
    return exchange.secret
  }
  const inputs = { hash, psk, resumes, shared }
  const stages = schedule.stages(inputs)
  const hellos = digest(hash, plain.transcript)
  const { client, server } = schedule.handshakeTraffic(inputs, stages, { hellos, throughServer: null })
  if (client === null || server === null) {
    return {
      closedBecause: psk === null ? 'the pre-shared key is not known' : 'the key exchange is not broken',
      exporter: schedule.exporter(inputs, stages, { hellos, throughServer: null }),
    }
  }
  return {
    clientEarly: derive(hash, stages.early, 'c e traffic', digest(hash, plain.clientHelloTranscript)),
    client,
    server,
    application: (throughServer) => ({
      ...schedule.applicationTraffic(inputs, stages, { hellos, throughServer }),
      exporter: schedule.exporter(inputs, stages, { hellos, throughServer }),
    }),
    resumption: (transcriptHash) => derive(hash, stages.main, 'res master', transcriptHash),
    from: () => [psk, Buffer.from([Number(resumes)]), shared()],
  }
}

/** Traffic secrets that take no leak at all. */
function knownToAll({ suite }: PlainHandshake, { nextTraffic }: Schedule): Buffer[] {
  const next = nextTraffic(suite.hash, null)
  return next === null ? [] : [next]
}

/** The PSK that the server took: zeros when it took none, null when nothing that leaked is it. */
function selectedPsk(plain: PlainHandshake, leaks: Leaks, schedule: Schedule) {
  const { suite, clientHello, serverHello, truncatedTranscript } = plain
  const unknown = { psk: null, resumes: false }
  const index = serverHello.selectedIdentity
  if (index === null) return { psk: zeros(suite.hash), resumes: false }
  const identity = clientHello.identities[index]
  const binder = clientHello.binders[index]
  if (identity === undefined || binder === undefined) return unknown
  const truncatedTranscriptHash = (hash: Hash) => digest(hash, truncatedTranscript(hash))
  return findPsk({ identity, binder, truncatedTranscriptHash }, suite.hash, leaks, schedule) ?? unknown
}

function exchanged({ suite, clientHello, serverHello }: PlainHandshake, leaks: Leaks, schedule: Schedule): Known {
  const { keyShare } = serverHello
  // psk_ke: nothing was exchanged, and zeros stand in its place (RFC 9846 7.1). Trefoil never does that; others might.
  if (keyShare === null) return zeros(suite.hash)
  const share = clientHello.keyShares.find(({ group }) => group === keyShare.group)?.share
  return share === undefined ? null : sharedSecret(keyShare.group, share, keyShare.share, leaks, schedule)
}

function loggedSecrets({ clientRandom }: PlainHandshake, { keyLog }: Leaks): Open | null {
  const logged = keyLog.get(clientRandom.toString('hex'))
  const secret = (label: string): Buffer | null => {
    const octets = logged?.get(label)
    return octets === undefined ? null : Buffer.from(octets)
  }
  const [client, server] = [secret('CLIENT_HANDSHAKE_TRAFFIC_SECRET'), secret('SERVER_HANDSHAKE_TRAFFIC_SECRET')]
  const ofClient = secret('CLIENT_TRAFFIC_SECRET_0')
  const ofServer = secret('SERVER_TRAFFIC_SECRET_0')
  if (client === null || server === null || ofClient === null || ofServer === null) return null
  const exporter = secret('EXPORTER_SECRET')
  return {
    clientEarly: secret('CLIENT_EARLY_TRAFFIC_SECRET'),
    client,
    server,
    application: () => ({ client: ofClient, server: ofServer, exporter }),
    resumption: null,
    from: () => [client, server, ofClient, ofServer, exporter],
  }
}
