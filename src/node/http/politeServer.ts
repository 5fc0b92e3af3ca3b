/**
 * An HTTP/1.1 server for connections over TLS: it says goodbye before it closes idle ones. Node destroys them, which over
 * TLS the client must take for a truncation. But only between requests: a close_notify in the midst of a body would make
 * what is left of it look whole.
 */
import { type IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

export class PoliteServer extends Server {
  /** How many requests are being answered on a connection. */
  readonly #busy = new Map<Duplex, number>()
  /** Connections whose requests have all been answered. */
  readonly #idle = new Set<Duplex>()
  #closing = false

  /** Not by listeners of our own: some events change what the server does by being listened for. @internal */
  override emit(name: string | symbol, ...args: unknown[]): boolean {
    const [first, second] = args
    if (second instanceof ServerResponse) this.#begin((first as IncomingMessage).socket, second)
    if (name === 'listening') this.#closing = false
    // It speaks another protocol from now on. (What the event gives for it may be a stream over it.)
    if (name === 'upgrade' || name === 'connect') this.#idle.delete((first as IncomingMessage).socket)
    const handled = super.emit(name as 'timeout', ...(args as never[]))
    if (name === 'timeout' && !handled && !this.#busy.has(first as Duplex)) (first as Duplex).end()
    return handled
  }

  /** Also ends the connections that are busy now, as soon as they are not. */
  override close(callback?: (error?: Error) => void): this {
    this.#closing = true
    return super.close(callback)
  }

  override closeIdleConnections(): void {
    for (const socket of this.#idle) socket.end()
    super.closeIdleConnections()
  }

  #begin(socket: Duplex, response: ServerResponse): void {
    const known = this.#busy.has(socket) || this.#idle.delete(socket)
    if (!known) socket.once('close', () => this.#forget(socket))
    this.#busy.set(socket, (this.#busy.get(socket) ?? 0) + 1)
    response.once('close', () => this.#end(socket))
  }

  /** Responses that were waiting for those before them are never told of the end. */
  #forget(socket: Duplex): void {
    this.#busy.delete(socket)
    this.#idle.delete(socket)
  }

  #end(socket: Duplex): void {
    const left = (this.#busy.get(socket) ?? 1) - 1
    if (left > 0) {
      this.#busy.set(socket, left)
      return
    }
    this.#busy.delete(socket)
    if (socket.destroyed) return
    if (this.#closing) socket.end()
    else this.#idle.add(socket)
  }
}
