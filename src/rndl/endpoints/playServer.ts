/** The server of a scenario: takes the connections of the script in their order, and answers each line with its own. */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { ServerOptions } from '../../node/options.js'
import { createServer } from '../../node/server.js'
import type { TLSSocket } from '../../node/tlsSocket.js'
import { expectLine, factsOf, KeyLog, linesOf } from './conversation.js'
import type { ConnectionFacts } from './facts.js'
import type { ConnectionScript, Script } from './script.js'

export interface PlayingServer {
  /** On 127.0.0.1. */
  readonly port: number
  /** Rejects with the first failure of a handshake, and with whatever is not as the script says. */
  readonly finished: Promise<ConnectionFacts[]>
  close(): Promise<void>
}

/** Listens from when it resolves. */
export async function playServer(script: Script, options: ServerOptions): Promise<PlayingServer> {
  const server = createServer(options)
  const sockets = new Set<TLSSocket>()
  const keyLogs = new WeakMap<TLSSocket, KeyLog>()
  server.on('keylog', (line: Buffer, socket: TLSSocket) => {
    const keyLog = keyLogs.get(socket) ?? new KeyLog()
    keyLogs.set(socket, keyLog)
    keyLog.onKeylog(line)
  })
  const finished = new Promise<ConnectionFacts[]>((resolve, reject) => {
    const facts: ConnectionFacts[] = []
    let begun = 0
    server.on('tlsClientError', reject)
    server.on('secureConnection', (socket: TLSSocket) => {
      const connection = script.connections[begun++]
      if (connection === undefined) {
        reject(new Error('there were more connections than the script has'))
        return
      }
      sockets.add(socket)
      const keyLog = keyLogs.get(socket) ?? new KeyLog()
      playConnection(connection, socket, keyLog).then((played) => {
        facts.push(played)
        if (facts.length === script.connections.length) resolve(facts)
      }, reject)
    })
  })
  // Whoever waits for it is told; until then nobody may be listening.
  finished.catch(() => {})
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    finished,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function playConnection(script: ConnectionScript, socket: TLSSocket, keyLog: KeyLog): Promise<ConnectionFacts> {
  const lines = linesOf(socket)
  for (const { request, response } of script.exchanges) {
    await expectLine(lines, request)
    socket.write(`${response}\n`)
  }
  const facts = factsOf(script.name, socket, keyLog, [])
  socket.resume()
  if (!socket.closed) await once(socket, 'close')
  return facts
}
