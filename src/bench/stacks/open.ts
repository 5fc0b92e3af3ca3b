/** Servers and connections on 127.0.0.1, made the same way whatever stack they are of. */
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import { connect as connectNodeTls, createServer as createNodeTls, createSecureContext as nodeContext } from 'node:tls'
import { connect as connectTrefoil } from '../../node/connect.js'
import { createServer as createTrefoil } from '../../node/server.js'
import type { TLSSocket } from '../../node/tlsSocket.js'
import { nodeTlsClient, nodeTlsServer } from './nodeTls.js'
import type { StackSettings } from './settings.js'
import { trefoilClient, trefoilServer } from './trefoil.js'

/** An end of a connection; all three stacks have these. */
export type End = Socket | TLSSocket

export interface Listening {
  readonly port: number
  readonly server: Server
}

/** `onConnection` is told of every connection that is ready for application data. */
export async function listen(settings: StackSettings, onConnection: (end: End) => void): Promise<Listening> {
  const server = createServer(settings, onConnection)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve)
  })
  return { server, port: (server.address() as AddressInfo).port }
}

/** Opens connections to a server of the same settings; keys and certificates are read once, as a program would. */
export function connector(settings: StackSettings, port: number): () => Promise<End> {
  const host = '127.0.0.1'
  switch (settings.stack) {
    case 'trefoil': {
      const options = trefoilClient(settings)
      return () => ready(connectTrefoil({ ...options, host, port }), 'secureConnect')
    }
    case 'node-tls': {
      const options = nodeTlsClient(settings)
      const secureContext = nodeContext(options)
      return () => ready(connectNodeTls({ ...options, secureContext, host, port }).setNoDelay(), 'secureConnect')
    }
    case 'tcp':
      return () => ready(connectTcp({ host, port, noDelay: true }), 'connect')
  }
}

function createServer(settings: StackSettings, onConnection: (end: End) => void): Server {
  switch (settings.stack) {
    case 'trefoil':
      return createTrefoil(trefoilServer(settings), onConnection)
    case 'node-tls':
      return createNodeTls(nodeTlsServer(settings), onConnection)
    case 'tcp':
      return createTcpServer({ noDelay: true }, onConnection)
  }
}

function ready(end: End, event: string): Promise<End> {
  return new Promise((resolve, reject) => {
    end.once('error', reject)
    end.once(event, () => {
      end.off('error', reject)
      resolve(end)
    })
  })
}
