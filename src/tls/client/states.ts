/** The client's states: what each knows, and nothing it does not need any more. */
import type { CipherSuiteName } from '../../crypto/cipherSuites.js'
import type { NamedGroupName } from '../../crypto/groups.js'
import type { KeyShare } from '../../crypto/provider.js'
import type { SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import type { ClientConfig } from '../config.js'
import type { EarlySecret, ExporterSecret, ResumptionSecret } from '../keySchedule.js'
import type { OfferedPsk, PskOffer } from '../requests.js'
import type {
  Environment,
  LocalAuthentication,
  Negotiated,
  PeerAuthentication,
  PeerCertificate,
} from '../shared/environment.js'
import type { HandshakeKeys } from '../shared/keys.js'

export type ClientEnvironment = Environment<ClientConfig>

/** A PSK of ours with its early stage, which makes the binder and, if selected, the handshake. */
export interface OfferedPskWithSecret {
  readonly offered: OfferedPsk
  readonly earlySecret: EarlySecret
}

/** What went into the (last) ClientHello. */
export interface ClientOffer {
  readonly random: Uint8Array
  readonly sessionId: Uint8Array
  /** Octets for GREASE, or null. */
  readonly grease: Uint8Array | null
  readonly keyShares: ReadonlyMap<NamedGroupName, KeyShare>
  readonly psks: readonly OfferedPskWithSecret[]
  readonly pskPolicy: Pick<PskOffer, 'withCertificate' | 'required'>
  /** Milliseconds since the epoch, when ticket ages were computed. */
  readonly sentAt: number
  /** Extension types of the message, which answers may use. */
  readonly extensionTypes: ReadonlySet<number>
}

/** What a HelloRetryRequest fixed. */
export interface Retry {
  readonly cipherSuite: CipherSuiteName
  /** Null when only a cookie was asked back. */
  readonly group: NamedGroupName | null
}

/** A CertificateRequest that waits for our Finished flight. */
export interface CertificateDemand {
  readonly signatureSchemes: readonly SignatureSchemeName[]
  readonly certificateSignatureSchemes: readonly SignatureSchemeName[]
  readonly certificateAuthorities: readonly Uint8Array[]
}

interface Handshaking {
  readonly offer: ClientOffer
  readonly negotiated: Negotiated
  readonly keys: HandshakeKeys
}

export interface ExpectServerHello {
  readonly name: 'expectServerHello' | 'expectSecondServerHello'
  readonly offer: ClientOffer
  readonly retry: Retry | null
}
export interface ExpectEncryptedExtensions extends Handshaking {
  readonly name: 'expectEncryptedExtensions'
}
export interface ExpectCertificate extends Handshaking {
  readonly name: 'expectCertificateOrRequest' | 'expectCertificate'
  readonly demand: CertificateDemand | null
  /** The server chose a type for our certificate, so it has to ask for one. */
  readonly certificateTypeAnswered: boolean
}
export interface ExpectCertificateVerify extends Handshaking {
  readonly name: 'expectCertificateVerify'
  readonly demand: CertificateDemand | null
  readonly certificate: PeerCertificate
}
export interface ExpectFinished extends Handshaking {
  readonly name: 'expectFinished'
  readonly demand: CertificateDemand | null
  /** Null when the PSK alone authenticates the server. */
  readonly server: PeerAuthentication | null
}
export interface Connected {
  readonly name: 'connected'
  readonly negotiated: Negotiated
  readonly server: PeerAuthentication | null
  readonly local: LocalAuthentication | null
  readonly resumptionSecret: ResumptionSecret
  readonly exporterSecret: ExporterSecret
}

export type ClientState =
  | ExpectServerHello
  | ExpectEncryptedExtensions
  | ExpectCertificate
  | ExpectCertificateVerify
  | ExpectFinished
  | Connected
