/** HTTP/1.1 in an HTTP/2 server, for `allowHTTP1`: a server of its own, of which the caller sees nothing but that one. */
import type { ServerOptions } from 'node:http'
import type { Http2Server, ServerOptions as Http2ServerOptions } from 'node:http2'
import { PoliteServer } from './politeServer.js'

/** What the server for HTTP/1.1 says, said by the one that the caller knows. */
const FORWARDED = [
  'request',
  'checkContinue',
  'checkExpectation',
  'upgrade',
  'connect',
  'clientError',
  'timeout',
  'dropRequest',
] as readonly string[]

/** Limits for HTTP/1.1 that stand on the server that the caller knows, as in node:http2. */
const LIMITS = [
  ...(['timeout', 'requestTimeout', 'headersTimeout', 'keepAliveTimeout'] as const),
  ...(['maxHeadersCount', 'maxRequestsPerSocket'] as const),
]

/** @returns the server that connections of HTTP/1.1 are put to */
export function http1Beside(
  server: Http2Server,
  options: Http2ServerOptions & { readonly http1Options?: ServerOptions | undefined },
): PoliteServer {
  const { Http1IncomingMessage, Http1ServerResponse, http1Options } = options
  const classes = { IncomingMessage: Http1IncomingMessage, ServerResponse: Http1ServerResponse }
  const given = Object.entries(classes).filter(([, value]) => value !== undefined)
  const http1 = new PoliteServer({ ...(options as object), ...Object.fromEntries(given), ...http1Options })
  forwardEvents(http1, server)
  for (const name of LIMITS) {
    const set = (value: number) => {
      http1[name] = value
    }
    Object.defineProperty(server, name, { get: () => http1[name], set, configurable: true, enumerable: true })
  }
  const { close } = server
  server.close = (callback) => {
    http1.close(() => {})
    return close.call(server, callback) as Http2Server
  }
  Object.defineProperty(server, 'closeIdleConnections', { value: () => http1.closeIdleConnections() })
  return http1
}

function forwardEvents(http1: PoliteServer, server: Http2Server): void {
  // Some of these change what the server for HTTP/1.1 does by being listened for: so only while somebody does.
  const forward = (name: string | symbol) => {
    if (!FORWARDED.includes(name as string) || http1.listenerCount(name) > 0) return
    http1.on(name as 'upgrade', (...args: unknown[]) => server.emit(name, ...args))
  }
  for (const name of server.eventNames()) forward(name)
  server.on('newListener', forward)
  server.on('removeListener', (name) => {
    if (FORWARDED.includes(name) && server.listenerCount(name) === 0) http1.removeAllListeners(name)
  })
  // It never listens, but its time-outs for slow requests begin to count where it says it does.
  server.on('listening', () => http1.emit('listening'))
}
