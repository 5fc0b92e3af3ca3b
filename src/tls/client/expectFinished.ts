/** Waits for the server's Finished, then sends our own flight and is connected (RFC 9846 section 4.5.4). */
import { copy } from '../../bytes.js'
import { encodeCertificate } from '../messages/certificate.js'
import { encodeFinished } from '../messages/finished.js'
import { ask, type Task } from '../requests.js'
import { sendCertificate } from '../shared/authentication.js'
import { type LocalAuthentication, type Negotiated, summarize } from '../shared/environment.js'
import { deriveApplicationKeys, ownVerifyData, verifyFinished } from '../shared/keys.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import type { CertificateDemand, ClientEnvironment, ClientState, ExpectFinished } from './states.js'

export function* expectFinished(
  client: ClientEnvironment,
  state: ExpectFinished,
  message: HandshakeMessage,
): Task<ClientState> {
  const { negotiated, keys, server, demand } = state
  const { cipherSuite, hash, clientRandom } = negotiated
  verifyFinished(client, hash, keys.serverTrafficSecret, message.body)
  client.transcript.add(message.bytes)
  const peerFinished = copy(message.body)
  // A server that is refused learns nothing of us: our certificate and Finished come after.
  yield* ask<'acceptPeer'>({
    type: 'acceptPeer',
    summary: summarize('client', client.channel, negotiated, server, null, { local: null, peer: peerFinished }),
  })
  client.channel.allowChangeCipherSpec(false)
  const application = deriveApplicationKeys(client, keys.handshakeSecret, clientRandom)
  client.channel.protectReading(cipherSuite, application.serverTrafficSecret)

  const local = demand === null ? null : yield* answerDemand(client, demand, negotiated)
  const localFinished = ownVerifyData(client, hash, keys.clientTrafficSecret)
  client.channel.send(encodeFinished(localFinished), client.transcript)
  client.channel.protectWriting(cipherSuite, application.clientTrafficSecret)

  const resumptionSecret = application.mainSecret.resumptionSecret(client.transcript.digest())
  // Lives as long as the connection; everything else ends here.
  const exporterSecret = copy(application.exporterSecret)
  client.secrets.wipe()
  client.transcript.end()
  client.channel.emit({
    type: 'handshakeComplete',
    summary: summarize('client', client.channel, negotiated, server, local, {
      local: localFinished,
      peer: peerFinished,
    }),
  })
  return { name: 'connected', negotiated, server, local, resumptionSecret, exporterSecret }
}

/** Our chain or raw public key, and its proof; or an empty Certificate when we have none that fits (RFC 9846 4.5.2). */
function* answerDemand(
  client: ClientEnvironment,
  demand: CertificateDemand,
  { serverName, certificateTypes }: Negotiated,
): Task<LocalAuthentication | null> {
  const credential = yield* ask<'selectCertificate'>({
    type: 'selectCertificate',
    role: 'client',
    certificateType: certificateTypes.client,
    ...demand,
    serverName,
    applicationProtocols: client.config.applicationProtocols ?? [],
  })
  if (credential !== null) return yield* sendCertificate(client, 'client', certificateTypes.client, credential)
  client.channel.send(encodeCertificate([]), client.transcript)
  return null
}
