/** What the two ends of a tunnel have in common, seen from the tunnel that listens for them. */
import type { Socket } from 'node:net'
import type { TLSSocket } from '../tlsSocket.js'
import type { TunnelAddress } from './address.js'
import type { TunnelConnection, TunnelFailure } from './events.js'
import type { TunnelSettings } from './options.js'

/** One end under one set of TLS options. A reload makes another; connections stay with the end that took them. */
export interface TunnelEnd {
  /** Takes an accepted connection over, to its end. */
  accept(inbound: Socket): void
  /** It is given no more of them, and needs to keep nothing for them. */
  retire(): void
}

/** What an end reports to its tunnel. */
export interface TunnelHost {
  readonly settings: TunnelSettings
  readonly to: TunnelAddress
  /** The next number, for a connection from there. */
  identify(inbound: {
    readonly remoteAddress?: string | undefined
    readonly remotePort?: number | undefined
  }): TunnelConnection
  opened(connection: TunnelConnection, socket: TLSSocket): void
  failed(connection: TunnelConnection, failure: Pick<TunnelFailure, 'stage' | 'error'>): void
  /** Joins the two until both are closed. */
  carry(connection: TunnelConnection, plain: Socket, secure: TLSSocket): void
  /** After `opened`, where it never comes to `carry`. */
  closed(connection: TunnelConnection): void
  keylog(line: Buffer): void
}
