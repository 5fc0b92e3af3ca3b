/** Waits for the server's authentication: [CertificateRequest], Certificate, CertificateVerify (RFC 9846 4.4.2, 4.5). */
import { TrefoilError } from '../../errors.js'
import { decodeCodePoints } from '../extensions/codePointList.js'
import { checkExtensions } from '../extensions/extension.js'
import { decodeCertificateAuthorities } from '../extensions/scalars.js'
import { decodeCertificateRequest } from '../messages/certificate.js'
import type { Task } from '../requests.js'
import { knownSchemes, receiveCertificate, receiveCertificateVerify } from '../shared/authentication.js'
import { ExtensionType } from '../wire/codePoints.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import type {
  CertificateDemand,
  ClientEnvironment,
  ClientState,
  ExpectCertificate,
  ExpectCertificateVerify,
} from './states.js'

export function* expectCertificateOrRequest(
  client: ClientEnvironment,
  state: ExpectCertificate,
  message: HandshakeMessage,
): Task<ClientState> {
  if (message.type === 'certificate') {
    // RFC 7250 4.2: a server that asks for no certificate says nothing of its type.
    if (state.certificateTypeAnswered) {
      throw new TrefoilError('ERR_ILLEGAL_PARAMETER', 'server chose a client certificate type and asked for none')
    }
    return yield* expectCertificate(client, state, message)
  }
  const demand = readDemand(message)
  client.transcript.add(message.bytes)
  return { ...state, name: 'expectCertificate', demand }
}

export function* expectCertificate(
  client: ClientEnvironment,
  state: ExpectCertificate,
  message: HandshakeMessage,
): Task<ClientState> {
  const certificate = yield* receiveCertificate(
    client,
    'server',
    state.negotiated.certificateTypes.server,
    client.config.serverName,
    message,
  )
  // RFC 9846 4.5.2: a server's list is never empty.
  if (certificate === null) throw new TrefoilError('ERR_DECODE', 'server sent an empty certificate list')
  const { offer, negotiated, keys, demand } = state
  return { name: 'expectCertificateVerify', offer, negotiated, keys, demand, certificate }
}

export function expectCertificateVerify(
  client: ClientEnvironment,
  state: ExpectCertificateVerify,
  message: HandshakeMessage,
): ClientState {
  const { offer, negotiated, keys, demand, certificate } = state
  const server = receiveCertificateVerify(client, 'server', certificate, message)
  return { name: 'expectFinished', offer, negotiated, keys, demand, server }
}

function readDemand(message: HandshakeMessage): CertificateDemand {
  const { context, extensions } = decodeCertificateRequest(message.body)
  if (context.length > 0) {
    throw new TrefoilError('ERR_ILLEGAL_PARAMETER', 'server sent a certificate_request_context in the main handshake')
  }
  const bodies = checkExtensions(extensions, 'CR', null)
  const algorithms = bodies.get(ExtensionType.signature_algorithms)
  // RFC 9846 4.4.2
  if (algorithms === undefined) {
    throw new TrefoilError('ERR_MISSING_EXTENSION', 'server sent a CertificateRequest without signature_algorithms')
  }
  const codePoints = decodeCodePoints(2, algorithms, 'signature_algorithms')
  const inCertificates = bodies.get(ExtensionType.signature_algorithms_cert)
  const authorities = bodies.get(ExtensionType.certificate_authorities)
  return {
    signatureSchemes: knownSchemes(codePoints, true),
    certificateSignatureSchemes: knownSchemes(
      inCertificates === undefined ? codePoints : decodeCodePoints(2, inCertificates, 'signature_algorithms_cert'),
      false,
    ),
    certificateAuthorities: authorities === undefined ? [] : decodeCertificateAuthorities(authorities),
  }
}
