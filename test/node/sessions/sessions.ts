/** Sessions over real sockets: how one is had, and a store in memory that can be made to misbehave. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  type SessionStore,
  type TLSSocket,
  TrefoilError,
} from '../../../src/index.js'
import { commonConfig } from '../../../src/node/coreConfig.js'
import { createClientPsks, parseSession, serializeSession } from '../../../src/node/psk/index.js'
import { Connection, Driver, defaultHandlers, nothingToOffer } from '../../../src/tls/index.js'
import { ca, crypto, failure, secured, tcpClient } from '../fixtures.js'

export const ticketKey = (): Buffer => randomBytes(48)

/** A session of a first connection; `before` is a session that it resumes. */
export async function sessionOf(port: number, options: ConnectionOptions, before?: Buffer): Promise<Buffer> {
  const socket = connect({ host: '127.0.0.1', port, ...options, session: before })
  const refused = failure(socket).then((error) => Promise.reject(error))
  refused.catch(() => {})
  const [session] = (await Promise.race([once(socket, 'session'), refused])) as [Buffer]
  socket.destroy()
  return session
}

/** Whether the session was resumed. */
export async function resumes(port: number, options: ConnectionOptions, session: Buffer): Promise<boolean> {
  const socket = await revisit(port, options, session)
  socket.destroy()
  return socket.isSessionReused()
}

export function revisit(port: number, options: ConnectionOptions, session: Buffer): Promise<TLSSocket> {
  return secured(connect({ host: '127.0.0.1', port, ...options, session }))
}

/** Offers a session in a new connection, as a client does that keeps to no rule; whether the server resumes it. */
export async function offerRegardless(
  port: number,
  session: Buffer,
  serverName: string | null = null,
): Promise<boolean> {
  const transport = await tcpClient(port)
  const config = { ...commonConfig(createSecureContext({ ca }), {}, false), serverName }
  const held = { ...parseSession(session), serverName }
  const psks = createClientPsks({ session: serializeSession(held), certificates: true }, crypto)
  const outcome = new Promise<boolean>((resolve) => {
    const driver = new Driver(
      Connection.client(config),
      {
        ...nothingToOffer,
        ...defaultHandlers(crypto),
        ...psks.handlers,
        verifyCertificate: () => {
          throw new TrefoilError('ERR_ABORTED', 'the server did not resume the session')
        },
      },
      {
        transmit: (octets) => transport.write(octets),
        event: (event) => {
          if (event.type === 'handshakeComplete') resolve(event.summary.psk !== null)
          if (event.type === 'error') resolve(false)
        },
      },
    )
    transport.on('data', (chunk) => driver.receive(Uint8Array.from(chunk)))
    driver.start()
  })
  return outcome.finally(() => transport.destroy())
}

export interface MemoryStore extends SessionStore {
  readonly kept: Map<string, { readonly state: Uint8Array; readonly expiresAt: number }>
  readonly taken: string[]
}

export function memoryStore(): MemoryStore {
  const kept: MemoryStore['kept'] = new Map()
  const taken: string[] = []
  return {
    kept,
    taken,
    set: (id, state, { expiresAt }) => kept.set(id, { state: Uint8Array.from(state), expiresAt }),
    take: (id) => {
      taken.push(id)
      const found = kept.get(id)
      kept.delete(id)
      return found?.state
    },
  }
}
