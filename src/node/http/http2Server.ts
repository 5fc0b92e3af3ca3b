/** `createSecureServer` of node:http2, over Trefoil. */
import type { IncomingMessage, ServerResponse } from 'node:http'
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
import { describeSession } from './http2Socket.js'
import { PoliteServer } from './politeServer.js'
import { serveOverTls, type TlsServing } from './serveOverTls.js'

/** Options of http2.createSecureServer, with those of Trefoil's `createServer` in place of node:tls's. */
export type SecureServerOptions = Http2ServerOptions &
  TlsServerOptions & {
    /** Serve clients that do not offer `h2` by HTTP/1.1; default false. */
    readonly allowHTTP1?: boolean | undefined
  }

/** An Http2Server that emits `secureConnection`, `tlsClientError` and `keylog` as well. */
export type Http2SecureServer = Http2Server & TlsServing

export type Http2RequestListener = (
  request: Http2ServerRequest | IncomingMessage,
  response: Http2ServerResponse | (ServerResponse & { req: IncomingMessage }),
) => void

/** What the server for HTTP/1.1 says, said by the one that the caller knows. */
const FORWARDED = [
  'request',
  'checkContinue',
  'checkExpectation',
  'upgrade',
  'connect',
  'clientError',
  'timeout',
] as readonly string[]

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

function http1Beside(server: Http2Server, options: Http2ServerOptions): PoliteServer {
  const { Http1IncomingMessage, Http1ServerResponse } = options
  const classes = { IncomingMessage: Http1IncomingMessage, ServerResponse: Http1ServerResponse }
  const http1 = new PoliteServer(Object.fromEntries(Object.entries(classes).filter(([, value]) => value !== undefined)))
  // Some of these change what the server for HTTP/1.1 does by being listened for: so only if somebody does.
  const forward = (name: string | symbol) => {
    if (!FORWARDED.includes(name as string) || http1.listenerCount(name) > 0) return
    http1.on(name as 'upgrade', (...args: unknown[]) => server.emit(name, ...args))
  }
  for (const name of server.eventNames()) forward(name)
  server.on('newListener', forward)
  // It never listens, but its time-outs for slow requests begin to count where it says it does.
  server.on('listening', () => http1.emit('listening'))
  const { close } = server
  server.close = (callback) => {
    http1.close(() => {})
    return close.call(server, callback) as Http2Server
  }
  return http1
}
