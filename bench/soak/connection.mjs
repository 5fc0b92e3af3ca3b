// A connection of a client, which knows whether its end was meant.
import { once } from 'node:events'
import { connect } from 'trefoil'

export class Connection {
  socket
  /** Whether nobody is to cut it. */
  isPolite
  /** Whether it offers a session. */
  resuming
  /** Resolves when it is closed. */
  ended
  /** Resolves with whether the handshake was done; where it was not, when the connection is closed. */
  secured
  #isCut = false
  /** The first error of the socket, and of the protocol above it, that no cut explains. */
  #failed = null
  #broken = null

  constructor({ options, qkd, ports, localAddress, sessions }, { site, protocol, resumes, fate }) {
    const name = `${site} ${protocol}`
    const session = resumes ? sessions.take(name) : undefined
    this.isPolite = fate === 'polite'
    this.resuming = session !== undefined
    this.socket = connect({
      ...options,
      host: '127.0.0.1',
      port: ports[site],
      servername: 'localhost',
      localAddress,
      ALPNProtocols: [protocol],
      session,
      ...(site === 'qkd' && { qkd }),
    })
    this.socket.on('session', (given) => sessions.put(name, given))
    this.socket.on('error', (error) => {
      if (!this.#isCut) this.#failed ??= error
    })
    this.ended = new Promise((resolve) => this.socket.once('close', resolve))
    const done = once(this.socket, 'secureConnect').then(
      () => true,
      () => false,
    )
    this.secured = Promise.race([done, this.ended.then(() => false)]).then((secure) => secure || this.#neverSecure())
  }

  /** What went wrong, or null. That of the socket says more than that of the protocol above. */
  get error() {
    return this.#failed ?? this.#broken
  }

  /** For Progress: what it holds open. */
  get streams() {
    return { socket: this.socket, tcp: this.socket.transport }
  }

  /** The end may come at any time from now on. */
  expectCut() {
    this.#isCut = true
  }

  cut() {
    this.#isCut = true
    this.socket.destroy()
  }

  /** The protocol above reports it. */
  broke(error) {
    if (!this.#isCut) this.#broken ??= error
  }

  async #neverSecure() {
    await this.ended
    if (!this.#isCut) this.#failed ??= new Error('it was closed without an error')
    return false
  }
}
