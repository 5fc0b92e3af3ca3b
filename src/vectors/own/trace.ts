/**
 * The files of `vectors/`: handshakes with every input, every value on the way and every octet on the wire. Field names are
 * those of vectors/README.md, which says what each is; vectors/schema.json says of what form. All octets are hex.
 */
import type { CipherSuiteName, HashAlgorithm } from '../../crypto/cipherSuites.js'
import type { NamedGroupName } from '../../crypto/groups.js'
import type { SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import type { KeyKind } from '../../tls/index.js'

export const FORMAT = 'trefoil handshakes 1'

export type Hex = string
export type Role = 'client' | 'server'

export interface TraceFile {
  readonly format: typeof FORMAT
  readonly title: string
  readonly licence: string
  /** Keys and certificates, by the names that the inputs have for them. */
  readonly identities: Readonly<Record<string, Identity>>
  readonly traces: readonly Trace[]
}

export interface Identity {
  readonly algorithm: MldsaName
  /** ξ of FIPS 204 5.1. */
  readonly seed: Hex
  readonly subjectPublicKeyInfo: Hex
  /** DER; absent for a raw public key. */
  readonly certificate?: Hex
  /** The identity that signed the certificate; its own name for a root. */
  readonly issuer?: string
  /** The certificate is meant not to verify. */
  readonly forged?: true
}

export type MldsaName = 'mldsa44' | 'mldsa65' | 'mldsa87'

export interface Trace {
  readonly id: string
  readonly title: string
  readonly result: Result
  /** The trace of the same file whose ticket this one resumes. */
  readonly resumes?: string
  /** What one end, or somebody between them, did that it should not have. */
  readonly alteration?: Alteration
  readonly inputs: Inputs
  readonly values: Values
  readonly exporter?: Exporter
  readonly messages: readonly Message[]
  readonly flow: readonly FlowRecord[]
  readonly keylog: readonly string[]
}

export type Result =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly refusedBy: Role
      /** Level and description, as sent. */
      readonly alert: readonly [level: number, description: number]
      readonly alertName: string
      /** What Trefoil calls it. */
      readonly error: string
    }

export type Alteration = {
  readonly what: string
  /** The message or the record as it would have been. */
  readonly original: Hex
} & Altered

/** Which of `messages`, or of `flow`. */
type Altered = { readonly by: Role; readonly message: number } | { readonly by: 'network'; readonly record: number }

export interface Inputs {
  /** Milliseconds since the epoch, of both ends' clocks. */
  readonly time: number
  readonly client: ClientInputs
  readonly server: ServerInputs
  /** What the two applications do once the handshake is complete, in this order. */
  readonly actions: readonly Action[]
}

interface EndInputs {
  readonly random: Hex
  readonly cipherSuites: readonly CipherSuiteName[]
  readonly groups: readonly NamedGroupName[]
  readonly signatureSchemes: readonly SignatureSchemeName[]
  readonly keyPairs: readonly KeyPairInput[]
  readonly psks: readonly PskInput[]
  readonly applicationProtocols?: readonly string[]
  readonly recordSizeLimit?: number
  /** Name of the own key and certificate. */
  readonly identity?: string
  /** Names of the identities whose certificates are trust anchors, or which are pinned as raw public keys. */
  readonly trusts?: readonly string[]
  readonly serverCertificateTypes?: readonly ('X509' | 'RawPublicKey')[]
  readonly clientCertificateTypes?: readonly ('X509' | 'RawPublicKey')[]
}

export interface ClientInputs extends EndInputs {
  /** Empty: no middlebox compatibility (RFC 9846 appendix E.4). */
  readonly sessionId: Hex
  /** The octets that choose reserved values (RFC 8701); absent: none are sent. */
  readonly grease?: Hex
  readonly serverName: string | null
  readonly keyShareGroups: readonly NamedGroupName[]
  /** Whether tickets are asked for where no PSK is offered. */
  readonly tickets: boolean
  /** tls_cert_with_extern_psk is offered (RFC 9973). */
  readonly withCertificate: boolean
  /** Whether a server that takes no PSK is refused. */
  readonly pskRequired: boolean
}

export interface ServerInputs extends EndInputs {
  readonly clientCertificate: 'no' | 'request' | 'require'
  /** PSKs are taken together with a certificate, and not without (RFC 9973). */
  readonly withCertificate: boolean
  /** What a hello without an acceptable PSK lacks; null: it is answered with a certificate. */
  readonly pskRequired: 'qkd' | 'psk' | null
  readonly tickets: readonly TicketInput[]
  /** Seconds; absent without tickets. */
  readonly ticketLifetime?: number
  readonly cookieKey?: Hex
  readonly alwaysRetry?: true
}

export interface KeyPairInput {
  readonly group: NamedGroupName
  /** Client: d ‖ z (FIPS 203 7.1). */
  readonly mlkemSeed?: Hex
  /** Server: m (FIPS 203 7.2). */
  readonly mlkemEncapsulationRandomness?: Hex
  readonly x25519PrivateKey?: Hex
  readonly secp256r1PrivateKey?: Hex
  readonly secp384r1PrivateKey?: Hex
}

export type PskInput = ImportedInput | ExternalInput | ResumptionInput

export interface ImportedInput {
  readonly type: 'imported'
  readonly epskHash: HashAlgorithm
  /** Absent where the context is the caller's own. */
  readonly kind?: KeyKind
  readonly authPsk?: Hex
  readonly authPskIdentity?: string
  readonly qkdKey?: Hex
  readonly keyId?: string
  readonly keySourceName?: string
  readonly initiatorSaeId?: string
  readonly responderSaeId?: string
  /** The importer context as it is; absent where `kind` says what it holds. */
  readonly context?: Hex
}

export interface ExternalInput {
  readonly type: 'external'
  readonly hash: HashAlgorithm
  readonly identity: Hex
  readonly psk: Hex
}

export interface ResumptionInput {
  readonly type: 'resumption'
  readonly hash: HashAlgorithm
  /** The ticket. */
  readonly identity: Hex
  readonly psk: Hex
  /** Of the client alone. */
  readonly ticketAgeAdd?: number
  /** Milliseconds since the ticket came. */
  readonly ticketAge?: number
}

export interface TicketInput {
  readonly ticket: Hex
  readonly ageAdd: number
}

export interface Action {
  readonly by: Role
  readonly do: 'send' | 'keyUpdate' | 'close'
  /** send */
  readonly data?: Hex
  /** keyUpdate: update_requested */
  readonly requestPeer?: boolean
}

export interface Message {
  readonly from: Role
  readonly type: string
  readonly message: Hex
  /** Transcript-Hash up to and with this message; absent after the handshake. */
  readonly transcriptHash?: Hex
}

export interface FlowRecord {
  readonly from: Role
  /** "invalid": the receiver cannot open it. */
  readonly contentType: 'handshake' | 'change_cipher_spec' | 'alert' | 'application_data' | 'invalid'
  readonly epoch: string
  readonly seq?: number
  readonly messageTypes?: readonly number[]
  readonly payload?: Hex
  readonly record: Hex
}

export interface Exporter {
  readonly label: string
  readonly context: Hex
  readonly length: number
  readonly value: Hex
}

/** Computed; the shape is that of the schema, and of `recompute`, which makes it. */
export type Values = Readonly<Record<string, unknown>>
