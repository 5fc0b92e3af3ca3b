/** `connect` of node:http2, over Trefoil. */
import { type ClientHttp2Session, type ClientSessionOptions, connect as connectHttp2 } from 'node:http2'
import type { Duplex } from 'node:stream'
import { TrefoilError } from '../../errors.js'
import { connect as connectTls } from '../connect.js'
import type { ConnectionOptions } from '../options.js'
import { TLSSocket } from '../tlsSocket.js'
import { describeSession } from './http2Socket.js'

/** Options of http2.connect, and those of Trefoil's `connect`. */
export type SecureClientSessionOptions = Omit<ClientSessionOptions, 'createConnection' | 'protocol'> &
  Omit<ConnectionOptions, 'timeout'> & {
    /** As in node:http2; a TLSSocket of Trefoil must have been told to offer `h2`. */
    readonly createConnection?: ((authority: URL, options: object) => Duplex) | undefined
  }

type ConnectListener = () => void

/**
 * As http2.connect. A server that does not agree on `h2` is refused with ERR_NO_APPLICATION_PROTOCOL; that and all other
 * failures of the connection come as the session's `error` event.
 *
 * Node takes the session for connected at once, before the handshake: `session.socket.protection` is there from
 * `session.socket`'s `secureConnect` on, and so from the session's `remoteSettings` on.
 * @throws TrefoilError ERR_INVALID_OPTION, also for a URL that is not https
 */
export function connect(authority: string | URL, listener?: ConnectListener): ClientHttp2Session
export function connect(
  authority: string | URL,
  options?: SecureClientSessionOptions,
  listener?: ConnectListener,
): ClientHttp2Session
export function connect(authority: string | URL, ...args: unknown[]): ClientHttp2Session {
  const options = args.find((arg) => typeof arg === 'object') as SecureClientSessionOptions | undefined
  const listener = args.find((arg) => typeof arg === 'function') as ConnectListener | undefined
  const url = new URL(authority)
  if (url.protocol !== 'https:') {
    throw new TrefoilError('ERR_INVALID_OPTION', `HTTP/2 over TLS needs a URL with https:, not ${url.protocol}`)
  }
  const socket = options?.createConnection?.(url, options) ?? connectTls(connectionOptions(url, options))
  const createConnection = () => socket
  const session = orDestroy(socket, () =>
    connectHttp2(url, { ...options, createConnection } as ClientSessionOptions, listener),
  )
  if (socket instanceof TLSSocket) {
    describeSession(session, socket)
    requireHttp2(socket)
  }
  return session
}

/** What node:http2 refuses leaves no connection behind, nor an error that nobody can listen for. */
function orDestroy<T>(socket: Duplex, make: () => T): T {
  try {
    return make()
  } catch (thrown) {
    socket.on('error', () => {}).destroy()
    throw thrown
  }
}

function connectionOptions(url: URL, options: SecureClientSessionOptions = {}): ConnectionOptions {
  const { host = url.hostname.replace(/^\[(.*)\]$/, '$1'), port = url.port || 443 } = options
  // No idle time-out of the socket: that of the session is what counts.
  return { ALPNProtocols: ['h2'], ...options, host, port, timeout: undefined } as ConnectionOptions
}

/**
 * RFC 9113 3.2: HTTP/2 over TLS is what ALPN agreed to call `h2`. Until that is known nothing is sent, for a server that
 * takes requests for something else could be made to do something else.
 */
function requireHttp2(socket: TLSSocket): void {
  const check = () => {
    if (socket.alpnProtocol === 'h2') return
    const agreed = socket.alpnProtocol || 'no protocol'
    socket.abort(
      new TrefoilError('ERR_NO_APPLICATION_PROTOCOL', `server agreed on ${agreed} where HTTP/2 was asked for`),
    )
  }
  if (socket.protection !== null) {
    check()
    return
  }
  socket.cork()
  socket.once('secureConnect', () => {
    check()
    socket.uncork()
  })
}
