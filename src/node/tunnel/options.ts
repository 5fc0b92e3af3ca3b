/** What a tunnel takes, its defaults, and the check of both. */
import { TrefoilError } from '../../errors.js'
import type { ConnectionOptions, ServerOptions } from '../options.js'
import { checkAddress, formatAddress, staysOnHost, type TunnelAddress } from './address.js'

/** Options of `connect` for every connection; where it goes, and when it is over, is the tunnel's to say. */
export type TunnelClientTls = Omit<
  ConnectionOptions,
  'allowHalfOpen' | 'host' | 'port' | 'path' | 'socket' | 'session' | 'signal' | 'timeout'
>
/** Options of `createServer`; how TCP is treated is the tunnel's to say. */
export type TunnelServerTls = Omit<ServerOptions, 'allowHalfOpen' | 'keepAlive' | 'keepAliveInitialDelay' | 'noDelay'>

interface CommonOptions {
  /** Where each connection leads: a plain TCP service behind a server, the other end of the tunnel for a client. */
  readonly to: TunnelAddress
  /** Connections at once, those still shaking hands included: in all (default 1,000) and from one address (default: all). */
  readonly maxConnections?: number | undefined
  readonly maxConnectionsPerAddress?: number | undefined
  /** Milliseconds to reach `to`, at a client the handshake included; default 10,000. */
  readonly connectTimeout?: number | undefined
  /** Milliseconds without an octet in either direction after which a connection is cut; default 0, never. */
  readonly idleTimeout?: number | undefined
  /**
   * Let the plain side be elsewhere than on this machine: where a client listens, where a server leads. What goes over the
   * network there is protected by nothing. Default false.
   */
  readonly allowRemotePlain?: boolean | undefined
}

export interface ServerTunnelOptions extends CommonOptions {
  /** Ends Trefoil connections and leads to a plain service. */
  readonly role: 'server'
  readonly tls: TunnelServerTls
}

export interface ClientTunnelOptions extends CommonOptions {
  /** Takes plain connections and makes a Trefoil connection for each. */
  readonly role: 'client'
  readonly tls: TunnelClientTls
  /** Resume sessions of earlier connections, where the QKD policy has a place for it; default true. */
  readonly sessions?: boolean | undefined
}

export type TunnelOptions = ServerTunnelOptions | ClientTunnelOptions

export interface TunnelSettings {
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  /** Milliseconds. */
  readonly connectTimeout: number
  readonly idleTimeout: number
}

/** @throws TrefoilError ERR_INVALID_OPTION */
export function resolveTunnelSettings(options: TunnelOptions): TunnelSettings {
  checkAddress(options.to, 'to')
  if (options.role !== 'client' && options.role !== 'server') invalid("role is 'client' or 'server'")
  if (options.role === 'server') checkPlainSide(options.to, options)
  const maxConnections = options.maxConnections ?? 1000
  return {
    maxConnections: atLeast(1, maxConnections, 'maxConnections'),
    maxConnectionsPerAddress: atLeast(
      1,
      options.maxConnectionsPerAddress ?? maxConnections,
      'maxConnectionsPerAddress',
    ),
    connectTimeout: milliseconds(options.connectTimeout ?? 10_000, 1, 'connectTimeout'),
    idleTimeout: milliseconds(options.idleTimeout ?? 0, 0, 'idleTimeout'),
  }
}

/** @throws TrefoilError ERR_INVALID_OPTION for a plain side that leaves this machine without leave */
export function checkPlainSide(address: TunnelAddress, { allowRemotePlain = false }: TunnelOptions): void {
  if (allowRemotePlain || staysOnHost(address)) return
  const where = formatAddress(address)
  invalid(
    `${where} is not on this machine, and nothing protects the plain side on its way; allowRemotePlain (--allow-remote-plain) permits it`,
  )
}

/** @throws TrefoilError ERR_INVALID_OPTION */
export function checkGrace(value: number): void {
  milliseconds(value, 0, 'graceMilliseconds')
}

function atLeast(least: number, value: number, option: string): number {
  if (typeof value === 'number' && value >= least) return value
  return invalid(`${option} is a number from ${least}`)
}

/** setTimeout counts in 31 bits. */
function milliseconds(value: number, least: number, option: string): number {
  if (atLeast(least, value, option) < 2 ** 31) return value
  return invalid(`${option} is a number up to 2,147,483,647`)
}

function invalid(message: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', message)
}
