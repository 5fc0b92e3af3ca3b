/** What every stack has: servers and connections on the loopback interface. */
import type { Server, Socket } from 'node:net'
import type { TLSSocket } from '../../node/tlsSocket.js'
import type { StackSettings } from './settings.js'

export const LOOPBACK = '127.0.0.1'

/** An end of a connection. */
export type End = Socket | TLSSocket

export interface StackEnds {
  /** @param onConnection told of every connection that is ready for application data */
  createServer(settings: StackSettings, onConnection: (end: End) => void): Server
  /** Opens connections to a server of the same settings; keys and certificates are read once, as a program would. */
  connector(settings: StackSettings, port: number): () => Promise<End>
}

/** Resolves at `event`, when the connection is ready for application data. */
export function opened(end: End, event: string): Promise<End> {
  return new Promise((resolve, reject) => {
    end.once('error', reject)
    end.once(event, () => {
      end.off('error', reject)
      resolve(end)
    })
  })
}
