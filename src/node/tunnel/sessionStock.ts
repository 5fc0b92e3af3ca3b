/** Sessions that wait for their one use. They hold secrets, so they are few and none is kept after it was taken. */
import { wipe } from '../../bytes.js'

const CAPACITY = 16

export class SessionStock {
  readonly #sessions: Buffer[] = []

  put(session: Buffer): void {
    this.#sessions.push(session)
    // The oldest goes first: the tickets of one server age alike.
    const oldest = this.#sessions.length > CAPACITY ? this.#sessions.shift() : undefined
    if (oldest) wipe(oldest)
  }

  /** The latest, which is the caller's from now on (RFC 9846 C.4: a ticket is used once). */
  take(): Buffer | undefined {
    return this.#sessions.pop()
  }
}
