/** The options of a server, checked once and shared by all its connections. */
import { TrefoilError } from '../errors.js'
import { MAX_TICKET_LIFETIME } from '../tls/messages/newSessionTicket.js'
import { resolveApplicationProtocols } from './applicationProtocols.js'
import { ConcurrencyLimit } from './concurrencyLimit.js'
import { resolveHandshakeTimeout } from './endpoint.js'
import { KeyLookupGuard, resolveKeyLookupLimits } from './keyLookups/index.js'
import { NamedContexts } from './namedContexts.js'
import { checkNodeTlsOptions } from './nodeTlsOptions.js'
import type { ServerOptions, SNICallback } from './options.js'
import { createServerPsks, resolveSessionStore, type ServerPsks, TicketKeys } from './psk/index.js'
import { createSecureContext, type SecureContext } from './secureContext.js'

export interface ServerSettings {
  readonly options: ServerOptions
  readonly psks: ServerPsks
  /** Null: this server issues and accepts none. */
  readonly tickets: TicketKeys | null
  /** Their lifetime. */
  readonly ticketSeconds: number
  /** Authenticates the cookies of HelloRetryRequest. */
  readonly cookieKey: Uint8Array
  readonly clientCertificate: 'no' | 'request' | 'require'
  readonly applicationProtocols: readonly string[]
  readonly handshakeTimeout: number
  readonly handshakes: ConcurrencyLimit
  readonly keyLookups: KeyLookupGuard
  /** The same for the session store. */
  readonly sessionLookups: KeyLookupGuard
  readonly namedContexts: NamedContexts
}

/** @throws TrefoilError ERR_INVALID_OPTION */
export function resolveServerSettings(options: ServerOptions, context: SecureContext): ServerSettings {
  checkNodeTlsOptions(options)
  const { crypto } = context
  const hasCertificate = canShowCertificate(context) || options.SNICallback !== undefined
  const hasPsk = options.psk !== undefined || (options.qkd !== undefined && options.qkd.policy !== 'off')
  if (!hasCertificate && !hasPsk)
    invalid('nothing authenticates this server: give key with cert or rawPublicKey, psk or qkd')
  const clientCertificate = resolveClientCertificate(options)
  if (clientCertificate === 'require' && context.anchors === null && context.rawKeyTrust === null) {
    invalid('requestCert needs ca, pinnedKeys or trust: without them no client can be verified')
  }
  if (options.ALPNCallback !== undefined && options.ALPNProtocols !== undefined) {
    invalid('ALPNCallback and ALPNProtocols exclude each other')
  }
  const ticketSeconds = resolveSessionTimeout(options.sessionTimeout)
  const tickets = options.tickets === false ? null : new TicketKeys(crypto, { keys: options.ticketKeys, ticketSeconds })
  const store = resolveSessionStore(options)
  if (store !== null && tickets === null) invalid('a session store is of no use without tickets')
  const limits = resolveKeyLookupLimits(options)
  const sessionLookups = new KeyLookupGuard(limits)
  const psks = createServerPsks(
    {
      psk: options.psk,
      qkd: options.qkd,
      pskWithCertificate: options.pskWithCertificate,
      certificates: hasCertificate,
      requireClientCertificate: clientCertificate === 'require',
      tickets: options.tickets,
      resumption: options.resumption,
      sessions: store && { ...store, guard: sessionLookups },
    },
    crypto,
    tickets,
  )
  return {
    options,
    psks,
    tickets,
    ticketSeconds,
    cookieKey: crypto.randomBytes(32),
    clientCertificate,
    applicationProtocols: resolveApplicationProtocols(options.ALPNProtocols),
    handshakeTimeout: resolveHandshakeTimeout(options.handshakeTimeout),
    handshakes: limit(options.maxHandshakes ?? 1000, options.maxHandshakesPerAddress ?? 100),
    keyLookups: new KeyLookupGuard(limits),
    sessionLookups,
    namedContexts: new NamedContexts(),
  }
}

/** As in node:tls: the caller's own takes the place of `addContext`. */
export function sniCallback({ options, namedContexts }: ServerSettings): SNICallback | undefined {
  return options.SNICallback ?? namedContexts.callback
}

/** Whether the context has a chain or a raw public key to show. */
export function canShowCertificate({ credentials, rawKeys }: SecureContext): boolean {
  return credentials.length + rawKeys.length > 0
}

/** The secure context of a server: the one given, or one made of the options. */
export function resolveContext(options: ServerOptions): SecureContext {
  return options.secureContext ?? createSecureContext(options)
}

function resolveClientCertificate(options: ServerOptions): ServerSettings['clientCertificate'] {
  if (options.requestCert !== true) return 'no'
  return options.rejectUnauthorized === false ? 'request' : 'require'
}

const DEFAULT_TICKET_SECONDS = 7200

function resolveSessionTimeout(option = DEFAULT_TICKET_SECONDS): number {
  if (Number.isInteger(option) && option >= 1 && option <= MAX_TICKET_LIFETIME) return option
  return invalid('sessionTimeout is 1 to 604,800 seconds: a ticket lives for at most seven days (RFC 9846 4.7.1)')
}

function limit(total: number, perAddress: number): ConcurrencyLimit {
  if (!(total >= 1) || !(perAddress >= 1)) invalid('limits on handshakes start at 1')
  return new ConcurrencyLimit(total, perAddress)
}

function invalid(message: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', message)
}
