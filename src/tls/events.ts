/** What a connection tells its owner. */
import type { CipherSuiteName } from '../crypto/cipherSuites.js'
import type { NamedGroupName } from '../crypto/groups.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import type { TrefoilError } from '../errors.js'
import type { CertificateType } from './extensions/certificateType.js'
import type { ClientSession, PskKind, Request } from './requests.js'

/** What `poll` yields, in the order in which it must be acted on. */
export type Output =
  /** Octets for the peer. */
  | { readonly type: 'transmit'; readonly bytes: Uint8Array }
  /** A request to be answered before anything more happens. */
  | { readonly type: 'request'; readonly request: Request }
  | ConnectionEvent

export type ConnectionEvent =
  /** Server: the ClientHello has been read and nothing has been decided yet. */
  | {
      readonly type: 'clientHello'
      readonly serverName: string | null
      readonly applicationProtocols: readonly string[]
    }
  /** Both Finished are verified; application data may flow both ways. */
  | { readonly type: 'handshakeComplete'; readonly summary: HandshakeSummary }
  | { readonly type: 'applicationData'; readonly data: Uint8Array }
  /** Client: a ticket came. The receiver owns, and wipes, the PSK in it. */
  | { readonly type: 'session'; readonly session: ClientSession }
  | { readonly type: 'keyUpdate'; readonly direction: 'sent' | 'received' }
  /** One line of an SSLKEYLOGFILE without its line end (RFC 9850); only with `keylog`. */
  | { readonly type: 'keylog'; readonly line: string }
  /** close_notify came: the peer sends nothing more. We may still send. */
  | { readonly type: 'peerClosed' }
  /** Fatal, ours or the peer's; always the last event. The alert, if one is due, has been queued before it. */
  | { readonly type: 'error'; readonly error: TrefoilError }

/** What was negotiated and who is authenticated by what. */
export interface HandshakeSummary {
  readonly role: 'client' | 'server'
  readonly cipherSuite: CipherSuiteName
  readonly group: NamedGroupName
  readonly psk: {
    readonly kind: PskKind
    readonly identity: Uint8Array
    /** Certificate and PSK together (RFC 9973). */
    readonly withCertificate: boolean
    /** The driver's note from the offer or selection. */
    readonly source: unknown
  } | null
  /** The chain the peer proved possession of in this handshake, leaf first; its one key when the type is raw. */
  readonly peerCertificateChain: readonly Uint8Array[] | null
  /** Null without a chain. */
  readonly peerCertificateType: CertificateType | null
  readonly peerSignatureScheme: SignatureSchemeName | null
  /** `source` of the VerifiedPeer. */
  readonly peerSource: unknown
  readonly localCertificateChain: readonly Uint8Array[] | null
  readonly localCertificateType: CertificateType | null
  readonly localSignatureScheme: SignatureSchemeName | null
  readonly serverName: string | null
  readonly applicationProtocol: string | null
  readonly helloRetryRequest: boolean
  /** verify_data of both Finished; ours is null in `acceptPeer` of a client, which has not sent it yet. */
  readonly localFinished: Uint8Array | null
  readonly peerFinished: Uint8Array
  /** Octets on the wire from the first one to the last Finished, record headers included. */
  readonly bytesSent: number
  readonly bytesReceived: number
}
