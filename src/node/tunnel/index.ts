/** Tunnels: any TCP service over Trefoil. */
export { formatAddress, staysOnHost, type TunnelAddress } from './address.js'
export type {
  TunnelClosed,
  TunnelConnection,
  TunnelEvents,
  TunnelFailure,
  TunnelOctets,
  TunnelOpened,
  TunnelStatistics,
} from './events.js'
export type {
  ClientTunnelOptions,
  ServerTunnelOptions,
  TunnelClientTls,
  TunnelOptions,
  TunnelServerTls,
} from './options.js'
export { createTunnel, type Tunnel } from './tunnel.js'
