/** Where a tunnel listens and where it leads: a TCP address, or the path of a Unix domain socket. */
import { isIP } from 'node:net'
import { TrefoilError } from '../../errors.js'

export type TunnelAddress = { readonly host: string; readonly port: number } | { readonly path: string }

/** HOST:PORT, [IPV6]:PORT, or unix:PATH. */
export function formatAddress(address: TunnelAddress): string {
  if ('path' in address) return `unix:${address.path}`
  const { host, port } = address
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Whether octets for this address stay on this machine. Of names only `localhost` is known to (RFC 6761 6.3). */
export function staysOnHost(address: TunnelAddress): boolean {
  if ('path' in address) return true
  const host = address.host.toLowerCase()
  if (isIP(host) === 4) return host.startsWith('127.')
  return host === 'localhost' || host === '::1' || /^::ffff:127\.\d+\.\d+\.\d+$/.test(host)
}

/** @throws TrefoilError ERR_INVALID_OPTION, naming `option` */
export function checkAddress(address: TunnelAddress, option: string): TunnelAddress {
  const fine =
    'path' in address
      ? typeof address.path === 'string' && address.path !== ''
      : typeof address.host === 'string' &&
        address.host !== '' &&
        Number.isInteger(address.port) &&
        address.port >= 0 &&
        address.port < 65_536
  if (!fine) throw new TrefoilError('ERR_INVALID_OPTION', `${option} is { host, port } or { path }`)
  return address
}

/** An address as `net.connect` and `server.listen` take it; a copy, so that nothing else reaches them. */
export function toNodeAddress(address: TunnelAddress): { host: string; port: number } | { path: string } {
  return 'path' in address ? { path: address.path } : { host: address.host, port: address.port }
}
