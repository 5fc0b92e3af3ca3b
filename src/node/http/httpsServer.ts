/** `createServer` of node:https, over Trefoil. */
import type { ServerOptions as HttpServerOptions, RequestListener } from 'node:http'
import type { SecureContextOptions } from '../contextOptions.js'
import type { KeyLookupStatistics } from '../keyLookups/index.js'
import type { ServerOptions as TlsServerOptions } from '../options.js'
import type { TicketKeyOption } from '../psk/index.js'
import type { SecureContext } from '../secureContext.js'
import type { Server as TlsServer } from '../server.js'
import { PoliteServer } from './politeServer.js'
import { serveOverTls, type TlsServing } from './serveOverTls.js'

/** Options of http.createServer, and those of Trefoil's `createServer`. */
export type HttpsServerOptions = HttpServerOptions & TlsServerOptions

/**
 * As https.createServer; `request.socket` is a TLSSocket. Unless told otherwise it agrees on `http/1.1` by ALPN.
 * @throws TrefoilError ERR_INVALID_OPTION (and ERR_INVALID_KEY, ERR_BAD_CERTIFICATE for unusable PEM)
 */
export function createServer(options: HttpsServerOptions, listener?: RequestListener): Server {
  return new Server(options, listener)
}

/**
 * An http.Server, with all its methods and time-outs, that emits `secureConnection`, `tlsClientError` and `keylog` as
 * Trefoil's own `Server` does, and `clientError` for handshakes that failed too.
 */
export class Server extends PoliteServer implements TlsServing {
  readonly #tls: TlsServer

  constructor(options: HttpsServerOptions, listener?: RequestListener) {
    super(options, listener)
    const [serve] = this.listeners('connection') as [(socket: unknown) => void]
    const protocols = options.ALPNCallback === undefined && { ALPNProtocols: options.ALPNProtocols ?? ['http/1.1'] }
    this.#tls = serveOverTls(this, { ...options, ...protocols }, serve)
  }

  setSecureContext(options: SecureContextOptions): void {
    this.#tls.setSecureContext(options)
  }

  getTicketKeys(): Buffer | undefined {
    return this.#tls.getTicketKeys()
  }

  setTicketKeys(keys: TicketKeyOption): void {
    this.#tls.setTicketKeys(keys)
  }

  addContext(hostname: string, context: SecureContextOptions | SecureContext): void {
    this.#tls.addContext(hostname, context)
  }

  get sessionLookups(): KeyLookupStatistics {
    return this.#tls.sessionLookups
  }

  get keyLookups(): KeyLookupStatistics {
    return this.#tls.keyLookups
  }
}
