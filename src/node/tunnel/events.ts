/** What a tunnel tells of its connections, and of itself. */
import type { TrefoilError } from '../../errors.js'
import type { TLSSocket } from '../tlsSocket.js'

/** Octets of the service, as carried over Trefoil: `sent` by this end, `received` by it. */
export interface TunnelOctets {
  readonly sent: number
  readonly received: number
}

export interface TunnelConnection {
  /** Counted from 1; a connection has one number in all its events. */
  readonly connection: number
  /** Whose connection was accepted, as ADDRESS:PORT; empty for a Unix domain socket. */
  readonly from: string
}

/** The Trefoil connection stands: `socket.protection` says on what. */
export interface TunnelOpened extends TunnelConnection {
  readonly socket: TLSSocket
}

export interface TunnelClosed extends TunnelConnection {
  /** Both directions ended as they should; false after a failure, which has been told before. */
  readonly clean: boolean
  readonly octets: TunnelOctets
  readonly milliseconds: number
}

export interface TunnelFailure extends TunnelConnection {
  /**
   * `limit`: refused when it was accepted; `handshake`: no Trefoil connection came about; `target`: the plain service was
   * not reached; `carrying`: cut, by either side, the idle time-out or the shutdown.
   */
  readonly stage: 'limit' | 'handshake' | 'target' | 'carrying'
  readonly error: TrefoilError
}

export interface TunnelEvents {
  open: [TunnelOpened]
  close: [TunnelClosed]
  failure: [TunnelFailure]
  /** Secrets as RFC 9850 lines, with `tls.keylog` alone. */
  keylog: [Buffer]
}

export interface TunnelStatistics {
  /** Whether it accepts connections. */
  readonly listening: boolean
  /** Accepted and not yet over, those shaking hands included. */
  readonly connections: number
  readonly octets: TunnelOctets
}
