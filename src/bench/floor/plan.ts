/**
 * The cryptography that a handshake cannot do without, for each end, by RFC 9846 and, for imported PSKs, RFC 9258. Left
 * out is what depends on no input at all (without a PSK, the Early Secret and what is derived of it; the hash of nothing)
 * and the chain of a peer that was verified a moment ago. How many octets go in is taken from a handshake of the same mode.
 */
import { CIPHER_SUITES, type HashAlgorithm, hashLength } from '../../crypto/cipherSuites.js'
import { NAMED_GROUPS } from '../../crypto/groups.js'
import type { SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import type { Side } from '../handshakes/coreHandshake.js'
import type { Mode } from '../handshakes/modes.js'
import type { Observation } from '../meter/observe.js'
import { EPSK_HASH, type Facts, factsOf } from './facts.js'
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
        ...(facts.verifiesChain ? [verifyChain(facts)] : []),
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

/** Of the largest record (5.1). */
const RECORD_LENGTH = 16_384

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

function verify({ hash }: Facts, by: Side, scheme: SignatureSchemeName): FloorOperation {
  return { kind: 'verify', scheme, by, length: proofLength(hash) }
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
