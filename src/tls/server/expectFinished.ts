/** Waits for the client's Finished; then the handshake is complete on both sides (RFC 9846 section 4.5.4). */
import { copy } from '../../bytes.js'
import { ask, type Task } from '../requests.js'
import { summarize } from '../shared/environment.js'
import { verifyFinished } from '../shared/keys.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import type { ExpectFinished, ServerEnvironment, ServerState } from './states.js'

export function* expectFinished(
  server: ServerEnvironment,
  state: ExpectFinished,
  message: HandshakeMessage,
): Task<ServerState> {
  const { negotiated, keys, application, client, local } = state
  verifyFinished(server, negotiated.hash, keys.clientTrafficSecret, message.body)
  server.transcript.add(message.bytes)
  const finished = { local: state.localFinished, peer: copy(message.body) }
  yield* ask<'acceptPeer'>({
    type: 'acceptPeer',
    summary: summarize('server', server.channel, negotiated, client, local, finished),
  })
  server.channel.allowChangeCipherSpec(false)
  server.channel.protectReading(negotiated.cipherSuite, application.clientTrafficSecret)
  const resumptionSecret = application.mainSecret.resumptionSecret(server.transcript.digest())
  // Lives as long as the connection; everything else ends here.
  const exporterSecret = copy(application.exporterSecret)
  server.secrets.wipe()
  server.transcript.end()
  server.channel.emit({
    type: 'handshakeComplete',
    summary: summarize('server', server.channel, negotiated, client, local, finished),
  })
  if (state.ticketsWanted) {
    return { name: 'connected', exporterSecret, tickets: { negotiated, client, local, resumptionSecret } }
  }
  resumptionSecret.fill(0)
  return { name: 'connected', exporterSecret, tickets: null }
}
