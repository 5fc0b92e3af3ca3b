/**
 * What diagnostics_channel is told of connections. Facts only: no socket, no secret, nothing that gives access to one.
 *
 * - `tracing:trefoil.client.handshake:*`, `tracing:trefoil.server.handshake:*`: {@link HandshakeTrace}
 * - `trefoil.connection.close`: {@link ConnectionClose}
 */
import { channel, tracingChannel } from 'node:diagnostics_channel'
import { TrefoilError, toTrefoilError } from '../errors.js'
import type { Protection } from './protection.js'
import { Trace, type TraceMessage } from './tracing.js'

/** The message of a handshake; `result` is the very object that `socket.protection` will be. */
export interface HandshakeTrace extends TraceMessage<Protection> {
  readonly role: 'client' | 'server'
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  /** Asked for by SNI; null before it is known, and where there is none. */
  serverName: string | null
}

/** The message at the end of a connection. */
export interface ConnectionClose {
  readonly role: 'client' | 'server'
  /** Null when the handshake was not completed. */
  readonly protection: Protection | null
  /** Null after an orderly end, and where the caller destroyed it without one. */
  readonly error: TrefoilError | null
  /** Octets of the transport. */
  readonly bytesRead: number
  readonly bytesWritten: number
}

/** What is looked at of a socket. */
export interface TracedSocket {
  readonly protection: Protection | null
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly bytesRead: number
  readonly bytesWritten: number
}

const handshakes = {
  client: tracingChannel('trefoil.client.handshake'),
  server: tracingChannel('trefoil.server.handshake'),
}
const closes = channel('trefoil.connection.close')

export function traceHandshake(role: 'client' | 'server', socket: TracedSocket): Trace<HandshakeTrace> | null {
  return Trace.of<HandshakeTrace>(handshakes[role], () => {
    const { remoteAddress, remotePort } = socket
    return { role, remoteAddress, remotePort, serverName: null }
  })
}

/** Tells that a socket is destroyed, and of its handshake if that was not over. */
export function tellClose(
  role: 'client' | 'server',
  trace: Trace<HandshakeTrace> | null,
  socket: TracedSocket,
  cause: Error | null,
): void {
  const heard = closes.hasSubscribers
  if (trace === null && !heard) return
  const { protection } = socket
  const error = cause && toTrefoilError(cause, 'ERR_ABORTED', 'destroyed by the caller')
  if (protection === null) trace?.failed(error ?? new TrefoilError('ERR_ABORTED', 'destroyed during the handshake'))
  if (!heard) return
  const { bytesRead, bytesWritten } = socket
  closes.publish({ role, protection, error, bytesRead, bytesWritten } satisfies ConnectionClose)
}
