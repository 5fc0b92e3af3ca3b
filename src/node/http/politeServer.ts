/** An HTTP/1.1 server for connections over TLS, told by `connection` events: it says goodbye before it closes idle ones. */
import { type IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

export class PoliteServer extends Server {
  /** How many requests are being answered on a connection. */
  readonly #open = new WeakMap<Duplex, number>()

  /**
   * Node destroys a connection that was idle for too long, which over TLS the client must take for a truncation. So it is
   * ended first, but only between requests: a close_notify in the midst of a body would make the rest look whole.
   * @internal
   */
  override emit(name: string | symbol, ...args: unknown[]): boolean {
    const [first, second] = args
    if (second instanceof ServerResponse) this.#note((first as IncomingMessage).socket, second)
    const handled = super.emit(name as 'timeout', ...(args as never[]))
    if (name === 'timeout' && !handled && !this.#open.has(first as Duplex)) (first as Duplex).end()
    return handled
  }

  #note(socket: Duplex, response: ServerResponse): void {
    this.#open.set(socket, (this.#open.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const left = (this.#open.get(socket) ?? 1) - 1
      if (left > 0) this.#open.set(socket, left)
      else this.#open.delete(socket)
    })
  }
}
