// Sessions to resume, by what they can be resumed for. The newest goes first, and each only once.
const MOST = 64

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
