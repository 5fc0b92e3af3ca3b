/** The connections of a tunnel: their numbers, what they carried, and their end. */
import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { TrefoilError } from '../../errors.js'
import type { TLSSocket } from '../tlsSocket.js'
import type { TunnelAddress } from './address.js'
import type { TunnelHost } from './end.js'
import type { TunnelConnection, TunnelEvents, TunnelFailure, TunnelOctets } from './events.js'
import type { TunnelSettings } from './options.js'
import { Relay } from './relay.js'

interface OpenConnection {
  readonly openedAt: number
  relay: Relay | null
}

const NOTHING: TunnelOctets = Object.freeze({ sent: 0, received: 0 })

export class Carrier implements TunnelHost {
  readonly settings: TunnelSettings
  readonly to: TunnelAddress
  /** Of all connections since the start, those that are open included. */
  readonly octets = { sent: 0, received: 0 }
  readonly #events: EventEmitter<TunnelEvents>
  readonly #open = new Map<number, OpenConnection>()
  #count = 0
  #whenIdle: (() => void)[] = []

  constructor(settings: TunnelSettings, to: TunnelAddress, events: EventEmitter<TunnelEvents>) {
    this.settings = settings
    this.to = to
    this.#events = events
  }

  identify({ remoteAddress, remotePort }: Partial<Pick<Socket, 'remoteAddress' | 'remotePort'>>): TunnelConnection {
    const host = remoteAddress?.includes(':') ? `[${remoteAddress}]` : remoteAddress
    return { connection: ++this.#count, from: host === undefined ? '' : `${host}:${remotePort}` }
  }

  opened(connection: TunnelConnection, socket: TLSSocket): void {
    this.#open.set(connection.connection, { openedAt: performance.now(), relay: null })
    this.#events.emit('open', { ...connection, socket })
  }

  failed(connection: TunnelConnection, failure: Pick<TunnelFailure, 'stage' | 'error'>): void {
    this.#events.emit('failure', { ...connection, ...failure })
  }

  carry(connection: TunnelConnection, plain: Socket, secure: TLSSocket): void {
    const relay = new Relay(plain, secure, {
      idleTimeout: this.settings.idleTimeout,
      onOctets: (direction, count) => {
        this.octets[direction] += count
      },
    })
    const open = this.#open.get(connection.connection)
    if (open) open.relay = relay
    relay.done.then((error) => {
      if (error) this.failed(connection, { stage: 'carrying', error })
      this.#close(connection, relay.octets, error === null)
    })
  }

  closed(connection: TunnelConnection): void {
    this.#close(connection, NOTHING, false)
  }

  keylog(line: Buffer): void {
    this.#events.emit('keylog', line)
  }

  /** Breaks off everything that is carried. */
  cut(error: TrefoilError): void {
    for (const { relay } of this.#open.values()) relay?.cut(error)
  }

  /** Resolves when no connection is open. */
  async idle(): Promise<void> {
    if (this.#open.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }

  #close(connection: TunnelConnection, octets: TunnelOctets, clean: boolean): void {
    const open = this.#open.get(connection.connection)
    this.#open.delete(connection.connection)
    const milliseconds = Math.round(performance.now() - (open?.openedAt ?? performance.now()))
    this.#events.emit('close', { ...connection, clean, octets: { ...octets }, milliseconds })
    if (this.#open.size > 0) return
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}
