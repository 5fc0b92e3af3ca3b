/**
 * The caller's own word on a peer that has proved who it is: revocation lists, pins, an account that was closed. Asked in
 * every handshake, resumed ones too, before it is complete.
 */
import { TrefoilError } from '../errors.js'
import { type CertificateDescription, describeCertificate } from '../pki/index.js'
import type { HandshakeSummary, RequestHandlers } from '../tls/index.js'
import type { PeerVerdict } from './certificates.js'
import { describeProtection, type Protection, peerShown } from './protection.js'
import type { KeyFetch } from './psk/index.js'
import { describePeer, type RawPublicKey } from './rawKeys/peer.js'

/** Who is at the other end, and by what it is known. */
export interface PeerFacts {
  readonly role: 'client' | 'server'
  /** The peer's address, null where the transport has none. */
  readonly remoteAddress: string | null
  /** The DNS name that the client asked for. */
  readonly servername: string | null
  /** DER, leaf first, of this handshake or of the one whose session is resumed; null when the peer showed none. */
  readonly certificateChain: readonly Uint8Array[] | null
  /** The leaf in words: names, serial number, validity, fingerprint. */
  readonly certificate: CertificateDescription | null
  /** The raw public key that the peer is known by in place of a certificate (RFC 7250). */
  readonly rawPublicKey: RawPublicKey | null
  /** As `socket.protection` will be: what authenticates the peer, PSK identity, SAE IDs, whether it is a resumption. */
  readonly protection: Protection
  /** Why the peer is not authenticated, where `rejectUnauthorized: false` lets it pass all the same. */
  readonly authorizationError: TrefoilError | null
}

// biome-ignore lint/suspicious/noConfusingVoidType: a callback that says nothing accepts.
export type AcceptPeerAnswer = boolean | Error | undefined | void

/**
 * Accepts a peer by returning nothing or true; refuses it by false, an Error, or by throwing. It may answer later: the
 * handshake waits, within `handshakeTimeout`, and `signal` is aborted when the connection is given up.
 */
export type AcceptPeer = (
  peer: PeerFacts,
  options: { readonly signal: AbortSignal },
) => AcceptPeerAnswer | Promise<AcceptPeerAnswer>

export interface AcceptPeerContext {
  readonly keyFetch: KeyFetch
  /** The names that a raw public key of the peer stands for. */
  readonly namesOf: (rawKey: Uint8Array) => readonly string[]
  /** Of the end of the connection. */
  readonly signal: AbortSignal
  readonly remoteAddress: string | undefined
}

/** The question to the caller, of one connection. */
export class PeerQuestion {
  readonly #acceptPeer: AcceptPeer | undefined
  readonly #context: AcceptPeerContext
  readonly #startedAt = performance.now()
  #waitingFor: PeerFacts | null = null

  constructor(acceptPeer: AcceptPeer | undefined, context: AcceptPeerContext) {
    this.#acceptPeer = acceptPeer
    this.#context = context
  }

  /** Answers the core; refuses with ERR_PEER_REFUSED_BY_CALLER, which is access_denied to the peer. */
  readonly handler: RequestHandlers['acceptPeer'] = ({ summary }) => {
    if (this.#acceptPeer === undefined) return undefined
    const peer = peerFacts(summary, this.#context, performance.now() - this.#startedAt)
    let answer: ReturnType<AcceptPeer>
    try {
      answer = this.#acceptPeer(peer, { signal: this.#context.signal })
    } catch (thrown) {
      throw refusal(peer, thrown)
    }
    return isThenable(answer) ? this.#waitFor(answer, peer) : judge(answer, peer)
  }

  /** The refusal of a peer that the caller has not judged in time; null when it has not been asked, or has answered. */
  overdue(): TrefoilError | null {
    const peer = this.#waitingFor
    return peer && refusal(peer, new Error('acceptPeer did not answer before the handshake timed out'))
  }

  async #waitFor(promise: Promise<AcceptPeerAnswer>, peer: PeerFacts): Promise<undefined> {
    this.#waitingFor = peer
    let answer: AcceptPeerAnswer
    try {
      answer = await promise
    } catch (thrown) {
      throw refusal(peer, thrown)
    } finally {
      this.#waitingFor = null
    }
    return judge(answer, peer)
  }
}

/** What is neither yes nor no comes from code without types, and is no yes. */
function judge(answer: unknown, peer: PeerFacts): undefined {
  if (answer === undefined || answer === true) return undefined
  throw answer === false ? refusal(peer) : refusal(peer, answer)
}

function refusal(peer: PeerFacts, cause?: unknown): TrefoilError {
  const options = cause === undefined ? {} : { cause }
  return new TrefoilError('ERR_PEER_REFUSED_BY_CALLER', `${peer.role} was refused by acceptPeer`, options)
}

function peerFacts(summary: HandshakeSummary, context: AcceptPeerContext, milliseconds: number): PeerFacts {
  const authorizationError = (summary.peerSource as PeerVerdict | null | undefined)?.authorizationError ?? null
  const { chain: certificateChain, rawPublicKey } = describePeer(peerShown(summary), context.namesOf)
  const leaf = certificateChain?.[0]
  return Object.freeze({
    role: summary.role === 'client' ? 'server' : 'client',
    remoteAddress: context.remoteAddress ?? null,
    servername: summary.serverName,
    certificateChain,
    certificate: leaf === undefined ? null : describeCertificate(leaf),
    rawPublicKey,
    protection: describeProtection({
      summary,
      peerVerified: authorizationError === null,
      milliseconds,
      keyFetch: context.keyFetch,
    }),
    authorizationError,
  })
}

function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | undefined)?.then === 'function'
}
