/** Waits for a ClientHello and answers with a retry or with the whole server flight (RFC 9846 section 4.2.2). */
import { CIPHER_SUITES, type CipherSuiteName } from '../../crypto/cipherSuites.js'
import { TrefoilError } from '../../errors.js'
import { type ClientHello, decodeClientHello } from '../messages/clientHello.js'
import { type ClientHelloExtensions, readClientHelloExtensions } from '../messages/clientHelloExtensions.js'
import type { PskSelection, Task } from '../requests.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import { checkSecondHello, resumeFromCookie, sendHelloRetryRequest } from './helloRetryRequest.js'
import { chooseGroup, chooseProtocol, suitesInCommon } from './negotiate.js'
import { prepareFlight } from './prepareFlight.js'
import { choosePsk, fetchPsk } from './selectPsk.js'
import { sendServerFlight } from './sendServerFlight.js'
import type { ExpectSecondClientHello, SentRetry, ServerEnvironment, ServerState } from './states.js'

export function* expectClientHello(server: ServerEnvironment, message: HandshakeMessage): Task<ServerState> {
  // RFC 9846 5.1: keys change after it, so it ends its record. Known before any work is done for it.
  server.channel.assertMessageBoundary()
  const hello = decodeClientHello(message.body)
  const extensions = readClientHelloExtensions(hello)
  const { serverName, applicationProtocols } = extensions
  server.channel.allowChangeCipherSpec(true)
  server.channel.emit({ type: 'clientHello', serverName, applicationProtocols })
  if (extensions.earlyData) server.channel.skipEarlyData()
  if (extensions.cookie !== null) {
    const retry = resumeFromCookie(server, hello, extensions.cookie)
    return yield* answer(server, hello, extensions, message, retry)
  }
  return yield* answer(server, hello, extensions, message, null)
}

export function* expectSecondClientHello(
  server: ServerEnvironment,
  state: ExpectSecondClientHello,
  message: HandshakeMessage,
): Task<ServerState> {
  server.channel.assertMessageBoundary()
  const hello = decodeClientHello(message.body)
  const extensions = readClientHelloExtensions(hello)
  server.channel.endEarlyData()
  return yield* answer(server, hello, extensions, message, state.retry)
}

function* answer(
  server: ServerEnvironment,
  hello: ClientHello,
  extensions: ClientHelloExtensions,
  message: HandshakeMessage,
  retry: SentRetry | null,
): Task<ServerState> {
  if (retry !== null) checkSecondHello(retry, hello, extensions)
  const common = suitesInCommon(server.config, hello)
  const suites = retry === null ? common : common.filter((suite) => suite === retry.cipherSuite)
  const { group, clientShare } = chooseGroup(server.config, extensions)
  const applicationProtocol = yield* chooseProtocol(extensions)
  const selection = yield* choosePsk(extensions, suites, applicationProtocol, [])
  const retrySuite = suiteFor(suites, selection)
  if (retry === null && (clientShare === null || server.config.alwaysRetry === true)) {
    return sendHelloRetryRequest(server, hello, message.bytes, retrySuite, clientShare === null ? group : null)
  }
  if (clientShare === null || (retry?.group ?? group) !== group) {
    throw new TrefoilError('ERR_ILLEGAL_PARAMETER', 'client did not send the key share that the retry asked for')
  }
  const prepared = yield* prepareFlight(server, extensions, group, clientShare, selection)
  const psk = yield* fetchPsk(server, extensions, suites, message.bytes, applicationProtocol, selection)
  return yield* sendServerFlight(server, {
    hello,
    extensions,
    clientHello: message.bytes,
    cipherSuite: suiteFor(suites, psk?.selection ?? null),
    group,
    clientShare,
    prepared,
    psk,
    applicationProtocol,
    helloRetryRequest: retry !== null,
  })
}

/** The most preferred suite, among those with the PSK's hash if there is one (RFC 9846 4.3.11). */
function suiteFor(suites: readonly CipherSuiteName[], selection: PskSelection | null): CipherSuiteName {
  const suite = suites.find((name) => selection === null || CIPHER_SUITES[name].hash === selection.hash)
  if (suite === undefined) {
    throw new TrefoilError('ERR_NO_COMMON_CIPHER_SUITE', 'client offers no cipher suite that goes with the retry')
  }
  return suite
}
