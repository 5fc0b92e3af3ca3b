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
export function connect(path: string, options?: ConnectionOptions, listener?: Listener): TLSSocket
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
  const [first, host] = places as [number | string | undefined, string | undefined]
  // As tls.connect: a string that is no number is a path, and what the options say comes before the arguments.
  const place = typeof first === 'string' && !/^\d+$/.test(first) ? { path: first } : { port: first }
  return { options: { ...(first !== undefined && place), ...(host !== undefined && { host }), ...given }, listener }
}

/** Options that are net.connect's. */
const TCP_OPTIONS = [
  'host',
  'lookup',
  'family',
  'hints',
  'localAddress',
  'localPort',
  'keepAlive',
  'keepAliveInitialDelay',
  'autoSelectFamily',
  'autoSelectFamilyAttemptTimeout',
  'blockList',
  'typeOfService',
] as const satisfies (keyof ConnectionOptions)[]

function connectTransport(options: ConnectionOptions): Duplex {
  const { path, port } = options
  // Half-open below, so that the end of the peer's octets does not cut off ours: TLS decides when to close.
  const common = { allowHalfOpen: true, noDelay: options.noDelay ?? true }
  if (path) return connectTcp({ ...common, path })
  if (port === undefined) throw new TrefoilError('ERR_INVALID_OPTION', 'connect needs port, path or socket')
  const given = Object.fromEntries(
    TCP_OPTIONS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  )
  try {
    return connectTcp({ ...common, ...given, port: Number(port) } as NetConnectOpts)
  } catch (cause) {
    throw new TrefoilError('ERR_INVALID_OPTION', (cause as Error).message, { cause })
  }
}
