/** The server's side of one handshake: configuration of the core, and who answers its questions. */
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { toTrefoilError } from '../errors.js'
import { Connection, defaultHandlers, nothingToOffer, type RequestHandlers, type ServerConfig } from '../tls/index.js'
import { PeerQuestion } from './acceptPeer.js'
import { selectApplicationProtocol } from './applicationProtocols.js'
import { type PeerVerdict, verifyCertificate } from './certificates.js'
import { acceptedTypes, commonConfig, shownTypes } from './coreConfig.js'
import type { Endpoint } from './endpoint.js'
import type { ServerOptions, SNICallback } from './options.js'
import type { ServerConnectionPsks } from './psk/index.js'
import { RawKeyVerifier } from './rawKeys/verifyRawKey.js'
import type { SecureContext } from './secureContext.js'
import { commonSchemes, type SelectionOptions, selectCertificate } from './selectCertificate.js'
import { type ServerSettings, sniCallback } from './serverSettings.js'

export function serverEndpoint(settings: ServerSettings, context: SecureContext, remoteAddress: string): Endpoint {
  const { options } = settings
  const abandon = new AbortController()
  return {
    role: 'server',
    allowHalfOpen: options.allowHalfOpen ?? false,
    highWaterMark: options.highWaterMark,
    handshakeTimeout: settings.handshakeTimeout,
    keylog: options.keylog ?? false,
    abandon,
    begin(keylog, addresses) {
      const choice: ContextChoice = { own: context, named: context, sharedSchemes: [] }
      const rawKeys = new RawKeyVerifier(() => accepting(choice), 'client', null)
      const psks = settings.psks.forConnection({
        signal: abandon.signal,
        onFallback: options.onQkdFallback,
        requirePostQuantumDelivery: context.policy.requirePostQuantumDelivery,
        gate: settings.keyLookups.gate(remoteAddress, abandon.signal),
        mayResume: (session) => rawKeys.mayResume(session),
        remoteAddress: addresses.remote,
      })
      const namesOf = (rawKey: Uint8Array) => rawKeys.namesOf(rawKey)
      const question = new PeerQuestion(options.acceptPeer, {
        keyFetch: psks.keyFetch,
        signal: abandon.signal,
        namesOf,
        remoteAddress: addresses.remote,
      })
      return {
        connection: Connection.server(serverConfig(settings, context, keylog)),
        handlers: {
          ...serverHandlers(settings, choice, rawKeys, psks, { localAddress: addresses.local, signal: abandon.signal }),
          acceptPeer: question.handler,
        },
        keyFetch: psks.keyFetch,
        overdue: () => question.overdue() ?? psks.overdue(),
        onAuthenticated: (summary) => psks.onAuthenticated(summary),
        onFailed: () => psks.onFailed(),
        sharedSchemes: () => choice.sharedSchemes,
        namesOf,
      }
    },
  }
}

/** The server's own context, the one for the name that the client asked for, and what that has in common with the client. */
interface ContextChoice {
  readonly own: SecureContext
  named: SecureContext
  sharedSchemes: readonly SignatureSchemeName[]
}

/** A context that says nothing of whom to trust leaves it to the server's own. */
function accepting({ own, named }: ContextChoice): SecureContext {
  return { ...named, anchors: named.anchors ?? own.anchors, rawKeyTrust: named.rawKeyTrust ?? own.rawKeyTrust }
}

function serverConfig(settings: ServerSettings, context: SecureContext, keylog: boolean): ServerConfig {
  const { clientCertificate, cookieKey, tickets, ticketSeconds, options } = settings
  const byName = sniCallback(settings) !== undefined
  return {
    ...commonConfig(context, options, keylog),
    clientCertificate,
    // Contexts that are chosen by name have authorities of their own.
    certificateAuthorities: byName ? [] : context.authorities.server,
    cookieKey,
    serverCertificateTypes: shownTypes(context, byName),
    clientCertificateTypes: acceptedTypes(context.rawKeyTrust, context.anchors),
    ...(tickets === null ? { tickets: 0 } : { ticketLifetime: ticketSeconds }),
    // Each ticket is the beginning of a chain, and they would count apart.
    ...(tickets !== null && countsResumptions(options) && { tickets: 1 }),
  }
}

function countsResumptions({ resumption, qkd }: ServerOptions): boolean {
  return resumption?.maxResumptions !== undefined || qkd?.resumption?.maxResumptions !== undefined
}

function serverHandlers(
  settings: ServerSettings,
  choice: ContextChoice,
  rawKeys: RawKeyVerifier,
  psks: ServerConnectionPsks,
  selection: SelectionOptions,
): RequestHandlers {
  const { options } = settings
  const { selectPsk, fetchPsk, sealTicket } = psks.handlers
  let verdict: PeerVerdict | null = null
  let asked = false
  return {
    ...nothingToOffer,
    ...defaultHandlers(choice.own.crypto),
    selectPsk,
    fetchPsk,
    sealTicket: (request) => {
      // An unverified client must not come back as a verified one, and a raw key must be judged anew by the same rules:
      // at that time only the server's own are known.
      const { own, named } = choice
      const raw = request.session.clientCertificateType === 'RawPublicKey'
      const otherRules = raw && named.rawKeyTrust !== null && named.rawKeyTrust !== own.rawKeyTrust
      return verdict?.authorizationError || otherRules ? null : sealTicket(request)
    },
    selectCertificate: async (request) => {
      // Asked once, also where one type of certificate after the other is looked for.
      const callback = sniCallback(settings)
      if (callback && request.serverName !== null && !asked) {
        asked = true
        choice.named = (await contextFor(request.serverName, callback)) ?? choice.own
      }
      choice.sharedSchemes = commonSchemes(request, choice.named)
      return selectCertificate(request, choice.named, selection)
    },
    verifyCertificate: (request) => {
      const rejectUnauthorized = settings.clientCertificate === 'require'
      const context = accepting(choice)
      const verified = verifyCertificate(request, {
        context,
        rawKeys,
        anchors: context.anchors,
        identity: null,
        rejectUnauthorized,
      })
      verdict = verified.source as PeerVerdict
      return verified
    },
    selectApplicationProtocol: ({ protocols, serverName }) =>
      selectApplicationProtocol(settings.applicationProtocols, options.ALPNCallback, {
        servername: serverName ?? '',
        protocols: [...protocols],
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
