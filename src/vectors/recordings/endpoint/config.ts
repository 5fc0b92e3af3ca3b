/** How our core is configured so that it speaks as the recorded side did. */
import { cipherSuiteByCodePoint } from '../../../crypto/cipherSuites.js'
import { groupByCodePoint, HYBRID_GROUPS } from '../../../crypto/groups.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import { MLDSA_SCHEMES, type SignatureSchemeName, schemeByCodePoint } from '../../../crypto/signatureSchemes.js'
import type { ClientConfig, CommonConfig, ServerConfig } from '../../../tls/config.js'
import { decodeCodePoints } from '../../../tls/extensions/codePointList.js'
import { decodeRecordSizeLimit } from '../../../tls/extensions/scalars.js'
import { decodeCertificateRequest } from '../../../tls/messages/certificate.js'
import { type ClientHello, decodeClientHello } from '../../../tls/messages/clientHello.js'
import { readClientHelloExtensions } from '../../../tls/messages/clientHelloExtensions.js'
import { decodeEncryptedExtensions } from '../../../tls/messages/encryptedExtensions.js'
import { ExtensionType } from '../../../tls/wire/codePoints.js'
import { messageOf, messagesOf, type RecordedMessage } from '../messages.js'
import type { Recording } from '../recording.js'

export function clientConfig(crypto: CryptoProvider, recording: Recording): ClientConfig {
  const hello = clientHelloOf(recording)
  const extensions = readClientHelloExtensions(hello)
  return {
    ...commonConfig(crypto, recording),
    cipherSuites: hello.cipherSuites.map(cipherSuiteByCodePoint).filter(known),
    serverName: extensions.serverName,
    applicationProtocols: extensions.applicationProtocols,
    keyShareGroups: extensions.keyShares.map(({ group }) => groupByCodePoint(group)).filter(known),
    middleboxCompatibility: hello.sessionId.length > 0,
    tickets: extensions.pskDheKe,
    grease: false,
    ...(extensions.recordSizeLimit === null ? {} : { recordSizeLimit: extensions.recordSizeLimit }),
  }
}

export function serverConfig(crypto: CryptoProvider, recording: Recording): ServerConfig {
  const messages = messagesOf(recording)
  const retried = messages.filter(({ type }) => type === 'client_hello').length > 1
  const request = messages.find(({ type }) => type === 'certificate_request')
  const proof = messages.some(({ from, type }) => from === 'client' && type === 'certificate_verify')
  const limit = encryptedExtension(recording, ExtensionType.record_size_limit)
  return {
    ...commonConfig(crypto, recording),
    groups: recording.values.serverKeyPairs?.map(({ group }) => group) ?? HYBRID_GROUPS,
    signatureSchemes: request === undefined ? MLDSA_SCHEMES : requestedSchemes(request),
    clientCertificate: request === undefined ? 'no' : proof ? 'require' : 'request',
    tickets: 0,
    ...(limit === null ? {} : { recordSizeLimit: decodeRecordSizeLimit(limit) }),
    ...(retried ? { cookieKey: new Uint8Array(32).fill(0x5a) } : {}),
  }
}

/** What the recorded server said in EncryptedExtensions; null when it left that out. */
export function encryptedExtension(recording: Recording, wanted: number): Uint8Array | null {
  const message = messagesOf(recording).find(({ type }) => type === 'encrypted_extensions')
  const extensions = message === undefined ? [] : decodeEncryptedExtensions(message.body)
  return extensions.find(({ type }) => type === wanted)?.data ?? null
}

/** The first one. */
export function clientHelloOf(recording: Recording): ClientHello {
  return decodeClientHello(messageOf(recording, 'client', 'client_hello').body)
}

function requestedSchemes({ body }: RecordedMessage): SignatureSchemeName[] {
  const { extensions } = decodeCertificateRequest(body)
  const algorithms = extensions.find(({ type }) => type === ExtensionType.signature_algorithms)
  const codePoints = decodeCodePoints(2, algorithms?.data ?? new Uint8Array(0), 'signature_algorithms')
  return codePoints.map(schemeByCodePoint).filter(known)
}

/** Groups and schemes are those of the recorded ClientHello, in its order, as far as we know them. */
function commonConfig(crypto: CryptoProvider, recording: Recording): CommonConfig {
  const { supportedGroups, signatureAlgorithms } = readClientHelloExtensions(clientHelloOf(recording))
  return {
    crypto,
    cipherSuites: [recording.values.cipherSuite],
    groups: supportedGroups.map(groupByCodePoint).filter(known),
    signatureSchemes: (signatureAlgorithms ?? []).map(schemeByCodePoint).filter(known),
    keylog: true,
  }
}

function known<T>(value: T | undefined): value is T {
  return value !== undefined
}
