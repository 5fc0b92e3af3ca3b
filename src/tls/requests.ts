/**
 * What the protocol core cannot do itself: it owns no randomness, no clock, no keys and no I/O. It emits one request at
 * a time and goes on when a driver has answered it, synchronously or not. A driver refuses by throwing a TrefoilError;
 * the core turns that into the alert of its code.
 */

import type { CipherSuiteName } from '../crypto/cipherSuites.js'
import type { NamedGroupName } from '../crypto/groups.js'
import type { HashAlgorithm, KeyShare, KeyShareResponse, VerifyingKey } from '../crypto/provider.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import type { HandshakeSummary } from './events.js'
import type { CertificateType } from './extensions/certificateType.js'

/** What randomness is for: a deterministic driver can answer by purpose. */
export type RandomPurpose =
  | 'ClientHello.random'
  | 'ServerHello.random'
  | 'legacy_session_id'
  | 'GREASE'
  | 'ticket_age_add'
  | 'cookie nonce'

export type Request =
  | { readonly type: 'random'; readonly purpose: RandomPurpose; readonly length: number }
  /** Milliseconds since the epoch. */
  | { readonly type: 'currentTime' }
  | { readonly type: 'generateKeyShare'; readonly group: NamedGroupName }
  | { readonly type: 'respondToKeyShare'; readonly group: NamedGroupName; readonly clientShare: Uint8Array }
  | OfferPsksRequest
  | SelectPskRequest
  | FetchPskRequest
  | SelectCertificateRequest
  | VerifyCertificateRequest
  | SignRequest
  | AcceptPeerRequest
  | SelectApplicationProtocolRequest
  | SealTicketRequest

export interface Answers {
  random: Uint8Array
  currentTime: number
  generateKeyShare: KeyShare
  respondToKeyShare: KeyShareResponse
  offerPsks: PskOffer
  selectPsk: PskSelection | null
  fetchPsk: Uint8Array | readonly PskAlternative[] | null
  selectCertificate: Credential | null
  verifyCertificate: VerifiedPeer
  sign: Uint8Array
  acceptPeer: undefined
  selectApplicationProtocol: string | null
  sealTicket: Uint8Array | null
}

export type RequestType = Request['type']
export type RequestOf<T extends RequestType> = Extract<Request, { readonly type: T }>

/** One handler per request; each may answer with a promise. */
export type RequestHandlers = {
  readonly [T in RequestType]: (request: RequestOf<T>) => Answers[T] | Promise<Answers[T]>
}

/** How the binder key is labelled: "ext binder", "imp binder" (RFC 9258), "res binder". */
export type PskKind = 'external' | 'imported' | 'resumption'

/** Client: which PSKs to offer. Asked once per handshake, before the first ClientHello; kept across a retry. */
export interface OfferPsksRequest {
  readonly type: 'offerPsks'
  /** KDF hashes of the offered suites, most preferred first: an imported PSK needs one identity for each. */
  readonly hashes: readonly HashAlgorithm[]
  readonly serverName: string | null
  readonly applicationProtocols: readonly string[]
}

export interface PskOffer {
  /** In order of preference. Empty: a plain certificate handshake. */
  readonly psks: readonly OfferedPsk[]
  /** Offer them together with certificate authentication (RFC 9973). All of them must then be external or imported. */
  readonly withCertificate: boolean
  /** Refuse a server that goes on without one of them. */
  readonly required: boolean
}

export interface OfferedPsk {
  /** As it goes on the wire (for an imported PSK the serialized ImportedIdentity). */
  readonly identity: Uint8Array
  /** Zero for anything but a ticket (RFC 9846 4.3.11). */
  readonly obfuscatedTicketAge: number
  /** Enters the Early Secret. The core wipes it. */
  readonly psk: Uint8Array
  readonly hash: HashAlgorithm
  readonly kind: PskKind
  /** The driver's own note of where this PSK came from; returned in the handshake's summary. */
  readonly source: unknown
}

/** Server: which of the offered identities to use. Cheap checks only; the key itself is asked for by `fetchPsk`. */
export interface SelectPskRequest {
  readonly type: 'selectPsk'
  /** Empty when the client offered none: a handler whose policy requires a PSK refuses by throwing. */
  readonly identities: readonly PskIdentity[]
  /** Indices already tried in this handshake. */
  readonly excluded: readonly number[]
  /** Suites in common, most preferred first; the PSK's hash must be that of one of them. */
  readonly suites: readonly CipherSuiteName[]
  /** The client offered tls_cert_with_extern_psk (RFC 9973). */
  readonly withCertificate: boolean
  /** Whether certificate authentication is possible at all with what this client offered. */
  readonly certificatePossible: boolean
  readonly serverName: string | null
  readonly applicationProtocols: readonly string[]
  /** The one that was chosen for this connection (ALPN). */
  readonly applicationProtocol: string | null
}

export interface PskIdentity {
  readonly identity: Uint8Array
  readonly obfuscatedTicketAge: number
}

export interface PskSelection {
  readonly index: number
  readonly hash: HashAlgorithm
  readonly kind: PskKind
  /** Answer with a certificate too (RFC 9973); only when the client offered it and the PSK is no ticket. */
  readonly withCertificate: boolean
  /** Fetching it uses up a key: it is left until nothing else can refuse the hello. Default false. */
  readonly costsKey?: boolean
  /**
   * The identity stands for no PSK, and nobody may notice: all is done as for a known one, and whatever the binder is, it
   * is refused as a wrong one (RFC 9846 appendix F.6), here with ERR_UNKNOWN_PSK_IDENTITY. Default false.
   */
  readonly decoy?: boolean
  readonly source: unknown
}

/** One of several PSKs under one identity, as where a key is being replaced. */
export interface PskAlternative {
  /** Enters the Early Secret. The core wipes it. */
  readonly psk: Uint8Array
  /** Takes the place of the selection's note when this is the one that the client has. */
  readonly source: unknown
}

/**
 * Server: the PSK of the selection, or a few alternatives, of which the binder tells the client's. Null: not to be had, try
 * without it (the next identity, or a certificate).
 */
export interface FetchPskRequest {
  readonly type: 'fetchPsk'
  readonly selection: PskSelection
  readonly identity: Uint8Array
}

/** Which chain to show. Server: null means none fits. Client: null means an empty Certificate message. */
export interface SelectCertificateRequest {
  readonly type: 'selectCertificate'
  readonly role: 'client' | 'server'
  /** What was negotiated (RFC 7250): whether a chain is wanted or a raw public key. */
  readonly certificateType: CertificateType
  /** The peer's signature_algorithms that we know, in its order, usable in CertificateVerify. */
  readonly signatureSchemes: readonly SignatureSchemeName[]
  /** The peer's signature_algorithms_cert; equals signatureSchemes when the extension is absent. */
  readonly certificateSignatureSchemes: readonly SignatureSchemeName[]
  /** DER names from certificate_authorities, empty when absent. */
  readonly certificateAuthorities: readonly Uint8Array[]
  readonly serverName: string | null
  readonly applicationProtocols: readonly string[]
}

export interface Credential {
  /** DER certificates, leaf first; of type RawPublicKey the one DER SubjectPublicKeyInfo. */
  readonly certificateChain: readonly Uint8Array[]
  /** For CertificateVerify; one of the request's signatureSchemes. */
  readonly signatureScheme: SignatureSchemeName
  readonly signer: Signer
}

export interface Signer {
  sign(scheme: SignatureSchemeName, message: Uint8Array): Uint8Array | Promise<Uint8Array>
}

export interface VerifyCertificateRequest {
  readonly type: 'verifyCertificate'
  /** Whose chain it is. */
  readonly peer: 'client' | 'server'
  readonly certificateType: CertificateType
  /** DER certificates in the order received, leaf first, never empty; or the one DER SubjectPublicKeyInfo. */
  readonly certificateChain: readonly Uint8Array[]
  /** The name the client asked for; null on a server. */
  readonly serverName: string | null
  /** What we offered for signatures inside certificates. */
  readonly certificateSignatureSchemes: readonly SignatureSchemeName[]
}

export interface VerifiedPeer {
  /** The leaf's key, or the raw one: CertificateVerify is checked with it. */
  readonly publicKey: VerifyingKey
  /** The driver's own note; returned in the handshake's summary. */
  readonly source: unknown
}

/** The signature for CertificateVerify (RFC 9846 4.5.3); `message` is the whole padded input. */
export interface SignRequest {
  readonly type: 'sign'
  readonly credential: Credential
  readonly message: Uint8Array
}

/**
 * Whether to go on with a peer that has proved who it is, by certificate, PSK or session: asked once, when its Finished
 * is verified and nothing that follows it has been sent or read. A handler refuses by throwing.
 */
export interface AcceptPeerRequest {
  readonly type: 'acceptPeer'
  /** As in `handshakeComplete`; `localCertificateChain` of a client is null, since it has shown none yet. */
  readonly summary: HandshakeSummary
}

/** Server: one of the client's protocols, or null to send no ALPN; to refuse, throw ERR_NO_APPLICATION_PROTOCOL. */
export interface SelectApplicationProtocolRequest {
  readonly type: 'selectApplicationProtocol'
  readonly protocols: readonly string[]
  readonly serverName: string | null
}

/** Server: turn a session into a ticket; null sends none. */
export interface SealTicketRequest {
  readonly type: 'sealTicket'
  readonly session: ServerSession
}

/** What a server must know again to resume (RFC 9846 4.7.1). */
export interface ServerSession {
  readonly cipherSuite: CipherSuiteName
  readonly hash: HashAlgorithm
  /** The handler copies what it keeps; the core wipes this after the answer. */
  readonly resumptionPsk: Uint8Array
  readonly ticketAgeAdd: number
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  /** Seconds, at most 604,800. */
  readonly lifetime: number
  readonly serverName: string | null
  readonly applicationProtocol: string | null
  /** DER chain by which the client was authenticated, if it was. */
  readonly clientCertificateChain: readonly Uint8Array[] | null
  readonly clientCertificateType: CertificateType | null
  /** Whether we showed a certificate in the handshake that issues the ticket. */
  readonly localCertificateShown: boolean
  /** `source` of the PSK of the handshake that issued the ticket, or null. */
  readonly pskSource: unknown
}

/** What a client must know to resume. */
export interface ClientSession {
  readonly ticket: Uint8Array
  readonly psk: Uint8Array
  readonly hash: HashAlgorithm
  readonly cipherSuite: CipherSuiteName
  readonly ticketAgeAdd: number
  readonly receivedAt: number
  readonly lifetime: number
  readonly serverName: string | null
  readonly applicationProtocol: string | null
  readonly serverCertificateChain: readonly Uint8Array[] | null
  readonly serverCertificateType: CertificateType | null
  /** Whether we showed a certificate in the handshake that brought the ticket. */
  readonly localCertificateShown: boolean
  readonly pskSource: unknown
}

/** A computation that may pause for answers. The protocol's states are written in this form. */
export type Task<T> = Generator<Request, T, unknown>

/** Emits a request and returns its typed answer. */
export function* ask<T extends RequestType>(request: RequestOf<T> & { readonly type: T }): Task<Answers[T]> {
  return (yield request as Request) as Answers[T]
}

/** The answer to `fetchPsk` as a list; a PSK by itself has the note `source`. */
export function alternativesOf(answer: Answers['fetchPsk'], source: unknown): readonly PskAlternative[] {
  if (answer === null) return []
  return answer instanceof Uint8Array ? [{ psk: answer, source }] : answer
}
