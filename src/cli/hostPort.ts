/** HOST:PORT on the command line; an IPv6 address stands in brackets. */
import { InvalidArgumentError } from 'commander'

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** @throws InvalidArgumentError */
export function parseHostPort(text: string): HostPort {
  const match = /^(?:\[([^\][]+)\]|([^:\][]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) throw new InvalidArgumentError('HOST:PORT is needed, or [IPV6]:PORT.')
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port }
}

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
