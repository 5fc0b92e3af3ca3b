/** `createServer`: a TLS server, made and used as tls.createServer's is. */
import { type BlockList, type Socket, Server as TcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { TrefoilError } from '../errors.js'
import type { SecureContextOptions } from './contextOptions.js'
import { addressGroup, type KeyLookupStatistics } from './keyLookups/index.js'
import type { ServerOptions } from './options.js'
import type { Protection } from './protection.js'
import type { TicketKeyOption } from './psk/index.js'
import { createSecureContext, isSecureContext, type SecureContext } from './secureContext.js'
import { serverEndpoint } from './serverEndpoint.js'
import { canShowCertificate, resolveContext, resolveServerSettings, type ServerSettings } from './serverSettings.js'
import { TLSSocket } from './tlsSocket.js'

type Transport = Duplex & Partial<Pick<Socket, 'remoteAddress' | 'remoteFamily'>>

export type SecureConnectionListener = (socket: TLSSocket) => void

/** @throws TrefoilError ERR_INVALID_OPTION (and ERR_INVALID_KEY, ERR_BAD_CERTIFICATE for unusable PEM) */
export function createServer(options: ServerOptions, listener?: SecureConnectionListener): Server {
  return new Server(options, listener)
}

/**
 * Emits `secureConnection` with a TLSSocket for every finished handshake, `tlsClientError` with a TrefoilError and the
 * socket for every one that failed, and `keylog` with a line and its socket. A failed handshake never harms the server.
 */
export class Server extends TcpServer {
  readonly #settings: ServerSettings
  #context: SecureContext

  constructor(options: ServerOptions, listener?: SecureConnectionListener) {
    const { keepAlive = false, keepAliveInitialDelay = 0, noDelay = true, blockList } = options
    // Half-open below: TLS decides when to close.
    super({ allowHalfOpen: true, keepAlive, keepAliveInitialDelay, noDelay, ...(blockList && { blockList }) })
    this.#context = resolveContext(options)
    this.#settings = resolveServerSettings(options, this.#context)
    if (listener) this.on('secureConnection', listener)
    this.on('connection', (transport: Transport) => this.#onConnection(transport))
  }

  /**
   * New certificates, algorithms and policy for connections from now on.
   * @throws TrefoilError ERR_INVALID_OPTION, also when it would add or take away certificates altogether
   */
  setSecureContext(options: SecureContextOptions): void {
    const context = createSecureContext(options)
    if (canShowCertificate(context) !== canShowCertificate(this.#context)) {
      throw new TrefoilError('ERR_INVALID_OPTION', 'a server cannot gain or lose its certificates while it runs')
    }
    this.#context = context
  }

  /**
   * Certificates, keys, algorithms and policy for clients that ask for `hostname`, in which `*` stands for anything but a
   * dot. Of several that match the one added last counts. Not looked at when there is an `SNICallback`.
   * @throws TrefoilError ERR_INVALID_OPTION, also for a context that has no certificate to show
   */
  addContext(hostname: string, context: SecureContextOptions | SecureContext): void {
    const added = isSecureContext(context) ? context : createSecureContext(context)
    if (!canShowCertificate(added)) {
      throw new TrefoilError('ERR_INVALID_OPTION', 'addContext needs a context with key and cert or rawPublicKey')
    }
    this.#settings.namedContexts.add(hostname, added)
  }

  /** The 48 octets of the key that seals, for another server to open the same tickets; undefined without tickets. */
  getTicketKeys(): Buffer | undefined {
    const keys = this.#settings.tickets?.export()
    return keys && Buffer.from(keys)
  }

  /**
   * Of a list of keys (48 octets each) the first seals, all open, and what is not in it opens nothing any more. One key by
   * itself seals from now on, as in node:tls, and the one before still opens. How a fleet changes its keys:
   * docs/resumption.md.
   * @throws TrefoilError ERR_INVALID_OPTION unless they are such keys, ERR_INVALID_STATE without tickets
   */
  setTicketKeys(keys: TicketKeyOption): void {
    const { tickets } = this.#settings
    if (tickets === null) throw new TrefoilError('ERR_INVALID_STATE', 'this server has no tickets')
    tickets.replace(keys)
  }

  /** How look-ups at the key manager fared: a snapshot. */
  get keyLookups(): KeyLookupStatistics {
    return this.#settings.keyLookups.statistics
  }

  /** How look-ups in the session store fared: a snapshot. `notFound` are sessions that were used, or are over. */
  get sessionLookups(): KeyLookupStatistics {
    return this.#settings.sessionLookups.statistics
  }

  #onConnection(transport: Transport): void {
    // Asked here too: those that another server accepts, or a Node that knows no block lists, come unasked.
    if (isBlocked(transport, this.#settings.options.blockList)) {
      transport.destroy()
      return
    }
    const address = transport.remoteAddress ?? ''
    const socket = new TLSSocket(transport, serverEndpoint(this.#settings, this.#context, address))
    socket.server = this
    const leave = this.#settings.handshakes.enter(addressGroup(address))
    socket.once('close', () => leave?.())
    // Kept for good, as in node:tls: a client that breaks off must not bring down a server that does not listen for it.
    socket.on('error', (error: TrefoilError) => {
      if (socket.protection === null) this.emit('tlsClientError', error, socket)
    })
    if (this.listenerCount('keylog') > 0) socket.on('keylog', (line: Buffer) => this.emit('keylog', line, socket))
    socket.once('secure', () => {
      leave?.()
      const { qkd, resumed } = socket.protection as Protection
      if (qkd !== null && !resumed) this.#settings.keyLookups.prove(address)
      if (resumed) this.#settings.sessionLookups.prove(address)
      this.emit('secureConnection', socket)
    })
    if (leave === null) {
      socket.abort(new TrefoilError('ERR_TOO_MANY_HANDSHAKES', 'too many handshakes are going on at once'))
    }
  }
}

function isBlocked({ remoteAddress, remoteFamily }: Transport, blockList: BlockList | undefined): boolean {
  if (!blockList || !remoteAddress) return false
  return blockList.check(remoteAddress, remoteFamily === 'IPv6' ? 'ipv6' : 'ipv4')
}
