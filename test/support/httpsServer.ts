/** A real HTTPS server with mutual TLS that answers as a test tells it, and keeps what it was asked. */
import type { IncomingHttpHeaders } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { credentials } from './kme.js'

export interface SeenRequest {
  readonly method: string
  /** Path and query as they came. */
  readonly target: string
  /** Parsed JSON; null for an empty body. */
  readonly body: unknown
  readonly headers: IncomingHttpHeaders
  /** Common name of the client's certificate. */
  readonly client: string
}

export interface CannedReply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A string goes as it is, anything else as JSON. */
  readonly body?: unknown
}

/** `cut` closes the connection instead of answering. */
export type Answering = (request: SeenRequest) => CannedReply | 'cut' | Promise<CannedReply | 'cut'>

export interface RunningServer {
  readonly url: string
  readonly port: number
  readonly requests: SeenRequest[]
  /** TCP connections made so far. */
  readonly connections: () => number
  close(): Promise<void>
}

export async function startHttpsServer(
  answer: Answering,
  options: { readonly port?: number; readonly tls?: ServerOptions } = {},
): Promise<RunningServer> {
  const requests: SeenRequest[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const { cert, key, ca } = credentials('KME-A') as { cert: string; key: string; ca: string }
  const server = createServer({ cert, key, ca, requestCert: true, ...options.tls }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const text = Buffer.concat(chunks).toString()
      const seen: SeenRequest = {
        method: request.method ?? '',
        target: request.url ?? '',
        body: text === '' ? null : JSON.parse(text),
        headers: request.headers,
        client: String((request.socket as TLSSocket).getPeerCertificate().subject.CN),
      }
      requests.push(seen)
      const reply = await answer(seen)
      if (reply === 'cut') {
        request.socket.destroy()
        return
      }
      const { status = 200, headers = {}, body = '' } = reply
      response.writeHead(status, headers)
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Starts servers for the tests of a file and closes them, and whatever else there is to close, after each. */
export function closingAfterEach(
  afterEach: (hook: () => Promise<void>) => void,
): <T extends { close(): Promise<void> }>(made: T) => T {
  const open: { close(): Promise<void> }[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((made) => made.close()))
  })
  return (made) => {
    open.push(made)
    return made
  }
}
