// Sessions to resume, by what they can be resumed for. The newest goes first, and each only once.
/** Of each name: few, so that a store that fills up does not look like a leak. */
const MOST = 8

export class SessionStore {
  #byName = new Map()

  put(name, session) {
    const held = this.#byName.get(name) ?? []
    held.push(session)
    if (held.length > MOST) held.shift()
    this.#byName.set(name, held)
  }

  take(name) {
    return this.#byName.get(name)?.pop()
  }
}
