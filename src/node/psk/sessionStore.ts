/** A store of the caller's for sessions: what it is to do, and the options of a server that has one. */
import { TrefoilError } from '../../errors.js'

/**
 * Keeps sessions for a server, or for all servers of a service, so that a ticket is no more than a random name and each
 * session is resumed once. What it keeps is sealed with the ticket keys and bound to its id: the store sees no key and
 * can change nothing. It may answer at once or later, and fails by throwing or rejecting.
 */
export interface SessionStore {
  /**
   * Keeps `state` under `id` until `expiresAt` (milliseconds since the epoch). The ticket is sent when this is done.
   * @param id 24 hexadecimal digits, never used twice
   * @param state some hundred octets, and the client's certificate chain if it showed one; not to be changed
   * @param options.signal aborted when the time is over or the connection is given up
   */
  set(
    id: string,
    state: Uint8Array,
    options: { readonly expiresAt: number; readonly signal: AbortSignal },
  ): unknown | Promise<unknown>
  /**
   * Gives the state and removes it in one step (GETDEL): of two that ask for the same id, one gets it. Null or undefined:
   * there is none.
   */
  take(
    id: string,
    options: { readonly signal: AbortSignal },
  ): Uint8Array | null | undefined | Promise<Uint8Array | null | undefined>
}

/** Part of a server's options. */
export interface SessionStoreOptions {
  /** Keep sessions here instead of in the tickets. Servers that share it share `ticketKeys` too. */
  readonly sessionStore?: SessionStore | undefined
  /** Milliseconds that the store has for one answer; default 1,000. Beyond them the handshake goes on without it. */
  readonly sessionStoreTimeout?: number | undefined
  /** Told when the store failed (ERR_SESSION_STORE); the client gets no ticket, or a full handshake. */
  readonly onSessionStoreError?: ((error: TrefoilError) => void) | undefined
}

export interface SessionStoreSettings {
  readonly store: SessionStore
  readonly timeout: number
  readonly onError: (error: TrefoilError) => void
}

/** Null without a store. @throws TrefoilError ERR_INVALID_OPTION */
export function resolveSessionStore(options: SessionStoreOptions): SessionStoreSettings | null {
  const { sessionStore: store, sessionStoreTimeout: timeout = 1000, onSessionStoreError: onError = () => {} } = options
  // setTimeout counts in 31 bits.
  if (!(timeout >= 1 && timeout < 2 ** 31)) invalid('sessionStoreTimeout is 1 to 2,147,483,647 milliseconds')
  if (store === undefined) return null
  if (typeof store?.set !== 'function' || typeof store.take !== 'function') invalid('a session store has set and take')
  return { store, timeout, onError }
}

function invalid(message: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', message)
}
