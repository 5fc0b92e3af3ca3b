/**
 * The part of a socket that is about the transport below: addresses, timers and switches are passed on to it where it
 * has them, so that any Duplex may carry a connection and code written for net.Socket finds what it expects.
 */
import type { AddressInfo, Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** Octets buffered each way before back-pressure: four full records, so that bulk transfer does not stutter. */
const HIGH_WATER_MARK = 64 * 1024

export abstract class TransportDuplex extends Duplex {
  /** @internal */
  protected readonly transport: Duplex
  /** Idle milliseconds set by `setTimeout`, 0 when there is no limit. */
  timeout = 0
  #idleTimer: NodeJS.Timeout | undefined

  constructor(transport: Duplex, allowHalfOpen: boolean) {
    super({ allowHalfOpen, readableHighWaterMark: HIGH_WATER_MARK, writableHighWaterMark: HIGH_WATER_MARK })
    this.transport = transport
    this.once('close', () => clearTimeout(this.#idleTimer))
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort
  }

  get remoteFamily(): string | undefined {
    return this.#socket.remoteFamily
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress
  }

  get localPort(): number | undefined {
    return this.#socket.localPort
  }

  get localFamily(): string | undefined {
    return this.#socket.localFamily
  }

  /** Whether the transport is still being connected. */
  get connecting(): boolean {
    return this.#socket.connecting ?? false
  }

  /** Octets of the transport, record headers included. */
  get bytesRead(): number {
    return this.#socket.bytesRead ?? 0
  }

  get bytesWritten(): number {
    return this.#socket.bytesWritten ?? 0
  }

  address(): AddressInfo | Record<string, never> {
    return (this.#socket.address?.() as AddressInfo | undefined) ?? {}
  }

  setNoDelay(noDelay = true): this {
    this.#socket.setNoDelay?.(noDelay)
    return this
  }

  setKeepAlive(enable = false, initialDelay = 0): this {
    this.#socket.setKeepAlive?.(enable, initialDelay)
    return this
  }

  ref(): this {
    this.#socket.ref?.()
    return this
  }

  unref(): this {
    this.#socket.unref?.()
    return this
  }

  /** Emits `timeout` after so many milliseconds without traffic, as net.Socket does; 0 ends it. */
  setTimeout(milliseconds: number, callback?: () => void): this {
    clearTimeout(this.#idleTimer)
    this.#idleTimer = undefined
    this.timeout = milliseconds
    if (milliseconds > 0) {
      this.#idleTimer = setTimeout(() => this.emit('timeout'), milliseconds).unref()
      if (callback) this.once('timeout', callback)
    } else if (callback) {
      this.removeListener('timeout', callback)
    }
    return this
  }

  /** There was traffic. @internal */
  protected touch(): void {
    this.#idleTimer?.refresh()
  }

  get #socket(): Partial<Socket> {
    return this.transport as Partial<Socket>
  }
}
