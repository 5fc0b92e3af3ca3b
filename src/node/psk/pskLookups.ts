/**
 * The look-ups of one handshake on a server whose PSKs are not listed: what to ask about, how answers are bounded and
 * told, and that no key outlives its use.
 */
import { equalBytes, fromUtf8, wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { isIdentifier } from '../../qkd/identifiers.js'
import { decodeImportedIdentity, TARGET_TLS13 } from '../../tls/psk/importedIdentity.js'
import { decodeImporterContext, type ImporterContext } from '../../tls/psk/importerContext.js'
import type { FoundPsk, PskLookup, PskQuestion } from './options.js'
import { type AuthPsk, keyOctets, type QkdProfile } from './profile.js'
import { warnAboutPsk } from './pskWarnings.js'
import { readPsk } from './readPsk.js'
import type { PskSource } from './source.js'

export interface PskLookupContext {
  readonly qkd: QkdProfile | null
  readonly remoteAddress: string | null
  /** Of the end of the connection. */
  readonly signal: AbortSignal
  /** The note in a ticket of ours, or null. */
  readonly ticketNote: (identity: Uint8Array) => PskSource | null
}

interface Claim {
  readonly identity: string
  readonly localId: string | null
  readonly peerId: string | null
}

/** Of one handshake: two PSKs under two KDFs each, and some to spare. A client that offers more is served by the first. */
const MAX_QUESTIONS = 4

export class PskLookups {
  readonly #lookup: PskLookup
  readonly #context: PskLookupContext
  /** By claim; kept across a HelloRetryRequest. */
  readonly #answers = new Map<string, Promise<AuthPsk | null>>()
  readonly #found: AuthPsk[] = []
  #waiting = 0
  #over = false

  constructor(lookup: PskLookup, context: PskLookupContext) {
    this.#lookup = lookup
    this.#context = context
    context.signal.addEventListener('abort', () => this.wipe(), { once: true })
  }

  /**
   * What the caller has for these identities. Nothing of it is believed yet: whether it makes the identity on the wire, to
   * the octet, is for the identity table to say.
   * @throws TrefoilError ERR_PSK_LOOKUP; ERR_ABORTED when the handshake was over before the answers came
   */
  async find(identities: readonly Uint8Array[], servername: string | null): Promise<readonly AuthPsk[]> {
    const claims = identities.map((identity) => this.#claimOf(identity)).filter((claim) => claim !== null)
    const found = await Promise.all(claims.map((claim) => this.#answerTo(claim, servername)))
    this.check()
    return [...new Set(found.filter((psk) => psk !== null))]
  }

  /** The refusal where the caller has not answered in time; null when nothing is waited for. */
  overdue(): TrefoilError | null {
    if (this.#waiting === 0) return null
    return new TrefoilError('ERR_PSK_LOOKUP', 'the look-up of a PSK did not answer before the handshake timed out')
  }

  /**
   * Refuses to go on with keys that are wiped: anybody has zeros.
   * @throws TrefoilError ERR_ABORTED
   */
  check(): void {
    if (this.#over) throw new TrefoilError('ERR_ABORTED', 'the handshake was over before its PSK could be used')
  }

  /** No key is needed any more: the handshake has derived its own, or is over. */
  wipe(): void {
    this.#over = true
    wipe(...keyOctets(this.#found))
  }

  #answerTo(claim: Claim, servername: string | null): Promise<AuthPsk | null> {
    const name = JSON.stringify([claim.identity, claim.localId, claim.peerId])
    const known = this.#answers.get(name)
    if (known !== undefined) return known
    if (this.#answers.size >= MAX_QUESTIONS) return Promise.resolve(null)
    const answer = this.#ask(claim, servername)
    this.#answers.set(name, answer)
    return answer
  }

  async #ask({ identity, localId, peerId }: Claim, servername: string | null): Promise<AuthPsk | null> {
    const { qkd, remoteAddress, signal } = this.#context
    const question: PskQuestion = { localId, peerId, servername, remoteAddress, signal }
    this.#waiting++
    let answer: FoundPsk | null | undefined
    try {
      answer = await this.#lookup(identity, question)
    } catch (cause) {
      throw new TrefoilError('ERR_PSK_LOOKUP', 'the look-up of a PSK failed', { cause })
    } finally {
      this.#waiting--
    }
    if (answer === null || answer === undefined) return null
    const psk = readAnswer(answer, identity)
    this.#found.push(psk)
    if (this.#over) this.wipe()
    else warnAboutPsk(psk, qkd, 'server')
    return psk
  }

  /** What an identity on the wire says it is; null where no look-up could make a PSK of it that this server takes. */
  #claimOf(identity: Uint8Array): Claim | null {
    const { qkd, ticketNote } = this.#context
    const note = ticketNote(identity)
    if (note !== null) {
      const names = note.pskEnds ?? { localId: note.localSaeId, peerId: note.peerSaeId }
      return claim(note.pskIdentity, names.localId, names.peerId)
    }
    const imported = attempt(() => decodeImportedIdentity(identity))
    const alone = qkd?.policy !== 'require'
    if (imported?.targetProtocol !== TARGET_TLS13) return alone ? claim(identity, null, null) : null
    const { externalIdentity } = imported
    const context = attempt(() => decodeImporterContext(imported.context))
    // A context of the peer's own format says nothing to us; the answer must bring the same.
    if (context === null) return alone ? claim(externalIdentity, null, null) : null
    return this.#claimOfContext(context, externalIdentity, alone)
  }

  #claimOfContext(context: ImporterContext, externalIdentity: Uint8Array, alone: boolean): Claim | null {
    const { kind, authPskIdentity, initiatorSaeId, responderSaeId } = context
    const possible =
      kind === 'psk' ? alone && equalBytes(authPskIdentity, externalIdentity) : kind === 'psk+qkd' && this.#context.qkd
    if (!possible) return null
    return claim(authPskIdentity, responderSaeId || null, initiatorSaeId || null)
  }
}

/** Null for what no caller should have to deal with: control characters, octets that are no UTF-8, endless names. */
function claim(octets: Uint8Array | null, localId: string | null, peerId: string | null): Claim | null {
  const identity = octets && attempt(() => fromUtf8(octets))
  if (!isIdentifier(identity)) return null
  const named = isIdentifier(localId) && isIdentifier(peerId)
  return named || (localId === null && peerId === null) ? { identity, localId, peerId } : null
}

function readAnswer(answer: FoundPsk, identity: string): AuthPsk {
  try {
    return readPsk({ ...answer, identity }, 'server')
  } catch (cause) {
    const reason = cause instanceof TrefoilError ? cause.message : 'it cannot be read'
    throw new TrefoilError('ERR_PSK_LOOKUP', `the look-up gave an unusable PSK: ${reason}`, { cause })
  }
}

function attempt<T>(step: () => T): T | null {
  try {
    return step()
  } catch {
    return null
  }
}
