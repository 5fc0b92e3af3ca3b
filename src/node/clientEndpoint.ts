/** The client's side of a handshake: configuration of the core, and who answers its questions. */
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import type { TrustAnchors } from '../pki/index.js'
import { SpentKeyIds } from '../qkd/spentKeyIds.js'
import { type ClientConfig, Connection, defaultHandlers, nothingToOffer } from '../tls/index.js'
import { PeerQuestion } from './acceptPeer.js'
import { resolveApplicationProtocols } from './applicationProtocols.js'
import { publicTrustAnchors, verifyCertificate } from './certificates.js'
import { acceptedTypes, commonConfig, shownTypes } from './coreConfig.js'
import { type Endpoint, resolveHandshakeTimeout } from './endpoint.js'
import { checkNodeTlsOptions } from './nodeTlsOptions.js'
import type { ConnectionOptions } from './options.js'
import { keyShareMaker } from './preparedKeyShares.js'
import { createClientPsks, pskFor } from './psk/index.js'
import { RawKeyVerifier } from './rawKeys/verifyRawKey.js'
import { createSecureContext, type SecureContext } from './secureContext.js'
import { commonSchemes, selectCertificate } from './selectCertificate.js'

/** Of all connections of the process: whoever keeps sessions may hand the same one to several. */
const offeredSessions = new SpentKeyIds()

/** @throws TrefoilError ERR_INVALID_OPTION */
export function clientEndpoint(options: ConnectionOptions): Endpoint {
  checkNodeTlsOptions(options)
  const context = options.secureContext ?? createSecureContext(options)
  const { crypto, rawKeyTrust } = context
  const identity = options.servername || options.host || 'localhost'
  const serverName = options.servername === '' ? null : serverNameOf(identity)
  const rejectUnauthorized = options.rejectUnauthorized !== false
  const anchors = trustAnchors(context, options)
  const hasPsk = options.psk !== undefined || (options.qkd !== undefined && options.qkd.policy !== 'off')
  const knowsServer = anchors !== null || rawKeyTrust !== null
  if (!knowsServer && rejectUnauthorized && !hasPsk) {
    const message = 'nothing authenticates the server: give ca, pinnedKeys, trust, psk or qkd'
    throw new TrefoilError('ERR_INVALID_OPTION', message)
  }
  const makeKeyShare = keyShareMaker(crypto)
  const applicationProtocols = resolveApplicationProtocols(options.ALPNProtocols)
  const abandon = new AbortController()
  const { signal } = abandon
  const rawKeys = new RawKeyVerifier(() => context, 'server', identity)
  const psks = createClientPsks(
    {
      psk: pskFor(options.psk, identity),
      qkd: options.qkd,
      pskWithCertificate: options.pskWithCertificate,
      certificates: knowsServer || !(rejectUnauthorized || hasPsk),
      session: options.session,
      offeredSessions,
      resumption: options.resumption,
      signal,
      requirePostQuantumDelivery: context.policy.requirePostQuantumDelivery,
      serverName: identity,
      mayResume: (session) => rawKeys.mayResume(session),
      onFallback: options.onQkdFallback,
    },
    crypto,
  )
  const verification = {
    context,
    rawKeys,
    anchors,
    identity,
    rejectUnauthorized,
    checkServerIdentity: options.checkServerIdentity,
  }
  return {
    role: 'client',
    allowHalfOpen: options.allowHalfOpen ?? false,
    highWaterMark: options.highWaterMark,
    handshakeTimeout: resolveHandshakeTimeout(options.handshakeTimeout),
    signal: options.signal,
    keylog: options.keylog ?? false,
    abandon,
    begin(keylog, addresses) {
      const config: ClientConfig = {
        ...commonConfig(context, options, keylog),
        serverName,
        applicationProtocols,
        serverCertificateTypes: acceptedTypes(rawKeyTrust, anchors),
        clientCertificateTypes: shownTypes(context),
        certificateAuthorities: context.authorities.client,
      }
      const { keyFetch } = psks
      let sharedSchemes: readonly SignatureSchemeName[] = []
      const namesOf = (rawKey: Uint8Array) => rawKeys.namesOf(rawKey)
      const question = new PeerQuestion(options.acceptPeer, {
        keyFetch,
        namesOf,
        signal,
        remoteAddress: addresses.remote,
      })
      return {
        connection: Connection.client(config),
        handlers: {
          ...nothingToOffer,
          ...defaultHandlers(crypto),
          generateKeyShare: ({ group }) => makeKeyShare(group),
          ...psks.handlers,
          selectCertificate: (request) => {
            sharedSchemes = commonSchemes(request, context)
            return selectCertificate(request, context, { signal })
          },
          verifyCertificate: (request) => verifyCertificate(request, verification),
          acceptPeer: question.handler,
        },
        keyFetch,
        overdue: () => question.overdue(),
        onAuthenticated: (summary) => psks.onAuthenticated(summary),
        onFailed: () => psks.onFailed(),
        sharedSchemes: () => sharedSchemes,
        namesOf,
      }
    },
  }
}

/** A client connects to few names, and telling addresses from names is costly. */
const serverNames = new Map<string, string | null>()
const MAX_SERVER_NAMES = 256

function serverNameOf(identity: string): string | null {
  let name = serverNames.get(identity)
  if (name === undefined) {
    name = toServerName(identity)
    if (serverNames.size === MAX_SERVER_NAMES) serverNames.clear()
    serverNames.set(identity, name)
  }
  return name
}

/** What goes into SNI: a DNS name in its ASCII form without the final dot; nothing for an address (RFC 6066 3). */
function toServerName(identity: string): string | null {
  if (isIP(identity.replace(/^\[(.*)\]$/, '$1')) !== 0) return null
  const ascii = domainToASCII(identity.replace(/\.$/, ''))
  if (ascii === '') throw new TrefoilError('ERR_INVALID_OPTION', `${JSON.stringify(identity)} is no DNS name`)
  return ascii
}

/**
 * The system's roots issue classical certificates only. They count where the policy lets those pass and nothing else
 * was given to know the server by.
 */
function trustAnchors(context: SecureContext, options: ConnectionOptions): TrustAnchors | null {
  const { anchors, rawKeyTrust, policy } = context
  if (anchors !== null || rawKeyTrust !== null || !policy.allowClassicalAuthentication) return anchors
  const byCertificate = options.pskWithCertificate === true || (options.psk === undefined && options.qkd === undefined)
  return byCertificate ? publicTrustAnchors() : null
}
