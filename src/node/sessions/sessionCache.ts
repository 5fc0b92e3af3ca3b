/**
 * Sessions that a client keeps between its connections. Each is offered once: a ticket seen twice would let an observer
 * link the two connections (RFC 9846 C.4). They hold resumption PSKs, so what falls out is wiped.
 */
import { wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'

/** As many as https.Agent keeps. */
export const DEFAULT_SESSIONS = 100

/** No server may fill the whole cache with its tickets. */
const MAX_PER_NAME = 8

export class SessionCache {
  readonly #capacity: number
  /** Newest last, both the names and the sessions under one. */
  readonly #sessions = new Map<string, Uint8Array[]>()
  #count = 0

  /**
   * @param capacity sessions in all; 0 keeps none
   * @throws TrefoilError ERR_INVALID_OPTION
   */
  constructor(capacity: number = DEFAULT_SESSIONS) {
    if (!Number.isSafeInteger(capacity) || capacity < 0) {
      throw new TrefoilError('ERR_INVALID_OPTION', 'maxCachedSessions must be a whole number, 0 or more')
    }
    this.#capacity = capacity
  }

  /** Keeps a copy; the session given stays the caller's. */
  put(name: string, session: Uint8Array): void {
    if (this.#capacity === 0) return
    const kept = this.#sessions.get(name) ?? []
    this.#sessions.delete(name)
    this.#sessions.set(name, [...kept, Uint8Array.from(session)])
    this.#count++
    if (kept.length === MAX_PER_NAME) this.#drop(name)
    else if (this.#count > this.#capacity) this.#drop(this.#sessions.keys().next().value as string)
  }

  /** The newest session under this name, which is no longer kept and is the caller's to wipe. */
  take(name: string): Uint8Array | undefined {
    const session = this.#sessions.get(name)?.pop()
    if (session !== undefined) this.#leave(name)
    return session
  }

  /** The server has declined one of them: those that it gave with it, it would decline as well. */
  forget(name: string): void {
    const sessions = this.#sessions.get(name) ?? []
    wipe(...sessions)
    this.#sessions.delete(name)
    this.#count -= sessions.length
  }

  clear(): void {
    for (const sessions of this.#sessions.values()) wipe(...sessions)
    this.#sessions.clear()
    this.#count = 0
  }

  #drop(name: string): void {
    wipe(this.#sessions.get(name)?.shift())
    this.#leave(name)
  }

  #leave(name: string): void {
    this.#count--
    if (this.#sessions.get(name)?.length === 0) this.#sessions.delete(name)
  }
}
