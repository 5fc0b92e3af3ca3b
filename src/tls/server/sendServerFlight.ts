/** ServerHello to Finished, in one go (RFC 9846 sections 4.2.3, 4.4 and 4.5). */

import { EMPTY } from '../../bytes.js'
import { CIPHER_SUITES, type CipherSuiteName } from '../../crypto/cipherSuites.js'
import { NAMED_GROUPS, type NamedGroupName } from '../../crypto/groups.js'
import { encodeApplicationProtocols } from '../extensions/applicationProtocols.js'
import { encodeCodePoints } from '../extensions/codePointList.js'
import type { Extension } from '../extensions/extension.js'
import { encodeServerKeyShare } from '../extensions/keyShare.js'
import { encodeSelectedIdentity } from '../extensions/preSharedKey.js'
import { encodeCertificateAuthorities, encodeRecordSizeLimit, encodeSelectedVersion } from '../extensions/scalars.js'
import { EarlySecret } from '../keySchedule.js'
import { encodeCertificateRequest } from '../messages/certificate.js'
import type { ClientHello } from '../messages/clientHello.js'
import type { ClientHelloExtensions } from '../messages/clientHelloExtensions.js'
import { encodeEncryptedExtensions } from '../messages/encryptedExtensions.js'
import { encodeFinished } from '../messages/finished.js'
import { encodeServerHello } from '../messages/serverHello.js'
import { ask, type Task } from '../requests.js'
import { schemeCodePoints, sendCertificate } from '../shared/authentication.js'
import type { CertificateTypes, Negotiated } from '../shared/environment.js'
import { deriveApplicationKeys, deriveHandshakeKeys, type HandshakeKeys, ownVerifyData } from '../shared/keys.js'
import { ExtensionType, VERSION_TLS13 } from '../wire/codePoints.js'
import { MAX_INNER_PLAINTEXT_LENGTH } from '../wire/record.js'
import { asksForCertificate, certificateTypeAnswers } from './certificateTypes.js'
import { type PreparedFlight, respondToKeyShare, selectCredential } from './prepareFlight.js'
import type { SelectedPsk } from './selectPsk.js'
import type { ServerEnvironment, ServerState } from './states.js'

export interface ServerChoice {
  readonly hello: ClientHello
  readonly extensions: ClientHelloExtensions
  /** The whole message, for the transcript. */
  readonly clientHello: Uint8Array
  readonly cipherSuite: CipherSuiteName
  readonly group: NamedGroupName
  readonly clientShare: Uint8Array
  readonly prepared: PreparedFlight
  readonly psk: SelectedPsk | null
  readonly applicationProtocol: string | null
  readonly helloRetryRequest: boolean
}

/** A PSK authenticates both ends: nothing is shown, and nothing said of its type. */
const NO_CERTIFICATES: CertificateTypes = { server: 'X509', client: 'X509' }

export function* sendServerFlight(server: ServerEnvironment, choice: ServerChoice): Task<ServerState> {
  const { cipherSuite, psk, hello, extensions } = choice
  const withCertificate = psk === null || psk.selection.withCertificate
  // Looked for before anything is sent: a handshake without a certificate to show ends without a ServerHello.
  const shown = withCertificate ? (choice.prepared.shown ?? (yield* selectCredential(server, extensions))) : null
  const certificateTypes = shown?.types ?? NO_CERTIFICATES
  const random = yield* ask<'random'>({ type: 'random', purpose: 'ServerHello.random', length: 32 })
  const keys = yield* sendServerHello(server, choice, random)
  sendEncryptedExtensions(server, choice, certificateTypes)
  // RFC 9973 5.2 lifts the ban on CertificateRequest beside a PSK; base TLS keeps it (RFC 9846 4.4.2).
  const demand = withCertificate && asksForCertificate(server.config)
  if (demand) sendCertificateRequest(server)
  const local =
    shown === null ? null : yield* sendCertificate(server, 'server', certificateTypes.server, shown.credential)
  const negotiated = negotiatedBy(choice, certificateTypes)
  const localFinished = ownVerifyData(server, negotiated.hash, keys.serverTrafficSecret)
  server.channel.send(encodeFinished(localFinished), server.transcript)
  const application = deriveApplicationKeys(server, keys.handshakeSecret, hello.random)
  server.channel.protectWriting(cipherSuite, application.serverTrafficSecret)
  const flown = { negotiated, keys, application, local, localFinished, ticketsWanted: extensions.pskDheKe }
  return demand ? { name: 'expectCertificate', ...flown } : { name: 'expectFinished', ...flown, client: null }
}

function* sendServerHello(server: ServerEnvironment, choice: ServerChoice, random: Uint8Array): Task<HandshakeKeys> {
  const { cipherSuite, group, psk, hello } = choice
  const { hash, codePoint } = CIPHER_SUITES[cipherSuite]
  const response = choice.prepared.keyShare ?? (yield* respondToKeyShare(server, group, choice.clientShare))
  const keyShare = { group: NAMED_GROUPS[group].codePoint, keyExchange: response.serverShare }
  const extensions: Extension[] = [
    { type: ExtensionType.supported_versions, data: encodeSelectedVersion(VERSION_TLS13) },
    { type: ExtensionType.key_share, data: encodeServerKeyShare(keyShare) },
  ]
  if (psk?.selection.withCertificate === true) {
    extensions.push({ type: ExtensionType.tls_cert_with_extern_psk, data: EMPTY })
  }
  if (psk !== null) {
    extensions.push({ type: ExtensionType.pre_shared_key, data: encodeSelectedIdentity(psk.selection.index) })
  }
  server.transcript.add(choice.clientHello)
  server.transcript.start(hash)
  const message = encodeServerHello({ random, sessionId: hello.sessionId, cipherSuite: codePoint, extensions })
  server.channel.send(message, server.transcript)
  // RFC 9846 appendix E.4: after the first message of ours, be it this or a retry.
  if (hello.sessionId.length > 0 && !choice.helloRetryRequest) server.channel.sendChangeCipherSpec()
  const earlySecret = psk?.earlySecret ?? server.secrets.keep(new EarlySecret(server.crypto, hash, null))
  const keys = deriveHandshakeKeys(server, earlySecret, response.sharedSecret, hello.random)
  server.channel.protectReading(cipherSuite, keys.clientTrafficSecret)
  server.channel.protectWriting(cipherSuite, keys.serverTrafficSecret)
  return keys
}

function sendEncryptedExtensions(server: ServerEnvironment, choice: ServerChoice, types: CertificateTypes): void {
  const { extensions: offered, applicationProtocol } = choice
  const extensions: Extension[] = certificateTypeAnswers(types)
  if (applicationProtocol !== null) {
    const data = encodeApplicationProtocols([applicationProtocol])
    extensions.push({ type: ExtensionType.application_layer_protocol_negotiation, data })
  }
  if (offered.serverName !== null) extensions.push({ type: ExtensionType.server_name, data: EMPTY })
  const own = server.config.recordSizeLimit ?? MAX_INNER_PLAINTEXT_LENGTH
  if (offered.recordSizeLimit !== null) {
    extensions.push({ type: ExtensionType.record_size_limit, data: encodeRecordSizeLimit(own) })
    // RFC 8449 4: a client that does not know the version may name more than it has.
    server.channel.setRecordSizeLimits(own, Math.min(offered.recordSizeLimit, MAX_INNER_PLAINTEXT_LENGTH))
  }
  server.channel.send(encodeEncryptedExtensions(extensions), server.transcript)
}

function sendCertificateRequest(server: ServerEnvironment): void {
  const { signatureSchemes, certificateSignatureSchemes, certificateAuthorities = [] } = server.config
  const algorithms = encodeCodePoints(2, schemeCodePoints(signatureSchemes))
  const extensions: Extension[] = [{ type: ExtensionType.signature_algorithms, data: algorithms }]
  if (certificateSignatureSchemes !== undefined) {
    const data = encodeCodePoints(2, schemeCodePoints(certificateSignatureSchemes))
    extensions.push({ type: ExtensionType.signature_algorithms_cert, data })
  }
  if (certificateAuthorities.length > 0) {
    const data = encodeCertificateAuthorities(certificateAuthorities)
    extensions.push({ type: ExtensionType.certificate_authorities, data })
  }
  server.channel.send(encodeCertificateRequest(extensions), server.transcript)
}

function negotiatedBy(choice: ServerChoice, certificateTypes: CertificateTypes): Negotiated {
  const { cipherSuite, group, psk, applicationProtocol, helloRetryRequest, hello, extensions } = choice
  return {
    cipherSuite,
    hash: CIPHER_SUITES[cipherSuite].hash,
    group,
    psk:
      psk === null
        ? null
        : {
            kind: psk.selection.kind,
            identity: psk.identity,
            withCertificate: psk.selection.withCertificate,
            source: psk.selection.source,
          },
    serverName: extensions.serverName,
    applicationProtocol,
    certificateTypes,
    helloRetryRequest,
    clientRandom: hello.random,
  }
}
