/** The honest ends: a server that answers a line with a line, and a client that asks one. Real sockets on 127.0.0.1. */
import { once } from 'node:events'
import type { AddressInfo, Server as TcpServer } from 'node:net'
import { TrefoilError } from '../../errors.js'
import { connect } from '../../node/connect.js'
import type { ConnectionOptions, ServerOptions } from '../../node/options.js'
import { createServer } from '../../node/server.js'
import type { TLSSocket } from '../../node/tlsSocket.js'

export interface RunningServer {
  readonly port: number
  close(): Promise<void>
}

/**
 * Answers each client's first line with what `answer` makes of it, and ends the connection. Clients that break off, or
 * are refused, do not matter to it.
 */
export async function serve(
  options: ServerOptions,
  answer: (line: string) => string | Promise<string>,
): Promise<RunningServer> {
  const open = new Set<TLSSocket>()
  const server = createServer(options, (socket) => {
    open.add(socket)
    socket.on('error', () => {}).once('close', () => open.delete(socket))
    readUntil(socket, '\n')
      .then(answer)
      .then(
        (answered) => socket.end(answered),
        () => socket.destroy(),
      )
  })
  server.on('tlsClientError', () => {})
  return listen(server, open)
}

/** Listens on a free port of 127.0.0.1. @param sockets those that are open, which go when it is closed */
export async function listen(
  server: ReturnType<typeof createServer> | TcpServer,
  sockets: ReadonlySet<{ destroy(): void }>,
): Promise<RunningServer> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Sends a line and returns the answer to it. @throws TrefoilError as whatever ended the connection before that */
export async function ask(port: number, options: ConnectionOptions, line: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ...options })
  try {
    await once(socket, 'secureConnect')
    socket.write(`${line}\n`)
    const answer = await readUntil(socket, null)
    if (!socket.destroyed) {
      const closed = once(socket, 'close')
      socket.end()
      await closed
    }
    return answer
  } finally {
    socket.destroy()
  }
}

/** The error by which a connection was refused; null when the answer came. @throws whatever is no refusal */
export async function refusalOf(asking: Promise<string>): Promise<TrefoilError | null> {
  try {
    await asking
    return null
  } catch (error) {
    if (error instanceof TrefoilError) return error
    throw error
  }
}

/** What comes before `mark`, or up to the end when that is null. */
function readUntil(socket: TLSSocket, mark: string | null): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const end = mark === null ? -1 : text.indexOf(mark)
      if (end >= 0) resolve(text.slice(0, end))
    })
    socket.once('end', () => {
      if (mark === null) resolve(text)
      else reject(new Error('the line breaks off'))
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed without an answer')))
  })
}
