/** Waits for the client's authentication, where it was asked for (RFC 9846 section 4.5). */
import { TrefoilError } from '../../errors.js'
import type { Task } from '../requests.js'
import { receiveCertificate, receiveCertificateVerify } from '../shared/authentication.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import type { ExpectCertificate, ExpectCertificateVerify, ServerEnvironment, ServerState } from './states.js'

export function* expectCertificate(
  server: ServerEnvironment,
  state: ExpectCertificate,
  message: HandshakeMessage,
): Task<ServerState> {
  const certificate = yield* receiveCertificate(
    server,
    'client',
    state.negotiated.certificateTypes.client,
    null,
    message,
  )
  if (certificate !== null) return { ...state, name: 'expectCertificateVerify', certificate }
  if (server.config.clientCertificate === 'require') {
    throw new TrefoilError('ERR_CERTIFICATE_REQUIRED', 'client has no certificate, and this server requires one')
  }
  return { ...state, name: 'expectFinished', client: null }
}

export function expectCertificateVerify(
  server: ServerEnvironment,
  state: ExpectCertificateVerify,
  message: HandshakeMessage,
): ServerState {
  const { certificate, ...rest } = state
  const client = receiveCertificateVerify(server, 'client', certificate, message)
  return { ...rest, name: 'expectFinished', client }
}
