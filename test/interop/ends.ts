/** Trefoil's end of a connection to an independent peer, in either role, by the public interface alone. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, describe } from 'vitest'
import {
  type ConnectionOptions,
  connect,
  createServer,
  type ServerOptions,
  type TLSSocket,
  type TrefoilError,
} from '../../src/index.js'
import {
  type ClientPeerOptions,
  type ClientPeerResult,
  deterministicBytes,
  type PeerConnection,
  type Received,
  receivedOf,
  runClientPeer,
  type ServerPeer,
} from '../support/nodePeer.js'

/** What a meeting sends to and fro: several records, and none of them full at the end. */
const ECHOED = { bytes: 50_001, seed: 'echoed' } as const

/** One connection of ours. */
export interface End {
  readonly socket: TLSSocket
  /** When it is over: all that arrived, and the error that ended it; null means close_notify came and went. */
  readonly finished: Promise<{ readonly received: Received; readonly error: TrefoilError | null }>
}

/** A connection that carried data both ways and was closed cleanly by both, as either end saw it. */
export interface Meeting {
  readonly socket: TLSSocket
  readonly peer: PeerConnection
  /** Session tickets for our client, or those that a peer got, in base64. */
  readonly sessions: readonly Buffer[] | readonly string[]
}

/** A suite that needs other programs: skipped with the reason in its title where one is missing. */
export function describeWith(missing: string | null, title: string, define: () => void): void {
  describe.skipIf(missing !== null)(missing === null ? title : `${title} (skipped: ${missing})`, define)
}

/** Resolves at `secureConnect`, rejects with the error. The socket flows, so listen to `data` at once. */
export function open(options: ConnectionOptions): Promise<End> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', servername: 'localhost', ...options })
    const end = { socket, finished: watch(socket) }
    socket.once('secureConnect', () => resolve(end))
    socket.once('error', reject)
  })
}

/** The error that keeps a client of ours from a connection, be it after our Finished. */
export async function refusedAt(options: ConnectionOptions): Promise<TrefoilError> {
  const outcome = await open(options).then(
    (end) => end.finished.then(({ error }) => error),
    (error: TrefoilError) => error,
  )
  if (outcome === null) throw new Error('the connection was not refused')
  return outcome
}

/** Things that happen, to be taken in their order. */
class Queue<T> {
  readonly #items: T[] = []
  readonly #takers: ((item: T) => void)[] = []

  put(item: T): void {
    const taker = this.#takers.shift()
    if (taker) taker(item)
    else this.#items.push(item)
  }

  take(): Promise<T> {
    const item = this.#items.shift()
    return item === undefined ? new Promise((resolve) => this.#takers.push(resolve)) : Promise.resolve(item)
  }
}

export interface OwnServer {
  readonly port: number
  readonly accepted: Queue<End>
  /** The errors of handshakes that failed. */
  readonly refused: Queue<TrefoilError>
}

/** Listens until the file's tests are over. `serve` gets every connection; by default it echoes. */
export async function listen(options: ServerOptions, serve: (socket: TLSSocket) => void = echo): Promise<OwnServer> {
  const server = createServer(options)
  const own = { accepted: new Queue<End>(), refused: new Queue<TrefoilError>() }
  const sockets = new Set<TLSSocket>()
  server.on('tlsClientError', (error: TrefoilError) => own.refused.put(error))
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket)
    own.accepted.put({ socket, finished: watch(socket) })
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { ...own, port: (server.address() as AddressInfo).port }
}

/** Our client visits a peer's server that echoes. */
export async function visit(peer: ServerPeer, options: ConnectionOptions): Promise<Meeting> {
  const sessions: Buffer[] = []
  const { socket, finished } = await open({ port: peer.port, ...options })
  socket.on('session', (session: Buffer) => sessions.push(session))
  const data = deterministicBytes(ECHOED.seed, ECHOED.bytes)
  socket.end(data)
  requireEcho(await finished)
  const seen = await peer.next('secureConnection')
  const ended = await peer.next('ended')
  requireEcho({ ...ended, error: null })
  return { socket, peer: seen, sessions }
}

/** A peer's client visits our server that echoes. */
export async function receive(server: OwnServer, options: Omit<ClientPeerOptions, 'port'>): Promise<Meeting> {
  const result = await runClientPeer({ port: server.port, send: ECHOED, expectEcho: true, ...options })
  if (!result.ok || result.connection === null) throw new Error(`the peer failed: ${JSON.stringify(result.error)}`)
  requireEcho({ received: result.received, error: null })
  const { socket, finished } = await server.accepted.take()
  requireEcho(await finished)
  return { socket, peer: result.connection, sessions: result.sessions }
}

/** A peer's client is refused by our server: its view, and our error. */
export async function refuse(
  server: OwnServer,
  options: Omit<ClientPeerOptions, 'port'>,
): Promise<{ result: ClientPeerResult; error: TrefoilError }> {
  const result = await runClientPeer({ port: server.port, send: ECHOED, expectEcho: true, ...options })
  if (result.ok) throw new Error('the peer was not refused')
  return { result, error: await server.refused.take() }
}

function echo(socket: TLSSocket): void {
  socket.pipe(socket)
}

function watch(socket: TLSSocket): End['finished'] {
  const hash = createHash('sha256')
  let bytes = 0
  let error: TrefoilError | null = null
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    hash.update(chunk)
  })
  socket.on('error', (thrown: TrefoilError) => {
    error = thrown
  })
  return new Promise((resolve) => {
    socket.once('close', () => resolve({ received: { bytes, sha256: hash.digest('hex') }, error }))
  })
}

function requireEcho({ received, error }: { received: Received; error: TrefoilError | null }): void {
  if (error !== null) throw error
  const expected = receivedOf(deterministicBytes(ECHOED.seed, ECHOED.bytes))
  if (received.bytes === expected.bytes && received.sha256 === expected.sha256) return
  throw new Error(`${received.bytes} octets arrived, not the ${expected.bytes} that were sent`)
}
