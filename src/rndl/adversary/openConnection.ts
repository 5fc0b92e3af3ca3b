/**
 * Opens one taped connection with what has leaked, as far as that goes: the handshake, application data of both
 * directions across KeyUpdates, tickets, the exporter secret.
 */
import { digest, earlySecret, expandLabel, type Hash, handshakeSecret, lengthOf, mainSecret } from './keyDerivation.js'
import { sharedSecret } from './keyExchange.js'
import type { Leaks, ResumptionPsk } from './leaks.js'
import { openWithTrafficSecrets } from './memory.js'
import { type PlainHandshake, readPlainHandshake } from './plainHandshake.js'
import { readProtected, type TrafficSecrets } from './protectedRecords.js'
import { findPsk } from './psks.js'
import type { Direction, TapedConnection } from './tape.js'

export interface OpenedTicket extends ResumptionPsk {
  readonly ticket: Buffer
}

export interface Opened {
  readonly name: string
  /** What is still closed, in words; null when the connection is open. */
  readonly closedBecause: string | null
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
  readonly exporterSecret: Buffer | null
  readonly hash: Hash | null
}

export function openConnection(tape: TapedConnection, leaks: Leaks): Opened {
  const plain = readPlainHandshake(tape)
  if (plain === null) return closed(tape, null, 'no TLS 1.3 handshake is on the tape')
  const secrets = trafficSecrets(plain, leaks)
  if (typeof secrets === 'string') {
    const found = openWithTrafficSecrets(plain, leaks.trafficSecrets)
    return { ...closed(tape, plain, found.any ? null : secrets), applicationData: found.applicationData }
  }
  return { ...closed(tape, plain, null), ...readProtected(plain, secrets) }
}

/** Whether data went in clear to the adversary in both directions, or in either. */
export function hasApplicationData({ applicationData }: Opened): boolean {
  return applicationData.client.length > 0 || applicationData.server.length > 0
}

function closed(tape: TapedConnection, plain: PlainHandshake | null, closedBecause: string | null): Opened {
  const identities = plain?.clientHello.identities ?? []
  const selected = plain?.serverHello.selectedIdentity ?? null
  return {
    name: tape.name,
    closedBecause,
    serverName: plain?.clientHello.serverName ?? null,
    identities,
    selectedIdentity: selected === null ? null : (identities[selected]?.toString('hex') ?? null),
    handshakeMessages: [],
    certificates: { client: null, server: null },
    applicationData: { client: Buffer.alloc(0), server: Buffer.alloc(0) },
    keyUpdates: { client: 0, server: 0 },
    tickets: [],
    exporterSecret: null,
    hash: plain?.suite.hash ?? null,
  }
}

/** The secrets that protect the rest, or what stands in the way. */
function trafficSecrets(plain: PlainHandshake, leaks: Leaks): TrafficSecrets | string {
  const logged = loggedSecrets(plain, leaks)
  if (logged !== null) return logged
  const { hash } = plain.suite
  const psk = selectedPsk(plain, leaks)
  if (psk === undefined) return 'the pre-shared key is not known'
  const shared = exchanged(plain, leaks)
  if (shared === null) return 'the key exchange is not broken'
  const early = earlySecret(hash, psk)
  const handshake = handshakeSecret(hash, early, shared)
  const helloHash = digest(hash, plain.transcript)
  const main = mainSecret(hash, handshake)
  return {
    clientEarly: expandLabel(hash, early, 'c e traffic', digest(hash, plain.clientHelloTranscript)),
    client: expandLabel(hash, handshake, 'c hs traffic', helloHash),
    server: expandLabel(hash, handshake, 's hs traffic', helloHash),
    application: (transcriptHash) => ({
      client: expandLabel(hash, main, 'c ap traffic', transcriptHash),
      server: expandLabel(hash, main, 's ap traffic', transcriptHash),
      exporter: expandLabel(hash, main, 'exp master', transcriptHash),
    }),
    resumption: (transcriptHash) => expandLabel(hash, main, 'res master', transcriptHash),
  }
}

/** The PSK that the server took; null when it took none, undefined when nothing that leaked is it. */
function selectedPsk(plain: PlainHandshake, leaks: Leaks): Buffer | null | undefined {
  const { suite, clientHello, serverHello, truncatedTranscript } = plain
  const index = serverHello.selectedIdentity
  if (index === null) return null
  const identity = clientHello.identities[index]
  const binder = clientHello.binders[index]
  if (identity === undefined || binder === undefined) return undefined
  const truncatedTranscriptHash = (hash: Hash) => digest(hash, truncatedTranscript(hash))
  return findPsk({ identity, binder, truncatedTranscriptHash }, suite.hash, leaks) ?? undefined
}

function exchanged({ suite, clientHello, serverHello }: PlainHandshake, leaks: Leaks): Buffer | null {
  const { keyShare } = serverHello
  // psk_ke: nothing was exchanged, and zeros stand in its place (RFC 9846 7.1). Trefoil never does that; others might.
  if (keyShare === null) return Buffer.alloc(lengthOf(suite.hash))
  const share = clientHello.keyShares.find(({ group }) => group === keyShare.group)?.share
  return share === undefined ? null : sharedSecret(keyShare.group, share, keyShare.share, leaks)
}

function loggedSecrets({ clientRandom }: PlainHandshake, { keyLog }: Leaks): TrafficSecrets | null {
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
  }
}
