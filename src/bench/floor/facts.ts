/** What a floor depends on: what was negotiated, and the sizes of what went to and fro. */
import { CIPHER_SUITES, type CipherSuiteName, type HashAlgorithm, hashLength } from '../../crypto/cipherSuites.js'
import type { NamedGroupName } from '../../crypto/groups.js'
import type { SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import type { Side } from '../handshakes/coreHandshake.js'
import { DEFAULT_GROUP, type Mode } from '../handshakes/modes.js'
import type { MessageName } from '../meter/messages.js'
import { countOf, lengthOf, type Observation } from '../meter/observe.js'

export interface Facts {
  readonly hash: HashAlgorithm
  readonly suite: CipherSuiteName
  readonly group: NamedGroupName
  readonly psk: 'raw' | 'imported' | 'ticket' | null
  /** Of the imported identity. */
  readonly identityLength: number
  /** QKD key and auth PSK become one (PROTOCOL.md). */
  readonly combined: boolean
  readonly binderLabel: string
  /** ClientHello up to the binders. */
  readonly truncatedHello: number
  readonly tickets: number
  /** Plaintext of a ticket. */
  readonly ticketLength: number
  readonly openedTicket: number | null
  readonly portions: readonly number[]
  readonly serverFlight: number
  readonly clientFlight: number
  readonly ticketFlight: number
  readonly serverScheme: SignatureSchemeName | null
  readonly clientScheme: SignatureSchemeName | null
  readonly verifiesChain: boolean
  /** What the root has signed. */
  readonly certificateLength: number
}

/** A key name, a nonce and a tag around its content; the rest of NewSessionTicket is 18 octets (4.7.1). */
const TICKET_OVERHEAD = 16 + 12 + 16
const TICKET_MESSAGE_OVERHEAD = 18
/** The hash that a PSK is provisioned for unless somebody says otherwise (RFC 9258 5.2). */
export const EPSK_HASH = 'SHA-256'

export function factsOf(mode: Mode, observation: Observation): Facts {
  const { hash } = CIPHER_SUITES[observation.cipherSuite]
  const { operations } = observation
  const shows = (side: Side) => countOf(observation, side, 'CertificateVerify') > 0
  const scheme = mode.certificates as SignatureSchemeName | null
  const tickets = countOf(observation, 'server', 'NewSessionTicket')
  const psk = mode.resumed === true ? 'ticket' : mode.qkd === true ? 'imported' : (mode.psk ?? null)
  const flight = (from: Side, ...names: MessageName[]) =>
    names.reduce((sum, name) => sum + lengthOf(observation, from, name), 0)
  const opened = operations.server.find(({ kind }) => kind === 'open')
  const identity = operations.client.find((operation) => operation.kind === 'hash' && operation.hash === EPSK_HASH)
  // A list of binders with one in it: two octets of length, one more, and the MAC (4.3.11).
  const binders = psk === null ? 0 : 3 + hashLength(hash)
  const chains = operations.client.flatMap((operation) => (operation.kind === 'verify' ? [operation.length] : []))
  return {
    hash,
    suite: observation.cipherSuite,
    group: mode.group ?? DEFAULT_GROUP,
    psk,
    identityLength: identity !== undefined && 'length' in identity ? identity.length : 0,
    combined: mode.qkd === true && mode.psk !== undefined,
    binderLabel: { raw: 'ext binder', imported: 'imp binder', ticket: 'res binder', none: '' }[psk ?? 'none'],
    truncatedHello: lengthOf(observation, 'client', 'ClientHello') - binders,
    tickets,
    ticketLength:
      tickets === 0
        ? 0
        : lengthOf(observation, 'server', 'NewSessionTicket') / tickets - TICKET_MESSAGE_OVERHEAD - TICKET_OVERHEAD,
    openedTicket: psk === 'ticket' && opened !== undefined && 'length' in opened ? opened.length : null,
    portions: portionsOf(observation, tickets > 0),
    serverFlight: flight(
      'server',
      'EncryptedExtensions',
      'CertificateRequest',
      'Certificate',
      'CertificateVerify',
      'Finished',
    ),
    clientFlight: flight('client', 'Certificate', 'CertificateVerify', 'Finished'),
    ticketFlight: flight('server', 'NewSessionTicket'),
    serverScheme: shows('server') ? scheme : null,
    clientScheme: shows('client') ? scheme : null,
    verifiesChain: mode.verifiedAnew === true,
    certificateLength: Math.max(0, ...chains),
  }
}

/** The transcript is read for each message that is bound to it, and for each set of keys (4.5.1, 7.1). */
function portionsOf(observation: Observation, resumable: boolean): number[] {
  const length = (from: Side, name: MessageName) => lengthOf(observation, from, name)
  const certified = (from: Side, before: number) =>
    countOf(observation, from, 'Certificate') === 0
      ? { portions: [], rest: before }
      : { portions: [before + length(from, 'Certificate'), length(from, 'CertificateVerify')], rest: 0 }
  const opening = length('server', 'EncryptedExtensions') + length('server', 'CertificateRequest')
  const server = certified('server', opening)
  const client = certified('client', 0)
  return [
    length('client', 'ClientHello') + length('server', 'ServerHello'),
    ...server.portions,
    ...(server.rest > 0 ? [server.rest] : []),
    length('server', 'Finished'),
    ...client.portions,
    ...(resumable ? [length('client', 'Finished')] : []),
  ]
}
