/** The client's side of a handshake: configuration of the core, and who answers its questions. */
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { TrefoilError } from '../errors.js'
import type { TrustAnchors } from '../pki/index.js'
import { type ClientConfig, Connection, defaultHandlers, nothingToOffer } from '../tls/index.js'
import { PeerQuestion } from './acceptPeer.js'
import { resolveApplicationProtocols } from './applicationProtocols.js'
import { publicTrustAnchors, verifyCertificate } from './certificates.js'
import { commonConfig } from './coreConfig.js'
import { type Endpoint, resolveHandshakeTimeout } from './endpoint.js'
import type { ConnectionOptions } from './options.js'
import { createClientPsks } from './psk/index.js'
import { createSecureContext, type SecureContext } from './secureContext.js'
import { selectCertificate } from './selectCertificate.js'

/** @throws TrefoilError ERR_INVALID_OPTION */
export function clientEndpoint(options: ConnectionOptions): Endpoint {
  const context = options.secureContext ?? createSecureContext(options)
  const { crypto, credentials, signatureSchemes } = context
  const identity = options.servername || options.host || 'localhost'
  const serverName = options.servername === '' ? null : toServerName(identity)
  const rejectUnauthorized = options.rejectUnauthorized !== false
  const anchors = trustAnchors(context, options)
  const hasPsk = options.psk !== undefined || (options.qkd !== undefined && options.qkd.policy !== 'off')
  if (anchors === null && rejectUnauthorized && !hasPsk) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'nothing authenticates the server: give ca, psk or qkd')
  }
  const applicationProtocols = resolveApplicationProtocols(options.ALPNProtocols)
  const abandon = new AbortController()
  const { signal } = abandon
  const psks = createClientPsks(
    {
      psk: options.psk,
      qkd: options.qkd,
      pskWithCertificate: options.pskWithCertificate,
      certificates: anchors !== null || !(rejectUnauthorized || hasPsk),
      session: options.session,
      signal,
      requirePostQuantumDelivery: context.policy.requirePostQuantumDelivery,
      serverName: identity,
      onFallback: options.onQkdFallback,
    },
    crypto,
  )
  const verification = {
    context,
    anchors,
    identity,
    rejectUnauthorized,
    checkServerIdentity: options.checkServerIdentity,
  }
  return {
    role: 'client',
    allowHalfOpen: options.allowHalfOpen ?? false,
    handshakeTimeout: resolveHandshakeTimeout(options.handshakeTimeout),
    signal: options.signal,
    keylog: options.keylog ?? false,
    abandon,
    begin(keylog, addresses) {
      const config: ClientConfig = { ...commonConfig(context, options, keylog), serverName, applicationProtocols }
      const { keyFetch } = psks
      const question = new PeerQuestion(options.acceptPeer, { keyFetch, signal, remoteAddress: addresses.remote })
      return {
        connection: Connection.client(config),
        handlers: {
          ...nothingToOffer,
          ...defaultHandlers(crypto),
          ...psks.handlers,
          selectCertificate: (request) => {
            return selectCertificate(request, credentials, { preference: signatureSchemes, signal })
          },
          verifyCertificate: (request) => verifyCertificate(request, verification),
          acceptPeer: question.handler,
        },
        keyFetch,
        overdue: () => question.overdue(),
        onAuthenticated: (summary) => psks.onAuthenticated(summary),
        onFailed: () => psks.onFailed(),
      }
    },
  }
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
function trustAnchors({ anchors, policy }: SecureContext, options: ConnectionOptions): TrustAnchors | null {
  if (anchors !== null || !policy.allowClassicalAuthentication) return anchors
  const byCertificate = options.pskWithCertificate === true || (options.psk === undefined && options.qkd === undefined)
  return byCertificate ? publicTrustAnchors() : null
}
