/** HTTP servers over Trefoil on 127.0.0.1, and what a test wants to know of them at its end. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import { expect } from 'vitest'
import type { TLSSocket } from '../../../src/index.js'
import { createSecureServer, type Http2SecureServer, type SecureServerOptions } from '../../../src/node/http/http2.js'
import { createServer, type HttpsServerOptions, type Server } from '../../../src/node/http/https.js'
import { atEndOfFile } from '../../support/endOfFile.js'
import { serverIdentity } from '../fixtures.js'

/** More than all buffers on the way together. */
export const BODY = randomBytes(3 * 1024 * 1024 + 7)

export function digest(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex')
}

const cleanUps: (() => unknown)[] = []
atEndOfFile(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

export function atEnd(cleanUp: () => unknown): void {
  cleanUps.push(cleanUp)
}

export interface Site<S> {
  readonly server: S
  readonly port: number
  readonly origin: string
  /** TLS connections that came, and those of them that are open still. */
  readonly accepted: TLSSocket[]
  readonly open: Set<TLSSocket>
}

export async function startHttps(
  listener: RequestListener,
  options: Partial<HttpsServerOptions> = {},
): Promise<Site<Server>> {
  return start(createServer({ ...serverIdentity, ...options }, listener))
}

export async function startHttp2(options: Partial<SecureServerOptions> = {}): Promise<Site<Http2SecureServer>> {
  return start(createSecureServer({ ...serverIdentity, ...options }))
}

export async function start<S extends NetServer>(server: S): Promise<Site<S>> {
  const accepted: TLSSocket[] = []
  const open = new Set<TLSSocket>()
  const transports = new Set<Socket>()
  server.on('connection', (transport) => {
    transports.add(transport)
    transport.once('close', () => transports.delete(transport))
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    accepted.push(socket)
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(() => {
    server.close()
    for (const transport of transports) transport.destroy()
  })
  const { port } = server.address() as AddressInfo
  return { server, port, origin: `https://localhost:${port}`, accepted, open }
}

/** Resolves when no connection of a site is open any more. */
export async function allClosed({ server, open }: Site<NetServer>): Promise<void> {
  await expect.poll(() => open.size).toBe(0)
  await expect.poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0)
}

/** Sends back what it is sent, as it comes. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream' })
  request.pipe(response)
}
