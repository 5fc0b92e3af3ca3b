/** A client meets a server with somebody between them, and both have something to say as soon as they may. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import {
  type ConnectionOptions,
  connect,
  createServer,
  type Protection,
  type ServerOptions,
  type TLSSocket,
  type TrefoilError,
} from '../../src/index.js'
import type { TapedConnection } from '../../src/rndl/adversary/index.js'
import { type End, endOf } from '../modes/ends.js'
import { type Attacker, listener, startRelay } from './manInTheMiddle.js'

/** Who meets whom. Either end may be the attacker's own. */
export interface Scene {
  readonly server: ServerOptions
  readonly client: ConnectionOptions
  /** Made anew for each connection; a listener unless given. */
  readonly attacker?: () => Attacker
}

/** What an end says came of it. */
export interface Seen {
  /** Why it ended; null when close_notify came. */
  readonly end: End | null
  /** Application data that reached it. */
  readonly received: string
  /** Null when its handshake was not completed. */
  readonly protection: Protection | null
}

export interface Outcome {
  readonly client: Seen
  /** Null when no connection came. */
  readonly server: Seen | null
  readonly tape: readonly TapedConnection[]
}

export const SAID = { client: 'pay 100 to 4711', server: 'the balance is 1000' } as const

/** Resolves when both ends are done with each other. */
export async function confront({ server: serverOptions, client: clientOptions, attacker }: Scene): Promise<Outcome> {
  const atServer: Promise<Seen>[] = []
  const server = createServer(serverOptions, (socket) => {
    atServer.push(watch(socket))
    socket.write(SAID.server)
  })
  server.on('tlsClientError', (error: TrefoilError) => {
    atServer.push(Promise.resolve({ end: endOf(error), received: '', protection: null }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const relay = await startRelay((server.address() as AddressInfo).port, attacker ?? (() => listener))
  try {
    const client = connect({ host: '127.0.0.1', port: relay.port, ...clientOptions })
    client.write(SAID.client)
    // Has heard enough.
    client.once('data', () => client.end())
    const atClient = await watch(client)
    while (!relay.idle || atServer.length < relay.reached) await wait(1)
    return { client: atClient, server: (await atServer[0]) ?? null, tape: relay.tape }
  } finally {
    relay.close()
    server.close()
  }
}

function watch(socket: TLSSocket): Promise<Seen> {
  const chunks: Buffer[] = []
  let end: End | null = null
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', (error: TrefoilError) => {
    end = endOf(error)
  })
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve({ end, received: Buffer.concat(chunks).toString(), protection: socket.protection })
    })
  })
}
