/** `connect`: a TLS client, called as tls.connect is. */
import { connect as connectTcp, type NetConnectOpts } from 'node:net'
import type { Duplex } from 'node:stream'
import { TrefoilError } from '../errors.js'
import { clientEndpoint } from './clientEndpoint.js'
import type { ConnectionOptions } from './options.js'
import { TLSSocket } from './tlsSocket.js'

type Listener = () => void

/**
 * Connects and shakes hands; `listener` is called at `secureConnect`. Failures come as the socket's `error` event, a
 * TrefoilError each: see `alert` there for what went to or came from the peer.
 * @throws TrefoilError ERR_INVALID_OPTION (and ERR_INVALID_KEY, ERR_BAD_CERTIFICATE for unusable PEM)
 */
export function connect(options: ConnectionOptions, listener?: Listener): TLSSocket
export function connect(port: number, host?: string, options?: ConnectionOptions, listener?: Listener): TLSSocket
export function connect(port: number, options?: ConnectionOptions, listener?: Listener): TLSSocket
export function connect(...args: unknown[]): TLSSocket {
  const { options, listener } = readArguments(args)
  const endpoint = clientEndpoint(options)
  const socket = new TLSSocket(options.socket ?? connectTransport(options), endpoint)
  if (options.timeout) socket.setTimeout(options.timeout)
  if (listener) socket.once('secureConnect', listener)
  return socket
}

function readArguments(args: readonly unknown[]): { options: ConnectionOptions; listener: Listener | undefined } {
  const listener = args.find((arg) => typeof arg === 'function') as Listener | undefined
  const places = args.filter((arg) => typeof arg === 'number' || typeof arg === 'string')
  const given = args.find((arg) => typeof arg === 'object' && arg !== null) as ConnectionOptions | undefined
  const [port, host] = places as [number | undefined, string | undefined]
  // As tls.connect: what the options say comes before the arguments.
  return { options: { ...(port !== undefined && { port }), ...(host !== undefined && { host }), ...given }, listener }
}

function connectTransport(options: ConnectionOptions): Duplex {
  const { path, port } = options
  // Half-open below, so that the end of the peer's octets does not cut off ours: TLS decides when to close.
  const common = { allowHalfOpen: true, noDelay: options.noDelay ?? true }
  if (path) return connectTcp({ ...common, path })
  if (port === undefined) throw new TrefoilError('ERR_INVALID_OPTION', 'connect needs port, path or socket')
  const { host, lookup, family, localAddress, localPort, keepAlive, keepAliveInitialDelay } = options
  const tcp = { host, lookup, family, localAddress, localPort, keepAlive, keepAliveInitialDelay }
  const given = Object.fromEntries(Object.entries(tcp).filter(([, value]) => value !== undefined))
  try {
    return connectTcp({ ...common, ...given, port: Number(port) } as NetConnectOpts)
  } catch (cause) {
    throw new TrefoilError('ERR_INVALID_OPTION', (cause as Error).message, { cause })
  }
}
