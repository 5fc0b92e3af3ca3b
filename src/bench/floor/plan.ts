/**
 * The cryptography that a handshake cannot do without, for each end, by RFC 9846 and, for imported PSKs, RFC 9258. Left
 * out is what depends on no input at all (without a PSK, the Early Secret and what is derived of it; the hash of nothing)
 * and the chain of a peer that was verified a moment ago. How many octets go in is taken from a handshake of the same mode.
 */
import { CIPHER_SUITES, type CipherSuiteName, type HashAlgorithm, hashLength } from '../../crypto/cipherSuites.js'
import { NAMED_GROUPS, type NamedGroupName } from '../../crypto/groups.js'
import type { SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import type { Side } from '../handshakes/coreHandshake.js'
import type { Mode } from '../handshakes/modes.js'
import type { MessageName } from '../meter/messages.js'
import { countOf, lengthOf, type Observation } from '../meter/observe.js'
import type { FloorOperation, FloorPlan, Mac } from './operations.js'

export function floorPlan(mode: Mode, observation: Observation): FloorPlan {
  const facts = factsOf(mode, observation)
  const { group, tickets } = facts
  return {
    client: [
      [
        // Random and, for middleboxes, legacy_session_id (4.2.2, appendix E.4).
        { kind: 'random', length: 32 },
        { kind: 'random', length: 32 },
        { kind: 'generate', group },
        ...externalPsk(facts),
        ...binder(facts),
      ],
      [
        { kind: 'agree', group },
        ...keySchedule(facts),
        transcript(facts),
        open(facts, facts.serverFlight),
        seal(facts, facts.clientFlight),
        // Keys of the application traffic: one is used by the tickets, the other is ready for data (7.3).
        open(facts, facts.ticketFlight),
        seal(facts, 0),
        ...(facts.unknownChain ? [verifyChain(facts)] : []),
        ...(facts.serverScheme === null ? [] : [verify(facts, 'server', facts.serverScheme)]),
        ...(facts.clientScheme === null ? [] : [sign(facts, facts.clientScheme)]),
      ],
    ],
    server: [
      [
        { kind: 'random', length: 32 },
        ...(facts.openedTicket === null ? [] : [{ kind: 'open ticket', length: facts.openedTicket } as const]),
        ...externalPsk(facts),
        ...binder(facts),
        { kind: 'respond', group },
        ...keySchedule(facts),
        transcript(facts),
        seal(facts, facts.serverFlight),
        ...(facts.serverScheme === null ? [] : [sign(facts, facts.serverScheme)]),
      ],
      [
        open(facts, facts.clientFlight),
        ...(facts.clientScheme === null ? [] : [verify(facts, 'client', facts.clientScheme)]),
        ...Array.from({ length: tickets }, () => sealTicket(facts)).flat(),
        seal(facts, facts.ticketFlight),
        open(facts, 0),
      ],
    ],
  }
}

/** What the plan depends on. */
interface Facts {
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
  readonly unknownChain: boolean
  readonly certificateLength: number
}

/** A key name, a nonce and a tag around its content; the rest of NewSessionTicket is 18 octets (4.7.1). */
const TICKET_OVERHEAD = 16 + 12 + 16
const TICKET_MESSAGE_OVERHEAD = 18
/** The hash that a PSK is provisioned for unless somebody says otherwise (RFC 9258 5.2). */
const EPSK_HASH = 'SHA-256'
const RECORD_LENGTH = 16_384

function factsOf(mode: Mode, observation: Observation): Facts {
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
    group: (mode.group ?? 'X25519MLKEM768') as NamedGroupName,
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
    unknownChain: mode.unknownChain === true,
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

/** EPSK of QKD key and auth PSK, and its import (RFC 9258 5.2). A raw PSK needs nothing. */
function externalPsk({ psk, combined, identityLength, hash }: Facts): FloorOperation[] {
  if (psk !== 'imported') return []
  const octets = hashLength(EPSK_HASH)
  const info = labelLength('derived psk', octets)
  // HKDF-Expand to a longer hash takes a second block, over the first (RFC 5869 2.3).
  const blocks: Mac[] = [{ label: 'derived psk', length: info }]
  if (hashLength(hash) > octets) blocks.push({ label: 'second block', length: octets + info })
  return [
    ...(combined ? [macs(EPSK_HASH, [{ label: 'extract', length: 32 }])] : []),
    macs(EPSK_HASH, [{ label: 'extract', length: 32 }]),
    { kind: 'hash', hash: EPSK_HASH, length: identityLength },
    macs(EPSK_HASH, blocks),
  ]
}

/** From the PSK to its binder (4.3.11.2, 7.1). */
function binder(facts: Facts): FloorOperation[] {
  const { psk, hash, binderLabel, truncatedHello } = facts
  if (psk === null) return []
  const octets = hashLength(hash)
  return [
    { kind: 'hash', hash, length: truncatedHello },
    macs(hash, [{ label: 'extract', length: octets }]),
    macs(hash, [derive(facts, binderLabel), derive(facts, 'derived')]),
    macs(hash, [expand('finished')]),
    macs(hash, [{ label: 'binder MAC', length: octets }]),
  ]
}

/** From the shared secret to the last traffic key (7.1, 7.3, 4.5.4, 4.7.1). */
function keySchedule(facts: Facts): FloorOperation[] {
  const { hash, group, tickets } = facts
  const octets = hashLength(hash)
  const { curve, mlkem } = NAMED_GROUPS[group]
  const secretLength = (curve === 'P-384' ? 48 : 32) + (mlkem === null ? 0 : 32)
  const traffic = [expand('key'), expand('iv')]
  const resumable = tickets > 0
  return [
    macs(hash, [{ label: 'extract', length: secretLength }]),
    macs(hash, [derive(facts, 'c hs traffic'), derive(facts, 's hs traffic'), derive(facts, 'derived')]),
    macs(hash, [...traffic, expand('finished')]),
    macs(hash, [...traffic, expand('finished')]),
    macs(hash, [{ label: 'finished MAC', length: octets }]),
    macs(hash, [{ label: 'finished MAC', length: octets }]),
    macs(hash, [{ label: 'extract', length: octets }]),
    macs(hash, [
      derive(facts, 'c ap traffic'),
      derive(facts, 's ap traffic'),
      derive(facts, 'exp master'),
      ...(resumable ? [derive(facts, 'res master')] : []),
    ]),
    macs(hash, traffic),
    macs(hash, traffic),
    ...(resumable
      ? [
          macs(
            hash,
            Array.from({ length: tickets }, () => ({ label: 'resumption', length: labelLength('resumption', 1) })),
          ),
        ]
      : []),
  ]
}

function transcript({ hash, portions }: Facts): FloorOperation {
  return { kind: 'transcript', hash, portions }
}

function sealTicket({ ticketLength }: Facts): FloorOperation[] {
  // ticket_age_add and the nonce of the ticket.
  return [
    { kind: 'random', length: 4 },
    { kind: 'random', length: 12 },
    { kind: 'seal ticket', length: ticketLength },
  ]
}

function seal({ suite }: Facts, length: number): FloorOperation {
  return { kind: 'seal', algorithm: CIPHER_SUITES[suite].aead, records: recordsOf(length) }
}

function open({ suite }: Facts, length: number): FloorOperation {
  return { kind: 'open', algorithm: CIPHER_SUITES[suite].aead, records: recordsOf(length) }
}

/** A flight in as few records as it fits in, each with the octet of its inner type. */
function recordsOf(length: number): number[] {
  const records: number[] = []
  for (let rest = length; rest > 0; rest -= RECORD_LENGTH) records.push(Math.min(rest, RECORD_LENGTH) + 1)
  return records
}

/** 64 octets of padding, 33 of text, a zero, the hash (4.5.3). */
function proofLength(hash: HashAlgorithm): number {
  return 64 + 33 + 1 + hashLength(hash)
}

function sign({ hash }: Facts, scheme: SignatureSchemeName): FloorOperation {
  return { kind: 'sign', scheme, length: proofLength(hash) }
}

function verify({ hash, unknownChain }: Facts, by: Side, scheme: SignatureSchemeName): FloorOperation {
  return { kind: 'verify', scheme, by, keyKept: !unknownChain, length: proofLength(hash) }
}

function verifyChain({ serverScheme, certificateLength }: Facts): FloorOperation {
  return { kind: 'verify chain', scheme: serverScheme as SignatureSchemeName, length: certificateLength }
}

function macs(hash: HashAlgorithm, of: readonly Mac[]): FloorOperation {
  return { kind: 'macs', hash, keyLength: hashLength(hash), macs: of }
}

/** Derive-Secret: the context is a hash. */
function derive({ hash }: Facts, label: string): Mac {
  return { label, length: labelLength(label, hashLength(hash)) }
}

function expand(label: string): Mac {
  return { label, length: labelLength(label, 0) }
}

/** HkdfLabel and the counter of HKDF-Expand: two octets of length, "tls13 label", the context, each with its length. */
function labelLength(label: string, context: number): number {
  return 2 + 1 + 'tls13 '.length + label.length + 1 + context + 1
}
