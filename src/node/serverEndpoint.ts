/** The server's side of one handshake: configuration of the core, and who answers its questions. */
import { TrefoilError, toTrefoilError } from '../errors.js'
import { Connection, defaultHandlers, nothingToOffer, type RequestHandlers, type ServerConfig } from '../tls/index.js'
import { PeerQuestion } from './acceptPeer.js'
import { selectApplicationProtocol } from './applicationProtocols.js'
import { type PeerVerdict, verifyCertificate } from './certificates.js'
import { commonConfig } from './coreConfig.js'
import type { Endpoint } from './endpoint.js'
import type { SNICallback } from './options.js'
import { type ServerConnectionPsks, toPskSource } from './psk/index.js'
import type { SecureContext } from './secureContext.js'
import { selectCertificate } from './selectCertificate.js'
import type { ServerSettings } from './serverSettings.js'

export function serverEndpoint(settings: ServerSettings, context: SecureContext, remoteAddress: string): Endpoint {
  const { options } = settings
  const abandon = new AbortController()
  return {
    role: 'server',
    allowHalfOpen: options.allowHalfOpen ?? false,
    handshakeTimeout: settings.handshakeTimeout,
    keylog: options.keylog ?? false,
    abandon,
    begin(keylog, addresses) {
      const psks = settings.psks.forConnection({
        signal: abandon.signal,
        onFallback: options.onQkdFallback,
        requirePostQuantumDelivery: context.policy.requirePostQuantumDelivery,
      })
      const question = new PeerQuestion(options.acceptPeer, {
        keyFetch: psks.keyFetch,
        signal: abandon.signal,
        remoteAddress: addresses.remote,
      })
      return {
        connection: Connection.server(serverConfig(settings, context, keylog)),
        handlers: {
          ...serverHandlers(settings, context, psks, remoteAddress, { local: addresses.local, signal: abandon.signal }),
          acceptPeer: question.handler,
        },
        keyFetch: psks.keyFetch,
        overdue: () => question.overdue(),
        onAuthenticated: (summary) => psks.onAuthenticated(summary),
        onFailed: () => {},
      }
    },
  }
}

function serverConfig(settings: ServerSettings, context: SecureContext, keylog: boolean): ServerConfig {
  const { clientCertificate, cookieKey, tickets, options } = settings
  // Contexts that SNICallback may choose have authorities of their own.
  const certificateAuthorities = options.SNICallback === undefined ? context.authorities : []
  return {
    ...commonConfig(context, options, keylog),
    clientCertificate,
    cookieKey,
    certificateAuthorities,
    ...(tickets === null && { tickets: 0 }),
  }
}

function serverHandlers(
  settings: ServerSettings,
  context: SecureContext,
  psks: ServerConnectionPsks,
  remoteAddress: string,
  { local, signal }: { readonly local: string | undefined; readonly signal: AbortSignal },
): RequestHandlers {
  const { options } = settings
  const { selectPsk, fetchPsk, sealTicket } = psks.handlers
  let named: SecureContext = context
  let verdict: PeerVerdict | null = null
  return {
    ...nothingToOffer,
    ...defaultHandlers(context.crypto),
    selectPsk,
    fetchPsk: (request) => {
      const { kind, source } = request.selection
      // A ticket remembers a key_ID too, but asks nobody for it.
      if (kind === 'resumption' || toPskSource(source)?.keyId == null) return fetchPsk(request)
      const leave = settings.keyLookups.enter(remoteAddress)
      if (leave === null) {
        throw new TrefoilError('ERR_TOO_MANY_HANDSHAKES', 'too many key look-ups are going on at once')
      }
      return Promise.resolve(fetchPsk(request)).finally(leave)
    },
    sealTicket: (request) => {
      // An unverified client must not come back as a verified one.
      return verdict?.authorizationError ? null : sealTicket(request)
    },
    selectCertificate: async (request) => {
      if (options.SNICallback && request.serverName !== null) {
        named = (await contextFor(request.serverName, options.SNICallback)) ?? context
      }
      const { credentials, signatureSchemes: preference } = named
      return selectCertificate(request, credentials, { preference, localAddress: local, signal })
    },
    verifyCertificate: (request) => {
      const rejectUnauthorized = settings.clientCertificate === 'require'
      const verified = verifyCertificate(request, {
        context: named,
        anchors: named.anchors ?? context.anchors,
        identity: null,
        rejectUnauthorized,
      })
      verdict = verified.source as PeerVerdict
      return verified
    },
    selectApplicationProtocol: ({ protocols, serverName }) =>
      selectApplicationProtocol(settings.applicationProtocols, options.ALPNCallback, {
        servername: serverName ?? '',
        protocols,
      }),
  }
}

function contextFor(servername: string, callback: SNICallback): Promise<SecureContext | undefined> {
  return new Promise<SecureContext | undefined>((resolve, reject) => {
    callback(servername, (error, context) => (error ? reject(error) : resolve(context)))
  }).catch((thrown: unknown) => {
    throw toTrefoilError(thrown, 'ERR_UNRECOGNIZED_NAME', `SNICallback has no certificate for ${servername}`)
  })
}
