/** The server's states: what each knows, and nothing it does not need any more. */
import type { CipherSuiteName } from '../../crypto/cipherSuites.js'
import type { NamedGroupName } from '../../crypto/groups.js'
import type { ServerConfig } from '../config.js'
import type { ExporterSecret, ResumptionSecret } from '../keySchedule.js'
import type { ClientHello } from '../messages/clientHello.js'
import type {
  Environment,
  LocalAuthentication,
  Negotiated,
  PeerAuthentication,
  PeerCertificate,
} from '../shared/environment.js'
import type { ApplicationKeys, HandshakeKeys } from '../shared/keys.js'

export type ServerEnvironment = Environment<ServerConfig>

/** What our HelloRetryRequest fixed, to hold the second ClientHello against. */
export interface SentRetry {
  /** Null when a cookie brought the client back to a server that had kept nothing. */
  readonly firstHello: ClientHello | null
  readonly cipherSuite: CipherSuiteName
  /** Null when only a cookie was asked back. */
  readonly group: NamedGroupName | null
  readonly cookie: Uint8Array | null
}

interface Flown {
  readonly negotiated: Negotiated
  readonly keys: HandshakeKeys
  readonly application: ApplicationKeys
  /** verify_data of our Finished. */
  readonly localFinished: Uint8Array
  readonly local: LocalAuthentication | null
  /** The client can use tickets: it listed psk_dhe_ke. */
  readonly ticketsWanted: boolean
}

export interface TicketIssue {
  readonly negotiated: Negotiated
  readonly client: PeerAuthentication | null
  readonly local: LocalAuthentication | null
  readonly resumptionSecret: ResumptionSecret
}

export interface ExpectClientHello {
  readonly name: 'expectClientHello'
}
export interface ExpectSecondClientHello {
  readonly name: 'expectSecondClientHello'
  readonly retry: SentRetry
}
export interface ExpectCertificate extends Flown {
  readonly name: 'expectCertificate'
}
export interface ExpectCertificateVerify extends Flown {
  readonly name: 'expectCertificateVerify'
  readonly certificate: PeerCertificate
}
export interface ExpectFinished extends Flown {
  readonly name: 'expectFinished'
  readonly client: PeerAuthentication | null
}
export interface Connected {
  readonly name: 'connected'
  readonly exporterSecret: ExporterSecret
  /** What tickets are made from; null when none are wanted, or any more. */
  readonly tickets: TicketIssue | null
}

export type ServerState =
  | ExpectClientHello
  | ExpectSecondClientHello
  | ExpectCertificate
  | ExpectCertificateVerify
  | ExpectFinished
  | Connected
