/** Handshakes between a server and a client of the public API on 127.0.0.1, and what each end says came of them. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net'
import type { AlertName } from '../../src/alerts.js'
import {
  type ConnectionOptions,
  connect,
  createServer,
  type ErrorCode,
  type Server,
  type ServerOptions,
  type TLSSocket,
  TrefoilError,
} from '../../src/index.js'
import { atEndOfFile } from '../support/endOfFile.js'

const cleanUps: (() => void)[] = []
atEndOfFile(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

export interface Listening {
  readonly port: number
  readonly server: Server
  /** Handshakes that were completed. */
  readonly sessions: TLSSocket[]
  /** Handshakes that were not. */
  readonly refusals: TrefoilError[]
}

/** A server that sends back what it gets. */
export async function listen(options: ServerOptions): Promise<Listening> {
  const server = createServer(options, (socket) => {
    sessions.push(socket)
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  const sessions: TLSSocket[] = []
  const refusals: TrefoilError[] = []
  server.on('tlsClientError', (error: TrefoilError) => refusals.push(error))
  const port = await listenOn(server)
  cleanUps.push(() => {
    for (const socket of sessions) socket.destroy()
  })
  return { port, server, sessions, refusals }
}

/** Listens on a free port until the tests of the file are over. */
export async function listenOn(server: ReturnType<typeof createTcpServer>): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(() => server.close())
  return (server.address() as AddressInfo).port
}

/** What ended a handshake at one end: the code, and the alert that was sent or received. */
export type End = readonly [ErrorCode, AlertName | number | null]

export function endOf({ code, alert }: TrefoilError): End {
  return [code, alert]
}

export interface Refused {
  readonly client: End
  readonly server: End
  /** Handshakes that the server thought complete. */
  readonly sessions: number
}

/** A handshake that must fail, as both ends tell it. `port` leads elsewhere than straight to the server. */
export async function refused(
  target: ServerOptions | Listening,
  options: ConnectionOptions,
  port?: number,
): Promise<Refused> {
  const listening = isListening(target) ? target : await listen(target)
  const before = { sessions: listening.sessions.length, refusals: listening.refusals.length }
  const told = new Promise<void>((resolve) => {
    listening.server.once('tlsClientError', () => resolve())
  })
  const client = await failureOf(connect({ host: '127.0.0.1', port: port ?? listening.port, ...options }))
  await told
  return {
    client: endOf(client),
    server: endOf(listening.refusals[before.refusals] as TrefoilError),
    sessions: listening.sessions.length - before.sessions,
  }
}

/** The error that ends a socket, be it before or after `secureConnect`. */
export function failureOf(socket: TLSSocket): Promise<TrefoilError> {
  cleanUps.push(() => socket.destroy())
  socket.resume()
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      if (error instanceof TrefoilError) resolve(error)
      else reject(error)
    })
    socket.once('close', () => reject(new Error('closed without an error')))
  })
}

export interface Session {
  readonly client: TLSSocket
  readonly server: TLSSocket
}

/** A handshake that must succeed, straight to the server. */
export async function meet(target: ServerOptions | Listening, options: ConnectionOptions): Promise<Session> {
  const listening = isListening(target) ? target : await listen(target)
  const client = connect({ host: '127.0.0.1', port: listening.port, ...options })
  cleanUps.push(() => client.destroy())
  await once(client, 'secureConnect')
  // Other handshakes may end meanwhile.
  const ours = ({ remotePort }: TLSSocket): boolean => remotePort === client.localPort
  const isThere = (): boolean => listening.sessions.some(ours)
  while (!isThere()) await once(listening.server, 'secureConnection')
  const server = listening.sessions.find(ours) as TLSSocket
  return { client, server }
}

/** More than two records there, and back by the echo; then both ends close as TLS has it. */
export async function exchangeAndClose({ client, server }: Session): Promise<void> {
  const data = randomBytes(40_000)
  const closed = Promise.all([once(client, 'close'), once(server, 'close')])
  client.end(data)
  const chunks: Buffer[] = []
  for await (const chunk of client) chunks.push(chunk as Buffer)
  if (!Buffer.concat(chunks).equals(data)) throw new Error('the echo differs from what was sent')
  for (const [failed] of await closed) if (failed) throw new Error('an end closed with an error')
}

/**
 * A man in the middle who may change a client's first record, which holds the whole ClientHello, and passes on the
 * rest. Keeps what he saw.
 */
export async function meddle(
  port: number,
  change: (hello: Buffer) => Buffer,
): Promise<{ port: number; seen: Buffer[] }> {
  const seen: Buffer[] = []
  const server = createTcpServer({ allowHalfOpen: true }, (near) => {
    const far = tcp(port)
    keepQuiet(near)
    far.pipe(near)
    let held: Buffer = Buffer.alloc(0)
    const onData = (chunk: Buffer): void => {
      held = Buffer.concat([held, chunk])
      if (held.length < 5 || held.length < 5 + held.readUInt16BE(3)) return
      near.off('data', onData)
      seen.push(Buffer.from(held))
      far.write(change(held))
      near.pipe(far)
    }
    near.on('data', onData)
  })
  return { port: await listenOn(server), seen }
}

/** A bare TCP connection. */
export function tcp(port: number, localAddress?: string): Socket {
  const from = localAddress === undefined ? {} : { localAddress }
  const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true, ...from })
  keepQuiet(socket)
  return socket
}

function keepQuiet(socket: Socket): void {
  socket.on('error', () => {})
  cleanUps.push(() => socket.destroy())
}

/** The same octets with another string of the same length in place of `from`, wherever it stands. */
export function replaceText(octets: Buffer, from: string, to: string): Buffer {
  if (from.length !== to.length || !octets.includes(from)) throw new Error('nothing to replace, or not by that')
  return Buffer.from(octets.toString('latin1').replaceAll(from, to), 'latin1')
}

function isListening(target: ServerOptions | Listening): target is Listening {
  return 'sessions' in target
}
