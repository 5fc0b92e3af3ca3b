/**
 * The PSK behind an identity that a ClientHello offers, out of what has leaked. Which of the candidates is right, and
 * with which hash, the binder says: it stands on the tape.
 */
import { Cursor } from './cursor.js'
import { type BinderLabel, binderOf, expandLabel, extract, type Hash, lengthOf } from './keyDerivation.js'
import type { Leaks } from './leaks.js'
import type { Schedule } from './schedule.js'
import { openTicket } from './tickets.js'

export interface OfferedIdentity {
  readonly identity: Buffer
  readonly binder: Buffer
  /** Of the transcript up to and with the truncated ClientHello. */
  readonly truncatedTranscriptHash: (hash: Hash) => Buffer
}

export interface FoundPsk {
  readonly psk: Buffer
  /** Whether it is the PSK of a ticket. */
  readonly resumes: boolean
}

/** The PSK for a suite of that hash; null when nothing that leaked verifies the binder. */
export function findPsk(offered: OfferedIdentity, hash: Hash, leaks: Leaks, schedule: Schedule): FoundPsk | null {
  const { identity, binder } = offered
  if (binder.length !== lengthOf(hash)) return null
  const transcriptHash = offered.truncatedTranscriptHash(hash)
  for (const { psk, label } of candidates(identity, hash, leaks, schedule)) {
    if (binderOf(hash, psk, label, transcriptHash).equals(binder)) {
      return { psk: Buffer.from(psk), resumes: label === 'res binder' }
    }
  }
  return null
}

interface Candidate {
  readonly psk: Uint8Array
  readonly label: BinderLabel
}

function* candidates(identity: Buffer, hash: Hash, leaks: Leaks, schedule: Schedule): Generator<Candidate> {
  const kept = leaks.resumptionPsks.get(identity.toString('hex'))
  if (kept !== undefined) yield { psk: kept.psk, label: 'res binder' }
  for (const ticketKey of [...leaks.ticketKeys, ...schedule.ticketKeys]) {
    const content = openTicket(identity, ticketKey)
    if (content !== null) yield { psk: content.psk, label: 'res binder' }
  }
  for (const psk of externalPsks(identity, leaks, schedule)) yield { psk, label: 'ext binder' }
  for (const psk of leaks.importedPsks ?? []) yield { psk, label: 'imp binder' }
  const imported = readImportedIdentity(identity)
  if (imported === null || imported.targetKdf !== TARGET_KDF[hash]) return
  for (const epsk of externalPsks(imported.externalIdentity, leaks, schedule, imported.authPskIdentity)) {
    for (const epskHash of ['sha256', 'sha384'] as const) {
      const context = schedule.importContext(epskHash, identity)
      yield { psk: importPsk(epsk, epskHash, context, hash), label: 'imp binder' }
    }
  }
}

/** What an external identity may stand for: an auth PSK, a QKD key, or both combined. */
function* externalPsks(
  identity: Buffer,
  leaks: Leaks,
  schedule: Schedule,
  authPskIdentity: Buffer | null = null,
): Generator<Uint8Array> {
  const authPsk = leaks.authPsks.get(identity.toString('hex'))
  if (authPsk !== undefined) yield authPsk
  // Named by the context, or, with a context of somebody else's making, any.
  const named = authPskIdentity === null ? undefined : leaks.authPsks.get(authPskIdentity.toString('hex'))
  for (const qkdKey of schedule.qkdKeys(identity.toString('utf8'), leaks.qkdKeys)) {
    yield qkdKey
    for (const auth of named === undefined ? leaks.authPsks.values() : [named]) {
      for (const hash of ['sha256', 'sha384'] as const) yield schedule.epsk(hash, auth, qkdKey)
    }
  }
}

/** RFC 9258 5.1, IANA: target KDFs. */
const TARGET_KDF: Readonly<Record<Hash, number>> = { sha256: 1, sha384: 2 }

interface ImportedIdentity {
  readonly externalIdentity: Buffer
  readonly targetKdf: number
  /** Out of the context, when that is of the kind that combines. */
  readonly authPskIdentity: Buffer | null
}

function readImportedIdentity(identity: Buffer): ImportedIdentity | null {
  try {
    const cursor = new Cursor(identity)
    const externalIdentity = cursor.vector(2)
    const context = cursor.vector(2)
    const targetProtocol = cursor.number(2)
    const targetKdf = cursor.number(2)
    if (targetProtocol !== 0x0304 || cursor.remaining > 0) return null
    return { externalIdentity, targetKdf, authPskIdentity: readAuthPskIdentity(context) }
  } catch {
    return null
  }
}

/** The importer context that PROTOCOL.md describes. */
function readAuthPskIdentity(context: Buffer): Buffer | null {
  try {
    const cursor = new Cursor(context)
    if (cursor.number(1) !== 1) return null
    cursor.take(1)
    cursor.vector(1)
    cursor.vector(2)
    cursor.vector(2)
    const identity = cursor.vector(2)
    return identity.length === 0 ? null : identity
  } catch {
    return null
  }
}

/** RFC 9258 5.2. */
function importPsk(epsk: Uint8Array, epskHash: Hash, context: Buffer, target: Hash): Buffer {
  const epskx = extract(epskHash, Buffer.alloc(lengthOf(epskHash)), epsk)
  return expandLabel(epskHash, epskx, 'derived psk', context, lengthOf(target))
}
