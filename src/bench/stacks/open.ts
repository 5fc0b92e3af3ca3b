/** Servers and connections, made the same way whatever stack they are of. */
import type { AddressInfo, Server } from 'node:net'
import { type End, LOOPBACK, type StackEnds } from './end.js'
import type { Stack, StackSettings } from './settings.js'

export interface Listening {
  readonly port: number
  readonly server: Server
}

/** @param onConnection told of every connection that is ready for application data */
export async function listen(settings: StackSettings, onConnection: (end: End) => void): Promise<Listening> {
  const { createServer } = await load(settings.stack)
  const server = createServer(settings, onConnection)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: 0, host: LOOPBACK, backlog: 4096 }, resolve)
  })
  return { server, port: (server.address() as AddressInfo).port }
}

/** Opens connections to a server of the same settings. */
export async function connectorTo(settings: StackSettings, port: number): Promise<() => Promise<End>> {
  const { connector } = await load(settings.stack)
  return connector(settings, port)
}

/** A process has in it what it measures, and nothing of the others. */
function load(stack: Stack): Promise<StackEnds> {
  switch (stack) {
    case 'trefoil':
      return import('./trefoil.js')
    case 'node-tls':
      return import('./nodeTls.js')
    case 'tcp':
      return import('./tcp.js')
  }
}
