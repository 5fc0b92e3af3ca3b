/** HOST:PORT or unix:PATH on the command line. */
import { InvalidArgumentError } from 'commander'
import type { TunnelAddress } from '../../node/tunnel/index.js'
import { parseHostPort } from '../hostPort.js'

const UNIX = 'unix:'

/** @throws InvalidArgumentError */
export function parseAddress(text: string): TunnelAddress {
  if (!text.startsWith(UNIX)) return parseHostPort(text)
  const path = text.slice(UNIX.length)
  if (path === '') throw new InvalidArgumentError('A path is needed after unix:')
  return { path }
}
