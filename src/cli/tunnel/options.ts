/** The options of `trefoil tunnel`, read. */
import type { TunnelAddress } from '../../node/tunnel/index.js'
import type { HostPort } from '../hostPort.js'
import type { SharedOptions } from '../sharedOptions.js'

export interface TunnelCommandOptions extends SharedOptions {
  readonly listen: TunnelAddress
  readonly to: TunnelAddress
  readonly maxConnections: number
  readonly maxConnectionsPerAddress?: number
  /** Seconds, as the next two. */
  readonly connectTimeout: number
  readonly idleTimeout: number
  readonly grace: number
  readonly metrics?: HostPort
  readonly allowRemotePlain?: boolean
}
