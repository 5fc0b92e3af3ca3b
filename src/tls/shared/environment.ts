/** What both state machines work with: configuration, channel, transcript, and the results that they pass on. */
import type { CipherSuiteName } from '../../crypto/cipherSuites.js'
import type { NamedGroupName } from '../../crypto/groups.js'
import type { CryptoProvider, HashAlgorithm, VerifyingKey } from '../../crypto/provider.js'
import type { SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import type { CommonConfig, Limits } from '../config.js'
import type { HandshakeSummary } from '../events.js'
import type { CertificateType } from '../extensions/certificateType.js'
import type { HandshakeChannel, SecretBag } from '../handshakeChannel.js'
import type { Transcript } from '../transcript.js'

export interface Environment<Config extends CommonConfig> {
  readonly config: Config
  readonly limits: Limits
  readonly crypto: CryptoProvider
  readonly channel: HandshakeChannel
  readonly transcript: Transcript
  readonly secrets: SecretBag
}

/** Fixed by ServerHello (and EncryptedExtensions). */
export interface Negotiated {
  readonly cipherSuite: CipherSuiteName
  readonly hash: HashAlgorithm
  readonly group: NamedGroupName
  readonly psk: HandshakeSummary['psk']
  readonly serverName: string | null
  readonly applicationProtocol: string | null
  readonly certificateTypes: CertificateTypes
  readonly helloRetryRequest: boolean
  /** Of the first ClientHello: names the connection in key logs. */
  readonly clientRandom: Uint8Array
}

/** What each end shows if it shows anything (RFC 7250). */
export interface CertificateTypes {
  readonly server: CertificateType
  readonly client: CertificateType
}

/** The peer's chain, before its CertificateVerify has come. */
export interface PeerCertificate {
  readonly type: CertificateType
  readonly chain: readonly Uint8Array[]
  readonly publicKey: VerifyingKey
  readonly source: unknown
}

/** The peer's chain, proved by CertificateVerify. */
export interface PeerAuthentication {
  readonly type: CertificateType
  readonly chain: readonly Uint8Array[]
  readonly scheme: SignatureSchemeName
  readonly source: unknown
}

export interface LocalAuthentication {
  readonly type: CertificateType
  readonly chain: readonly Uint8Array[]
  readonly scheme: SignatureSchemeName
}

/** verify_data of the two Finished; null for one that has not been sent. */
export interface FinishedPair {
  readonly local: Uint8Array | null
  readonly peer: Uint8Array
}

export function summarize(
  role: 'client' | 'server',
  channel: HandshakeChannel,
  negotiated: Negotiated,
  peer: PeerAuthentication | null,
  local: LocalAuthentication | null,
  finished: FinishedPair,
): HandshakeSummary {
  return {
    role,
    cipherSuite: negotiated.cipherSuite,
    group: negotiated.group,
    psk: negotiated.psk,
    peerCertificateChain: peer?.chain ?? null,
    peerCertificateType: peer?.type ?? null,
    peerSignatureScheme: peer?.scheme ?? null,
    peerSource: peer?.source ?? null,
    localCertificateChain: local?.chain ?? null,
    localCertificateType: local?.type ?? null,
    localSignatureScheme: local?.scheme ?? null,
    serverName: negotiated.serverName,
    applicationProtocol: negotiated.applicationProtocol,
    helloRetryRequest: negotiated.helloRetryRequest,
    localFinished: finished.local,
    peerFinished: finished.peer,
    bytesSent: channel.bytesSent,
    bytesReceived: channel.bytesReceived,
  }
}
