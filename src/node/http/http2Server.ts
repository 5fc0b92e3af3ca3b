/** `createSecureServer` of node:http2, over Trefoil. */
import type { ServerOptions as Http1ServerOptions, IncomingMessage, ServerResponse } from 'node:http'
import {
  createServer as createHttp2Server,
  type Http2Server,
  type ServerOptions as Http2ServerOptions,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { ServerOptions as TlsServerOptions } from '../options.js'
import type { TLSSocket } from '../tlsSocket.js'
import { http1Beside } from './http1Beside.js'
import { describeSession } from './http2Socket.js'
import { serveOverTls, type TlsServing } from './serveOverTls.js'

/** Options of http2.createSecureServer, with those of Trefoil's `createServer` in place of node:tls's. */
export type SecureServerOptions = Http2ServerOptions &
  TlsServerOptions & {
    /** Serve clients that do not offer `h2` by HTTP/1.1; default false. */
    readonly allowHTTP1?: boolean | undefined
    /** Options of http.createServer for those clients; any that are not here are taken from the others. */
    readonly http1Options?: Http1ServerOptions | undefined
  }

/** An Http2Server that emits `secureConnection`, `tlsClientError` and `keylog` as well. */
export type Http2SecureServer = Http2Server & TlsServing

export type Http2RequestListener = (
  request: Http2ServerRequest | IncomingMessage,
  response: Http2ServerResponse | (ServerResponse & { req: IncomingMessage }),
) => void

/**
 * As http2.createSecureServer. Agrees on `h2` by ALPN, and with `allowHTTP1` on `http/1.1` too.
 * @throws TrefoilError ERR_INVALID_OPTION (and ERR_INVALID_KEY, ERR_BAD_CERTIFICATE for unusable PEM)
 */
export function createSecureServer(options: SecureServerOptions, listener?: Http2RequestListener): Http2SecureServer {
  const { allowHTTP1 = false, ...rest } = options
  // Half-open below, as Trefoil's own server is: TLS decides when to close.
  const server = createHttp2Server({ noDelay: true, ...rest, allowHalfOpen: true } as Http2ServerOptions)
  if (listener) server.on('request', listener)
  const [serveHttp2] = server.listeners('connection') as [(socket: TLSSocket) => void]
  const http1 = allowHTTP1 ? http1Beside(server, options) : null
  const protocols = options.ALPNCallback === undefined && {
    ALPNProtocols: options.ALPNProtocols ?? (allowHTTP1 ? ['h2', 'http/1.1'] : ['h2']),
  }
  const tls = serveOverTls(server, { ...options, ...protocols }, (socket) => {
    if (http1 !== null && socket.alpnProtocol !== 'h2') {
      http1.emit('connection', socket)
      return
    }
    const describe = (session: ServerHttp2Session) => describeSession(session, socket)
    server.prependOnceListener('session', describe)
    serveHttp2.call(server, socket)
    server.off('session', describe)
  })
  return Object.defineProperties(server, {
    setSecureContext: { value: tls.setSecureContext.bind(tls) },
    getTicketKeys: { value: tls.getTicketKeys.bind(tls) },
    setTicketKeys: { value: tls.setTicketKeys.bind(tls) },
    addContext: { value: tls.addContext.bind(tls) },
    sessionLookups: { get: () => tls.sessionLookups },
    keyLookups: { get: () => tls.keyLookups },
  }) as Http2SecureServer
}
