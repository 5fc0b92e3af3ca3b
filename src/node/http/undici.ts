/**
 * `trefoil/undici`: {@link buildConnector}, by which undici's clients and `fetch` connect over Trefoil.
 */
import { isIP, type Socket } from 'node:net'
import { TrefoilError } from '../../errors.js'
import type { ConnectionOptions } from '../options.js'
import { ResumingClient } from '../sessions/resumingClient.js'

/** Options of undici's buildConnector, and those of `connect`. */
export type ConnectorOptions = Omit<
  ConnectionOptions,
  'host' | 'port' | 'path' | 'socket' | 'timeout' | 'signal' | 'keylog'
> & {
  /** Offer HTTP/2 as well; give `allowH2` to undici's Agent or Client too. Default false. */
  readonly allowH2?: boolean | undefined
  /** Sessions kept for resumption, in all; default 100, 0 keeps none. */
  readonly maxCachedSessions?: number | undefined
  /** A Unix domain socket or named pipe instead of the host of the URL. */
  readonly socketPath?: string | undefined
  /** Milliseconds for TCP and the handshake together; default 10,000, 0 waits for ever. */
  readonly timeout?: number | undefined
}

/** Where undici asks to be connected to. */
export interface ConnectorTarget {
  readonly hostname: string
  readonly host?: string
  readonly protocol: string
  readonly port: string
  readonly servername?: string
  readonly localAddress?: string | null
  readonly socketPath?: string | null
  readonly httpSocket?: Socket
}

export type ConnectorCallback = (...args: [null, Socket] | [Error, null]) => void

/** Calls back when the handshake is complete, with a TLSSocket that undici takes for a Socket, or has failed. */
export type Connector = (target: ConnectorTarget, callback: ConnectorCallback) => void

/**
 * As undici's: `new Agent({ connect: buildConnector({ ca, … }) })`. Only for https: a URL with http: is refused with
 * ERR_INVALID_OPTION, since the connector was made so that nothing goes out unprotected.
 * @throws TrefoilError ERR_INVALID_OPTION
 */
export function buildConnector(options: ConnectorOptions = {}): Connector {
  const { allowH2 = false, maxCachedSessions, socketPath, timeout, ...common } = options
  const client = new ResumingClient(maxCachedSessions)
  const ALPNProtocols = allowH2 ? ['h2', 'http/1.1'] : ['http/1.1']
  return (target, callback) => {
    const { hostname, protocol, port, httpSocket } = target
    if (protocol !== 'https:') {
      callback(new TrefoilError('ERR_INVALID_OPTION', `this connector is for https:, not for ${protocol}`), null)
      return
    }
    const connection = {
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      ALPNProtocols,
      handshakeTimeout: timeout,
      ...common,
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port || 443,
      path: target.socketPath ?? socketPath,
      servername: common.servername ?? nameToAskFor(target),
      localAddress: target.localAddress ?? common.localAddress,
      socket: httpSocket,
    }
    const name = JSON.stringify([connection.servername, connection.host, connection.port, connection.path])
    client.establish(name, connection, (error, socket) => {
      if (socket === undefined) callback(error as Error, null)
      else callback(null, socket as unknown as Socket)
    })
  }
}

/** What undici asks for, or the Host header without its port, or nothing where that is an address. */
function nameToAskFor({ servername, host, hostname }: ConnectorTarget): string {
  const name = servername || (host ?? hostname).replace(/:\d*$/, '')
  return isIP(name.replace(/^\[(.*)\]$/, '$1')) === 0 ? name : ''
}
