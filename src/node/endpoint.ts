/** What a socket needs to know of its role: the core's connection and the answers to the core's questions. */
import { TrefoilError } from '../errors.js'
import type { Connection, HandshakeSummary, RequestHandlers } from '../tls/index.js'
import type { KeyFetch } from './psk/index.js'

/** One end of one handshake, set up by `connect` or by a server. */
export interface Endpoint {
  readonly role: 'client' | 'server'
  readonly allowHalfOpen: boolean
  readonly highWaterMark?: number | undefined
  /** Milliseconds; 0 waits for ever. */
  readonly handshakeTimeout: number
  /** The caller's wish to give up, if it has one. */
  readonly signal?: AbortSignal | undefined
  readonly keylog: boolean
  /** Aborted when the socket is destroyed: key-manager calls end with it. */
  readonly abandon: AbortController
  begin(keylog: boolean, addresses: Addresses): Handshake
}

/** Of the transport, where it has them. */
export interface Addresses {
  readonly local: string | undefined
  readonly remote: string | undefined
}

export interface Handshake {
  readonly connection: Connection
  readonly handlers: RequestHandlers
  /** What fetching QKD keys has come to so far. */
  readonly keyFetch: KeyFetch
  /** What keeps it waiting when its time is over, where that is neither the peer nor the transport. */
  overdue(): TrefoilError | null
  /** Told once, when the handshake is complete and both ends are who they should be. */
  onAuthenticated(summary: HandshakeSummary): void
  /** Told when the peer refuses the connection, or the handshake fails otherwise. */
  onFailed(): void
  /** Signature schemes of the peer that are ours too, in its order; empty when no certificate was asked of us. */
  sharedSchemes(): readonly string[]
  /** The names that a raw public key of the peer stands for, once it is verified. */
  namesOf(rawKey: Uint8Array): readonly string[]
}

const DEFAULT_HANDSHAKE_TIMEOUT = 10_000

/** @throws TrefoilError ERR_INVALID_OPTION */
export function resolveHandshakeTimeout(option: number | undefined): number {
  const milliseconds = option ?? DEFAULT_HANDSHAKE_TIMEOUT
  // setTimeout counts in 31 bits.
  if (typeof milliseconds === 'number' && milliseconds >= 0 && milliseconds < 2 ** 31) return milliseconds
  throw new TrefoilError('ERR_INVALID_OPTION', 'handshakeTimeout must be 0 to 2,147,483,647 milliseconds')
}
