/**
 * The part of a socket that is about the transport below: addresses, timers and switches are passed on to it where it
 * has them, so that any Duplex may carry a connection and code written for net.Socket finds what it expects.
 */
import type { AddressInfo, Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** A net.Socket with what later Nodes added. */
interface NetSocket extends Socket {
  setTypeOfService(value: number): this
  getTypeOfService(): number
}

/** Octets buffered each way before back-pressure: four full records, so that bulk transfer does not stutter. */
const HIGH_WATER_MARK = 64 * 1024

/** What net.Socket tells while it is being connected, besides `connect`. */
const CONNECTION_EVENTS = ['lookup', 'connectionAttempt', 'connectionAttemptFailed', 'connectionAttemptTimeout']

export interface StreamSettings {
  readonly allowHalfOpen: boolean
  readonly highWaterMark?: number | undefined
}

export abstract class TransportDuplex extends Duplex {
  /** @internal */
  protected readonly transport: Duplex
  /** Idle milliseconds set by `setTimeout`, 0 when there is no limit. */
  timeout = 0
  #idleTimer: NodeJS.Timeout | undefined

  constructor(transport: Duplex, { allowHalfOpen, highWaterMark = HIGH_WATER_MARK }: StreamSettings) {
    super({ allowHalfOpen, readableHighWaterMark: highWaterMark, writableHighWaterMark: highWaterMark })
    this.transport = transport
    if (this.connecting) this.#forwardConnectionEvents()
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

  get pending(): boolean {
    return this.#socket.pending ?? false
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening'
    if (this.readable) return this.writable ? 'open' : 'readOnly'
    return this.writable ? 'writeOnly' : 'closed'
  }

  /** As in net.Socket, where it is deprecated: see `writableLength`. */
  get bufferSize(): number {
    return this.writableLength
  }

  /** The addresses that were tried, where there was more than one. */
  get autoSelectFamilyAttemptedAddresses(): string[] | undefined {
    return this.#socket.autoSelectFamilyAttemptedAddresses
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

  /** As net.Socket's, where the running Node has it. */
  setTypeOfService(value: number): this {
    this.#socket.setTypeOfService?.(value)
    return this
  }

  getTypeOfService(): number {
    return this.#socket.getTypeOfService?.() ?? 0
  }

  /** Ends, and is destroyed once all that was written is with the transport. */
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  /** Destroys the socket; TCP tells the peer by RST, without any alert. */
  resetAndDestroy(): this {
    this.#socket.resetAndDestroy?.()
    return this.destroy()
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

  /** As with net.Socket, `close` says whether there was an error. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event === 'close' && args.length === 0) return super.emit('close', this.errored !== null)
    return super.emit(event, ...args)
  }

  /** There was traffic. @internal */
  protected touch(): void {
    this.#idleTimer?.refresh()
  }

  #forwardConnectionEvents(): void {
    const forwards = CONNECTION_EVENTS.map((name) => [name, (...args: unknown[]) => this.emit(name, ...args)] as const)
    for (const [name, forward] of forwards) this.transport.on(name, forward)
    this.transport.once('ready', () => {
      for (const [name, forward] of forwards) this.transport.off(name, forward)
      this.emit('ready')
    })
  }

  get #socket(): Partial<NetSocket> {
    return this.transport as Partial<NetSocket>
  }
}
